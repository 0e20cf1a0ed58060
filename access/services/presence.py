"""A visit goes on with its visitor's passage, as the zone's owner reported it."""

from datetime import datetime
from uuid import UUID

from access.models import Presence, Visit
from access.rules.states import VISIT, VISIT_INSIDE, VisitAction, VisitState
from access.services.visit import facility_of, visit_advance
from scif.alarms.models import Gravity
from scif.alarms.services import alarm_raise
from scif.facilities.models import Zone
from scif.kernel.actor import Actor


def visit_entered(*, visit_id: UUID, zone: Zone, at: datetime, actor: Actor) -> None:
    """The visitor is in a zone. Who is inside already only moves from zone to zone.

    A passage that the visit's state does not foresee stays a fact; a human looks at it.
    """
    visit = _lock(visit_id)
    if VisitState(visit.state) not in VISIT_INSIDE:
        _advance(visit, VisitAction.ENTER, zone, at, actor)


def visit_left(*, visit_id: UUID, zone: Zone, at: datetime, actor: Actor) -> None:
    """The visitor has left a zone; outside is who is in none any more."""
    visit = _lock(visit_id)
    if not Presence.objects.filter(person=visit.person, visit=visit).exclude(zone=zone).exists():
        _advance(visit, VisitAction.LEAVE, zone, at, actor)


def _lock(visit_id: UUID) -> Visit:
    visits = Visit.objects.select_related("booking__area__facility")
    return visits.select_for_update(of=("self",), no_key=True).get(pk=visit_id)


def _advance(visit: Visit, action: VisitAction, zone: Zone, at: datetime, actor: Actor) -> None:
    if action in VISIT.allowed(VisitState(visit.state)):
        visit_advance(visit=visit, action=action, actor=actor, details={"zone": zone.code}, at=at)
        return
    alarm_raise(
        facility=facility_of(visit),
        gravity=Gravity.CHECK,
        kind="passage_unforeseen",
        subject=visit.reference,
        message=f"Visit {visit.reference} is {visit.state.replace('_', ' ')}, yet its visitor "
        f"did {action.value} {zone.name}",
        actor=actor,
    )
