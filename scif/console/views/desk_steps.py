"""A visit's rail of steps at the desk, in and out, and which of them is the present one."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from access.models import BadgeAssignment, LockerAssignment, Signature, Visit, VisitStep
from access.rules.states import LockerState, VisitState
from access.selectors.visit import visit_pin
from scif.console.forms.desk import DOCUMENTS
from scif.console.views.desk_words import clock

ON_THE_WAY_OUT = frozenset(
    {
        VisitState.INSIDE,
        VisitState.RECALLED,
        VisitState.OUTSIDE,
        VisitState.SUSPENDED,
        VisitState.SEARCHED,
        VisitState.RETURNED,
        VisitState.COMPLETE,
        VisitState.TURNED_AWAY,
        VisitState.CANCELLED,
    }
)

# Where somebody stands who leaves without having entered.
NEVER_IN = frozenset(
    {VisitState.BADGED, VisitState.SEARCHED, VisitState.RETURNED, VisitState.COMPLETE}
)


def step_of(
    visit: Visit,
    locker: LockerAssignment | None,
    badge: BadgeAssignment | None,
    signed: Mapping[str, Signature],
) -> str:
    """The step that a visit is at."""
    state = VisitState(visit.state)
    # Opened again at the desk: shut state and signatures are to be had anew, before all else.
    reopened = locker is not None and (locker.state != LockerState.SHUT or len(signed) < 2)
    match state:
        case VisitState.EXPECTED:
            return "visit"
        case VisitState.ARRIVED:
            return "document"
        case VisitState.IDENTIFIED:
            return "declaration" if locker is None else "locker"
        case VisitState.DEPOSITED if reopened:
            return "locker"
        case VisitState.DEPOSITED:
            return "badge" if badge is None else "pin"
        case VisitState.BADGED if reopened:
            return "locker"
        # Lost: another one is encoded, whether he has been through the door or not.
        case VisitState.BADGED | VisitState.INSIDE if badge is None:
            return "badge"
        case VisitState.BADGED:
            return "let_in"
        case VisitState.INSIDE | VisitState.RECALLED:
            return "inside"
        case VisitState.OUTSIDE | VisitState.SUSPENDED:
            return "search"
        case VisitState.SEARCHED | VisitState.TURNED_AWAY if locker is not None:
            return "belongings"
        case VisitState.SEARCHED | VisitState.TURNED_AWAY if badge is not None:
            return "badge_back"
        case VisitState.SEARCHED | VisitState.RETURNED:
            return "end"
        case _:
            return "over"


def rail_of(
    visit: Visit, step: str, locker: LockerAssignment | None, badge: str, *, out: bool
) -> list[Any]:
    """The steps in, or on the way ``out``, with their outcome in words."""
    taken = {row.kind: row for row in visit.steps.all()}
    names = _way_out(taken, visit) if out else _way_in(visit, taken, locker, badge)
    return _states(names, step)


def _way_in(
    visit: Visit, taken: Mapping[str, VisitStep], locker: LockerAssignment | None, badge: str
) -> list[tuple[str, str, str]]:
    document, given = taken.get("identify"), visit_pin(visit)
    deposit = taken.get("deposit")
    shown = dict(DOCUMENTS).get(document.details.get("document", "")) if document else ""
    declared = ""
    if locker is not None:
        declared = _("Locker %(number)s") % {"number": locker.locker.number}
    elif deposit is not None:
        declared = _("Nothing to deposit")
    count = deposit.details.get("items") if deposit else None
    return [
        ("visit", _("Visit"), _time(taken.get("arrive"))),
        ("document", _("Document"), _("%(kind)s matches") % {"kind": shown} if shown else ""),
        ("declaration", _("Declaration"), declared),
        (
            "locker",
            _("Locker"),
            ""
            if deposit is None
            else _("%(count)d deposited, signed") % {"count": count}
            if count is not None
            else _("Not needed"),
        ),
        ("badge", _("Badge"), badge),
        ("pin", _("PIN"), clock(given.set_at) if given else ""),
        ("let_in", _("Let in"), ""),
    ]


def _way_out(taken: Mapping[str, VisitStep], visit: Visit) -> list[tuple[str, str, str]]:
    search = taken.get("search")
    away = taken.get("turn_away")
    found = search.details.get("items", []) if search else []
    first = (
        ("inside", _("Turned away"), _time(away))
        if away
        else ("inside", _("Did not enter"), "")
        if VisitState(visit.state) in NEVER_IN and "enter" not in taken
        else ("inside", _("Out of the door"), _time(taken.get("leave")))
    )
    searched = ""
    if search is not None:
        searched = _("%(count)d found") % {"count": len(found)} if found else _("Clear")
    ended = _time(taken.get("complete"))
    return [
        first,
        ("search", _("Exit search"), searched or (_("Not needed") if away else "")),
        ("belongings", _("Belongings"), ""),
        ("badge_back", _("Badge back"), ""),
        ("end", _("End"), ended),
    ]


def _states(names: Sequence[tuple[str, str, str]], step: str) -> list[dict[str, str]]:
    keys = [key for key, _label, _outcome in names]
    at = keys.index(step) if step in keys else len(keys)
    rail = []
    for number, (_key, label, outcome) in enumerate(names):
        state = "ok" if number < at else "now" if number == at else "todo"
        rail.append(
            {
                "label": label,
                "state": state,
                "outcome": (outcome or _("Done")) if state == "ok" else "",
                "url": "",
            }
        )
    return rail


def _time(row: VisitStep | None) -> str:
    return clock(row.at) if row else ""
