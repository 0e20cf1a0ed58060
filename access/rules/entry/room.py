"""May this room be used: accreditation, label, sweep, hours, places, way out, lockdown.

Accreditation binds classified work (R1): visits, staff and their escorts. Guards, sweepers,
inspectors and responders enter a room that has lost it, for somebody must look after it.
"""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from access.rules.case import Case
from access.rules.facts import BasisKind, DutyBasis, DutyPost, RosterBasis, Stage
from access.rules.labels import dominates
from access.rules.objection import Objection
from access.rules.rule import ALL_BASES, rule
from inspections.rules.states import IN_FORCE, SweepState

Hours = Mapping[int, tuple[time, time]]
MIDNIGHT = time(0)
DAYS_A_WEEK = 7
INSTANT = timedelta(microseconds=1)
WORK = (BasisKind.VISIT, BasisKind.ROSTER, BasisKind.ESCORT)
# Who may enter an unswept room: those who sweep it and the guards who second them.
SWEEPING_POSTS = frozenset({DutyPost.SWEEPER, DutyPost.GUARD})


@rule(
    "R20; field-anchors: lockdown", [Stage.ARRIVAL, Stage.DOOR], ALL_BASES - {BasisKind.EMERGENCY}
)
def no_lockdown(case: Case) -> Objection | None:
    """The area is known not to be locked down, or the person may enter it during a lockdown."""
    if case.area.lockdown is False:
        return None
    if case.area.lockdown is None:
        return Objection("lockdown_unknown")
    if any(
        case.area.area_id in each.areas and each.window.contains(case.now)
        for each in case.person.lockdown_rights
    ):
        return None
    return Objection("lockdown")


@rule("R1", bases=WORK)
def accredited(case: Case) -> Objection | None:
    """The area's accreditation is in force. INVARIANT: no override cures its absence."""
    if case.area.unclassified:
        return None
    accreditation = case.area.accreditation
    if accreditation is None:
        return Objection("not_accredited", {"state": "no letter on record"})
    if accreditation.state in IN_FORCE:
        return None
    return Objection("not_accredited", {"state": accreditation.state.replace("_", " ")})


@rule("R1, R2", bases=WORK)
def accreditation_covers_time(case: Case) -> Objection | None:
    """The accreditation is valid through the end of the session."""
    accreditation = case.area.accreditation
    if case.area.unclassified or accreditation is None or accreditation.expires_on is None:
        return None
    if case.days[1] <= accreditation.expires_on:
        return None
    return Objection("accreditation_expires", {"date": accreditation.expires_on.isoformat()})


@rule("R1", bases=WORK)
def letter_reaches_label(case: Case) -> Objection | None:
    """The accreditation letter reaches the level of what is worked on."""
    letter, label = case.area.accreditation, case.required
    if case.area.unclassified or letter is None or label is None:
        return None
    if letter.scheme == label.scheme and letter.rank >= label.rank:
        return None
    return Objection("label_above_letter")


@rule("scif-domain §8, booking 3", bases=[BasisKind.VISIT])
def area_dominates_session(case: Case) -> Objection | None:
    """The area's label dominates the session's; on the way, only where material lies open."""
    session = case.visit.session_label
    if session is None or not (case.at_destination or case.area.exposed(case.end)):
        return None
    if case.area.label is not None and dominates(case.area.label, session):
        return None
    return Objection("label_above_area")


@rule(
    "scif-domain §6, device sweep",
    [Stage.DOOR],
    [BasisKind.VISIT, BasisKind.ROSTER, BasisKind.ESCORT, BasisKind.DUTY],
)
def swept(case: Case) -> Objection | None:
    """The room is swept since its last use; sweepers and guards on duty are exempt."""
    if not case.area.swept_after_use or case.area.last_sweep is SweepState.PASSED:
        return None
    if isinstance(case.basis, DutyBasis) and case.basis.post in SWEEPING_POSTS:
        return None
    state = case.area.last_sweep
    return Objection("not_swept", {"state": state.replace("_", " ") if state else "never swept"})


@rule("scif-domain §2, hours", [Stage.BOOKING], [BasisKind.VISIT])
def booked_in_hours(case: Case) -> Objection | None:
    """A booking lies within the opening hours of one day; at the door its window speaks."""
    return (
        None if _open(case, case.area.hours, case.start, case.end) else Objection("outside_hours")
    )


@rule("scif-domain §2, hours; §8, roster", [Stage.DOOR], [BasisKind.ROSTER])
def open_hours(case: Case) -> Objection | None:
    """Permanent staff enter within hours of their own, else within the opening hours."""
    own = case.basis.hours if isinstance(case.basis, RosterBasis) else None
    hours = case.area.hours if own is None else own
    return None if _open(case, hours, case.now, case.now) else Objection("outside_own_hours")


@rule("scif-domain §2, hours", bases=WORK)
def day_not_closed(case: Case) -> Objection | None:
    """No day of the session is one on which the area is closed."""
    for each in case.area.closed:
        if each.touches(*case.days):
            return Objection("closed_day", {"name": each.name, "date": each.first.isoformat()})
    return None


def _open(case: Case, week: Hours | None, start: datetime, end: datetime) -> bool:
    """Whether the hours hold through the span, on each local day that it touches.

    A closing time of midnight is the end of its day, so that ``00:00`` to ``00:00`` on every day
    is continuous operation and a span may pass midnight.
    """
    if week is None:
        return False
    zone = ZoneInfo(case.area.time_zone)
    # The end does not belong to the span: one that ends at midnight touches no further day.
    first, last = start.astimezone(zone), max(start, end - INSTANT).astimezone(zone)
    days = (last.date() - first.date()).days
    for day in range(days + 1):
        hours = week.get((first.weekday() + day) % DAYS_A_WEEK)
        if hours is None:
            return False
        opens, closes = hours
        begun = first.time() >= opens if day == 0 else opens == MIDNIGHT
        ended = closes == MIDNIGHT or (day == days and last.time() <= closes)
        if not (begun and ended):
            return False
    return True


@rule("scif-domain §8, booking 12", [Stage.BOOKING], [BasisKind.VISIT])
def places_for_booking(case: Case) -> Objection | None:
    """The area has a place for every attendee."""
    capacity, booking = case.area.capacity, case.visit.booking
    if capacity is None:
        return Objection("capacity_unknown")
    if booking is not None and booking.attendee_count > capacity:
        return Objection("capacity_reached", {"limit": str(capacity)})
    return None
