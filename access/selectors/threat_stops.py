"""Which of today's visits a raised threat level stops."""

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from access.models import Visit
from access.rules.decision import Decision, decide
from access.rules.facts import Stage
from access.rules.states import VISIT_ENDED, VISIT_INSIDE, BookingState
from access.selectors.facts import arrival_facts
from access.selectors.facts_place import policy_facts
from access.selectors.threat import threat_raised
from scif.facilities.models import Facility
from scif.kernel.clock import now

STOPS = frozenset({"threat_level_unknown", "threat_clearance", "threat_no_visitors"})


def threat_stops(visits: Iterable[Visit], facility: Facility) -> dict[UUID, Decision]:
    """Of these visits at a facility those that its threat level keeps out, with what else does."""
    if not threat_raised(facility, policy_facts(facility)):
        return {}
    at = now()
    decisions = {each.pk: decide(arrival_facts(each, at=at), Stage.ARRIVAL) for each in visits}
    return {
        pk: decision
        for pk, decision in decisions.items()
        if any(each.code in STOPS for each in decision.objections)
    }


def visits_stopped_today(facility: Facility) -> list[Visit]:
    """The visits of today that have not entered and that the threat level keeps out."""
    at = now().astimezone(ZoneInfo(facility.time_zone))
    midnight = at.replace(hour=0, minute=0, second=0, microsecond=0)
    today = Visit.objects.filter(
        booking__area__facility=facility,
        booking__state=BookingState.APPROVED,
        booking__starts_at__lt=midnight + timedelta(days=1),
        booking__ends_at__gt=at,
    ).exclude(state__in=[*VISIT_ENDED, *VISIT_INSIDE])
    related = today.select_related("booking__area__facility", "booking__engagement", "person")
    visits = list(related.order_by("booking__starts_at", "reference"))
    stopped = threat_stops(visits, facility)
    return [visit for visit in visits if visit.pk in stopped]


def threat_level_over(visit: Visit) -> str:
    """The name of the threat level that keeps out a visit of today; nothing where none does."""
    facility = visit.booking.area.facility
    zone = ZoneInfo(facility.time_zone)
    if visit.booking.starts_at.astimezone(zone).date() > now().astimezone(zone).date():
        return ""
    if not threat_stops([visit], facility):
        return ""
    return threat_raised(facility, policy_facts(facility))
