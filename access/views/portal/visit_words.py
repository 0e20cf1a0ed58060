"""A booking as its people read it: state in words, things to do, approvals, the day."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import segno
from django.utils.formats import date_format
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from access.models import Booking, Visit
from access.rules.decision import Decision
from access.rules.states import BookingState, VisitState
from access.selectors.booking_check import own_remedy, own_words
from access.selectors.threat_stops import threat_level_over

VISIT_WORDS = {
    VisitState.ARRIVED: ("now", gettext_lazy("At the desk")),
    VisitState.IDENTIFIED: ("now", gettext_lazy("At the desk")),
    VisitState.DEPOSITED: ("now", gettext_lazy("At the desk")),
    VisitState.BADGED: ("ok", gettext_lazy("Checked in")),
    VisitState.INSIDE: ("ok", gettext_lazy("Inside")),
    VisitState.OUTSIDE: ("ok", gettext_lazy("Out for a moment")),
    VisitState.SEARCHED: ("warn", gettext_lazy("Out, items open")),
    VisitState.RETURNED: ("warn", gettext_lazy("Out, items open")),
    VisitState.COMPLETE: ("ok", gettext_lazy("Complete")),
    VisitState.RECALLED: ("stop", gettext_lazy("Please see the guard")),
    VisitState.SUSPENDED: ("stop", gettext_lazy("Please see the guard")),
    VisitState.TURNED_AWAY: ("stop", gettext_lazy("Turned away")),
    VisitState.CANCELLED: ("off", gettext_lazy("Cancelled")),
}
BOOKING_WORDS = {
    BookingState.REFUSED: ("stop", gettext_lazy("Refused")),
    BookingState.CANCELLED: ("off", gettext_lazy("Cancelled")),
    BookingState.EXPIRED: ("off", gettext_lazy("Expired")),
    BookingState.COMPLETED: ("ok", gettext_lazy("Complete")),
}


@dataclass(frozen=True)
class Said:
    """A state: shape and words of the status vocabulary."""

    shape: str
    words: str


def state_words(booking: Booking, visit: Visit | None, todo: int = 0) -> Said:
    """The state as the reader's own visit has it, else as the booking has it."""
    state = BookingState(booking.state)
    if state in BOOKING_WORDS:
        return _said(BOOKING_WORDS[state])
    if state is BookingState.REQUESTED:
        return Said("wait", _("Waiting for the facility"))
    if visit is not None and VisitState(visit.state) in VISIT_WORDS:
        return _said(VISIT_WORDS[VisitState(visit.state)])
    if todo:
        words = ngettext("Confirmed, %(n)d thing to do", "Confirmed, %(n)d things to do", todo) % {
            "n": todo
        }
        return Said("warn", words)
    return Said("ok", _("Confirmed"))


def _said(found: tuple[str, Any]) -> Said:
    return Said(found[0], str(found[1]))


def when_words(booking: Booking) -> dict[str, str]:
    """Day and hours in the facility's zone."""
    zone = ZoneInfo(booking.area.facility.time_zone)
    start, end = booking.starts_at.astimezone(zone), booking.ends_at.astimezone(zone)
    return {
        "day": date_format(start, "D j F"),
        "year": str(start.year),
        "from": start.strftime("%H:%M"),
        "to": end.strftime("%H:%M"),
        "zone": zone.key,
    }


def local_words(booking: Booking, moment: datetime) -> str:
    """A moment in the facility's zone, to the minute."""
    local = moment.astimezone(ZoneInfo(booking.area.facility.time_zone))
    return f"{date_format(local, 'j M')} {local:%H:%M}"


def todo_words(decision: Decision | None) -> list[dict[str, Any]]:
    """What stands open for the reader himself: objections first, then what is awaited."""
    if decision is None:
        return []
    found = [*decision.objections, *decision.pending]
    return [{"what": own_words(each), "mend": own_remedy(each), "shape": "warn"} for each in found]


