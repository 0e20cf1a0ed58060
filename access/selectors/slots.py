"""Which times of a room are free for a team, and why the others are not.

INVARIANT: of other parties nothing shows but "Taken": no name, no engagement, no length of theirs
beyond the hours in which the room cannot be had.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Q

from access.models import Booking, Engagement
from access.rules.decision import decide
from access.rules.facts import Facts, Stage, VisitBasis, Window
from access.rules.states import HOLDS_SLOT, BookingState
from access.selectors.booking_check import TeamCheck
from access.selectors.booking_policy import booking_policy
from access.selectors.facts import NOBODY, Proposal, booking_facts
from access.selectors.facts_place import closed_spans, hours_of
from access.selectors.wall import walled_spans
from scif.facilities.models import Area

QUARTER = timedelta(minutes=15)
LOOK_AHEAD = timedelta(days=42)


class SlotKind(StrEnum):
    """What a span of a day is to the team."""

    FREE = "free"
    PART = "part"
    CLOSED = "closed"
    TAKEN = "taken"
    CHANGEOVER = "changeover"
    SOON = "soon"
    SHORT = "short"
    CHOSEN = "chosen"


@dataclass(frozen=True, slots=True)
class Span:
    """Part of a day. ``check`` is the team's decision at its start, where one was made."""

    kind: SlotKind
    start: datetime
    end: datetime
    check: TeamCheck | None = None


@dataclass(frozen=True, slots=True)
class Day:
    """A day in the facility's zone; closed where it has no opening hours.

    ``closed`` is the name of what closes the day beside the hours: a holiday, an inventory.
    """

    date: date
    opens: datetime | None
    closes: datetime | None
    spans: tuple[Span, ...]
    closed: str = ""

    @property
    def free(self) -> list[Span]:
        """Its free spans."""
        return [span for span in self.spans if span.kind is SlotKind.FREE]


