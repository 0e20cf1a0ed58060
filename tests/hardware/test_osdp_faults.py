"""What the OSDP driver does when cables, keys and bits fail."""

import time
from pathlib import Path

import pytest

from hardware.drivers.base import Signal, Verb
from hardware.drivers.osdp import REFUSED, OsdpBus
from hardware.drivers.osdp_config import OsdpBusConfig, OsdpDevice
from hardware.gateway.policy import GatewayPolicy
from hardware.simulators.cards import CardStore
from hardware.simulators.osdp_frames import Command, decode
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
        turner.hear(Signal.ONLINE, device="R1")
        turner.hear(Signal.ONLINE, device="R2")
    turner.hear(Signal.OFFLINE, device="R1", reason="port")
    driver.close()


@pytest.mark.parametrize("away", [0.0, 0.4, 2.5])
def test_a_port_that_was_pulled_is_secure_again_once_it_is_back(
    tmp_path: Path, away: float
) -> None:
    with line(tmp_path, 1, 2) as bus:
        bus.online("R1", "R2")
        bus.sim.do("unplug", bus="bus")
        assert bus.turner.hear(Signal.OFFLINE, device="R1").data == {"reason": "port"}
        bus.turner.hear(Signal.OFFLINE, device="R2")
        bus.turner.turn_for(away)
        bus.sim.do("replug", bus="bus")
        bus.turner.hear(Signal.ONLINE, device="R1")
        bus.turner.hear(Signal.ONLINE, device="R2")
        bus.sim.do("tap", reader="R2", card="card-01")
        bus.turner.hear(Signal.CARD, device="R2")


def test_a_reader_without_power_is_missed_and_found_again(tmp_path: Path) -> None:
    with line(tmp_path, 1, 2) as bus:
        bus.online("R1", "R2")
        bus.sim.do("unplug", reader="R1")
        assert bus.turner.hear(Signal.OFFLINE, device="R1").data == {"reason": "silent"}
        # The other reader goes on meanwhile.
        bus.sim.do("tap", reader="R2", card="card-01")
        bus.turner.hear(Signal.CARD, device="R2")
        bus.turner.turn_for(3.0)
        assert not bus.turner.fell()
        bus.sim.do("replug", reader="R1")
        bus.turner.hear(Signal.ONLINE, device="R1")


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
        bus.turner.hear(Signal.ONLINE)


def test_a_line_that_takes_no_byte_is_offline_and_holds_no_turn(tmp_path: Path) -> None:
    with line(tmp_path, 1, 2) as bus:
        bus.online("R1", "R2")
        assert bus.turner.command("R1", Verb.PULSE, "c", output=0, tenths=5)
        bus.sim.do("stall", bus="bus", active=True)
        longest, begun = 0.0, time.monotonic()
        while time.monotonic() - begun < 4:
            at = time.monotonic()
            bus.turner.events += bus.driver.turn(0.01)
            longest = max(longest, time.monotonic() - at)
        assert longest < GatewayPolicy().bus_stuck_seconds, "the watchdog has nothing to do here"
        for code in ("R1", "R2"):
            assert bus.turner.hear(Signal.OFFLINE, device=code).data == {"reason": "port"}
        told = [event.signal for event in bus.turner.events if event.command_id == "c"]
        assert told in ([Signal.FAILED], [Signal.DELIVERED])
        bus.sim.do("stall", bus="bus", active=False)
        bus.online("R1", "R2")


def test_a_reader_that_was_exchanged_for_a_strange_one_is_refused_until_it_is_back(
    tmp_path: Path,
) -> None:
    with line(tmp_path, 1) as bus:
        bus.online("R1")
        bus.sim.do("exchange", reader="R1", other=True)
        bus.sim.do("exchange", reader="R1", other=True)  # again: its own key is not forgotten
        bus.turner.hear(Signal.OFFLINE, reason="wrong_key")
        bus.sim.do("tap", reader="R1", card="card-01")
        bus.turner.turn_for(2.5)
        assert not [event for event in bus.turner.events if event.signal is Signal.CARD]
        bus.sim.do("exchange", reader="R1", other=False)
        bus.online("R1")


