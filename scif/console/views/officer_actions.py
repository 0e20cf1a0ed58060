"""What an officer does with a record: one service behind one page each.

To let officers do one more thing, add an ``Act`` here; its page, its link and its check follow.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from access.models import (
    Badge,
    Booking,
    Duty,
    Eligibility,
    EligibilityStatus,
    Engagement,
    Indoctrination,
    RosterEntry,
)
from access.rules.states import (
    BOOKING,
    CREDENTIAL,
    ENGAGEMENT,
    BookingAction,
    BookingState,
    CredentialAction,
    CredentialState,
    EngagementAction,
    EngagementState,
)
from access.services import (
    badge,
    badge_end,
    booking_end,
    clearance,
    engagement,
    hand_over,
    roster,
)
from access.services.grant import grant_ask
from inspections.models import Accreditation
from inspections.rules.states import ACCREDITATION, AccreditationAction, AccreditationState
from inspections.services import accreditation
from scif.alarms.models import Alarm
from scif.alarms.services import alarm_acknowledge, alarm_close
from scif.console.selectors.zone_gateways import gateways_besides
from scif.console.views.anomaly_acts import ANOMALY_ACTS
from scif.console.views.badge_acts import BADGE_ACTS
from scif.console.views.clearance_acts import CLEARANCE_ACTS
from scif.console.views.cost_acts import COST_ACTS
from scif.console.views.escort_acts import ESCORT_ACTS
from scif.console.views.grant_acts import GRANT_ACTS
from scif.console.views.officer_act import Act, Run, Words
from scif.console.views.officer_forms import (
    AskForm,
    DayForm,
    HandOverForm,
    LetterForm,
    NothingForm,
)
from scif.console.views.officer_plant import PLANT_ACTS
from scif.console.views.place_acts import PLACE_ACTS
from scif.console.views.policy_acts import POLICY_ACTS
from scif.console.views.posture_acts import POSTURE_ACTS
from scif.console.views.rewiring_acts import REWIRING_ACTS
from scif.console.views.terminal_acts import TERMINAL_ACTS
from scif.facilities.models import Area, Record, Zone
from scif.kernel.clock import now
from scif.kernel.states import Machine
from scif.people.actors import actor_of, holds_on


@dataclass(frozen=True, slots=True)
class Offer:
    """A link to an act on a record, with the act's name; none where another has to do it.

    ``why`` says what stands against it, and is told in the place of the link. Where another has
    to do it the label says so, and ``what`` it is.
    """

    name: str
    label: Words
    url: str
    why: Words = ""
    what: str = ""


def _step(machine: Machine[Any, Any], states: Any, action: Any) -> Callable[[Any], bool]:
    return lambda record: action in machine.allowed(states(record.state))


def _itself(record: Engagement) -> Engagement:
    return record


def _clearance(status: EligibilityStatus) -> Run:
    return lambda record, data, actor: grant_ask(
        service=clearance.eligibility_change,
        given={"eligibility_id": record.pk, "status": status, "reason": data["reason"]},
        reason=data["reason"],
        at=data.get("at"),
        actor=actor,
    )


def _gateways_offer(form: Any, zone: Zone) -> None:
    others = [(each.gateway.code, str(each)) for each in gateways_besides(zone)]
    form.fields["gateway"].choices = others or [("", _("No other is installed"))]


def _no_other_gateway(zone: Zone) -> Words:
    return "" if gateways_besides(zone) else NO_OTHER_GATEWAY


NO_OTHER_GATEWAY = _(
    "No other gateway is installed at this facility. Whoever runs the installation adds one first; "
    "the operators' guide says how."
)
STANDING = {EligibilityStatus.FINAL, EligibilityStatus.INTERIM, EligibilityStatus.LAA}
CLEARANCE = "access.change_clearance"
DOORS = _("Doors learn of it at once; the desk is alarmed of who is inside.")

ACTS: Sequence[Act] = (
    Act(
        "clearance-suspend",
        Eligibility,
        CLEARANCE,
        _("Suspend the clearance…"),
        DOORS,
        _clearance(EligibilityStatus.SUSPENDED),
        lambda record: record.status in STANDING,
    ),
    Act(
        "clearance-reinstate",
        Eligibility,
        CLEARANCE,
        _("Make the clearance final…"),
        _(
            "The authority's decision is on record. Another officer confirms it; then the person "
            "may enter again."
        ),
        _clearance(EligibilityStatus.FINAL),
        lambda record: record.status in {EligibilityStatus.INTERIM, EligibilityStatus.SUSPENDED},
        AskForm,
        danger=False,
    ),
    *(
        Act(
            f"clearance-{status.value}",
            Eligibility,
            CLEARANCE,
            words,
            _(
                "For one that was of this kind before. The authority's decision is on record. "
                "Another officer confirms it; then the person may enter again."
            ),
            _clearance(status),
            lambda record: record.status == EligibilityStatus.SUSPENDED,
            AskForm,
            danger=False,
        )
        for status, words in (
            (EligibilityStatus.INTERIM, _("Lift the suspension, as interim…")),
            (EligibilityStatus.LAA, _("Lift the suspension, as limited access…")),
        )
    ),
    Act(
        "clearance-revoke",
        Eligibility,
        CLEARANCE,
        _("Revoke the clearance…"),
        _("It cannot be lifted: a new clearance is a new record. Doors learn of it at once."),
        _clearance(EligibilityStatus.REVOKED),
        lambda record: record.status != EligibilityStatus.REVOKED,
    ),
    Act(
        "debrief",
        Indoctrination,
        CLEARANCE,
        _("Record the debrief…"),
        _("The compartment is closed to the person from that day."),
        lambda record, data, actor: clearance.indoctrination_debrief(
            indoctrination_id=record.pk, debriefed_on=data["day"], actor=actor
        ),
        lambda record: record.debriefed_on is None,
        DayForm,
    ),
    Act(
        "badge-revoke",
        Badge,
        "access.revoke_badge",
        _("Revoke the badge…"),
        _("No door knows it from now on. Its holder sees the guard."),
        lambda record, data, actor: badge_end.badge_revoke(
            badge_id=record.pk, reason=data["reason"], actor=actor
        ),
        _step(CREDENTIAL, CredentialState, CredentialAction.REVOKE),
    ),
    Act(
        "badge-lost",
        Badge,
        "access.revoke_badge",
        _("Record the badge as lost…"),
        _("No door knows it from now on, and an alarm is raised."),
        lambda record, data, actor: badge_end.badge_report_lost(
            badge_id=record.pk, reason=data["reason"], actor=actor
        ),
        _step(CREDENTIAL, CredentialState, CredentialAction.LOSE),
    ),
    Act(
        "badge-erase",
        Badge,
        "access.issue_badge",
        _("Erase the returned badge…"),
        _("Lay its card on the desk reader first. It is blank afterwards and can be issued."),
        lambda record, data, actor: badge.badge_erase_request(badge_id=record.pk, actor=actor),
        _step(CREDENTIAL, CredentialState, CredentialAction.ERASE),
        NothingForm,
        danger=False,
    ),
    Act(
        "roster-end",
        RosterEntry,
        roster.PERMISSION,
        _("End the roster entry…"),
        _("The permanent right of entry ends now."),
        lambda record, data, actor: roster.roster_end(
            entry_id=record.pk, reason=data["reason"], actor=actor
        ),
        lambda record: record.ended_at is None,
    ),
    Act(
        "duty-end",
        Duty,
        roster.PERMISSION,
        _("End the shift…"),
        _("The right of entry that the shift carries ends now."),
        lambda record, data, actor: roster.duty_end(
            duty_id=record.pk, reason=data["reason"], actor=actor
        ),
        lambda record: now() < record.ends_at,
    ),
    Act(
        "booking-cancel",
        Booking,
        "access.cancel_booking",
        _("Cancel the booking…"),
        _("Its slot is free at once, and the team reads your reason."),
        lambda record, data, actor: booking_end.booking_cancel(
            booking_id=record.pk, reason=data["reason"], actor=actor
        ),
        _step(BOOKING, BookingState, BookingAction.CANCEL),
    ),
    Act(
        "engagement-approve",
        Engagement,
        engagement.CHANGE,
        _("Approve for the facility…"),
        _("With the lab's approval it is active: its members may ask for slots."),
        lambda record, data, actor: engagement.engagement_approve_facility(
            engagement_id=record.pk, actor=actor
        ),
        lambda record: (
            record.state == EngagementState.PROPOSED and record.facility_approved_by_id is None
        ),
        NothingForm,
        danger=False,
        mandate=_itself,
    ),
    Act(
        "engagement-refuse",
        Engagement,
        engagement.CHANGE,
        _("Refuse the engagement…"),
        _("Nobody can book under it; a new one must be drafted."),
        lambda record, data, actor: engagement.engagement_refuse(
            engagement_id=record.pk, reason=data["reason"], actor=actor
        ),
        _step(ENGAGEMENT, EngagementState, EngagementAction.REFUSE),
        mandate=_itself,
    ),
    Act(
        "engagement-suspend",
        Engagement,
        engagement.CHANGE,
        _("Suspend the engagement…"),
        _("Nobody enters under it until it is resumed. Doors learn of it at once."),
        lambda record, data, actor: engagement.engagement_suspend(
            engagement_id=record.pk, reason=data["reason"], actor=actor
        ),
        _step(ENGAGEMENT, EngagementState, EngagementAction.SUSPEND),
        mandate=_itself,
    ),
    Act(
        "engagement-resume",
        Engagement,
        engagement.CHANGE,
        _("Resume the engagement…"),
        _("Its bookings count again."),
        lambda record, data, actor: engagement.engagement_resume(
            engagement_id=record.pk, reason=data["reason"], actor=actor
        ),
        _step(ENGAGEMENT, EngagementState, EngagementAction.RESUME),
        danger=False,
        mandate=_itself,
    ),
    Act(
        "letter-record",
        Area,
        accreditation.CHANGE,
        _("Record an accreditation letter…"),
        _("The letter in force before ends with it. Doors learn of it at once."),
        lambda record, data, actor: accreditation.accreditation_record(
            area_id=record.pk, actor=actor, **data
        ),
        form=LetterForm,
        danger=False,
    ),
    Act(
        "accreditation-suspend",
        Accreditation,
        accreditation.CHANGE,
        _("Suspend the accreditation…"),
        _("Nobody enters the area for work until a new letter. Doors learn of it at once."),
        lambda record, data, actor: accreditation.accreditation_suspend(
            accreditation_id=record.pk, reason=data["reason"], actor=actor
        ),
        _step(ACCREDITATION, AccreditationState, AccreditationAction.SUSPEND),
    ),
    Act(
        "zone-hand-over",
        Zone,
        hand_over.CHANGE,
        _("Hand over to another gateway…"),
        _(
            "First move the wires. The buses of its doors go along; count the room if told to. "
            "While its gateway is heard it waits until another officer confirms it; where the "
            "gateway is silent it is done at once, and an alarm says that you were alone."
        ),
        lambda record, data, actor: hand_over.zone_hand_over_ask(
            zone_id=record.pk, gateway=data["gateway"], reason=data["reason"], actor=actor
        ),
        form=HandOverForm,
        prepare=_gateways_offer,
        stopped=_no_other_gateway,
    ),
    Act(
        "alarm-take",
        Alarm,
        "alarms.handle_alarm",
        _("Take the alarm…"),
        _("From now on you answer for it, by name."),
        lambda record, data, actor: alarm_acknowledge(alarm_id=record.pk, actor=actor),
        lambda record: record.acknowledged_at is None and record.closed_at is None,
        NothingForm,
        danger=False,
    ),
    Act(
        "alarm-close",
        Alarm,
        "alarms.handle_alarm",
        _("Close the alarm…"),
        _("Say what was found; the journal keeps it."),
        lambda record, data, actor: alarm_close(
            alarm_id=record.pk, note=data["reason"], actor=actor
        ),
        lambda record: record.acknowledged_at is not None and record.closed_at is None,
        danger=False,
    ),
    *PLANT_ACTS,
    *REWIRING_ACTS,
    *POLICY_ACTS,
)
ALL_ACTS = (
    *ACTS,
    *GRANT_ACTS,
    *CLEARANCE_ACTS,
    *BADGE_ACTS,
    *POSTURE_ACTS,
    *ESCORT_ACTS,
    *TERMINAL_ACTS,
    *PLACE_ACTS,
    *ANOMALY_ACTS,
    *COST_ACTS,
)
BY_NAME = {act.name: act for act in ALL_ACTS}


def acts_for(record: Record, request: HttpRequest) -> list[Offer]:
    """Links to what the user's roles allow on a record in its present state.

    What he asked for himself is no link, but says that it waits for another; so is what something
    else stands against, with that.
    """
    actor, found = actor_of(request), []
    for act in ALL_ACTS:
        if not isinstance(record, act.model) or not act.fits(record):
            continue
        if not holds_on(request, record, act.permission):
            continue
        if actor.person_id is not None and act.asker(record) == actor.person_id:
            what = str(act.label).removesuffix("…")
            found.append(Offer(act.name, _("Waits for another officer"), "", what=what))
            continue
        against = act.against(record, actor)
        url = "" if against else reverse("admin:act", args=[act.name, record.pk])
        found.append(Offer(act.name, act.label, url, against))
    return found