def threat_words(visit: Visit) -> list[dict[str, Any]]:
    """What a raised threat level means for a visit of today; the level itself is the facility's."""
    if not threat_level_over(visit):
        return []
    return [
        {
            "what": _("At present you would not be let in."),
            "mend": _("Ask the facility officer before you set out; nothing is asked of you."),
            "shape": "warn",
        }
    ]


def approvals(booking: Booking) -> list[dict[str, Any]]:
    """Lab, facility, and this booking: who decided, and when where it is known."""
    engagement = booking.engagement
    lab = engagement.sponsor.organisation.name
    rows = [
        _approval(_("Lab"), bool(engagement.lab_approved_by_id), lab),
        _approval(
            _("Facility, for the engagement"),
            bool(engagement.facility_approved_by_id),
            booking.area.facility.name,
        ),
    ]
    zone = ZoneInfo(booking.area.facility.time_zone)
    decided = booking.decided_at
    state = BookingState(booking.state)
    if decided is not None and booking.decided_by is not None:
        refused = state is BookingState.REFUSED
        rows.append(
            {
                "shape": "stop" if refused else "ok",
                "what": _("Facility, for this booking"),
                "when": date_format(decided.astimezone(zone), "j M"),
                "who": booking.decided_by.name + (f": {booking.reason}" if refused else ""),
            }
        )
    elif state is BookingState.REQUESTED:
        until = booking.hold_until.astimezone(zone)
        rows.append(
            {
                "shape": "wait",
                "what": _("Facility, for this booking"),
                "when": "",
                "who": _("Decides by %(day)s, %(time)s. Nothing for you to do.")
                % {"day": date_format(until, "j F"), "time": until.strftime("%H:%M")},
            }
        )
    return rows


def on_the_day(booking: Booking, desk_from: datetime) -> list[dict[str, str]]:
    """The steps of the day, with the times that are known."""
    when = when_words(booking)
    zone = ZoneInfo(booking.area.facility.time_zone)
    return [
        {
            "what": _("Desk"),
            "when": _desk_words(desk_from.astimezone(zone), booking.starts_at.astimezone(zone)),
            "text": _("Open to you from then. Identity document, detector, declaration"),
        },
        {
            "what": _("Locker"),
            "when": "",
            "text": _("Phone, watch and all radios go in. You sign."),
        },
        {
            "what": _("Room"),
            "when": when["from"],
            "text": _("Badge and PIN at the door."),
        },
        {
            "what": _("Leaving"),
            "when": when["to"],
            "text": _("Search, then your things back. You may leave at any time."),
        },
    ]


def _desk_words(opens: datetime, start: datetime) -> str:
    """From when the desk receives a visitor, with the day where it is not that of the visit."""
    day = "" if opens.date() == start.date() else f"{date_format(opens, 'D j F')}, "
    return _("from %(time)s") % {"time": f"{day}{opens:%H:%M}"}


def qr_code(reference: str) -> SafeString:
    """A visit's reference as a drawing; it names the visit and opens nothing."""
    drawn = segno.make(reference, error="m", micro=False).svg_inline(
        border=2, dark="#15212b", light="#ffffff", omitsize=True
    )
    return mark_safe(drawn)  # noqa: S308  drawn by segno from a reference of our own alphabet


def team_words(
    names: list[tuple[UUID, str]], held_up: list[UUID], todo: list[UUID], own: UUID | None
) -> list[dict[str, str]]:
    """The team: a member's own page says why, nobody else's does."""
    rows = []
    for pk, name in names:
        text = ""
        if pk in held_up:
            text = _("Held up; they see why on their own page")
        elif pk in todo:
            text = _("Has something to do before the day, and sees what")
        if pk == own and text:
            text = _("You: see above")
        rows.append({"name": name, "shape": "warn" if text else "ok", "text": text})
    return rows


def _approval(what: str, given: bool, who: str) -> dict[str, Any]:
    return {"shape": "ok" if given else "wait", "what": what, "when": "", "who": who}