class SlotFinder:
    """Looks for slots of one length, for one team, in one room.

    ``instead`` is a booking that would be given up for the slot: it holds nothing. ``escorts`` says
    who accompanies whom of the team.
    Refuses (``policy_missing``) at a facility whose policy lacks a value. ``at`` is now.
    """

    def __init__(
        self,
        *,
        engagement: Engagement,
        area: Area,
        team: Sequence[UUID],
        length: timedelta,
        requester: UUID,
        at: datetime,
        instead: Booking | None = None,
        escorts: Mapping[UUID, UUID] = NOBODY,
    ) -> None:
        self.policy = booking_policy(area.facility)
        self.zone = ZoneInfo(area.facility.time_zone)
        self.length, self.at = length, at
        self.first = _quarter_up(at + self.policy.lead)
        self._hours = hours_of(area)
        self._closed = closed_spans(area)
        self._area, self._team, self._instead = area, tuple(team), instead
        proposal = Proposal(
            engagement,
            area,
            at,
            at + length,
            tuple(team),
            requester,
            escorts=escorts,
            instead_of=instead.pk if instead is not None else None,
        )
        self._facts = booking_facts(proposal, at=at)

    @property
    def opens_first(self) -> datetime:
        """When the room first stands open at or after the notice that the policy asks for."""
        local = self.first.astimezone(self.zone).date()
        for number in range(LOOK_AHEAD.days):
            day = self._day(local + timedelta(days=number), ())
            if day.opens and day.closes and self.first < day.closes:
                return max(self.first, day.opens)
        return self.first

    def check(self, start: datetime) -> TeamCheck:
        """The team's decisions for a slot from ``start``."""
        window = Window(start, start + self.length)
        return TeamCheck(
            {pk: decide(_moved(facts, window), Stage.BOOKING) for pk, facts in self._facts.items()}
        )

    def days(self, first: date, count: int) -> list[Day]:
        """The days from ``first``, in order."""
        start = self._moment(first, time.min)
        held = self._held(start, start + timedelta(days=count + 1))
        return [self._day(first + timedelta(days=number), held) for number in range(count)]

    def earliest(self, count: int) -> list[datetime]:
        """The first starts at which the whole team may come, at most one for each free span."""
        local = self.first.astimezone(self.zone).date()
        found: list[datetime] = []
        for week in range(LOOK_AHEAD // timedelta(days=7)):
            for day in self.days(local + timedelta(days=7 * week), 7):
                found += [span.start for span in day.free]
                if len(found) >= count:
                    return found[:count]
        return found

    def starts(self, span: Span) -> list[datetime]:
        """Every quarter hour at which a slot of the length may begin within a free span."""
        count = (span.end - self.length - span.start) // QUARTER
        return [span.start + QUARTER * number for number in range(count + 1)]

    def _held(self, start: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
        """What is held, changeover included; requests whose hold has ended hold nothing."""
        rows = Booking.objects.filter(
            ~Q(state=BookingState.REQUESTED, hold_until__lte=self.at),
            area=self._area,
            state__in=HOLDS_SLOT,
            held__overlap=(start, end),
        ).order_by("held")
        if self._instead is not None:
            rows = rows.exclude(pk=self._instead.pk)
        spans = [(row.held.lower, row.held.upper) for row in rows]
        return _joined([*spans, *walled_spans(self._area, self._team, start, end, self.at)])

    def _day(self, day: date, held: Sequence[tuple[datetime, datetime]]) -> Day:
        closed = next((each for each in self._closed if each.touches(day, day)), None)
        if closed is not None:
            return Day(day, None, None, (), closed.name)
        hours = self._hours.get(day.weekday())
        if hours is None:
            return Day(day, None, None, ())
        # A closing time of midnight is the end of its day.
        last = day + timedelta(days=1) if hours[1] == time(0) else day
        opens, closes = self._moment(day, hours[0]), self._moment(last, hours[1])
        spans: list[Span] = []
        begin = opens
        if self.first > opens:
            begin = min(self.first, closes)
            spans.append(Span(SlotKind.SOON, opens, begin))
        for lower, upper in [*held, (closes, closes)]:
            if upper <= begin and lower < closes:
                continue
            until = min(lower, closes)
            if begin < until:
                spans += self._gap(begin, until, last=until == closes)
            taken = (max(lower, begin), min(upper, closes))
            if taken[0] < taken[1]:
                spans.append(Span(SlotKind.TAKEN, *taken))
            begin = max(begin, min(upper, closes))
        return Day(day, opens, closes, tuple(spans))

    def _gap(self, start: datetime, end: datetime, *, last: bool) -> Iterator[Span]:
        """A gap between what is held; before another booking the changeover must fit too."""
        start = _quarter_up(start)
        until = end if last else end - self.policy.turnaround
        if until - start < self.length:
            if start < end:
                yield Span(SlotKind.SHORT, start, end)
            return
        check = self.check(start)
        if check.admitted:
            kind = SlotKind.FREE
        else:
            kind = SlotKind.CLOSED if check.shared else SlotKind.PART
        yield Span(kind, start, until, check)
        if until < end:
            yield Span(SlotKind.CHANGEOVER, until, end)

    def _moment(self, day: date, clock: time) -> datetime:
        return datetime.combine(day, clock, self.zone).astimezone(UTC)


def choose(day: Day, start: datetime, length: timedelta, turnaround: timedelta) -> Day:
    """The day with a slot chosen in one of its free spans; unchanged where it does not fit."""
    spans: list[Span] = []
    for span in day.spans:
        end = start + length
        if span.kind is not SlotKind.FREE or not (span.start <= start and end <= span.end):
            spans.append(span)
            continue
        if start - turnaround - span.start >= length:
            spans.append(replace(span, end=start - turnaround))
            spans.append(Span(SlotKind.CHANGEOVER, start - turnaround, start))
        elif span.start < start:
            spans.append(Span(SlotKind.SHORT, span.start, start))
        spans.append(Span(SlotKind.CHOSEN, start, end, span.check))
        after = min(end + turnaround, span.end)
        if end < after:
            spans.append(Span(SlotKind.CHANGEOVER, end, after))
        if span.end - after >= length:
            spans.append(replace(span, start=after))
        elif after < span.end:
            spans.append(Span(SlotKind.SHORT, after, span.end))
    return replace(day, spans=tuple(spans))


def _joined(spans: list[tuple[datetime, datetime]]) -> list[tuple[datetime, datetime]]:
    """The same times without overlap, so that nobody can tell what they are made of."""
    found: list[tuple[datetime, datetime]] = []
    for lower, upper in sorted(spans):
        if found and lower <= found[-1][1]:
            found[-1] = (found[-1][0], max(upper, found[-1][1]))
        else:
            found.append((lower, upper))
    return found


def _moved(facts: Facts, window: Window) -> Facts:
    if not isinstance(facts.basis, VisitBasis):
        raise TypeError("a booking stands on a visit")
    return replace(facts, basis=replace(facts.basis, window=window))


def _quarter_up(moment: datetime) -> datetime:
    """The next quarter hour, or the moment itself if it is one."""
    over = timedelta(
        minutes=moment.minute % 15, seconds=moment.second, microseconds=moment.microsecond
    )
    return moment if not over else moment - over + QUARTER
