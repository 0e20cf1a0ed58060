"""What lies ahead: a visit that is approved, and requests that wait for an officer's decision.

None is in the enclave, which the scripted visit books for itself.
"""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from access.models import Booking
from access.selectors.booking_policy import booking_policy
from access.services.booking_decision import booking_approve
from scif.console.demo.history import GREY, OFFICER, RED, SATURDAY, TREATY, Slot, slot_request
from scif.console.demo.history_visit import actor_of
from scif.facilities.models import Area
from scif.kernel.clock import now

MORNING, AFTERNOON = time(10), time(14)
LENGTH = timedelta(hours=2)
SPARE = timedelta(minutes=10)


def coming_seed() -> list[Booking]:
    """One approved visit in the next half-day that is open, and two requests after it."""
    halves = _half_days("ml-r")
    visit = _ask("s.alrashid", RED, "ml-r", next(halves))
    approved = booking_approve(booking_id=visit.pk, actor=actor_of(OFFICER))
    next(halves)
    waiting = _ask("a.nwosu", GREY, "ml-r", next(halves))
    other = _half_days("b7-a")
    next(other)
    return [approved, waiting, _ask("y.demir", TREATY, "b7-a", next(other))]


def _half_days(code: str) -> Iterator[datetime]:
    """Beginnings of a working day's halves in a room's zone that leave the notice it asks for."""
    area = Area.objects.select_related("facility").get(code=code)
    zone = ZoneInfo(area.facility.time_zone)
    earliest = now() + booking_policy(area.facility).lead + SPARE
    day: date = now().astimezone(zone).date()
    while True:
        for begins in (MORNING, AFTERNOON):
            start = datetime.combine(day, begins, zone)
            if day.weekday() < SATURDAY and start > earliest:
                yield start
        day += timedelta(days=1)


def _ask(login: str, title: str, area: str, start: datetime) -> Booking:
    end = start + LENGTH
    return slot_request(Slot(start.date(), login, title, area, start.time(), end.time()))
