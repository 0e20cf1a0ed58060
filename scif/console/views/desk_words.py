"""The desk's words: of a visit's state, of reasons, of orders to devices."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from access.models import Visit
from access.rules.decision import Decision
from access.rules.objection import Objection
from access.rules.states import VisitAction, VisitState
from access.rules.wording.obligations import OBLIGATION_TEXTS, OPEN_ITEM_TEXTS
from hardware.models import Command, CommandState
from hardware.words import reason_words
from scif.kernel.clock import now

STATES: dict[VisitState, tuple[str, Any]] = {
    VisitState.EXPECTED: ("wait", gettext_lazy("Expected")),
    VisitState.ARRIVED: ("wait", gettext_lazy("Arrived, document next")),
    VisitState.IDENTIFIED: ("wait", gettext_lazy("Belongings next")),
    VisitState.DEPOSITED: ("wait", gettext_lazy("Badge next")),
    VisitState.BADGED: ("ok", gettext_lazy("Checked in")),
    VisitState.INSIDE: ("ok", gettext_lazy("Inside")),
    VisitState.OUTSIDE: ("warn", gettext_lazy("Out, items open")),
    VisitState.SEARCHED: ("warn", gettext_lazy("Searched, items open")),
    VisitState.RETURNED: ("ok", gettext_lazy("Everything returned")),
    VisitState.COMPLETE: ("ok", gettext_lazy("Complete")),
    VisitState.RECALLED: ("stop", gettext_lazy("Called out")),
    VisitState.SUSPENDED: ("stop", gettext_lazy("Suspended")),
    VisitState.TURNED_AWAY: ("stop", gettext_lazy("Turned away")),
    VisitState.CANCELLED: ("off", gettext_lazy("Cancelled")),
}

TAKEN: dict[str, Any] = {
    VisitAction.ARRIVE: gettext_lazy("Arrived at the desk"),
    VisitAction.IDENTIFY: gettext_lazy("Document checked"),
    VisitAction.DEPOSIT: gettext_lazy("Belongings deposited"),
    VisitAction.ISSUE_BADGE: gettext_lazy("Badge and PIN given"),
    VisitAction.ENTER: gettext_lazy("Went in"),
    VisitAction.LEAVE: gettext_lazy("Came out"),
    VisitAction.SEARCH: gettext_lazy("Searched"),
    VisitAction.RETURN: gettext_lazy("Belongings and badge returned"),
    VisitAction.COMPLETE: gettext_lazy("Visit ended"),
    VisitAction.SUSPEND: gettext_lazy("Suspended"),
    VisitAction.RESUME: gettext_lazy("Suspension lifted"),
    VisitAction.TURN_AWAY: gettext_lazy("Turned away"),
    VisitAction.CANCEL: gettext_lazy("Cancelled"),
}


def steps_taken(visit: Visit) -> list[dict[str, Any]]:
    """What was done in a visit, when and by whom."""
    return [
        {"at": row.at, "words": TAKEN.get(row.kind, row.kind), "by": row.by or _("the door")}
        for row in visit.steps.select_related("by")
    ]


def visit_chip(visit: Visit) -> dict[str, str]:
    """Shape and words of a visit's state."""
    shape, words = STATES[VisitState(visit.state)]
    return {"shape": shape, "words": str(words)}


def not_before(visit: Visit, early: timedelta) -> str:
    """Why the check-in of an expected visit may not begin yet; empty once it may.

    ``early`` is how long before its start the policy lets a visit check in.
    """
    start = timezone.localtime(visit.booking.starts_at)
    opens = start - early
    if visit.state != VisitState.EXPECTED or now() >= opens:
        return ""
    words = {"start": f"{start:%a} {start.day} {start:%b %H:%M}", "opens": f"{opens:%H:%M}"}
    if start.date() != timezone.localdate(now()):
        return _("Not today: %(start)s") % words
    return _("Too early: check-in from %(opens)s") % words


def arrival_chip(visit: Visit, early: timedelta, level: str = "") -> dict[str, str]:
    """Shape and words of a visitor on the list; ``level`` is the threat level that stops him."""
    if level:
        words = _("Not admitted: threat level %(level)s") % {"level": level}
        return {"shape": "stop", "words": words}
    untimely = not_before(visit, early)
    return {"shape": "off", "words": untimely} if untimely else visit_chip(visit)


def clock(moment: datetime | None) -> str:
    """A time of day at the facility."""
    if moment is None:
        return ""
    return f"{moment.astimezone(timezone.get_current_timezone()):%H:%M:%S}"


