"""The way out: search, turning away, the end of a visit. INVARIANT: nothing here bars the door."""

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from access.laptops import laptop_held
from access.models import (
    BadgeAssignment,
    LockerAssignment,
    Presence,
    PresenceEvent,
    Visit,
)
from access.rules.states import (
    VISIT_INSIDE,
    VisitAction,
    VisitState,
)
from access.services.booking_end import booking_of_visit_lock, booking_settle
from access.services.visit import CHECK_IN, CHECK_OUT, facility_of, visit_advance, visit_lock
from inspections.services.sweep import sweep_require
from scif.alarms.models import Gravity
from scif.alarms.services import alarm_raise
from scif.facilities.models import Area
from scif.kernel.actor import Actor
from scif.kernel.errors import require
from scif.kernel.events import gathered
from scif.kernel.text import text_of
from scif.people.access import visible

OUT_AND_BACK = (*VISIT_INSIDE, VisitState.OUTSIDE)


@transaction.atomic
def search_record(
    *, visit_id: UUID, clear: bool, items: Sequence[str], remarks: str, actor: Actor
) -> Visit:
    """Record the exit search; what was found raises an alarm and stops nobody (R29)."""
    areas = _areas_lock(visit_id, actor, CHECK_OUT)
    visit = visit_lock(visit_id=visit_id, actor=actor, permission=CHECK_OUT)
    found = [text_of(item, "item", lines=False) for item in items if item.strip()]
    remarks = text_of(remarks, "remarks")
    require(
        clear != bool(found),
        "search_unclear",
        "The search is either clear, or it names what was found.",
    )
    visit_advance(
        visit=visit,
        action=VisitAction.SEARCH,
        actor=actor,
        details={"clear": clear, "items": found, "remarks": remarks},
    )
    if found:
        alarm_raise(
            facility=facility_of(visit),
            gravity=Gravity.ACT,
            kind="search_found",
            subject=visit.reference,
            message=f"Exit search of visit {visit.reference}: {len(found)} item(s) found",
            actor=actor,
        )
    _sweeps_require(visit, areas, actor)
    return visit


@transaction.atomic
@gathered()
def visit_turn_away(*, visit_id: UUID, reason: str, actor: Actor) -> Visit:
    """Turn a visitor away; what he left in a locker and his badge are still to be returned.

    If no other visit of the booking is open, its slot is free at once.
    """
    areas = _areas_lock(visit_id, actor, CHECK_IN)
    booking = booking_of_visit_lock(visit_id=visit_id, actor=actor, permission=CHECK_IN)
    visit = visit_lock(visit_id=visit_id, actor=actor, permission=CHECK_IN)
    reason = text_of(reason, "reason", missing="Say why the visitor is turned away.")
    visit_advance(
        visit=visit,
        action=VisitAction.TURN_AWAY,
        actor=actor,
        details={"reason": reason},
    )
    booking_settle(booking=booking, actor=actor)
    _sweeps_require(visit, areas, actor)
    return visit


def return_settle(*, visit: Visit, actor: Actor) -> None:
    """Take the RETURN step of a locked visit once neither locker nor badge is outstanding."""
    state = VisitState(visit.state)
    if state not in {VisitState.SEARCHED, VisitState.TURNED_AWAY}:
        return
    if LockerAssignment.objects.filter(visit=visit, released_at=None).exists():
        return
    if BadgeAssignment.objects.filter(visit=visit, returned_at=None).exists():
        return
    visit_advance(visit=visit, action=VisitAction.RETURN, actor=actor)


@transaction.atomic
@gathered()
def visit_complete(*, visit_id: UUID, actor: Actor) -> Visit:
    """End a visit: searched, everything returned, and nobody counted inside any more.

    The last visit of a booking that ends completes the booking.
    """
    booking = booking_of_visit_lock(visit_id=visit_id, actor=actor, permission=CHECK_OUT)
    visit = visit_lock(visit_id=visit_id, actor=actor, permission=CHECK_OUT)
    return_settle(visit=visit, actor=actor)
    still = Presence.objects.filter(person=visit.person, zone__area__facility=facility_of(visit))
    require(
        not still.exists(),
        "still_inside",
        "The doors still count this person inside.",
        "Clear up the count: ask the person to badge out, or call the facility officer.",
    )
    require(
        not laptop_held(visit.pk),
        "laptop_not_returned",
        "The visitor has a laptop.",
        "Take it back at the desk's page of laptops, or report it lost there.",
    )
    visit_advance(visit=visit, action=VisitAction.COMPLETE, actor=actor)
    booking_settle(booking=booking, actor=actor)
    return visit


def _areas_lock(visit_id: UUID, actor: Actor, permission: str) -> list[Area]:
    """Lock the swept areas that the visit has entered, before the visit itself.

    Without it two who leave at the same time would each take the other for the last.
    """
    visit = visible(Visit.objects.all(), actor, permission).get(pk=visit_id)
    entered = PresenceEvent.objects.filter(visit=visit).values("zone__area_id")
    areas = Area.objects.filter(pk__in=entered, swept_after_use=True).order_by("pk")
    return list(areas.select_for_update(of=("self",), no_key=True))


def _sweeps_require(visit: Visit, areas: Sequence[Area], actor: Actor) -> None:
    """Make a sweep due in every area whose last visitor has left for good.

    Who of the same booking is checked in and may yet go in counts as not having left.
    """
    for area in areas:
        staying = Visit.objects.exclude(pk=visit.pk).filter(
            Q(booking__area=area, state__in=OUT_AND_BACK)
            | Q(booking=visit.booking_id, state=VisitState.BADGED)
        )
        inside = Presence.objects.filter(zone__area=area, visit__isnull=False)
        if not staying.exists() and not inside.exists():
            sweep_require(area=area, cause=visit.reference, actor=actor)
