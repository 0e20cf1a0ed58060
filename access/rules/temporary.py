"""Months of the calendar, by which the use of a temporary working area is counted (R5)."""

from calendar import monthrange
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

Month = tuple[int, int]  # year and month


def hours_by_month(start: datetime, end: datetime, time_zone: str) -> dict[Month, timedelta]:
    """How long a span lasts in each month that it touches, on the calendar of a time zone."""
    zone = ZoneInfo(time_zone)
    # In UTC, so that an hour that the clock skips or repeats is counted as it passes.
    start, end = start.astimezone(UTC), end.astimezone(UTC)
    found: dict[Month, timedelta] = {}
    while start < end:
        local = start.astimezone(zone)
        turn = datetime(*_next(local.year, local.month), 1, tzinfo=zone).astimezone(UTC)
        until = min(end, turn)
        found[local.year, local.month] = until - start
        start = until
    return found


def months_after(day: date, months: int) -> date:
    """The same day so many months later; the last one of a month that is too short."""
    years, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(years, month + 1, min(day.day, monthrange(years, month + 1)[1]))


def _next(year: int, month: int) -> Month:
    return (year + 1, 1) if month == 12 else (year, month + 1)
