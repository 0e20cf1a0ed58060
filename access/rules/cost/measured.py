"""What the journal of visits says of waiting, search, breaks and use."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from access.rules.states import VisitAction

NOTHING = timedelta()
DAYS_A_YEAR = 365
_HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True)
class VisitTimes:
    """One visit from its arrival at the desk to its end there.

    ``wait`` arrival to inside, ``breaks`` between going out and in again, ``search`` from the last
    time out to the end, ``inside`` the rest.
    """

    wait: timedelta
    inside: timedelta
    breaks: timedelta
    search: timedelta

    @property
    def on_site(self) -> timedelta:
        """All of it."""
        return self.wait + self.inside + self.breaks + self.search


def visit_times(steps: Iterable[tuple[str, datetime]]) -> VisitTimes | None:
    """The times of a visit of its steps (``VisitAction`` and moment), in any order.

    None where a step is missing or their times contradict each other: such a visit is not guessed.
    """
    found = sorted((at, kind) for kind, at in steps)
    arrived = [at for at, kind in found if kind == VisitAction.ARRIVE]
    ended = [at for at, kind in found if kind == VisitAction.COMPLETE]
    passages = [(at, kind) for at, kind in found if kind in {VisitAction.ENTER, VisitAction.LEAVE}]
    ins, outs = passages[::2], passages[1::2]
    if not (arrived and ended and passages) or len(ins) != len(outs):
        return None
    if {kind for _at, kind in ins} != {VisitAction.ENTER.value}:
        return None
    if {kind for _at, kind in outs} != {VisitAction.LEAVE.value}:
        return None
    times = VisitTimes(
        wait=ins[0][0] - arrived[0],
        inside=_sum(out - into for (into, _i), (out, _o) in zip(ins, outs, strict=True)),
        breaks=_sum(into - out for (into, _i), (out, _o) in zip(ins[1:], outs[:-1], strict=True)),
        search=ended[-1] - outs[-1][0],
    )
    sound = times.wait >= NOTHING and times.search >= NOTHING and times.inside > NOTHING
    return times if sound else None


@dataclass(frozen=True, slots=True)
class MeasuredUse:
    """What a facility's record says of a period of whole days, the last one included.

    ``visits`` could be measured, ``unclear`` were complete and could not. ``seats`` are those of
    the bookable areas. Seat hours: ``available`` by opening hours and closed days, ``booked`` by
    the people expected, ``used`` by those who were inside.
    """

    first: date
    last: date
    visits: Sequence[VisitTimes]
    unclear: int
    seats: int
    available: Decimal
    booked: Decimal

    @property
    def days(self) -> int:
        """How many days the period has."""
        return (self.last - self.first).days + 1

    @property
    def used(self) -> Decimal:
        """Seat hours in use."""
        return hours(_sum(visit.inside for visit in self.visits))

    @property
    def utilisation(self) -> Decimal | None:
        """Per cent of the seat hours in use; None where nothing was open or no visit measured.

        Work beyond the opening hours counts, up to all of them.
        """
        if not (self.available and self.visits):
            return None
        return min(_HUNDRED, self.used / self.available * _HUNDRED)

    @property
    def time_lost(self) -> Decimal | None:
        """Per cent of the time on site that was not inside; None where no visit was measured."""
        there = _sum(visit.on_site for visit in self.visits)
        if not there:
            return None
        return hours(there - _sum(visit.inside for visit in self.visits)) / hours(there) * _HUNDRED

    def mean(self, name: str) -> timedelta | None:
        """The mean of ``wait``, ``inside``, ``breaks`` or ``search`` over the visits."""
        if not self.visits:
            return None
        return _sum(getattr(visit, name) for visit in self.visits) / len(self.visits)

    @property
    def open_hours_year(self) -> Decimal | None:
        """Hours a year in which a seat is available, at the period's pace; None without any."""
        if not (self.seats and self.available):
            return None
        return self.available / self.seats / self.days * DAYS_A_YEAR


def hours(span: timedelta) -> Decimal:
    """A span in hours."""
    return Decimal(span // timedelta(seconds=1)) / 3600


def _sum(spans: Iterable[timedelta]) -> timedelta:
    return sum(spans, NOTHING)
