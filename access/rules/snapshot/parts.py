"""Small parts of records: dates, moments, windows, labels."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time
from typing import Any

from access.rules.facts import Window
from access.rules.labels import Caveat, Label

Payload = Mapping[str, Any]
Hours = Mapping[int, tuple[time, time]]
# Weekdays as opening hours name them, Monday first.
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def moment_text(moment: datetime) -> str:
    """A moment as text, in UTC."""
    return moment.astimezone(UTC).isoformat()


def moment_from(text: str) -> datetime:
    """A moment; one without an offset is refused, for nobody knows what it means."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a moment without an offset")
    return moment


def day_text(day: date | None) -> str | None:
    """A day as text."""
    return None if day is None else day.isoformat()


def day_from(text: str | None) -> date | None:
    """A day, or None."""
    return None if text is None else date.fromisoformat(text)


def window_payload(window: Window) -> dict[str, str]:
    """A window as ``{"start": …, "end": …}``."""
    return {"start": moment_text(window.start), "end": moment_text(window.end)}


def window_from(payload: Payload) -> Window:
    """A window."""
    return Window(moment_from(payload["start"]), moment_from(payload["end"]))


def label_payload(label: Label | None) -> dict[str, Any] | None:
    """A label with its caveats written out, so that a door needs no other record for it."""
    if label is None:
        return None
    return {
        "scheme": label.scheme,
        "rank": label.rank,
        "level": label.level,
        "compartments": sorted(label.compartments),
        "caveats": [
            {"code": each.code, "countries": sorted(each.countries), "every": each.every}
            for each in sorted(label.caveats, key=lambda each: each.code)
        ],
    }


def label_from(payload: Payload | None) -> Label | None:
    """A label, or None."""
    if payload is None:
        return None
    return Label(
        payload["scheme"],
        payload["rank"],
        frozenset(payload["compartments"]),
        frozenset(caveats_from(payload["caveats"])) if payload["caveats"] else frozenset(),
        payload["level"],
    )


def caveats_from(payloads: Iterable[Payload]) -> Iterable[Caveat]:
    """Caveats; the stricter reading holds unless the record says plainly otherwise."""
    for each in payloads:
        strict = each["every"] is not False
        yield Caveat(each["code"], frozenset(each["countries"]), strict)


def hours_payload(hours: Hours | None) -> dict[str, list[str]] | None:
    """Hours as ``{"mon": ["08:00", "18:00"], …}``, or None."""
    if hours is None:
        return None
    return {
        WEEKDAYS[day]: [first.isoformat("minutes"), last.isoformat("minutes")]
        for day, (first, last) in sorted(hours.items())
    }


def hours_from(payload: Payload | None) -> dict[int, tuple[time, time]] | None:
    """Hours by number of the weekday, or None."""
    if payload is None:
        return None
    return {
        WEEKDAYS.index(day): (time.fromisoformat(first), time.fromisoformat(last))
        for day, (first, last) in payload.items()
    }
