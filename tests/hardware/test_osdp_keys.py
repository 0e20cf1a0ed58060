"""Readers that are given a key of their own, in a window, and what is refused before and after."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from hardware.drivers.base import Rekeyable, Signal, Verb
from hardware.drivers.installed import DeviceConfig, Provision
from hardware.drivers.osdp import OsdpBus
from hardware.drivers.osdp_config import KeyOffer, OsdpBusConfig, OsdpDevice
from hardware.drivers.osdp_fingerprint import fingerprint
from hardware.simulators.osdp_frames import Command, Splitter, decode
from scif.kernel.clock import now
from tests.hardware.osdp_rig import card_make, reader, scbk, world
from tests.hardware.rig import Sim, Turner, simulators

NEW = bytes(range(0x80, 0x90))
OTHER = bytes(range(0xA0, 0xB0))


def offer(*, from_default: bool, seconds: float = 30.0, key: bytes = NEW) -> KeyOffer:
    return KeyOffer(key, from_default, time.monotonic() + seconds)


@contextmanager
def bus(directory: Path, *readers: OsdpDevice) -> Iterator[Turner]:
    driver = OsdpBus(OsdpBusConfig(str(directory / "ttyBUS"), readers, baud=115200))
    driver.open()
    try:
        yield Turner(driver)
    finally:
        driver.close()


@contextmanager
def devices(directory: Path, *parts: dict[str, Any]) -> Iterator[Sim]:
    card_make(directory)
    with simulators(directory, world(*parts)) as sim:
        yield sim


def test_a_reader_as_delivered_takes_a_key_of_its_own_and_speaks_with_it(tmp_path: Path) -> None:
    with devices(tmp_path, reader(1, scbk=None)) as sim:
        with bus(tmp_path, OsdpDevice("R1", 1, OTHER, offer(from_default=True))) as turner:
            assert turner.hear(Signal.KEYED, device="R1").data == {"fingerprint": fingerprint(NEW)}
            turner.hear(Signal.ONLINE, device="R1", secure=True)
            assert turner.command("R1", Verb.PULSE, "c1", output=0, tenths=2)
            turner.hear(Signal.DELIVERED, command_id="c1")
        with bus(tmp_path, OsdpDevice("R1", 1, NEW)) as turner:
            turner.hear(Signal.ONLINE, device="R1", secure=True)
        assert sim.reader("R1")["keyed"]


def test_over_the_default_key_nothing_but_a_key_is_spoken(tmp_path: Path) -> None:
    with (
        devices(tmp_path, reader(1, scbk=None)) as sim,
        bus(tmp_path, OsdpDevice("R1", 1, OTHER, offer(from_default=True))) as turner,
    ):
        sim.do("tap", reader="R1", card="card-01")
        turner.hear(Signal.KEYED, device="R1")
        assert not [event for event in turner.events if event.signal is Signal.CARD]
        wire = b"".join(bytes.fromhex(e["data"]) for e in sim.log("wire") if e["way"] == "in")
        told = [decode(raw) for raw in Splitter().feed(wire)]
        sent = [frame.code for frame in told if frame is not None]
        before = sent[: sent.index(Command.KEYSET)]
        assert set(before) == {Command.ID, Command.CAP, Command.CHLNG, Command.SCRYPT}


def test_without_a_window_a_reader_under_the_default_key_is_refused(tmp_path: Path) -> None:
    with devices(tmp_path, reader(1, scbk=None)) as sim:
        with bus(tmp_path, OsdpDevice("R1", 1, OTHER)) as turner:
            reason = turner.hear(Signal.OFFLINE, device="R1").data["reason"]
            assert reason in {"not_secure", "wrong_key"}
            assert not turner.command("R1", Verb.PULSE, "c1", output=0, tenths=2)
            sim.do("tap", reader="R1", card="card-01")
            turner.turn_for(1.0)
            assert not [e for e in turner.events if e.signal in (Signal.CARD, Signal.ONLINE)]
        assert not sim.reader("R1")["keyed"]


def test_the_window_closes_by_itself(tmp_path: Path) -> None:
    with devices(tmp_path, reader(1), reader(2, scbk=None)) as sim:
        sim.do("unplug", reader="R2")
        late = OsdpDevice("R2", 2, OTHER, offer(from_default=True, seconds=1.0))
        with bus(tmp_path, OsdpDevice("R1", 1, scbk(1)), late) as turner:
            turner.hear(Signal.ONLINE, device="R1")
            turner.turn_for(1.2)
            sim.do("replug", reader="R2")
            turner.hear(Signal.OFFLINE, device="R2", reason="not_secure")
            turner.turn_for(1.0)
            assert not [e for e in turner.events if e.signal is Signal.KEYED]
        assert not sim.reader("R2")["keyed"]


def test_a_key_is_changed_over_the_session_of_the_old_one(tmp_path: Path) -> None:
    with devices(tmp_path, reader(1)):
        with bus(tmp_path, OsdpDevice("R1", 1, scbk(1), offer(from_default=False))) as turner:
            turner.hear(Signal.ONLINE, device="R1", secure=True)
            turner.hear(Signal.KEYED, device="R1", fingerprint=fingerprint(NEW))
            turner.turn_for(1.0)
            assert not turner.fell()
            assert turner.command("R1", Verb.PULSE, "c1", output=0, tenths=2)
            turner.hear(Signal.DELIVERED, command_id="c1")
        with bus(tmp_path, OsdpDevice("R1", 1, scbk(1))) as turner:
            turner.hear(Signal.OFFLINE, device="R1", reason="wrong_key")


@pytest.mark.parametrize("from_default", [True, False])
def test_a_key_taken_before_a_crash_is_found_out(tmp_path: Path, from_default: bool) -> None:
    """The reader has the new key already, and the gateway died before it could say so."""
    with (
        devices(tmp_path, reader(1, scbk=NEW.hex())),
        bus(tmp_path, OsdpDevice("R1", 1, OTHER, offer(from_default=from_default))) as turner,
    ):
        turner.hear(Signal.KEYED, device="R1", fingerprint=fingerprint(NEW))
        turner.hear(Signal.ONLINE, device="R1", secure=True)


def record(code: str, key: bytes, *, default: bool | None = None) -> DeviceConfig:
    """A reader's record; ``default``: with a window for NEW, over the default key or its own."""
    until = now() + timedelta(seconds=30)
    window = None if default is None else Provision(NEW, default, until)
    return DeviceConfig(code, "B", "reader", int(code[1:]), scbk=key, provision=window)


