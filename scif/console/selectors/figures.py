"""Figures of the dashboard, counted from the records: use, decisions at doors, open alarms."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count
from django.db.models.functions import TruncDate

from access.models import AccessDecision, PresenceEvent
from scif.alarms.models import Alarm, Gravity
from scif.facilities.models import Facility
from scif.kernel.actor import Actor
from scif.people.access import facilities_with, visible

WEEKS = 12
DAYS = 14
AGES = (timedelta(hours=1), timedelta(days=1), timedelta(days=7))
VIEW = "access.view_decision"


@dataclass(frozen=True, slots=True)
class Series:
    """Lines over marks, up to ``high``: what ``line_plot`` draws. ``reading`` says it in words."""

    lines: Sequence[tuple[str, Sequence[float | None]]]
    marks: Sequence[str]
    high: float
    reading: Sequence[tuple[str, float]]


def hours_used(actor: Actor, at: datetime) -> Series | None:
    """Hours a week with at least one visitor inside, by facility; None where nobody ever was."""
    monday = at.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=at.weekday())
    first = monday - timedelta(weeks=WEEKS - 1)
    lines, reading = [], []
    for facility in facilities_with(actor, VIEW).order_by("code"):
        hours = _hours(facility, first, at)
        if hours is not None:
            # The end of a line has room for the code alone; the sentence below gives the name.
            code = facility.code.upper()
            lines.append((code, hours))
            reading.append((f"{facility.name} ({code})", hours[-1]))
    if not lines:
        return None
    starts = [first + timedelta(weeks=n) for n in range(WEEKS)]
    marks = [f"{day.day} {day:%b}" if n % 4 == 0 else "" for n, day in enumerate(starts)]
    top = max(max(values) for _name, values in lines)
    return Series(lines, marks, _top(top), reading)


def _hours(facility: Facility, first: datetime, at: datetime) -> list[float] | None:
    """The union of the times that visitors were inside, cut into weeks."""
    events = PresenceEvent.objects.filter(
        zone__area__facility=facility, visit__isnull=False, occurred_at__gte=first
    ).order_by("occurred_at")
    inside: set[tuple[object, object]] = set()
    since = first
    spans: list[tuple[datetime, datetime]] = []
    for event in events:
        key = (event.zone_id, event.person_id)
        if event.direction == "in":
            since = since if inside else event.occurred_at
            inside.add(key)
        elif key in inside:
            inside.discard(key)
            if not inside:
                spans.append((since, event.occurred_at))
    if inside:
        spans.append((since, at))
    if not spans:
        return None
    weeks = [0.0] * WEEKS
    for start, end in spans:
        for week in range(WEEKS):
            left = max(start, first + timedelta(weeks=week))
            right = min(end, first + timedelta(weeks=week + 1))
            weeks[week] += max(0.0, (right - left).total_seconds() / 3600)
    return [round(value, 1) for value in weeks]


def decisions_a_day(actor: Actor, at: datetime) -> Series | None:
    """Reads at doors a day, granted and refused (UTC days); None where there were none."""
    first = at.date() - timedelta(days=DAYS - 1)
    rows = (
        visible(AccessDecision.objects.all(), actor, VIEW)
        .filter(occurred_at__date__gte=first)
        .order_by()
        .annotate(day=TruncDate("occurred_at"))
        .values("day", "outcome")
        .annotate(count=Count("pk"))
    )
    counts: dict[str, dict[object, int]] = defaultdict(dict)
    for row in rows:
        counts[row["outcome"]][row["day"]] = row["count"]
    if not counts:
        return None
    days = [first + timedelta(days=n) for n in range(DAYS)]
    lines = [
        (name, [float(counts.get(name, {}).get(day, 0)) for day in days])
        for name in ("granted", "refused")
    ]
    marks = [f"{day.day} {day:%b}" if n % 4 == 0 else "" for n, day in enumerate(days)]
    top = max(max(values) for _name, values in lines)
    return Series(lines, marks, _top(top), [(name, values[-1]) for name, values in lines])


def alarms_by_age(actor: Actor, at: datetime) -> list[tuple[str, list[int]]]:
    """Open alarms by gravity: under an hour, a day, a week, and older."""
    found = {gravity: [0] * (len(AGES) + 1) for gravity in Gravity}
    for alarm in visible(Alarm.objects.filter(closed_at=None), actor, "alarms.view_alarm"):
        age = at - alarm.raised_at
        place = next((n for n, limit in enumerate(AGES) if age < limit), len(AGES))
        found[Gravity(alarm.gravity)][place] += 1
    return [(str(gravity.label), counts) for gravity, counts in found.items()]


def _top(value: float) -> float:
    """The end of the axis: the next even number of tens, or two where all is small."""
    return max(2.0, 10.0 * (int(value) // 10 + 1)) if value > 2 else 2.0
