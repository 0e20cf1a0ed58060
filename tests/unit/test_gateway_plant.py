"""The plant: buses in threads and without, rebuilt when their records change, watched always."""

import socket
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from hardware.drivers.base import DeviceCommand, DeviceEvent, Signal, Traffic, Verb
from hardware.gateway import watchdog
from hardware.gateway.config import BusConfig, DeviceConfig, Installation
from hardware.gateway.devices import Devices
from hardware.gateway.owner import BusOwner
from hardware.gateway.plant import Plant
from tests.gateway_rig import INSTALLED, Rig


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    return Rig(tmp_path).start()


def test_an_empty_snapshot_waits_for_the_centre(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    rig.start(told=False, shut=False)
    assert rig.buses == {}
    for (kind, key), payload in INSTALLED.items():
        rig.tell(kind, key, payload)
    rig.run()
    assert set(rig.buses) == {"B1", "B2", "B3"}


def test_only_the_bus_that_changed_is_rebuilt(rig: Rig) -> None:
    first, other = rig.buses["B1"], rig.buses["B2"]
    rig.tell("device", "R1", {**INSTALLED["device", "R1"], "scbk": "02" * 16})
    rig.run()
    assert first.closed
    assert rig.buses["B1"] is not first
    assert rig.buses["B2"] is other
    assert not other.closed


def test_readers_of_a_bus_that_changed_are_out_of_sight_until_they_answer(rig: Rig) -> None:
    """libosdp takes a key at its start only: what is done to one reader is done to its bus."""
    rig.admit("ann")
    rig.walk_in("ann")
    key = {**INSTALLED["device", "R1"], "scbk": "02" * 16}
    rig.tell("device", "R1", key)
    rig.run()
    assert {"device": "R1", "reason": "bus_anew"} in rig.events("device.offline")
    assert {"device": "R1X", "reason": "bus_anew"} in rig.events("device.offline")
    assert rig.gateway.state()["devices"]["R1"]["online"] is True
    assert not rig.events("zone.uncertain")  # nobody was at the door, and it was a moment
    rig.admit("bob")
    rig.badge("bob")
    rig.tell("device", "R1", {**key, "scbk": "03" * 16})
    rig.run()
    assert [body["reason"] for body in rig.events("zone.uncertain")] == ["passage"]


def test_a_bus_on_which_nothing_stands_is_no_fault(
    rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    rig.tell("bus", "B7", {"driver": "scripted", "port": "ttyS7", "baud": 9600})
    rig.run()
    assert "B7" not in rig.buses
    assert not caplog.records


def test_a_portals_settings_change_without_losing_its_state(rig: Rig) -> None:
    rig.admit("ann")
    rig.walk_in("ann")
    bus = rig.buses["B1"]
    rig.tell("portal", "D1", {**INSTALLED["portal", "D1"], "pulse_tenths": 50})
    rig.admit("bob")
    rig.badge("bob")
    assert rig.buses["B1"] is bus
    assert bus.pulses[-1].args["tenths"] == 50


def test_a_bus_that_is_gone_answers_its_commands(rig: Rig) -> None:
    rig.admit("ann")
    rig.tell("bus", "B1", None)
    rig.run()
    rig.order("unlock", "D1", {"person_id": "person-ann"})
    assert rig.events("command.failed")[0]["reason"] == "no_bus"


@pytest.mark.parametrize(
    "record", [{}, {"bus": "B1"}, {"bus": "B1", "kind": "reader", "scbk": "x"}]
)
def test_a_record_that_is_not_clear_is_left_out(rig: Rig, record: dict[str, object]) -> None:
    rig.tell("device", "R9", record)
    rig.run()
    assert "R9" not in Installation.of(rig.snapshot).devices
    rig.admit("ann")
    rig.badge("ann")
    assert len(rig.bus.pulses) == 1


def test_device_news_are_journaled(rig: Rig) -> None:
    rig.say("R1", Signal.TAMPER, active=True)
    rig.say("R1", Signal.OFFLINE, reason="wrong_key")
    rig.run()
    assert rig.kinds("device")[-3:] == ["device.tamper", "device.offline", "device.insecure"]
    assert rig.gateway.state()["devices"]["R1"] == {"online": False, "secure": False}
    rig.say("R1", Signal.ONLINE, secure=True)
    rig.run()
    assert rig.gateway.state()["devices"]["R1"] == {"online": True, "secure": True}


# Owners in threads


class Bus:
    """A driver whose turn can hang, break or be heard."""

    def __init__(self) -> None:
        self.turns = threading.Semaphore(0)
        self.hang = threading.Event()
        self.go_on = threading.Event()
        self.breaks = False
        self.submitted: list[DeviceCommand] = []
        self.threads: set[int] = set()
        self.closed = threading.Event()

    def open(self) -> None:
        self.threads.add(threading.get_ident())

    def turn(self, budget: float) -> Sequence[DeviceEvent]:
        self.threads.add(threading.get_ident())
        self.turns.release()
        if self.hang.is_set():
            self.go_on.wait(10)
        if self.breaks:
            self.breaks = False
            raise OSError("a wire did what no wire may")
        return []

    def submit(self, command: DeviceCommand) -> bool:
        self.threads.add(threading.get_ident())
        self.submitted.append(command)
        return True

    def traffic(self) -> Mapping[str, Traffic]:
        return {}

    def close(self) -> None:
        self.threads.add(threading.get_ident())
        self.closed.set()


CONFIG = BusConfig("B", "x", "/dev/null", 9600, (DeviceConfig("R", "B", "reader", 0),))


def until(true: Callable[[], object], seconds: float = 20) -> None:
    """Wait for another thread; the driver's own turns give the time."""
    end = time.monotonic() + seconds
    pause = threading.Event()
    while not true():
        assert time.monotonic() < end, "it did not happen in time"
        pause.wait(0.005)


def test_one_thread_does_all_of_a_drivers_work() -> None:
    bus = Bus()
    owner = BusOwner(CONFIG, lambda _: bus, lambda _: None, time.monotonic)
    owner.start()
    owner.submit(DeviceCommand("R", Verb.PULSE, {}, "c"), time.monotonic() + 5)
    until(lambda: bus.submitted)
    owner.stop()
    assert bus.closed.is_set()
    assert len(bus.threads) == 1
    assert threading.get_ident() not in bus.threads


class Rekeying(Bus):
    """A driver that may take a key as it goes."""

    def __init__(self, *, takes: bool) -> None:
        super().__init__()
        self.takes = takes
        self.told: list[DeviceConfig] = []

    def rekey(self, devices: Sequence[DeviceConfig]) -> bool:
        self.told += devices
        return self.takes


@pytest.mark.parametrize("takes", [True, False])
def test_a_driver_takes_another_key_as_it_goes_or_begins_anew(takes: bool) -> None:
    made: list[Rekeying] = []
    heard: list[DeviceEvent] = []

    def make(_: BusConfig) -> Bus:
        made.append(Rekeying(takes=takes))
        return made[-1]

    owner = BusOwner(CONFIG, make, heard.append, lambda: 0.0)
    owner.turn(0)
    keyed = replace(CONFIG.devices[0], scbk=bytes(16))
    owner.rekey(replace(CONFIG, devices=(keyed,)))
    owner.turn(0)
    assert made[0].told == [keyed]
    assert owner.config.devices == (keyed,)
    assert made[0].closed.is_set() is not takes
    assert len(made) == (1 if takes else 2)
    assert [e.data["reason"] for e in heard] == ([] if takes else ["bus_anew"])


def test_a_driver_that_raises_is_made_anew_and_its_devices_are_offline_meanwhile() -> None:
    made: list[Bus] = []
    heard: list[DeviceEvent] = []
    now = [0.0]

    def make(_: BusConfig) -> Bus:
        made.append(Bus())
        made[-1].breaks = len(made) == 1
        return made[-1]

    owner = BusOwner(CONFIG, make, heard.append, lambda: now[0])
    owner.turn(0)
    assert made[0].closed.is_set()
    assert [(e.device, e.signal) for e in heard] == [("R", Signal.OFFLINE)]
    owner.submit(DeviceCommand("R", Verb.PULSE, {}, "c"), 99)
    owner.turn(0)
    assert [(e.signal, e.command_id) for e in heard[1:]] == [(Signal.FAILED, "c")]
    now[0] = 3.0
    owner.turn(0)
    assert len(made) == 2
    assert made[1].submitted == []


def test_a_driver_that_cannot_be_made_is_no_driver() -> None:
    heard: list[DeviceEvent] = []

    def make(_: BusConfig) -> Bus:
        raise ValueError("there is no such driver")

    owner = BusOwner(CONFIG, make, heard.append, lambda: 0.0)
    assert owner.turn(0) == 0
    assert not owner.up
    assert [e.signal for e in heard] == [Signal.OFFLINE]


def test_attempts_at_a_driver_grow_rarer_until_it_works_and_then_begin_anew() -> None:
    now = [0.0]
    tried: list[float] = []
    heard: list[DeviceEvent] = []
    works, bus = [False], Bus()

    def make(_: BusConfig) -> Bus:
        tried.append(now[0])
        if not works[0]:
            raise OSError("the port is not there")
        return bus

    def run(seconds: int) -> list[float]:
        """The seconds that lay between attempts meanwhile."""
        tried.clear()
        for _ in range(seconds):
            owner.turn(0)
            now[0] += 1
        return [late - early for early, late in pairwise(tried)]

    owner = BusOwner(CONFIG, make, heard.append, lambda: now[0])
    assert run(160) == [2, 4, 8, 16, 30, 30, 30, 30]
    works[0] = True
    run(31)
    assert owner.up
    works[0], bus.breaks = False, True
    assert run(20) == [4, 8]
    assert tried[0] - now[0] == 2 - 20


def test_a_driver_that_is_made_and_fails_at_once_has_not_worked() -> None:
    now = [0.0]
    made: list[float] = []

    def make(_: BusConfig) -> Bus:
        made.append(now[0])
        bus = Bus()
        bus.breaks = True
        return bus

    owner = BusOwner(CONFIG, make, lambda _: None, lambda: now[0])
    for _ in range(100):
        owner.turn(0)
        now[0] += 1
    assert [late - early for early, late in pairwise(made)] == [2, 4, 8, 16, 30, 30]


def test_a_handler_that_fails_does_not_silence_the_bus() -> None:
    class Talking(Bus):
        def turn(self, budget: float) -> Sequence[DeviceEvent]:
            return [DeviceEvent("R", Signal.CARD, 0.0), DeviceEvent("R", Signal.INPUT, 0.0)]

    heard: list[Signal] = []

    def handle(event: DeviceEvent) -> None:
        heard.append(event.signal)
        if event.signal is Signal.CARD:
            raise RuntimeError("cannot handle this")

    BusOwner(CONFIG, lambda _: Talking(), handle, lambda: 0.0).turn(0)
    assert heard == [Signal.CARD, Signal.INPUT]


def test_a_bus_that_takes_no_turns_is_marked_down_and_comes_back(tmp_path: Path) -> None:
    rig = Rig(tmp_path).start()
    for _ in range(3):
        rig.time.advance(3)
        rig.gateway.tick()  # the buses take no turns
    stuck = [body for body in rig.events("device.offline") if body["reason"] == "bus_stuck"]
    assert {body["device"] for body in stuck} == {"R1", "R1X", "K1", "N1"}
    assert rig.gateway.state()["devices"]["R1"]["online"] is False
    rig.run(0.1)
    back = [body for body in rig.events("device.online") if body.get("reason")]
    assert {body["device"] for body in back} == {"R1", "R1X", "K1", "N1"}


def test_a_bus_that_hangs_is_given_up_and_another_begins(tmp_path: Path) -> None:
    drivers: list[Bus] = []

    def make(config: BusConfig) -> Bus:
        drivers.append(Bus())
        return drivers[-1]

    rig = Rig(tmp_path, policy={"bus_stuck_seconds": 5}).start()
    plant = Plant(rig.gateway.plant._site, make, {}, threads=True)
    plant.build(Installation({"B": CONFIG}, {"R": CONFIG.devices[0]}, {}))
    try:
        until(lambda: drivers and drivers[0].turns.acquire(blocking=False))
        drivers[0].hang.set()
        until(lambda: drivers[0].turns.acquire(blocking=False))
        until(lambda: not drivers[0].turns.acquire(blocking=False))
        rig.time.advance(6)
        plant.tick()
        assert rig.events("bus.restarted") == []
        rig.time.advance(5)
        plant.tick()
        assert rig.events("bus.restarted") == [{"bus": "B", "times": 1}]
        until(lambda: len(drivers) == 2 and drivers[1].turns.acquire(blocking=False))
        until(drivers[0].closed.is_set)
        drivers[0].go_on.set()
        offline = [b["reason"] for b in rig.events("device.offline") if b["device"] == "R"]
        assert offline[0] == "bus_stuck"
    finally:
        drivers[0].go_on.set()
        plant.close()


def test_a_clock_that_jumps_lets_osdp_begin_anew_and_nothing_else(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    rig.records["bus", "B1"] = {**INSTALLED["bus", "B1"], "driver": "osdp"}
    rig.start()
    osdp, other = rig.buses["B1"], rig.buses["B2"]
    rig.time.wall -= timedelta(hours=1)
    rig.run()
    assert osdp.closed
    assert rig.buses["B1"] is not osdp
    assert rig.buses["B2"] is other
    assert rig.events("clock.jumped")[0]["jump_ms"] == -3_600_000
    assert rig.gateway.state()["devices"]["R1"]["online"] is True


def test_a_device_that_needs_a_moment_after_a_start_is_no_alarm(tmp_path: Path) -> None:
    rig = Rig(tmp_path).start()
    before = len(rig.entries())
    devices = Devices(rig.gateway.recorder)
    devices.route({c: (DeviceConfig(c, "B", "reader", 0), None) for c in ("quick", "dead")})
    for code in ("quick", "dead"):
        devices.heard(DeviceEvent(code, Signal.OFFLINE, 100.0, {"reason": "garbled"}))
    devices.heard(DeviceEvent("quick", Signal.ONLINE, 100.2, {"secure": True}))
    devices.tick(104.0, grace=5)
    assert [entry.kind for entry in rig.entries()[before:]] == ["device.online"]
    devices.tick(106.0, grace=5)
    assert rig.events("device.offline")[-1]["device"] == "dead"
    # One that was there and falls away is told at once.
    devices.heard(DeviceEvent("quick", Signal.OFFLINE, 200.0, {"reason": "silent"}))
    assert rig.events("device.offline")[-1] == {"device": "quick", "reason": "silent"}


def test_a_device_whose_bus_began_anew_is_missed_only_if_it_stays_away(tmp_path: Path) -> None:
    rig = Rig(tmp_path).start()
    devices = Devices(rig.gateway.recorder)
    devices.route({c: (DeviceConfig(c, "B", "reader", 0), None) for c in ("quick", "gone")})
    for code in ("quick", "gone"):
        devices.heard(DeviceEvent(code, Signal.ONLINE, 100.0, {"secure": True}))
        devices.heard(DeviceEvent(code, Signal.OFFLINE, 101.0, {"reason": "bus_anew"}))
    devices.heard(DeviceEvent("quick", Signal.ONLINE, 103.0, {"secure": True}))
    for at in (105.0, 107.0, 109.0):
        devices.tick(at, grace=5)
    told = [(body["device"], body["reason"]) for body in rig.events("device.offline")]
    assert told == [("quick", "bus_anew"), ("gone", "bus_anew"), ("gone", "silent")]


def test_how_long_a_device_was_away_no_clock_that_is_set_tells(rig: Rig) -> None:
    bus = rig.buses["B1"]
    bus.say("R1", Signal.OFFLINE, reason="silent")
    rig.run()
    rig.time.advance(40)
    bus.say("R1", Signal.OFFLINE, reason="no_driver")  # told again: it is away since the first time
    rig.run()
    rig.time.advance(30)
    rig.time.wall -= timedelta(seconds=90)
    bus.say("R1", Signal.ONLINE, secure=True)
    rig.run()
    assert 70_000 <= rig.events("device.online")[-1]["away_ms"] < 72_000
    bus.say("R1", Signal.ONLINE, secure=True)
    rig.run()
    assert "away_ms" not in rig.events("device.online")[-1]


def test_a_sign_of_life_is_given_to_who_listens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    watchdog.alive()  # nobody listens: nothing happens
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(tmp_path / "notify"))
        listener.settimeout(5)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        watchdog.alive()
        assert listener.recv(100) == b"WATCHDOG=1"