def rekey(turner: Turner, device: DeviceConfig) -> bool:
    assert isinstance(turner.driver, Rekeyable)
    return turner.driver.rekey([device])


def test_a_reader_changes_its_key_and_no_reader_of_its_bus_is_away(tmp_path: Path) -> None:
    with (
        devices(tmp_path, reader(1), reader(2)) as sim,
        bus(tmp_path, OsdpDevice("R1", 1, scbk(1)), OsdpDevice("R2", 2, scbk(2))) as turner,
    ):
        for code in ("R1", "R2"):
            turner.hear(Signal.ONLINE, device=code)
        assert rekey(turner, record("R1", scbk(1), default=False))
        turner.hear(Signal.KEYED, device="R1", fingerprint=fingerprint(NEW))
        assert rekey(turner, record("R1", NEW))
        turner.turn_for(1.0)
        assert not turner.fell()
        for code in ("R1", "R2"):
            assert turner.command(code, Verb.PULSE, f"c-{code}", output=0, tenths=2)
            turner.hear(Signal.DELIVERED, command_id=f"c-{code}")
        sim.do("unplug", reader="R1")
        turner.hear(Signal.OFFLINE, device="R1")
        sim.do("replug", reader="R1")
        turner.hear(Signal.ONLINE, device="R1", secure=True)


@pytest.mark.parametrize(
    ("key", "default"),
    [(OTHER, None), (scbk(1), True), (OTHER, False)],
    ids=["another key", "a window over the default key", "both"],
)
def test_a_key_that_libosdp_does_not_speak_yet_is_not_taken_on_the_way(
    tmp_path: Path, key: bytes, default: bool | None
) -> None:
    with (
        devices(tmp_path, reader(1)),
        bus(tmp_path, OsdpDevice("R1", 1, scbk(1))) as turner,
    ):
        turner.hear(Signal.ONLINE, device="R1")
        assert not rekey(turner, record("R1", key, default=default))
        turner.turn_for(0.3)
        assert turner.command("R1", Verb.PULSE, "c1", output=0, tenths=2)
        turner.hear(Signal.DELIVERED, command_id="c1")
        assert not turner.fell()
        assert not [e for e in turner.events if e.signal is Signal.KEYED]


def test_a_bus_that_begins_anew_for_one_reader_says_so_of_the_others(tmp_path: Path) -> None:
    """R2 has neither the key of its record nor the offered one; both are tried, by turns."""
    stranger = OsdpDevice("R2", 2, OTHER, offer(from_default=False))
    with (
        devices(tmp_path, reader(1), reader(2)),
        bus(tmp_path, OsdpDevice("R1", 1, scbk(1)), stranger) as turner,
    ):
        turner.hear(Signal.ONLINE, device="R1")
        turner.hear(Signal.OFFLINE, device="R1", reason="bus_anew")
        turner.hear(Signal.ONLINE, device="R1", secure=True)


@pytest.mark.parametrize("from_default", [True, False])
def test_a_reader_that_is_awaited_disturbs_no_other(tmp_path: Path, from_default: bool) -> None:
    with devices(tmp_path, reader(1), reader(2)) as sim:
        sim.do("unplug", reader="R2")
        awaited = OsdpDevice("R2", 2, OTHER, offer(from_default=from_default))
        with bus(tmp_path, OsdpDevice("R1", 1, scbk(1)), awaited) as turner:
            turner.hear(Signal.ONLINE, device="R1")
            turner.turn_for(4.0)
            told = {event.signal for event in turner.events if event.device == "R1"}
            assert not told & {Signal.ONLINE, Signal.OFFLINE}


def test_a_reader_that_speaks_in_the_clear_takes_no_key_and_is_not_believed(
    tmp_path: Path,
) -> None:
    with (
        devices(tmp_path, reader(1, scbk=None, secure=False)) as sim,
        bus(tmp_path, OsdpDevice("R1", 1, OTHER, offer(from_default=True))) as turner,
    ):
        turner.turn_for(1.0)
        sim.do("tap", reader="R1", card="card-01")
        turner.turn_for(2.5)
        told = {event.signal for event in turner.events}
        assert not told & {Signal.KEYED, Signal.ONLINE, Signal.CARD}


def test_a_key_does_not_show() -> None:
    assert NEW.hex() not in repr(OsdpDevice("R1", 1, OTHER, offer(from_default=True)))
    assert repr(NEW) not in repr(OsdpDevice("R1", 1, OTHER, offer(from_default=True)))
