"""The simulators on their own: doors without a panel, and what the control socket refuses."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hardware.osdp_rig import card_make, reader, world
from tests.hardware.rig import Sim, simulators


@pytest.fixture
def sim(tmp_path: Path) -> Iterator[Sim]:
    """One reader and its door, and no panel."""
    card_make(tmp_path)
    config = world(reader(1))
    config["buses"][0]["doors"][0]["closer"] = 0.05
    with simulators(tmp_path, config) as running:
        yield running


def test_a_locked_door_does_not_yield_to_a_push(sim: Sim) -> None:
    assert sim.ask("push", door="D1") == {"ok": False, "error": "D1 is locked"}
    assert sim.door("D1") == {"open": False, "locked": True}


@pytest.mark.parametrize("verb", ["force", "leave"])
def test_force_and_the_handle_inside_open_and_the_closer_shuts(sim: Sim, verb: str) -> None:
    sim.do(verb, door="D1")
    assert sim.door("D1") == {"open": True, "locked": True}
    assert sim.reader("R1")["inputs"] == [True, verb == "leave"]
    end = time.monotonic() + 10
    while sim.door("D1")["open"]:
        assert time.monotonic() < end
    assert [e["active"] for e in sim.log("input") if e["number"] == 0] == [True, False]


def test_the_port_is_there_while_the_bus_is_plugged(sim: Sim, tmp_path: Path) -> None:
    port = tmp_path / "ttyBUS"
    assert port.is_char_device()
    sim.do("unplug", bus="bus")
    assert not port.is_symlink()
    sim.do("replug", bus="bus")
    sim.do("replug", bus="bus")
    assert port.is_char_device()


@pytest.mark.parametrize(
    ("verb", "args"),
    [
        ("tap", {"reader": "R1", "card": "card-99"}),
        ("tap", {"reader": "R1", "card": "../config"}),
        ("tap", {"reader": "R1"}),
        ("tap", {"reader": "R9", "card": "card-01"}),
        ("type", {"reader": "R1", "digits": "12a"}),
        ("dance", {"reader": "R1"}),
        ("dance", {"door": "D1"}),
        ("dance", {"bus": "bus"}),
        ("noise", {"bus": "bus", "rate": 2}),
        *(("slow", {"bus": "bus", "seconds": seconds}) for seconds in (1e9, -1, "nan", "inf")),
        ("unplug", {"bus": "bus-9"}),
        ("dance", {}),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_reason(
    sim: Sim, verb: str, args: dict[str, object]
) -> None:
    answer = sim.ask(verb, **args)
    assert answer["ok"] is False
    assert answer["error"]
    assert sim.do("state")


def test_a_reader_without_power_reads_nothing(sim: Sim) -> None:
    sim.do("unplug", reader="R1")
    assert not sim.ask("tap", reader="R1", card="card-01")["ok"]
    sim.do("replug", reader="R1")
    assert sim.do("tap", reader="R1", card="card-01")["read"] == "number"


def test_the_log_tells_what_was_asked_and_since_when(sim: Sim) -> None:
    sim.do("tap", reader="R1", card="card-01")
    first = sim.do("log", since=0)
    assert [e["what"] for e in first["log"]] == ["offered", "asked"]
    assert sim.do("log", since=first["last"]) == {"ok": True, "log": [], "last": first["last"]}
