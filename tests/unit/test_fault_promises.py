"""What the fault modules ask after a fault is awake: each broken promise is counted."""

from dataclasses import replace
from pathlib import Path

import pytest

from hardware.gateway.edge_journal import EdgeEntry
from tests.faults.site import held
from tests.gateway_rig import Rig


@pytest.fixture
def entries(tmp_path: Path) -> list[EdgeEntry]:
    """Somebody badges in, and somebody else is let in by order: two pulses."""
    rig = Rig(tmp_path).start()
    rig.admit("ann")
    person = rig.admit("bob")
    rig.walk_in("ann")
    rig.order("unlock", "D1", {"person_id": person})
    found = rig.entries()
    assert len(rig.bus.pulses) == 2
    rig.crash()
    return found


def missed(rows: list[dict[str, object]]) -> set[str]:
    return {str(each["name"])[:2] for each in rows if not each["ok"]}


def kind(entries: list[EdgeEntry], name: str) -> int:
    return next(at for at, each in enumerate(entries) if each.kind == name)


def test_what_was_done_rightly_misses_nothing(entries: list[EdgeEntry]) -> None:
    assert missed(held("x", entries, 2, before=entries, locked=True)) == set()


def test_an_entry_altered_or_taken_out_breaks_the_chain(entries: list[EdgeEntry]) -> None:
    middle = len(entries) // 2
    altered = [*entries[:middle], replace(entries[middle], body="{}"), *entries[middle + 1 :]]
    for wrong in (altered, [*entries[:middle], *entries[middle + 1 :]], entries[1:]):
        assert not held("x", wrong, 2)[0]["ok"]


def test_an_entry_lost_from_the_end_was_seen_before(entries: list[EdgeEntry]) -> None:
    assert missed(held("x", entries[:-1], 2, before=entries)) == {"A1"}
    assert missed(held("x", entries[:-1], 2)) == set()


def test_a_pulse_too_many_has_no_owner(entries: list[EdgeEntry]) -> None:
    assert missed(held("x", entries, 3)) == {"A2"}


@pytest.mark.parametrize("gone", ["door.read", "command.received"])
def test_an_intent_needs_its_read_and_its_order(entries: list[EdgeEntry], gone: str) -> None:
    at = kind(entries, gone)
    assert "A2" in missed(held("x", [*entries[:at], *entries[at + 1 :]], 2))


def test_a_read_opens_once(entries: list[EdgeEntry]) -> None:
    again = entries[kind(entries, "door.command")]
    assert "A2" in missed(held("x", [*entries, again], 3))


def test_a_door_that_stands_open_is_told(entries: list[EdgeEntry]) -> None:
    assert missed(held("x", entries, 2, locked=False)) == {"A3"}
