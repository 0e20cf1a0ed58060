"""Forms of the acts on the state of the place."""

from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from access.models import BookingAttendee, WallKind
from access.rules.snapshot.parts import WEEKDAYS
from access.selectors.escort import attendees_to_escort
from access.selectors.facts_place import policy_facts
from access.selectors.threat import threat_choices, threat_code
from access.selectors.wall import may_decide
from scif.console.forms.choices import EscortField, PersonField
from scif.console.forms.moments import MomentField
from scif.console.views.officer_forms import ReasonForm, RecordForm
from scif.facilities.models import Facility
from scif.people.models import Organisation

DAY = {"type": "date"}


class PeriodForm(forms.Form):
    """From when until when, in the time zone that the page shows."""

    valid_from = MomentField(label=_("From"))
    valid_until = MomentField(label=_("Until"))


class PassForm(PeriodForm, ReasonForm):
    """A right for a period, and who answers for it."""

    sponsor = PersonField(label=_("Who answers for it"))
    field_order = ("valid_from", "valid_until", "sponsor", "reason")


class SanitiseForm(ReasonForm):
    """What was covered or put away, and until when that is sure."""

    note = forms.CharField(
        label=_("What was done"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("What was covered or put away, and who looked."),
    )
    ends_at = MomentField(label=_("Until"))
    field_order = ("note", "ends_at", "reason")


class EscortForm(ReasonForm):
    """Who takes over as escort."""

    escort = PersonField(label=_("Escort"))
    field_order: tuple[str, ...] = ("escort", "reason")


class DutyEscortForm(EscortForm):
    """Who takes over on somebody's shift: whoever is cleared, and where."""

    escort = EscortField(label=_("Escort"), help_text=_("Offered is who is cleared, and where."))


class VisitorEscortForm(RecordForm, EscortForm):
    """Whom of those who come under a booking, and who escorts him from now on."""

    field_order = ("person", "escort", "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = attendees_to_escort(self.record)
        self.fields["person"] = forms.TypedChoiceField(
            label=_("Visitor"),
            choices=[(str(each.person_id), _whom(each)) for each in offered],
            coerce=UUID,
            widget=forms.RadioSelect,
            initial=str(offered[0].person_id) if len(offered) == 1 else None,
        )
        self.order_fields(self.field_order)


def _whom(attendee: BookingAttendee) -> str:
    """An attendee as a choice: by name, and by whom he is escorted now."""
    if attendee.escort is None:
        return attendee.person.name
    words = _("%(name)s, escorted by %(escort)s")
    return words % {"name": attendee.person.name, "escort": attendee.escort}


class ThreatForm(ReasonForm, RecordForm):
    """A level of the facility's policy."""

    level = forms.ChoiceField(label=_("Threat level"), widget=forms.RadioSelect)
    field_order = ("level", "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        policy = policy_facts(self.record)
        code = threat_code(self.record, policy)
        now = gettext("%(level)s, in force now")
        self.fields["level"] = forms.ChoiceField(
            label=_("Threat level"),
            choices=[
                (each.code, now % {"level": each.name} if each.code == code else each.name)
                for each in threat_choices(policy)
            ],
            widget=forms.RadioSelect,
        )


DAYS = dict(
    zip(
        WEEKDAYS,
        (
            _("Monday"),
            _("Tuesday"),
            _("Wednesday"),
            _("Thursday"),
            _("Friday"),
            _("Saturday"),
            _("Sunday"),
        ),
        strict=True,
    )
)


class HoursForm(ReasonForm):
    """Hours of one's own by weekday; all left empty, the area's opening hours hold."""

    mon, tue, wed, thu, fri, sat, sun = (
        forms.RegexField(
            r"^\s*\d\d:\d\d\s*(-|to|\u2013)\s*\d\d:\d\d\s*$",
            label=label,
            required=False,
            help_text=_("For example 08:00-18:00, local time; empty: no entry on this day."),
        )
        for label in DAYS.values()
    )

    def clean(self) -> dict[str, Any]:
        """The days that have hours, as ``hours``."""
        data = super().clean() or {}
        spans = {day: data.get(day, "").strip() for day in WEEKDAYS}
        data["hours"] = {day: [text[:5], text[-5:]] for day, text in spans.items() if text}
        return data


class WallForm(ReasonForm):
    """Two parties, what they may not share, who decided it, and from when until when."""

    party = forms.ModelChoiceField(Organisation.objects.all(), label=_("One party"))
    other = forms.ModelChoiceField(Organisation.objects.all(), label=_("The other party"))
    kind = forms.ChoiceField(
        label=_("May not share"), choices=WallKind.choices, widget=forms.RadioSelect
    )
    approver = PersonField(label=_("Who decided it"))
    first_day = forms.DateField(label=_("First day"), widget=forms.DateInput(attrs=DAY))
    last_day = forms.DateField(
        label=_("Last day"), required=False, widget=forms.DateInput(attrs=DAY)
    )
    field_order = ("party", "other", "kind", "approver", "first_day", "last_day", "reason")

    def offer(self, facility: Facility) -> None:
        """Offer as who decided it only those who may decide it at that facility."""
        field: Any = self.fields["approver"]
        field.queryset = may_decide(field.queryset, facility)


class ResponderForm(ReasonForm):
    """Who joins the response force, until when."""

    person = PersonField(label=_("Responder"))
    valid_until = MomentField(label=_("Until"))
    field_order = ("person", "valid_until", "reason")
