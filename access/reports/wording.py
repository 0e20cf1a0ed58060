"""Words of the record: outcomes, reasons in the officer's wording, recorded details."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from access.reports.facts import ReadFact
from access.reports.times import Times
from access.rules.states import VisitAction, VisitState
from access.rules.wording import AWAITED_TEXTS, OBLIGATION_TEXTS, OPEN_ITEM_TEXTS
from access.rules.wording.base import gettext_noop
from access.rules.wording.remaining import REPORTED
from scif.reporting.kit.table import Status

STATES = {
    VisitState.EXPECTED: gettext_lazy("Expected"),
    VisitState.ARRIVED: gettext_lazy("Arrived"),
    VisitState.IDENTIFIED: gettext_lazy("Identified"),
    VisitState.DEPOSITED: gettext_lazy("Belongings deposited"),
    VisitState.BADGED: gettext_lazy("Checked in"),
    VisitState.INSIDE: gettext_lazy("Inside"),
    VisitState.OUTSIDE: gettext_lazy("Out, items open"),
    VisitState.SEARCHED: gettext_lazy("Out, items open"),
    VisitState.RETURNED: gettext_lazy("Out, sweep open"),
    VisitState.COMPLETE: gettext_lazy("Complete"),
    VisitState.RECALLED: gettext_lazy("Suspended, still inside"),
    VisitState.SUSPENDED: gettext_lazy("Suspended"),
    VisitState.TURNED_AWAY: gettext_lazy("Turned away"),
    VisitState.CANCELLED: gettext_lazy("Cancelled"),
}
STEPS = {
    VisitAction.ARRIVE: gettext_lazy("Arrived at the desk"),
    VisitAction.IDENTIFY: gettext_lazy("Identity checked"),
    VisitAction.DEPOSIT: gettext_lazy("Belongings deposited"),
    VisitAction.ISSUE_BADGE: gettext_lazy("Badge issued"),
    VisitAction.ENTER: gettext_lazy("Entered"),
    VisitAction.LEAVE: gettext_lazy("Left"),
    VisitAction.SEARCH: gettext_lazy("Exit search"),
    VisitAction.RETURN: gettext_lazy("Belongings and badge returned"),
    VisitAction.COMPLETE: gettext_lazy("Visit completed"),
    VisitAction.SUSPEND: gettext_lazy("Suspended"),
    VisitAction.RESUME: gettext_lazy("Suspension lifted"),
    VisitAction.TURN_AWAY: gettext_lazy("Turned away"),
    VisitAction.CANCEL: gettext_lazy("Cancelled"),
}


CONCERNS: Mapping[str, str] = {
    **REPORTED,
    "clearance_suspended": gettext_noop("Clearance suspended"),
    "clearance_revoked": gettext_noop("Clearance revoked"),
    "need_to_know_ended": gettext_noop("Need to know ended"),
}


def concern_word(concern: str) -> str:
    """What was wrong; what is no code says it itself."""
    known = CONCERNS.get(concern)
    return concern if known is None else _(known)


def state_word(state: str) -> str:
    """The word of a visit's state, as the status vocabulary has it."""
    known = {each.value: words for each, words in STATES.items()}
    return str(known.get(state, state.replace("_", " ").capitalize()))


def step_word(kind: str) -> str:
    """What a step was; a kind that is not in the vocabulary by its own name."""
    known = {action.value: words for action, words in STEPS.items()}
    return str(known.get(kind, kind.replace("_", " ").capitalize()))


def outcome(decision: ReadFact) -> Status:
    """A decision's outcome: shape and word. An exit has none: leaving is never refused."""
    if decision.direction == "out":
        return Status("ok", _("Left") if decision.opened_at else _("Way out"))
    return {
        "granted": Status("ok", _("Granted")),
        "refused": Status("stop", _("Refused")),
        "pending": Status("wait", _("Pending")),
    }.get(decision.outcome, Status("note", decision.outcome or _("Not told")))


def reasons(decision: ReadFact, times: Times) -> str:
    """Why, and what followed: objections in the officer's wording, obligations, the door."""
    words = [_objection(item) for item in decision.objections]
    awaited = AWAITED_TEXTS.get(decision.told.text("awaits")) if decision.told else None
    if awaited:
        words.append(_("The reader asked: “%(asked)s”.") % {"asked": _(awaited)})
    words += [_obligation(item) for item in decision.obligations]
    if decision.badge:
        words.append(_("Badge %(badge)s.") % {"badge": decision.badge})
    opened, relocked = times.clock(decision.opened_at), times.clock(decision.relocked_at)
    if decision.opened_at and decision.relocked_at:
        words.append(_("Opened %(opened)s, relocked %(relocked)s.") % _door(opened, relocked))
    elif decision.opened_at:
        words.append(_("Opened %(opened)s.") % _door(opened, relocked))
    elif decision.outcome == "granted":
        words.append(_("Not opened."))
    return " ".join(words)


def _door(opened: str, relocked: str) -> Mapping[str, str]:
    """The parameters of the door's sentences."""
    return {"opened": opened, "relocked": relocked}


def _objection(item: Any) -> str:
    if isinstance(item, Mapping):
        return _sentence(str(item.get("message") or item.get("code") or ""))
    return _sentence(str(item))


def _obligation(item: Any) -> str:
    code = str(item.get("code", "")) if isinstance(item, Mapping) else str(item)
    act = OBLIGATION_TEXTS.get(code) or OPEN_ITEM_TEXTS.get(code)
    return _sentence(_(act.title) if act else code.replace("_", " "))


def _sentence(text: str) -> str:
    text = text.strip()
    return text if text.endswith((".", "!", "?", "…")) or not text else f"{text}."


def details(recorded: Mapping[str, Any]) -> str:
    """What a step recorded, in words: a list of names and values."""
    parts = []
    for key, value in recorded.items():
        if value in ("", None, []):
            continue
        name = key.replace("_", " ")
        parts.append(f"{name}: {_value(value)}")
    return "; ".join(parts)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, Mapping):
        return details(value)
    if isinstance(value, Iterable) and not isinstance(value, str):
        return ", ".join(_value(item) for item in value)
    return str(value)
