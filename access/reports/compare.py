"""Where the tables say something else than the journal, line by line."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from access.reports.facts import Fact, Facts
from access.reports.times import DASH, Times
from access.reports.told import Named
from access.reports.wording import details

SECTIONS: Mapping[str, str | Promise] = {
    "visit": gettext_lazy("Visit"),
    "booking": gettext_lazy("Booking"),
    "mandate": gettext_lazy("Mandate"),
    "steps": gettext_lazy("Step"),
    "items": gettext_lazy("Custody"),
    "lockers": gettext_lazy("Locker"),
    "signatures": gettext_lazy("Signature"),
    "reads": gettext_lazy("Read"),
    "passages": gettext_lazy("Presence"),
    "sweeps": gettext_lazy("Sweep"),
}
_ALONE = frozenset({"visit", "booking", "mandate"})
# What a line is called, beside its section: the first of these that it has.
_CALLED = ("kind", "item", "purpose", "door", "direction", "reference", "locker", "area")
_NAMES: Mapping[str, str | Promise] = {
    "asset": gettext_lazy("material"),
    "at": gettext_lazy("time"),
    "by": gettext_lazy("recorded by"),
    "digest": gettext_lazy("strokes, SHA-256"),
    "items": gettext_lazy("found"),
    "stays": gettext_lazy("stays with visitor"),
}
_LONGEST = 160
_HEX = re.compile(r"[0-9a-f]{64}")


class Difference(NamedTuple):
    """A line that differs: which, what the journal says and at which position, and the tables."""

    what: str
    journal: str
    records: str
    position: int | None


def differences(journal: Facts, tables: Facts, times: Times) -> list[Difference]:
    """Every line and field that the tables tell otherwise, the journal's order within a section.

    A field whose text was erased is not compared: the journal does not say it any more.
    """
    found: list[Difference] = []
    for section, label in SECTIONS.items():
        said, kept = getattr(journal, section), getattr(tables, section)
        if section in _ALONE:
            said, kept = {section: said}, {section: kept}
        found += _section(str(label), said, kept, times)
    return found


def _section(
    label: str, said: Mapping[Any, Fact], kept: Mapping[Any, Fact], times: Times
) -> Iterator[Difference]:
    for mine, theirs in _pairs(said, kept):
        fact = mine or theirs
        if fact is None:
            continue
        what = f"{label}, {_called(fact)}"
        position = mine.told.position if mine and mine.told else None
        if mine is None or theirs is None:
            words = _line(fact, times)
            if mine is None:
                yield Difference(what, _("No entry tells this line"), words, None)
            else:
                yield Difference(what, words, _("The line is missing"), position)
            continue
        for name in _differing(mine, theirs):
            said_so, kept_so = (_text(getattr(each, name), times) for each in (mine, theirs))
            if said_so == kept_so:
                said_so, kept_so = (_exact(getattr(each, name)) for each in (mine, theirs))
            yield Difference(f"{what}: {_name(name)}", said_so, kept_so, position)


def _pairs(
    said: Mapping[Any, Fact], kept: Mapping[Any, Fact]
) -> list[tuple[Fact | None, Fact | None]]:
    """Lines by their keys; one whose key was erased with its text by its time."""
    pairs: list[tuple[Fact | None, Fact | None]] = []
    alone = {key: fact for key, fact in kept.items() if key not in said}
    for key, mine in said.items():
        theirs = kept.get(key)
        if theirs is None and mine.gone:
            at = getattr(mine, "at", None)
            same = next((k for k, fact in alone.items() if getattr(fact, "at", 0) == at), None)
            theirs = alone.pop(same) if same is not None else None
            if theirs is None:
                continue
        pairs.append((mine, theirs))
    return [*pairs, *((None, fact) for fact in alone.values())]


def _differing(mine: Fact, theirs: Fact) -> list[str]:
    names = [each.name for each in fields(mine) if each.compare]
    return [
        name
        for name in names
        if getattr(mine, name) != getattr(theirs, name)
        and not (mine.gone and not _said(getattr(mine, name)))
    ]


def _said(value: Any) -> bool:
    return bool(value) and not (isinstance(value, str) and value.startswith("erased-"))


def _called(fact: Fact) -> str:
    for name in _CALLED:
        value = getattr(fact, name, None)
        if value:
            return value.name if isinstance(value, Named) else str(value).replace("_", " ")
    return _("text erased")


def _name(name: str) -> str:
    return str(_NAMES.get(name) or name.removesuffix("_at").replace("_", " "))


def _line(fact: Fact, times: Times) -> str:
    """A whole line in words."""
    parts = [
        f"{_name(each.name)}: {_text(getattr(fact, each.name), times)}"
        for each in fields(fact)
        if each.compare and getattr(fact, each.name)
    ]
    return _short("; ".join(parts))


def _text(value: Any, times: Times) -> str:
    if isinstance(value, Named):
        return _short(value.name or value.key)
    if isinstance(value, datetime):
        return times.clock(value)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, Mapping):
        return _short(details(value)) or DASH
    if isinstance(value, Sequence) and not isinstance(value, str):
        return _short("; ".join(_items(value))) or DASH
    return _short(str(value)) if value else DASH


def _exact(value: Any) -> str:
    """Values that look alike in words: another microsecond, another person of the same name."""
    if isinstance(value, Named):
        return f"{value.name} ({value.key})"
    return value.isoformat() if isinstance(value, datetime) else _short(repr(value))


def _items(values: Iterable[Any]) -> Iterator[str]:
    for value in values:
        if isinstance(value, Mapping):
            yield str(value.get("message") or details(value))
        else:
            yield str(value)


def _short(text: str) -> str:
    if _HEX.fullmatch(text):
        return f"{text[:16]}…"
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
