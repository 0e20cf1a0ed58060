"""Slots as the portal shows them: words, places in the grid, links."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from access.rules.objection import Objection
from access.selectors.booking_check import MENDED_BY_ESCORT, own_words
from access.selectors.slots import Day, SlotFinder, SlotKind, Span

TO = "\u2013"  # an en dash
QUARTER = timedelta(minutes=15)
# The places that static/css/slots.css names.
MOST_QUARTERS = 96
# A slot of fewer has room for its title and its hours alone.
TIGHT_QUARTERS = 6


# Kinds whose title says enough where there is no room for more.
SAID_BY_TITLE = frozenset({SlotKind.TAKEN, SlotKind.SOON})


@dataclass(frozen=True)
class Words:
    """Who reads, and in which zone.

    ``people`` are those whom he asks for, by name; ``officer``: he is one of the facility's.
    """

    zone: ZoneInfo
    asker: Any
    people: Mapping[UUID, str]
    finder: SlotFinder
    officer: bool = False

    @property
    def team(self) -> int:
        """How many he asks for."""
        return len(self.people)

    def reason(self, objection: Objection) -> str:
        """An objection in the words of who reads: an officer learns what the rule found."""
        if self.officer:
            return _(objection.wording.message).format_map(objection.params)
        return own_words(objection)

    def clock(self, moment: datetime) -> str:
        """Local hours and minutes."""
        return moment.astimezone(self.zone).strftime("%H:%M")

    def span(self, start: datetime, end: datetime) -> str:
        """From one local time to another."""
        return f"{self.clock(start)}{TO}{self.clock(end)}"

    def hours(self, span: Span) -> str:
        """The hours of a span; a whole day is called that."""
        if span.end - span.start >= timedelta(days=1):
            return _("All day")
        return self.span(span.start, span.end)

    def day(self, moment: datetime, form: str = "l j F") -> str:
        """Wednesday 9 December."""
        return date_format(moment.astimezone(self.zone), form)


def day_view(day: Day, words: Words, origin: int) -> dict[str, Any]:
    """A day of the grid: its name, a line under it, its slots."""
    slots = [_slot(span, words, origin) for span in day.spans]
    name = date_format(day.date, "D j")
    return {"name": name, "note": _note(day, words), "slots": slots}


def _note(day: Day, words: Words) -> str:
    kinds = {span.kind for span in day.spans}
    if day.closes is not None and day.closes <= words.finder.at:
        return _("Past")
    if day.closed:
        return _("Closed: %(name)s") % {"name": day.closed}
    if not day.spans:
        return _("Closed")
    if SlotKind.CHOSEN in kinds or day.free:
        count = len(day.free) + (SlotKind.CHOSEN in kinds)
        return ngettext("%(n)d slot free", "%(n)d slots free", count) % {"n": count}
    if SlotKind.PART in kinds:
        return _("Not all of you may")
    if SlotKind.CLOSED in kinds:
        return _("Not bookable")
    if kinds == {SlotKind.SOON}:
        return _("Too soon")
    return _("Nothing free")


def _slot(span: Span, words: Words, origin: int) -> dict[str, Any]:
    title, text, shape, tone = _said(span, words)
    if span.kind in SAID_BY_TITLE and span.end - span.start < TIGHT_QUARTERS * QUARTER:
        text = words.hours(span)
    begin = span.start.astimezone(words.zone)
    at = (begin.hour * 60 + begin.minute - origin * 60) // 15
    quarters = max(1, -(-(span.end - span.start) // QUARTER))
    at = min(max(at, 0), MOST_QUARTERS - 1)
    return {
        "kind": span.kind.value,
        "title": title,
        "text": text,
        "shape": shape,
        "tone": tone,
        "classes": f"at-{at} for-{min(quarters, MOST_QUARTERS - at)}"
        + (" short" if quarters <= 2 else ""),
        "start": span.start if span.kind is SlotKind.FREE else None,
    }


def _said(span: Span, words: Words) -> tuple[str, str, str, str]:
    """Title, text, shape and class of a span."""
    hours = words.hours(span)
    if span.kind is SlotKind.FREE:
        latest = words.clock(span.end - words.finder.length)
        text = _("%(hours)s, start by %(latest)s") % {"hours": hours, "latest": latest}
        return _("Free"), text, "ok", "free"
    if span.kind is SlotKind.CHOSEN:
        return _("Chosen"), f"{hours}. {everybody(words.team)}", "ok", "chosen"
    if span.kind is SlotKind.CHANGEOVER:
        return _("Changeover"), hours, "off", "no"
    if span.kind is SlotKind.SHORT:
        return _("Too short"), hours, "off", "no"
    if span.kind is SlotKind.TAKEN:
        text = _("%(hours)s, room changeover included") % {"hours": hours}
        return _("Taken"), text, "off", "no"
    if span.kind is SlotKind.SOON and span.end <= words.finder.at:
        return _("Past"), hours, "off", "no"
    if span.kind is SlotKind.SOON:
        first = words.finder.opens_first
        text = _("%(hours)s. First time open to you: %(day)s, %(time)s.") % {
            "hours": hours,
            "day": words.day(first, "l j"),
            "time": words.clock(first),
        }
        return _("Too soon"), text, "off", "no"
    if span.kind is SlotKind.PART:
        return _part(span, hours, words)
    reasons = span.check.shared if span.check else []
    said = " ".join(dict.fromkeys(words.reason(each) for each in reasons))
    return _("Not bookable"), f"{hours}. {said}", "off", "no"


def _part(span: Span, hours: str, words: Words) -> tuple[str, str, str, str]:
    """Who is held up is said only to himself and to officers; the others learn how many."""
    held = span.check.held_up if span.check else []
    own = words.asker in held
    others = len(held) - own
    said: list[str] = []
    if own and span.check:
        said += dict.fromkeys(own_words(each) for each in span.check.own(words.asker))
    if others and words.officer:
        said += [_held_up(span, pk, words) for pk in held if pk != words.asker]
    elif others:
        said.append(
            ngettext(
                "One team member may not enter then. They see why on their own page, or the "
                "facility's officer tells them.",
                "%(n)d team members may not enter then. They see why on their own page, or the "
                "facility's officer tells them.",
                others,
            )
            % {"n": others}
        )
    title = _("%(some)s of %(all)s") % {
        "some": number(words.team - len(held)).capitalize(),
        "all": number(words.team),
    }
    if words.team == 1:
        title = _("You may not")
    return title, f"{hours}. {' '.join(said)}", "warn", "part"


def _held_up(span: Span, person_id: UUID, words: Words) -> str:
    """To an officer: who may not enter, why, and whether an escort beside him would mend it."""
    found = span.check.own(person_id) if span.check else []
    why = " ".join(dict.fromkeys(words.reason(each) for each in found))
    told = {"name": words.people[person_id], "why": why}
    if all(each.code in MENDED_BY_ESCORT for each in found):
        return _("%(name)s enters under escort only: name one above. %(why)s") % told
    return _("%(name)s may not enter then: %(why)s") % told


def number(value: int) -> str:
    """A small number in words."""
    small = [
        _("none"),
        _("one"),
        _("two"),
        _("three"),
        _("four"),
        _("five"),
        _("six"),
        _("seven"),
        _("eight"),
        _("nine"),
    ]
    return small[value] if 0 <= value < len(small) else str(value)


def whole(team: int) -> str:
    """Both, or all four: for a team of two or more."""
    return _("both") if team == 2 else _("all %(team)s") % {"team": number(team)}


def everybody(team: int) -> str:
    """All four may enter."""
    if team == 1:
        return _("Whoever you chose may enter")
    if team == 2:
        return _("Both may enter")
    return _("All %(team)s may enter") % {"team": number(team)}
