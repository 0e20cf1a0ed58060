"""The booking behind a visit: its window, its approval, its attendees."""

from access.rules.case import Case
from access.rules.facts import BasisKind, Stage
from access.rules.objection import Objection
from access.rules.rule import rule
from access.rules.states import HOLDS_SLOT, BookingState

VISIT = (BasisKind.VISIT,)
ON_THE_DAY = (Stage.ARRIVAL, Stage.DOOR)
# Looked up once: an Enum's class is slow to ask.
APPROVED, ARRIVAL = BookingState.APPROVED, Stage.ARRIVAL


@rule("scif-domain §8, booking", [Stage.BOOKING], VISIT)
def window_sound(case: Case) -> Objection | None:
    """The window ends after it begins."""
    return Objection("window_empty") if case.basis.window.end <= case.basis.window.start else None


@rule("R33", [Stage.BOOKING], VISIT)
def notice_given(case: Case) -> Objection | None:
    """The window begins no sooner than the policy's notice from now."""
    earliest = case.now + case.policy.minutes("booking_lead")
    return Objection("notice_too_short") if case.basis.window.start < earliest else None


@rule("scif-domain §8, booking", [Stage.BOOKING], VISIT)
def booking_open(case: Case) -> Objection | None:
    """The booking is requested, or approved already."""
    booking = case.visit.booking
    if booking is not None and booking.state in HOLDS_SLOT:
        return None
    return Objection("booking_not_open", {"state": booking.state if booking else "missing"})


@rule("scif-domain §8, booking 14", ON_THE_DAY, VISIT)
def booking_approved(case: Case) -> Objection | None:
    """The booking is approved."""
    booking = case.visit.booking
    if booking is not None and booking.state is APPROVED:
        return None
    return Objection("booking_not_approved", {"state": booking.state if booking else "missing"})


@rule("scif-domain §8, booking 14; as R47", bases=VISIT)
def approved_by_another(case: Case) -> Objection | None:
    """Whoever approves is not the requester; before the approval nobody need be named."""
    booking = case.visit.booking
    if booking is None:
        return None
    if booking.approver is None and booking.state is not APPROVED:
        return None
    if booking.approver and booking.approver != booking.requester:
        return None
    return Objection("approval_not_separate")


@rule("R31", bases=VISIT)
def attendee_booked(case: Case) -> Objection | None:
    """The person is an attendee of the booking."""
    booking = case.visit.booking
    if booking is None or case.person.person_id in booking.attendees:
        return None
    return Objection("not_an_attendee")


@rule("scif-domain §8, entry 3", ON_THE_DAY, VISIT)
def within_window(case: Case) -> Objection | None:
    """Now lies in the window, or no earlier before it than the policy allows."""
    window = case.basis.window
    early = "arrival_early" if case.stage is ARRIVAL else "entry_early"
    opens = window.start - case.policy.minutes(early)
    if case.now < opens:
        times = {"time": case.local(window.start), "opens": case.local(opens)}
        return Objection("before_window", times)
    if case.now >= window.end:
        return Objection("after_window", {"time": case.local(window.end)})
    return None
