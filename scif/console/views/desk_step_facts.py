"""What the present step of a visit shows beside the frame, and how far the visit has come."""

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from access.models import LockerAssignment, Signature, Visit
from access.rules.states import LockerState
from access.selectors import desk
from access.selectors.badges import locked_out_until
from access.selectors.desk_zone import areas_to_sweep, zones_to_count
from access.selectors.visit import visit_pin
from hardware.models import DeviceKind
from hardware.services.command import OPEN_STATES
from scif.console.forms.desk import USUAL
from scif.console.views.desk_words import clock, order_facts, steps_taken
from scif.facilities.models import Area

if TYPE_CHECKING:
    from scif.console.views.desk_frame import Context, DeskView

Signed = Mapping[str, Signature]


def step_facts(
    page: "DeskView", visit: Visit, step: str, locker: LockerAssignment | None, signed: Signed
) -> "Context":
    """What the present step shows beside the frame."""
    if step in {"locker", "belongings"} and locker is not None:
        return _locker(page, locker, step, signed)
    if step == "badge":
        return _badge(page, visit)
    if step == "over":
        return {"taken": steps_taken(visit)}
    if step == "let_in":
        portals = desk.portals_of(page.facility, page.actor)
        return {
            "portals": portals.filter(zone__area=visit.booking.area),
            "locked_until": locked_out_until(visit.person_id, page.facility),
            "first": _first(page, visit.booking.area),
        }
    return {}


def _first(page: "DeskView", area: Area) -> "list[Context]":
    """What the door would refuse though the visitor is ready, and where it is mended."""
    swept = _("Sweep first: nobody enters %(room)s until its sweep has passed.")
    counted = _("Count first: how many are in %(zone)s is uncertain.")
    return [
        *(
            {
                "words": swept % {"room": room.name},
                "url": page.to("shift"),
                "link": _("Sweeps that are due"),
            }
            for room in areas_to_sweep(area)
        ),
        *(
            {
                "words": counted % {"zone": zone.name},
                "url": page.to("zone", zone.code),
                "link": _("Count who is inside"),
            }
            for zone in zones_to_count(area)
        ),
    ]


def _badge(page: "DeskView", visit: Visit) -> "Context":
    order = desk.order_last(page.facility, "card_encode", visit=str(visit.pk))
    devices = desk.devices_of(page.facility, page.actor)
    reader = next((d for d in devices if d.kind == DeviceKind.DESK_READER), None)
    state = getattr(reader, "state", None)
    silent = state is not None and not state.online
    free = desk.badges_prepared if silent else desk.badges_blank
    return {
        "facts": order_facts(order, _("On the card"), None) if order else [],
        "badges": free(page.facility, page.actor),
        "reader": reader,
        "reader_silent": silent,
        # The printed number in the guard's hand stays chosen while its encoding is tried again.
        "asked": order.args.get("badge", "") if order else "",
    }


def _locker(page: "DeskView", locker: LockerAssignment, step: str, signed: Signed) -> "Context":
    items = list(locker.items.order_by("kind"))
    inside = [item for item in items if not item.stays_with_visitor]
    order = desk.order_last(page.facility, "locker_open", lock=locker.locker.lock)
    if order is not None and order.issued_at < locker.assigned_at:
        order = None
    waiting = order is not None and order.state in OPEN_STATES
    # Before it is opened for the return, the times of the deposit would mislead.
    before = step == "belongings" and locker.state != LockerState.EMPTYING
    facts = order_facts(None if before and not waiting else order, _("Opened"), None)
    if locker.opened_at and not waiting and not before:
        facts = [{"shape": "ok", "words": _("Opened"), "detail": clock(locker.opened_at)}]
        if step == "locker":
            count = _("%(count)d listed") % {"count": len(inside)}
            shape = "ok" if inside else "todo"
            facts.append({"shape": shape, "words": _("Loaded"), "detail": count})
    jammed = locker.state == LockerState.JAMMED
    empty = desk.never_opened(locker) or not inside
    shut = {"shape": "todo", "words": _("Confirmed shut"), "detail": _("not yet")}
    if jammed:
        shut = {"shape": "stop", "words": _("Jammed"), "detail": _("Clear the door")}
    elif locker.shut_confirmed_at and not before:
        detail = _("%(time)s, 2 reads") % {"time": clock(locker.shut_confirmed_at)}
        shut = {"shape": "ok", "words": _("Confirmed shut"), "detail": detail}
    ready = locker.shut_confirmed_at is not None and (
        locker.state == (LockerState.SHUT if step == "locker" else LockerState.EMPTYING)
    )
    listed = locker.state in {"assigned", "open", "loaded"}
    return {
        "facts": [*facts, shut],
        "beside": desk.lockers_beside(locker.locker),
        "items": items,
        "usual": [{"kind": kind, "next": field} for kind, field in USUAL],
        "inside": inside,
        "listing": step == "locker" and (listed or desk.never_opened(locker)),
        "adding": step == "locker" and listed,
        "waiting": waiting,
        "jammed": jammed,
        "given_up": jammed and empty,
        "empty": empty,
        "silent": _silent(locker),
        "awaited": _awaited(locker, inside),
        "guard_name": _guard_name(page),
        "opened": locker.state not in {LockerState.ASSIGNED, LockerState.JAMMED},
        "ready": ready,
        "signed": signed,
        "shown": {party: json.dumps(each.strokes) for party, each in signed.items()},
    }


def _silent(locker: LockerAssignment) -> str:
    """What it means here that the board of the lockers gives no answer; nothing while it does."""
    board = desk.board_of(locker.locker)
    state = getattr(board, "state", None)
    if board is None or state is None or state.online:
        return ""
    if locker.shut_confirmed_at is not None:
        return _(
            "The board %(board)s gives no answer: the locker was confirmed shut at %(time)s, and "
            "nothing is known since. Try its door by hand."
        ) % {"board": board.code, "time": clock(locker.shut_confirmed_at)}
    return _(
        "The board %(board)s gives no answer: no locker of it opens or is confirmed shut until it "
        "does. See to its cable, or call the facility officer."
    ) % {"board": board.code}


def _awaited(locker: LockerAssignment, inside: Sequence[object]) -> str:
    """What the deposit waits for once the locker is open."""
    if not inside:
        return _("List what goes in")
    if _silent(locker):
        return _("Waiting for the board of the lockers to answer")
    return _("Waiting for the locker to be shut")


def _guard_name(page: "DeskView") -> str:
    """The user's name as short as a pad is wide: E. Hughes."""
    words = str(getattr(page.request.user, "person", None) or page.request.user).split()
    return f"{words[0][0]}. {words[-1]}" if len(words) > 1 else words[0]


def how_far(visit: Visit, step: str, locker: LockerAssignment | None, signed: Signed) -> str:
    """How far a visit has come, as a word that changes with every act on it."""
    given = visit_pin(visit)
    parts = [
        step,
        visit.state,
        locker.state if locker else "",
        str(locker.items.count()) if locker else "",
        *sorted(signed),
        given.set_at.isoformat() if given else "",
    ]
    return " ".join(filter(None, parts))
