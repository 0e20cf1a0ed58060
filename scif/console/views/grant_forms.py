"""Forms of what an officer grants to a person: what the paper before him says, in its terms."""

from datetime import datetime
from typing import Any, cast
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from access.models import DutyRole, EligibilityStatus
from access.selectors.schemes import compartments_granted, levels_granted
from access.services import clearance, roster
from scif.console.forms.choices import (
    EscortField,
    LevelField,
    OfficersField,
    PersonField,
    people_offer,
)
from scif.facilities.models import Area, Compartment, Facility
from scif.kernel.actor import Actor
from scif.people.access import visible
from scif.people.models import Person
from scif.people.rules.people_file import countries_fault

GRANTED = (EligibilityStatus.FINAL, EligibilityStatus.INTERIM, EligibilityStatus.LAA)
_DAY = forms.DateInput(attrs={"type": "date"})


class GrantForm(forms.Form):
    """A form that knows whom it is about and who fills it in."""

    def __init__(self, data: Any = None, *, record: Person, actor: Actor) -> None:
        super().__init__(data)
        people_offer(self, actor, besides=record)
        for field in self.fields.values():
            if isinstance(field, LevelField):
                field.queryset = levels_granted(actor, clearance.CHANGE).select_related("scheme")
            elif isinstance(field, _CompartmentField):
                field.queryset = compartments_granted(actor, clearance.CHANGE)


class _CompartmentField(forms.ModelChoiceField):  # type: ignore[type-arg]  # no item at run time
    def __init__(self, **options: Any) -> None:
        super().__init__(Compartment.objects.none(), **options)


class _Moment(forms.DateTimeField):
    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")


def _why(*, required: bool = True) -> forms.CharField:
    return forms.CharField(
        label=_("Reason"),
        max_length=300,
        required=required,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("The officer who confirms it reads it."),
    )


class CitizenshipForm(GrantForm):
    """A further citizenship."""

    country = forms.CharField(
        label=_("Country"), max_length=2, help_text=_("Its two-letter code, such as PT.")
    )
    at = OfficersField()
    reason = _why()

    def clean_country(self) -> str:
        """The code of a country, in capitals."""
        code: str = self.cleaned_data["country"].upper()
        fault = countries_fault(code)
        if fault:
            raise ValidationError(fault)
        return code


class ClearanceForm(GrantForm):
    """A clearance as an authority's register or letter states it."""

    level_id = LevelField(label=_("Level"))
    status = forms.TypedChoiceField(
        label=_("Status"),
        choices=[(status.value, status.label) for status in GRANTED],
        coerce=EligibilityStatus,
        widget=forms.RadioSelect,
    )
    source = forms.CharField(
        label=_("Source"),
        max_length=120,
        help_text=_("The register or letter it stands in; the person's own word is none."),
    )
    granted_on = forms.DateField(label=_("Granted on"), widget=_DAY)
    review_due = forms.DateField(label=_("Review due"), widget=_DAY, required=False)
    vetting_enrolled = forms.BooleanField(label=_("Enrolled in continuous vetting"), required=False)
    at = OfficersField()
    reason = _why()


class ReadInForm(GrantForm):
    """A read-in to a compartment."""

    compartment_id = _CompartmentField(label=_("Compartment"))
    briefed_by_id = PersonField(label=_("Briefed by"))
    briefed_on = forms.DateField(label=_("Briefed on"), widget=_DAY)
    at = OfficersField()
    reason = _why()


class AgreementForm(GrantForm):
    """A signed non-disclosure agreement."""

    document = forms.CharField(
        label=_("Agreement"), max_length=80, help_text=_("Its form and number.")
    )
    signed_on = forms.DateField(label=_("Signed on"), widget=_DAY)
    witness_id = PersonField(
        label=_("Witness"), help_text=_("Another person, who signed the same day.")
    )


class _InPlace(GrantForm):
    """Times are those of the place that is chosen."""

    place_field = ""
    moments: tuple[str, str] = ("", "")

    def clean(self) -> dict[str, Any] | None:
        """Read the times on the clock of the place; the end comes after the beginning."""
        data = super().clean() or {}
        place = data.get(self.place_field)
        first, last = self.moments
        if place is not None:
            facility = place.facility if isinstance(place, Area) else place
            for name in self.moments:
                if isinstance(data.get(name), datetime):
                    data[name] = data[name].replace(tzinfo=ZoneInfo(facility.time_zone))
        if data.get(first) and data.get(last) and data[last] <= data[first]:
            self.add_error(last, _("This comes after the beginning."))
        return data


class RosterForm(_InPlace):
    """Permanent staff of an area."""

    place_field, moments = "area_id", ("valid_from", "review_due")

    area_id = forms.ModelChoiceField(label=_("Area"), queryset=Area.objects.none())
    sponsor_id = PersonField(label=_("Sponsor"), help_text=_("Answers for the entry."))
    valid_from = _Moment(label=_("Valid from"), help_text=_("In the facility's time."))
    review_due = _Moment(label=_("Review due"))
    reason = _why()

    def __init__(self, data: Any = None, *, record: Person, actor: Actor) -> None:
        super().__init__(data, record=record, actor=actor)
        areas = visible(Area.objects.select_related("facility"), actor, roster.PERMISSION)
        self.fields["area_id"].queryset = areas.order_by("name")  # type: ignore[attr-defined]  # a Field to the stubs


class DutyForm(_InPlace):
    """A shift."""

    place_field, moments = "facility_id", ("starts_at", "ends_at")

    facility_id = forms.ModelChoiceField(label=_("Facility"), queryset=Facility.objects.none())
    role = forms.TypedChoiceField(
        label=_("Duty"), choices=DutyRole.choices, coerce=DutyRole, widget=forms.RadioSelect
    )
    authority = forms.CharField(
        label=_("Authority"),
        max_length=120,
        required=False,
        help_text=_("For an inspector: who appointed him, as the letter says."),
    )
    starts_at = _Moment(label=_("Starts at"), help_text=_("In the facility's time."))
    ends_at = _Moment(label=_("Ends at"))
    escort_id = EscortField(
        label=_("Escort"),
        required=False,
        help_text=_(
            "Who stays beside a person that is not cleared; maintenance always has one. The escort "
            "may enter for the same time, and enters first. Offered is who is cleared, and where."
        ),
    )
    reason = _why(required=False)

    def __init__(self, data: Any = None, *, record: Person, actor: Actor) -> None:
        super().__init__(data, record=record, actor=actor)
        facilities = visible(Facility.objects.all(), actor, roster.PERMISSION)
        self.fields["facility_id"].queryset = facilities.order_by("name")  # type: ignore[attr-defined]  # a Field to the stubs
        self._escorts.offer(facilities.select_related("policy").order_by("name"))

    @property
    def _escorts(self) -> EscortField:
        return cast("EscortField", self.fields["escort_id"])

    def clean(self) -> dict[str, Any] | None:
        """The escort is cleared at the facility that is chosen, not at another one alone."""
        data = super().clean() or {}
        escort, facility = data.get("escort_id"), data.get("facility_id")
        if escort and facility and not self._escorts.may_at(escort, facility):
            words = _("Not cleared to escort anybody at %(facility)s.")
            error = forms.ValidationError(words, params={"facility": facility})
            self.add_error("escort_id", error)
        return data
