"""May each room be used, what is next, who is inside: a line for each area."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from access.models import Presence
from access.selectors.lockdown import is_locked_down
from access.selectors.temporary import temporary_last_day
from hardware.models import DoorState
from inspections.models import Accreditation, Sweep
from inspections.rules.states import IN_FORCE, AccreditationState, SweepState
from scif.console.selectors.standing import standing_doors
from scif.facilities.models import Area, AreaKind
from scif.kernel.actor import Actor
from scif.people.access import visible

# The strip shows this many days; a letter that ends within them asks for its extension (R2).
STRIP_DAYS = 90
OPEN_SWEEP = (SweepState.DUE, SweepState.IN_PROGRESS, SweepState.FAILED)


@dataclass(frozen=True, slots=True)
class AreaRow:
    """An area on the dashboard. ``strip``: (first day, day after the last, state) from today."""

    area: Area
    shape: str
    word: str
    next: str
    act: str
    door: str
    door_shape: str
    inside: int
    strip: Sequence[tuple[float, float, str]]
    said: str


def area_rows(actor: Actor, at: datetime) -> list[AreaRow]:
    """The areas that work is done in: with a label, or bookable."""
    areas = visible(
        Area.objects.select_related("facility", "level"), actor, "facilities.view_area"
    ).order_by("facility__name", "name")
    return [_row(area, at) for area in areas if area.level_id or area.bookable]


def _row(area: Area, at: datetime) -> AreaRow:
    today = at.astimezone(ZoneInfo(area.facility.time_zone)).date()
    letter = Accreditation.objects.filter(area=area, state__in=IN_FORCE).first()
    sweep = Sweep.objects.filter(area=area).order_by("-due_since").first()
    shape, word, following, act = _fitness(area, letter, sweep, today)
    door_shape, door = _door(area)
    inside = Presence.objects.filter(zone__area=area).count()
    strip = _strip(area, letter, sweep, today)
    return AreaRow(area, shape, word, following, act, door, door_shape, inside, strip, _said(strip))


def _fitness(
    area: Area, letter: Accreditation | None, sweep: Sweep | None, today: date
) -> tuple[str, str, str, str]:
    """Shape, word, why and what next, and which page mends it: "letter", "sweep" or ""."""
    if is_locked_down(area):
        return "stop", _("Lockdown"), _("Nobody enters until the lockdown is lifted"), ""
    if area.level_id:
        if letter is None:
            return "stop", _("Unfit"), _("No accreditation in force"), "letter"
        if letter.expires_on is not None and letter.expires_on < today:
            words = _("Letter ended %(day)s") % {"day": _day(letter.expires_on)}
            return "stop", _("Unfit"), words, "letter"
    if over := _over(area, today):
        return "stop", _("Unfit"), over, ""
    if area.swept_after_use and (sweep is None or sweep.state != SweepState.PASSED):
        return "stop", _("Unfit"), _sweep_words(sweep), "sweep"
    if letter is not None and letter.state == AccreditationState.INTERIM:
        return "warn", _("Limited"), _("Interim letter %(l)s") % {"l": letter.letter}, "letter"
    if ends := _ends(area, today):
        return "ok", _("Fit"), ends, ""
    if letter is not None and letter.expires_on is not None:
        words = _("Letter ends %(day)s") % {"day": _day(letter.expires_on)}
        if letter.expires_on - today <= timedelta(days=STRIP_DAYS):
            return (
                "ok",
                _("Fit"),
                _("%(words)s: ask for its extension") % {"words": words},
                "letter",
            )
        return "ok", _("Fit"), words, ""
    return "ok", _("Fit"), _("Nothing is due"), ""


def _over(area: Area, today: date) -> str:
    """Why a temporary working area may not be used; empty where it may, or is none (R5)."""
    if area.kind != AreaKind.TSWA:
        return ""
    last = temporary_last_day(area)
    if last is None:
        return _("How long it may be used is not recorded")
    return _("Temporary use ended %(day)s") % {"day": _day(last)} if last < today else ""


def _ends(area: Area, today: date) -> str:
    """That the use of a temporary area ends soon; empty where it does not."""
    last = temporary_last_day(area) if area.kind == AreaKind.TSWA else None
    if last is None or last - today > timedelta(days=STRIP_DAYS):
        return ""
    return _("Temporary use ends %(day)s, and the room closes") % {"day": _day(last)}


def _sweep_words(sweep: Sweep | None) -> str:
    if sweep is None:
        return _("Never swept")
    words = {
        SweepState.DUE: _("Sweep due since %(day)s"),
        SweepState.IN_PROGRESS: _("Sweep in progress, due since %(day)s"),
        SweepState.FAILED: _("Sweep of %(day)s failed"),
    }[SweepState(sweep.state)]
    return words % {"day": _day(sweep.due_since.date())}


def _door(area: Area) -> tuple[str, str]:
    """The gravest state among the area's doors, with its code."""
    rank = {"forced": 4, "held": 3, "unknown": 2, "ajar": 1, "locked": 0}
    shapes = {"forced": "stop", "held": "warn", "unknown": "off", "ajar": "ok", "locked": "locked"}
    states = DoorState.objects.filter(portal__zone__area=area).select_related("portal")
    worst = max(states, key=lambda state: rank[state.status], default=None)
    if worst is None:
        return "off", _("No answer")
    stands = standing_doors(area.facility)
    code = next((state.portal.code for state in states if state.portal.code in stands), None)
    if code is not None and worst.status != "forced":
        return "warn", f"{code}: {stands[code]['words']}"
    return shapes[worst.status], f"{worst.portal.code}: {worst.get_status_display()}"


def _strip(
    area: Area, letter: Accreditation | None, sweep: Sweep | None, today: date
) -> list[tuple[float, float, str]]:
    if area.level_id and letter is None:
        return [(0, STRIP_DAYS, "closed")]
    found: list[tuple[float, float, str]] = []
    last_days = [] if letter is None or not area.level_id else [letter.expires_on]
    if area.kind == AreaKind.TSWA:
        last_days.append(temporary_last_day(area) or today - timedelta(days=1))
    left = [max(0, (last - today).days + 1) for last in last_days if last is not None]
    ends = min(left, default=STRIP_DAYS + 1)
    if letter is not None and letter.state == AccreditationState.INTERIM:
        found.append((0, min(ends, STRIP_DAYS), "limited"))
    if ends <= STRIP_DAYS:
        found.append((ends, STRIP_DAYS, "closed"))
    if area.swept_after_use and (sweep is None or sweep.state in OPEN_SWEEP):
        found.append((0, 1, "closed"))
    return found


def _said(strip: Sequence[tuple[float, float, str]]) -> str:
    """The strip in words, for who does not see it."""
    words = {"closed": _("closed"), "limited": _("limited")}
    parts = [
        _("%(state)s from day %(first)d to %(last)d")
        % {"state": words[state], "first": first, "last": last}
        for first, last, state in strip
    ]
    return "; ".join(parts) or _("fit for the next %(days)d days") % {"days": STRIP_DAYS}


def _day(value: date) -> str:
    return f"{value.day} {value:%b %Y}"