def test_a_reader_that_changes_its_key_under_way_is_reported(tmp_path: Path) -> None:
    with line(tmp_path, 1) as bus:
        bus.online("R1")
        bus.sim.do("rekey", reader="R1", key="bb" * 16)
        bus.turner.hear(Signal.OFFLINE)
        bus.turner.hear(Signal.OFFLINE, reason="wrong_key")


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


@pytest.mark.parametrize("seconds", [0.22, 0.25, 0.3])  # libosdp waits for 0.2
def test_answers_that_come_too_late_make_no_reader_insecure(tmp_path: Path, seconds: float) -> None:
    with line(tmp_path, 1, 2) as bus:
        bus.online("R1", "R2")
        bus.sim.do("slow", bus="bus", seconds=seconds)
        for _ in range(2):
            fallen = bus.turner.hear(Signal.OFFLINE)
            assert fallen.data["reason"] in {"garbled", "silent"}
        bus.turner.turn_for(8.0)  # kicked again and again, each time half a handshake
        assert not [event for event in bus.turner.events if event.data.get("reason") in {*REFUSED}]
        bus.sim.do("slow", bus="bus", seconds=0)
        bus.online("R1", "R2")


@pytest.mark.parametrize("fault", ["noise", "loss"])
def test_no_damage_of_the_wire_makes_a_reader_insecure(tmp_path: Path, fault: str) -> None:
    with line(tmp_path, 1, 2) as bus:
        bus.online("R1", "R2")
        bus.sim.do(fault, bus="bus", rate=0.2)
        for _ in range(3):
            fallen = bus.turner.hear(Signal.OFFLINE)
            assert fallen.data["reason"] not in {*REFUSED}
        bus.sim.do(fault, bus="bus", rate=0)
        bus.online("R1", "R2")
        assert not [event for event in bus.turner.events if event.data.get("reason") in {*REFUSED}]


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


def test_a_pulse_that_nobody_acknowledged_is_not_sent_again(tmp_path: Path) -> None:
    with line(tmp_path, 1) as bus:
        bus.online("R1")
        bus.turner.hear(Signal.OUTPUT)
        bus.turner.command("R1", Verb.HOLD, "h", output=0, active=False)
        bus.turner.hear(Signal.DELIVERED)
        # The line is idle for 50 ms now: the pulse gets through, and no answer comes back.
        bus.sim.do("loss", bus="bus", rate=1, way="out")
        bus.turner.command("R1", Verb.PULSE, "p", output=0, tenths=1)
        failed = bus.turner.hear(Signal.FAILED)
        assert (failed.command_id, failed.data) == ("p", {"reason": "unanswered"})
        assert bus.turner.hear(Signal.OFFLINE).data == {"reason": "silent"}
        bus.turner.turn_for(2.0)
        bus.sim.do("loss", bus="bus", rate=0)
        bus.online("R1")
        assert [entry["active"] for entry in bus.sim.log("output")] == [True, False]
        assert sum(_is_output(entry["data"]) for entry in bus.sim.log("wire")) == 2


def _is_output(data: str) -> bool:
    frame = decode(bytes.fromhex(data).lstrip(b"\xff"))
    return frame is not None and not frame.reply and frame.code == Command.OUT


def test_two_drivers_cannot_share_a_port(tmp_path: Path) -> None:
    with line(tmp_path, 1) as bus:
        bus.online("R1")
        other = OsdpBus(config(tmp_path, 1))
        turner = Turner(other)
        other.open()
        assert turner.hear(Signal.OFFLINE).data == {"reason": "port"}
        other.close()


def test_a_bus_that_cannot_be_is_refused_at_once() -> None:
    device = OsdpDevice("R1", 1, bytes(16))
    for devices, baud in (((), 9600), ((device, device), 9600), ((device,), 1234)):
        with pytest.raises(ValueError, match=r"devices|share|bits"):
            OsdpBusConfig("/nowhere", devices, baud=baud)
    for address, key in ((127, bytes(16)), (1, bytes(15))):
        with pytest.raises(ValueError, match="address"):
            OsdpDevice("R1", address, key)


def test_a_key_never_shows_in_a_log() -> None:
    assert scbk(7).hex() not in repr(config(Path("/nowhere"), 7))
    assert repr(scbk(7)) not in repr(config(Path("/nowhere"), 7))
