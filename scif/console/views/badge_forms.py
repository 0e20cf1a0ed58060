"""Forms for badges and PINs of staff."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from access.models import Badge, BadgeKind
from access.rules.states import CredentialState
from access.selectors.badges import badges_free, badges_free_beside
from access.services import pin_choice, staff_issue
from access.services.badge_found import LONGEST
from scif.console.forms.pins import PinFields
from scif.console.views.grant_forms import GrantForm
from scif.console.views.officer_forms import ReasonForm, RecordForm
from scif.facilities.models import Facility
from scif.kernel.actor import Actor
from scif.people.access import visible
from scif.people.models import Person


class _BadgeField(forms.ModelChoiceField):  # type: ignore[type-arg]  # no item at run time
    def __init__(self, **options: Any) -> None:
        super().__init__(Badge.objects.none(), label=_("Printed number of the badge"), **options)

    def label_from_instance(self, obj: Badge) -> str:
        """Its number, whose kind it is, where it is; whether it has been encoded already."""
        words = f"{obj.code}, {obj.get_kind_display()}, {obj.facility}"
        if obj.state == CredentialState.ENCODED:
            return _now("%(badge)s, encoded beforehand") % {"badge": words}
        return words


class BadgeForm(GrantForm):
    """Which badge, as printed on the card in the officer's hand."""

    badge_id = _BadgeField(
        help_text=_("One that was encoded beforehand only while the desk reader gives no answer.")
    )

    def __init__(self, data: Any = None, *, record: Person, actor: Actor) -> None:
        super().__init__(data, record=record, actor=actor)
        self.fields["badge_id"].queryset = badges_free(actor, staff_issue.CHANGE)  # type: ignore[attr-defined]  # a Field to the stubs


class ReplaceForm(ReasonForm, RecordForm):
    """What became of the lost badge, and which one is given for it."""

    badge_id = _BadgeField()
    field_order = ("badge_id", "reason")

    def __init__(self, *args: Any, record: Badge, **kwargs: Any) -> None:
        super().__init__(*args, record=record, **kwargs)
        self.fields["badge_id"].queryset = badges_free_beside(record)  # type: ignore[attr-defined]  # a Field to the stubs


class WhereForm(forms.Form):
    """Where a lost badge was."""

    where = forms.CharField(
        label=_("Where it was, and who handed it in"),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class PinForm(GrantForm, PinFields):
    """For which facility; the person types the rest."""

    facility_id = forms.ModelChoiceField(label=_("Facility"), queryset=Facility.objects.none())
    field_order = ("facility_id",)

    def __init__(self, data: Any = None, *, record: Person, actor: Actor) -> None:
        super().__init__(data, record=record, actor=actor)
        facilities = visible(Facility.objects.all(), actor, pin_choice.ISSUE).order_by("name")
        self.fields["facility_id"].queryset = facilities  # type: ignore[attr-defined]  # a Field to the stubs
        self.rules_tell(facilities.select_related("policy"))


class StockForm(forms.Form):
    """Blank cards as they came from the printer: one, or a run of numbers."""

    kind = forms.TypedChoiceField(
        label=_("Kind"), choices=BadgeKind.choices, coerce=BadgeKind, widget=forms.RadioSelect
    )
    letters = forms.RegexField(
        r"^[A-Z0-9]{1,8}-?$",
        label=_("Before the number"),
        help_text=_("As printed, for example S- for S-21."),
    )
    first = forms.IntegerField(label=_("First number"), min_value=0, max_value=999_999)
    last = forms.IntegerField(
        label=_("Last number"),
        min_value=0,
        max_value=999_999,
        required=False,
        help_text=_("Empty for one card."),
    )

    def clean(self) -> dict[str, Any]:
        """One card is a run of one; a run is no longer than the installation allows."""
        data = super().clean() or {}
        if data.get("first") is not None and data.get("last") is None:
            data["last"] = data["first"]
        most = settings.BADGES_MOST_AT_ONCE
        if self.is_bound and not self.errors and data["last"] - data["first"] >= most:
            self.add_error("last", _now("At most %(most)d cards at once.") % {"most": most})
        return data
