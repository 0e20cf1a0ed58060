"""Visits as the desk reads them: who is expected, where in the chain, and what stands open."""

from collections.abc import Mapping

from django.db.models import QuerySet

from access.laptops import laptop_held
from access.models import (
    BadgeAssignment,
    LockerAssignment,
    Pin,
    Presence,
    Signature,
    SignaturePurpose,
    Visit,
)
from access.rules.decision import Decision, decide
from access.rules.facts import Stage
from access.rules.objection import Objection
from access.rules.open_items import ExitFacts, OpenItem, open_items
from access.rules.states import (
    VISIT_MAY_ENTER,
    CredentialState,
    LockerState,
    VisitState,
)
from access.selectors.facts import arrival_facts
from scif.facilities.models import Facility
from scif.kernel.actor import Actor
from scif.kernel.clock import now
from scif.people.access import visible

CHECKING_IN = (
    VisitState.ARRIVED,
    VisitState.IDENTIFIED,
    VisitState.DEPOSITED,
    VisitState.BADGED,
)
INSIDE = (VisitState.INSIDE, VisitState.RECALLED)
# The objections of the clock alone: nothing else stops the desk from looking at who has come.
OUT_OF_TIME = frozenset({"before_window", "after_window"})
GOING = (VisitState.OUTSIDE, VisitState.SEARCHED, VisitState.RETURNED, VisitState.SUSPENDED)


def visits_at(facility: Facility, actor: Actor) -> QuerySet[Visit]:
    """The visits of a facility that the actor may see, with what a line about them shows."""
    visits = Visit.objects.select_related(
        "person__organisation", "booking__area__facility", "booking__engagement"
    ).filter(booking__area__facility=facility)
    return visible(visits, actor, "access.view_visit").order_by("booking__starts_at", "person")


def visits_in(facility: Facility, actor: Actor, states: tuple[VisitState, ...]) -> QuerySet[Visit]:
    """The visits in any of these states."""
    return visits_at(facility, actor).filter(state__in=states)


def visits_arriving(facility: Facility, actor: Actor) -> QuerySet[Visit]:
    """Who is expected under an approved booking that has not ended, and who is checking in."""
    at = now()
    expected = visits_at(facility, actor).filter(
        state=VisitState.EXPECTED, booking__state="approved", booking__ends_at__gt=at
    )
    return expected | visits_in(facility, actor, CHECKING_IN)


def visits_leaving(facility: Facility, actor: Actor) -> QuerySet[Visit]:
    """Who is on the way out: out of the door, searched, or turned away with things to take back."""
    turned = visits_in(facility, actor, (VisitState.TURNED_AWAY,))
    lockers = LockerAssignment.objects.filter(released_at=None).values("visit_id")
    badges = BadgeAssignment.objects.filter(returned_at=None, visit__isnull=False)
    owed = turned.filter(pk__in=lockers) | turned.filter(pk__in=badges.values("visit_id"))
    return visits_in(facility, actor, GOING) | owed


def visit_decision(visit: Visit) -> Decision:
    """The decision for a visitor at the desk, from the facts of this moment."""
    return decide(arrival_facts(visit, at=now()), Stage.ARRIVAL)


def visit_out_of_time(visit: Visit) -> Objection | None:
    """What keeps a check-in from beginning now: too early by the policy, or too late."""
    objections = visit_decision(visit).objections
    return next((each for each in objections if each.code in OUT_OF_TIME), None)


def visit_locker(visit: Visit) -> LockerAssignment | None:
    """The locker that a visit holds now."""
    lockers = visit.lockers.select_related("locker__bank").filter(released_at=None)
    return lockers.first()


def visit_badge(visit: Visit) -> BadgeAssignment | None:
    """The badge in the visitor's hand."""
    return visit.badges.select_related("badge").filter(returned_at=None).first()


def signatures_of(
    assignment: LockerAssignment | None, purpose: SignaturePurpose
) -> Mapping[str, Signature]:
    """Who has signed for a locker, by party."""
    if assignment is None:
        return {}
    signatures = assignment.signatures.select_related("signer").filter(purpose=purpose)
    return {signature.party: signature for signature in signatures}


def visit_open_items(visit: Visit) -> tuple[OpenItem, ...]:
    """What is open when the visitor leaves. INVARIANT: a list for the desk, never a bar."""
    lockers = list(visit.lockers.order_by("assigned_at"))
    signed = {
        party for locker in lockers for party in signatures_of(locker, SignaturePurpose.RETURN)
    }
    badge = visit_badge(visit)
    searched = visit.steps.filter(kind="search").exists()
    return open_items(
        ExitFacts(
            state=VisitState(visit.state),
            counted_inside=Presence.objects.filter(visit=visit).exists(),
            search_recorded=searched,
            lockers=tuple(LockerState(locker.state) for locker in lockers),
            return_signed_by_visitor="visitor" in signed,
            return_signed_by_guard="guard" in signed,
            badge=CredentialState(badge.badge.state) if badge else None,
            past_end=visit.booking.ends_at < now(),
            laptop_held=laptop_held(visit.pk),
        )
    )


def visit_pin(visit: Visit) -> Pin | None:
    """The PIN that the visitor was given in this visit; one of an earlier visit is none."""
    if VisitState(visit.state) not in VISIT_MAY_ENTER:
        return None
    pins = Pin.objects.select_related("set_by")
    facility = visit.booking.area.facility_id
    return pins.filter(person=visit.person_id, facility=facility).first()
