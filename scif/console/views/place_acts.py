"""What an officer does about laptops outside: places, and the debrief after a loss."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as _

from access.models import Engagement
from access.rules.facts import PolicyIncomplete
from access.rules.states import EngagementState
from access.selectors.facts_place import policy_facts
from access.services.engagement import CHANGE as CHANGE_ENGAGEMENT
from scif.console.forms.hours import HoursField
from scif.console.views.officer_act import Act, Words
from scif.console.views.officer_forms import NothingForm, RecordForm
from scif.facilities.models import Facility
from scif.kernel.actor import Actor
from scif.kernel.clock import now
from terminals.models import LossReport, RegisteredPlace
from terminals.rules.place_states import PLACE, PlaceAction, PlaceState
from terminals.selectors.terms import offsite_permitted
from terminals.services import loss, place, terminal

Data = Mapping[str, Any]
_DAY = forms.DateInput(attrs={"type": "date"})


class PlaceForm(RecordForm):
    """A place outside: where, whence, when, how high."""

    facility = forms.ModelChoiceField(Facility.objects.none(), label=_("Facility"))
    name = forms.CharField(label=_("Name"), max_length=80)
    address = forms.CharField(label=_("Address"), max_length=200)
    network = forms.CharField(
        label=_("Network"),
        max_length=43,
        help_text=_("Whence its laptops come, as the bastion sees it: 192.0.2.0/28."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    ceiling = forms.TypedChoiceField(
        label=_("Highest security level of what is studied"),
        choices=[(str(level), str(level)) for level in range(1, 6)],
        coerce=int,
        help_text=_("RAND's scale, 1 to 5; the policy says how high it may be."),
    )
    first_day = forms.DateField(label=_("From"), widget=_DAY)
    last_day = forms.DateField(
        label=_("Until"), widget=_DAY, help_text=_("The last day on which it holds.")
    )
    hours = HoursField(
        label=_("Hours"), help_text=_("In the facility's time; 00:00 to 00:00 is the whole day.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        facilities = Facility.objects.filter(areas__engagements=self.record).distinct()
        self.fields["facility"].queryset = facilities.order_by("name")  # type: ignore[attr-defined]  # a choice of records
        for name, value in _begun(self.record).items():
            self.fields[name].initial = value

    def clean(self) -> dict[str, Any] | None:
        """It ends no sooner than it begins."""
        data = super().clean() or {}
        first, last = data.get("first_day"), data.get("last_day")
        if first and last and last < first:
            self.add_error("last_day", _("The last day comes after the first."))
        return data


def _begun(engagement: Engagement) -> dict[str, Any]:
    """The first room's facility and its hours, the policy's ceiling, what is left of the term."""
    areas = engagement.areas.select_related("facility__policy").order_by("name")
    area = areas.first()
    if area is None:
        return {}
    zone = ZoneInfo(area.facility.time_zone)
    last = engagement.valid_until - timedelta(microseconds=1)
    found: dict[str, Any] = {
        "facility": area.facility_id,
        "first_day": max(now(), engagement.valid_from).astimezone(zone).date(),
        "last_day": last.astimezone(zone).date(),
        "hours": area.hours,
    }
    with suppress(PolicyIncomplete):
        found["ceiling"] = str(policy_facts(area.facility).number("offsite_ceiling"))
    return found


class DebriefForm(forms.Form):
    """What the person said in whose hands a laptop was lost."""

    debrief = forms.CharField(
        label=_("What he said"), max_length=300, widget=forms.Textarea(attrs={"rows": 3})
    )


def _register(record: Engagement, data: Data, actor: Actor) -> object:
    """By whole days of the facility, as far as the engagement lasts."""
    zone = ZoneInfo(data["facility"].time_zone)
    first = datetime.combine(data["first_day"], time(0), zone)
    last = datetime.combine(data["last_day"] + timedelta(days=1), time(0), zone)
    return place.place_register(
        engagement_id=record.pk,
        facility_id=data["facility"].pk,
        valid_from=max(first, record.valid_from),
        valid_until=min(last, record.valid_until),
        actor=actor,
        **{name: data[name] for name in ("name", "address", "network", "ceiling", "hours")},
    )


def _not_permitted(record: Engagement) -> Words:
    """What the service would say once all of it is filled in."""
    if offsite_permitted(record.pk):
        return ""
    return _(
        "The terms in force do not permit use outside the engagement's rooms. Propose terms for "
        "laptops with use at registered places first; lab and facility approve them."
    )


PLACE_ACTS: Sequence[Act] = (
    Act(
        "place-register",
        Engagement,
        CHANGE_ENGAGEMENT,
        _("Register a place for laptops…"),
        _("Nobody works there before the lab and another officer have approved it."),
        _register,
        lambda record: record.state == EngagementState.ACTIVE,
        PlaceForm,
        danger=False,
        adds=True,
        mandate=lambda record: record,
        stopped=_not_permitted,
    ),
    Act(
        "place-approve",
        RegisteredPlace,
        CHANGE_ENGAGEMENT,
        _("Approve for the facility…"),
        _("The lab approves as well; then laptops may go out for it. Its data never change."),
        lambda record, data, actor: place.place_approve_facility(place_id=record.pk, actor=actor),
        lambda record: record.state == PlaceState.PROPOSED and not record.facility_approved_by_id,
        NothingForm,
        danger=False,
        asker=lambda record: record.registered_by_id,
        mandate=lambda record: record.engagement,
    ),
    Act(
        "place-revoke",
        RegisteredPlace,
        CHANGE_ENGAGEMENT,
        _("Revoke the place…"),
        _("Sessions there end at once, for good. Call its laptops back."),
        lambda record, data, actor: place.place_revoke(
            place_id=record.pk, reason=data["reason"], actor=actor
        ),
        lambda record: PlaceAction.REVOKE in PLACE.allowed(PlaceState(record.state)),
    ),
    Act(
        "loss-debrief",
        LossReport,
        terminal.CHANGE,
        _("Record the debrief…"),
        _("From then on he may be given a laptop outside again."),
        lambda record, data, actor: loss.loss_debrief(
            report_id=record.pk, debrief=data["debrief"], actor=actor
        ),
        lambda record: record.person_id is not None and record.debriefed_at is None,
        DebriefForm,
        danger=False,
    ),
)
