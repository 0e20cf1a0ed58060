"""Nobody reads a code on a screen: whatever the code of the product can say has words.

The kinds of alarms and the reasons of drivers and gateways are read from the source, so that a new
one without words is found here and not by a guard.
"""

import ast
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from access.models import SignaturePurpose
from access.rules.entry import GROUND, RULES
from access.rules.facts import BasisKind
from access.rules.states import STEP_KINDS, VisitAction, VisitState
from access.rules.wording.remaining import CONCERNS, OVERDUE
from access.selectors.desk import FIGURES
from hardware.drivers.osdp_channel import Fall
from hardware.gateway import commands
from hardware.models import DoorStatus
from hardware.services import delivery, device, panel
from hardware.words import REASONS, VERBS, reason_words, verb_words
from scif.console.alarm_kinds import ALARM_KINDS, alarm_kind_words
from scif.console.met import MEANINGS
from scif.console.plan_facts import DEVICE_WORDS, DOOR_WORDS, PEOPLE_WORDS
from scif.console.selectors.hardware_plan import DRAWN
from scif.console.views.alarm_words import BY_KIND
from scif.console.views.desk_words import REASONS as TO_THE_GUARD
from scif.console.views.desk_words import STATES, TAKEN
from scif.journal.kinds import JOURNAL_KINDS, journal_kind_words
from terminals.models import AppealOutcome, Direction
from terminals.rules.heartbeat import KINDS as HEARTBEAT
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
AIRLOCK = (
    *("drafted", "taken", "filled", "sealed", "reopened", "withdrawn", "voided", "approved"),
    *("checked", "changes_asked", "rejected", "overdue", "released", "appealed", "appeal_voted"),
    *(f"appeal_{each}" for each in AppealOutcome.values),
)
# Where a kind of journal entry is put together: all that it can become. Those of reference data
# are words of the record's own model.
JOURNALED: dict[str, set[str]] = {
    "access/services/deposit.py": {f"{each}.signed" for each in SignaturePurpose.values},
    "access/services/rewiring_request.py": {
        f"rewiring.{each}" for each in ("requested", "confirmed", "withdrawn")
    },
    "access/services/visit.py": set(STEP_KINDS.values()),
    "access/services/standing.py": {
        f"standing_order.{each}" for each in ("requested", "confirmed", "withdrawn")
    }
    | {"standing_order.end_requested"},
    "hardware/gateway/desk.py": {
        f"card.{each}" for each in ("presented", "encoded", "erased", "failed")
    },
    "hardware/gateway/lockers.py": {f"locker.{each}" for each in ("opened", "shut", "jammed")},
    "hardware/gateway/standing.py": {
        f"door.{each}_{how}" for each in ("hold", "shunt") for how in ("began", "ended")
    },
    "scif/facilities/services/reference.py": set(),
    "terminals/services/airlock.py": {
        f"{way}.{each}" for way in Direction.values for each in AIRLOCK
    },
    "terminals/services/heartbeat.py": {f"terminal.{each}_seen" for each in HEARTBEAT},
    "terminals/services/lock.py": {f"terminal.lock_{each}" for each in ("delivered", "confirmed")},
}
TELLERS = frozenset(
    {"append", "Draft", "terminal_tell", "session_tell", "_tell", "_draft", "_keep"}
)
MADE_UP = re.compile(r"f'[a-z_{}.]*\.[a-z_{}.]*'")
KIND = re.compile(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*")
# What looks like a kind and is none: a permission or an advisory lock by its app, a file, a key.
NO_KIND = re.compile(
    r"(access|alarms|facilities|hardware|inspections|journal|people|reporting"
    r"|terminals)\..*|.*\.(bin|ed25519|hmac|master|pub|reserve|sqlite|expiry)|.*_"
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


def journaled_in(path: Path) -> set[str]:
    """The kinds of journal entries that a service or the gateway names."""
    found = {
        node.value
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and KIND.fullmatch(node.value)
        and not NO_KIND.fullmatch(node.value)
    }
    for call in calls(path):
        if called(call) in TELLERS:
            for part in [*call.args, *(each.value for each in call.keywords)]:
                if isinstance(part, ast.JoinedStr) and MADE_UP.fullmatch(ast.unparse(part)):
                    assert name_of(path) in JOURNALED, f"{name_of(path)}: {ast.unparse(part)}"
    return found | JOURNALED.get(name_of(path), set())


def test_every_kind_of_journal_entry_has_words_and_no_words_are_of_none() -> None:
    told = set().union(
        *(
            journaled_in(path)
            for path in files()
            if "services" in path.parts or path.is_relative_to(ROOT / "hardware" / "gateway")
        )
    )
    assert told == set(JOURNAL_KINDS)
    assert all("_" not in journal_kind_words(each) for each in told)
    assert journal_kind_words("area.changed") == "Area changed"


def test_every_check_of_the_door_has_words() -> None:
    assert all(" " in each and "_" not in each for each in MEANINGS.values())
    assert set(MEANINGS) >= {each.name for each in RULES} | {each.name for each in GROUND}


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


def test_everybody_on_the_plan_has_words() -> None:
    assert set(FIGURES) == set(BasisKind)
    assert {*FIGURES.values(), "escorted"} == set(PEOPLE_WORDS)


def test_every_state_of_devices_and_visits_has_words() -> None:
    assert set(DEVICE_WORDS) == {"online", "degraded", "off", "tamper"}
    assert set(STATES) == set(VisitState)
    assert set(TAKEN) == set(VisitAction)
