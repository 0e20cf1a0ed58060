"""Nobody reads a code on a screen: whatever the code of the product can say has words.

The kinds of alarms and the reasons of drivers and gateways are read from the source, so that a new
one without words is found here and not by a guard.
"""

import ast
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from access.rules.states import VisitAction, VisitState
from access.rules.wording.remaining import CONCERNS, OVERDUE
from hardware.drivers.osdp_channel import Fall
from hardware.gateway import commands
from hardware.models import DoorStatus
from hardware.services import delivery, device, panel
from hardware.words import REASONS, VERBS, reason_words, verb_words
from scif.console.alarm_kinds import ALARM_KINDS, alarm_kind_words
from scif.console.plan_facts import DEVICE_WORDS, DOOR_WORDS
from scif.console.selectors.hardware_plan import DRAWN
from scif.console.views.alarm_words import BY_KIND
from scif.console.views.desk_words import REASONS as TO_THE_GUARD
from scif.console.views.desk_words import STATES, TAKEN
from tests.architecture.sources import ROOT, files, name_of, tree

# Where a kind of alarm is put together as the program runs: all that it can become.
COMPUTED: dict[str, set[str]] = {
    "access/services/custody.py": {"locker_jammed", "locker_unordered"},
    "access/services/zone_watch.py": {*CONCERNS, *(f"{each}_overdue" for each in OVERDUE)},
    "hardware/services/delivery.py": {
        *(delivery.SILENT, delivery.UNDELIVERED, delivery.CLOCK, delivery.JOURNAL)
    },
    "hardware/services/device.py": {
        each.replace(".", "_") for each in (*device.DEVICE_ALARMS, *device.DOOR_ALARMS)
    },
    "hardware/services/inbox.py": {"edge_key_missing"},
    "hardware/services/panel.py": {f"ids_{each}" for each in panel.ALARMS},
}
# What gives a reason to an order or to a silence, in drivers and gateway.
GIVERS = frozenset(
    {"_lose", "_fail", "_tell_failed", "_answer", "_answer_all", "_all_offline", "_Refused"}
    | {"CardError", "ReaderError", "_silence", "_offline"}
)
DECIDING = ("gateway.py", "standing.py", "zone_orders.py", "doors.py")


def calls(path: Path) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree(path)) if isinstance(node, ast.Call))


def called(call: ast.Call) -> str:
    return str(getattr(call.func, "attr", getattr(call.func, "id", "")))


def kinds_in(path: Path) -> set[str]:
    """The kinds that a file's calls of ``alarm_raise`` name."""
    module: Any = None
    found: set[str] = set()
    for call in calls(path):
        if called(call) != "alarm_raise":
            continue
        kind = next(each.value for each in call.keywords if each.arg == "kind")
        for part in [kind.body, kind.orelse] if isinstance(kind, ast.IfExp) else [kind]:
            if isinstance(part, ast.Constant):
                found.add(str(part.value))
                continue
            module = module or import_module(name_of(path)[:-3].replace("/", "."))
            known = getattr(module, getattr(part, "id", ""), None)
            if isinstance(known, str):
                found.add(known)
            else:
                assert name_of(path) in COMPUTED, f"{name_of(path)}: {ast.unparse(part)}"
    return found | COMPUTED.get(name_of(path), set())


def reasons_in(path: Path) -> set[str]:
    """The codes that a file of the drivers or of the gateway gives as reasons."""
    found = {
        each.value
        for call in calls(path)
        if called(call) in GIVERS
        for each in call.args
        if isinstance(each, ast.Constant) and isinstance(each.value, str)
    }
    if path.name in DECIDING:
        for node in ast.walk(tree(path)):
            if not isinstance(node, ast.FunctionDef) or node.returns is None:
                continue
            if ast.unparse(node.returns) == "str | None":
                found |= {
                    each.value.value
                    for each in ast.walk(node)
                    if isinstance(each, ast.Return)
                    and isinstance(each.value, ast.Constant)
                    and isinstance(each.value.value, str)
                }
    return found


def test_every_kind_of_alarm_has_words_and_no_words_are_of_none() -> None:
    raised = set().union(*(kinds_in(path) for path in files()))
    assert raised == set(ALARM_KINDS)
    assert set(BY_KIND) <= raised
    assert all("_" not in alarm_kind_words(each) for each in raised)


def test_every_reason_of_drivers_and_gateway_has_words() -> None:
    places = (ROOT / "hardware" / "drivers", ROOT / "hardware" / "gateway")
    found = set().union(
        *(reasons_in(path) for path in files() if any(place in path.parents for place in places))
    )
    assert {
        "silent",
        "no_reply",
        "not_sent",
        "signature",
        "no_such_zone",
        "card_lost",
        "two_people",
    } <= found
    without = {each for each in {*found, *Fall} if each.partition(":")[0] not in REASONS}
    assert not without
    assert set(TO_THE_GUARD) <= set(REASONS)
    assert reason_words("malformed: KeyError('id')") == reason_words("malformed")


def test_every_order_has_words() -> None:
    assert set(VERBS) == set(commands.VERBS)
    assert all("_" not in verb_words(each) for each in commands.VERBS)


@pytest.mark.parametrize("status", DoorStatus.values)
def test_every_state_of_a_door_is_drawn_under_a_word(status: str) -> None:
    assert DRAWN.get(status, status) in DOOR_WORDS


def test_every_state_of_devices_and_visits_has_words() -> None:
    assert set(DEVICE_WORDS) == {"online", "degraded", "off", "tamper"}
    assert set(STATES) == set(VisitState)
    assert set(TAKEN) == set(VisitAction)
