"""What the OSDP driver does when cables, keys and bits fail."""

from pathlib import Path

import pytest

from hardware.drivers.base import Signal, Verb
from hardware.drivers.osdp import OsdpBus
from hardware.simulators.cards import CardStore
from tests.hardware.osdp_rig import config, line, reader, scbk, world
from tests.hardware.rig import Turner, simulators


def test_a_missing_port_is_offline_and_no_error(tmp_path: Path) -> None:
    driver = OsdpBus(config(tmp_path, 1, 2))
    turner = Turner(driver)
    driver.open()
    assert turner.hear(Signal.OFFLINE, device="R1").data == {"reason": "port"}
    assert turner.hear(Signal.OFFLINE, device="R2").data == {"reason": "port"}
    assert not turner.command("R1", Verb.PULSE, "c", output=0, tenths=5)
    with simulators(tmp_path, world(reader(1), reader(2))):
        turner.hear(Signal.ONLINE, 2.0, device="R1")
        turner.hear(Signal.ONLINE, 2.0, device="R2")
    turner.hear(Signal.OFFLINE, device="R1", reason="port")
    driver.close()


@pytest.mark.parametrize("away", [0.0, 0.4, 2.5])
def test_a_port_that_was_pulled_is_secure_again_within_two_seconds(
    tmp_path: Path, away: float
) -> None:
    with line(tmp_path, 1, 2) as bus:
        bus.online("R1", "R2")
        bus.sim.do("unplug", bus="bus")
        assert bus.turner.hear(Signal.OFFLINE, 1.0, device="R1").data == {"reason": "port"}
        bus.turner.hear(Signal.OFFLINE, 1.0, device="R2")
        bus.turner.turn_for(away)
        bus.sim.do("replug", bus="bus")
        bus.turner.hear(Signal.ONLINE, 2.0, device="R1")
        bus.turner.hear(Signal.ONLINE, 2.0, device="R2")
        bus.sim.do("tap", reader="R2", card="card-01")
        bus.turner.hear(Signal.CARD, device="R2")


def test_a_reader_without_power_is_missed_and_found_again(tmp_path: Path) -> None:
    with line(tmp_path, 1, 2) as bus:
        bus.online("R1", "R2")
        bus.sim.do("unplug", reader="R1")
        assert bus.turner.hear(Signal.OFFLINE, 3.0, device="R1").data == {"reason": "silent"}
        # The other reader goes on meanwhile.
        bus.sim.do("tap", reader="R2", card="card-01")
        bus.turner.hear(Signal.CARD, 1.0, device="R2")
        bus.turner.turn_for(3.0)
        assert not [event for event in bus.turner.events if event.signal is Signal.OFFLINE]
        bus.sim.do("replug", reader="R1")
        bus.turner.hear(Signal.ONLINE, 2.5, device="R1")


def test_a_read_of_long_ago_does_not_open_a_door_on_return(tmp_path: Path) -> None:
    with line(tmp_path, 1) as bus:
        bus.online("R1")
        bus.sim.do("unplug", bus="bus")
        bus.sim.do("tap", reader="R1", card="card-01")
        bus.turner.turn_for(2.5)
        bus.sim.do("replug", bus="bus")
        bus.online("R1")
        bus.turner.turn_for(0.5)
        assert not [event for event in bus.turner.events if event.signal is Signal.CARD]


def test_a_reader_with_another_key_is_refused_and_reported(tmp_path: Path) -> None:
    with line(tmp_path, 1, keys={1: b"\xaa" * 16}) as bus:
        assert bus.turner.hear(Signal.OFFLINE).data == {"reason": "wrong_key"}
        bus.sim.do("tap", reader="R1", card="card-01")
        bus.turner.turn_for(1.5)
        assert not bus.turner.events, "neither a card nor the same news again"
        assert not bus.turner.command("R1", Verb.PULSE, "c", output=0, tenths=5)
        bus.sim.do("rekey", reader="R1", key="aa" * 16)
        bus.turner.hear(Signal.ONLINE, 2.0)


def test_a_reader_that_changes_its_key_under_way_is_reported(tmp_path: Path) -> None:
    with line(tmp_path, 1) as bus:
        bus.online("R1")
        bus.sim.do("rekey", reader="R1", key="bb" * 16)
        bus.turner.hear(Signal.OFFLINE, 3.0)
        bus.turner.hear(Signal.OFFLINE, 3.0, reason="wrong_key")


def test_a_reader_without_secure_channel_is_refused_and_reported(tmp_path: Path) -> None:
    CardStore(tmp_path / "cards").create("card-01")
    with simulators(tmp_path, world(reader(1, secure=False), reader(2))) as sim:
        driver = OsdpBus(config(tmp_path, 1, 2))
        turner = Turner(driver)
        driver.open()
        assert turner.hear(Signal.OFFLINE, device="R1").data == {"reason": "not_secure"}
        turner.hear(Signal.ONLINE, device="R2")
        sim.do("tap", reader="R1", card="card-01")
        turner.turn_for(1.0)
        assert not [event for event in turner.events if event.device == "R1"]
        driver.close()


@pytest.mark.parametrize("fault", ["noise", "loss"])
def test_one_percent_of_damage_costs_few_reads(tmp_path: Path, fault: str) -> None:
    with line(tmp_path, 1) as bus:
        bus.online("R1")
        bus.sim.do(fault, bus="bus", rate=0.01)
        arrived, taps = 0, 80
        for _ in range(taps):
            bus.sim.do("tap", reader="R1", card="card-01")
            try:
                bus.turner.hear(Signal.CARD, 2.5)
            except AssertionError:
                continue
            arrived += 1
        assert arrived >= 0.95 * taps


def test_a_pulse_crosses_the_wire_at_most_once(tmp_path: Path) -> None:
    """With half of all frames lost, an order that nobody acknowledged is not repeated."""
    with line(tmp_path, 1) as bus:
        bus.online("R1")
        bus.sim.do("loss", bus="bus", rate=0.5)
        sent = []
        for number in range(12):
            if bus.turner.command("R1", Verb.PULSE, f"c{number}", output=0, tenths=1):
                sent.append(f"c{number}")
            bus.turner.turn_for(0.6)
        bus.sim.do("loss", bus="bus", rate=0)
        bus.turner.turn_for(2.0)
        told = [
            event
            for event in bus.turner.events
            if event.signal in (Signal.DELIVERED, Signal.FAILED)
        ]
        assert sorted(str(event.command_id) for event in told) == sorted(sent)
        assert {event.data.get("reason", "") for event in told} <= {"", "unanswered", "not_sent"}
        crossed = [entry for entry in bus.sim.log("wire") if entry["way"] == "in"]
        orders = [bytes.fromhex(entry["data"]) for entry in crossed]
        orders = [raw for raw in orders if len(raw) > 9 and raw[8:9] == b"\x68"]
        assert len(orders) == len(set(orders)) <= len(sent)


def test_two_drivers_cannot_share_a_port(tmp_path: Path) -> None:
    with line(tmp_path, 1) as bus:
        bus.online("R1")
        other = OsdpBus(config(tmp_path, 1))
        turner = Turner(other)
        other.open()
        assert turner.hear(Signal.OFFLINE).data == {"reason": "port"}
        other.close()


def test_a_key_never_shows_in_a_log() -> None:
    assert scbk(7).hex() not in repr(config(Path("/nowhere"), 7))
    assert repr(scbk(7)) not in repr(config(Path("/nowhere"), 7))