def decision_reasons(decision: Decision, *, officer: bool) -> list[dict[str, str]]:
    """Every reason that still stands against the entry, then what must be done beside it."""
    standing = (*decision.objections, *decision.pending)
    if officer:
        found = [{"what": each.message, "mend": each.remedy} for each in standing]
    else:
        found = _acts(standing)
    return found + [
        {"shape": "warn", "what": _(OBLIGATION_TEXTS[code].guard), "mend": ""}
        for code in decision.obligations
    ]


def _acts(objections: Sequence[Objection]) -> list[dict[str, str]]:
    """What the guard does, each act once, and who can mend what stands behind it.

    INVARIANT: the guard reads the act alone; what only an officer may know stays his.
    """
    menders: dict[str, list[str]] = {}
    for each in objections:
        act = _(each.wording.guard).format_map(each.params)
        who = _(each.who)
        if who not in menders.setdefault(act, []):
            menders[act].append(who)
    return [
        {"what": act, "mend": _("Can mend it: %(who)s") % {"who": ", ".join(who)}}
        for act, who in menders.items()
    ]


def concern_words(code: str) -> dict[str, str]:
    """What is wrong with who is inside a zone, as the guard's act."""
    act = OPEN_ITEM_TEXTS.get(code)
    return {"shape": "stop", "what": _(act.guard) if act else code, "mend": ""}


REASONS: dict[str, Any] = {
    "zone_version": gettext_lazy("The count has changed meanwhile: look again"),
    "not_inside": gettext_lazy("The zone does not count this person"),
    "no_card": gettext_lazy("No badge lies on the desk reader: lay it there and press again"),
    "card_in_use": gettext_lazy(
        "This card is a badge already, maybe of whoever stands beside: lay the right one there"
    ),
    "card_changed": gettext_lazy("Another badge lies there now: look which, and press again"),
    "card_lost": gettext_lazy("The badge was taken off too soon: lay it there and press again"),
    "card_refused": gettext_lazy("This badge takes nothing any more: take another"),
    "foreign_card": gettext_lazy("Not a badge of this facility: take one of the drawer"),
    "unsupported_card": gettext_lazy("Not the kind of badge in use here: take one of the drawer"),
    "not_encoded": gettext_lazy("The badge is not encoded: press again, or take another"),
    "read_failed": gettext_lazy("The badge could not be read: lay it flat and press again"),
    "verify_failed": gettext_lazy("What was written could not be read back: take another badge"),
    "no_bus": gettext_lazy("The device answers nobody: call the facility officer"),
    "expired": gettext_lazy("It came too late and was not done: press again"),
}


def order_facts(
    command: Command | None, done: str, done_at: datetime | None
) -> list[dict[str, Any]]:
    """Requested, sent, confirmed: three looks. The last is what the device itself reported."""
    if command is None:
        return [
            {"shape": "todo", "words": _("Requested"), "detail": _("not yet")},
            {"shape": "todo", "words": _("Sent"), "detail": _("not yet")},
            {"shape": "todo", "words": done, "detail": _("not yet")},
        ]
    sent = command.state != CommandState.REQUESTED
    facts = [
        {"shape": "ok", "words": _("Requested"), "detail": clock(command.issued_at)},
        {
            "shape": "ok" if sent else "wait",
            "words": _("Sent"),
            "detail": _("to %(target)s") % {"target": command.target} if sent else _("waiting"),
        },
    ]
    match command.state:
        case CommandState.CONFIRMED:
            last = {"shape": "ok", "words": done, "detail": clock(done_at) or _("by the device")}
        case CommandState.REQUESTED | CommandState.SENT:
            last = {"shape": "wait", "words": done, "detail": _("waiting for the device")}
        case CommandState.UNCONFIRMED:
            waited = command.result.get("waited_seconds")
            last = {
                "shape": "warn",
                "words": _("Unconfirmed after %(seconds)s s") % {"seconds": waited}
                if waited is not None
                else command.get_state_display(),
                "detail": _("Nobody knows whether it was carried out; look there"),
            }
        case _:
            last = {
                "shape": "warn",
                "words": command.get_state_display(),
                "detail": REASONS.get(command.reason)
                or (reason_words(command.reason) if command.reason else _("Not done: press again")),
            }
    return [*facts, last]


def moment_of(text: str) -> datetime | None:
    """The moment that a page was given and gives back; None for anything else."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if timezone.is_aware(moment) else None
