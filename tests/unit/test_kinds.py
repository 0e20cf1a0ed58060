"""The table of kinds: each row leads to a driver and a simulator, and words agree across layers."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from hardware.drivers.base import SHOWN, Driver
from hardware.drivers.cu48 import DIALECTS
from hardware.drivers.installed import BusConfig, DeviceConfig
from hardware.drivers.osdp_orders import COLORS, FEEDBACK
from hardware.gateway.factory import driver_factory
from hardware.kinds import KINDS, ROLE_TITLES, Kind, Role, named
from hardware.models import Lamp, Shown
from scif.kernel.clock import now
from scif.kernel.keys import KeyStore

KEY = "0f" * 16


def make(directory: Path, kind: str, *records: dict[str, Any], **bus: Any) -> Driver:
    """The driver of a bus with these devices, as a gateway makes it from its snapshot."""
    (directory / "nfc.master").write_text("00" * 16)
    devices = tuple(
        DeviceConfig.of(f"X{n}", {"bus": "B", "kind": "any", **record})
        for n, record in enumerate(records)
    )
    config = BusConfig("B", kind, "port", KINDS[kind].bauds[0], devices, **bus)
    return driver_factory(KeyStore(directory), directory)(config)


@pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))
def test_a_row_leads_to_a_driver_and_a_simulator(tmp_path: Path, kind: Kind) -> None:
    said = {"dialect": kind.dialects[0]} if kind.dialects else {}
    driver = make(tmp_path, kind.name, {"address": kind.addresses[0], "scbk": KEY, **said})
    for method in ("open", "turn", "submit", "traffic", "close"):
        assert callable(getattr(driver, method))
    simulator = named(kind.simulator)
    for method in ("handle", "state", "close"):
        assert callable(getattr(simulator, method))
    assert kind.role in ROLE_TITLES
    assert not set(kind.wires) & set(kind.options)


def test_every_role_stands_on_some_bus() -> None:
    assert {kind.role for kind in KINDS.values()} == set(Role)


def test_a_kind_that_nobody_knows_is_no_driver(tmp_path: Path) -> None:
    config = BusConfig("B", "telex", "port", 50, ())
    with pytest.raises(ValueError, match="no driver 'telex'"):
        driver_factory(KeyStore(tmp_path), tmp_path)(config)


def test_a_device_of_several_dialects_must_say_which_it_speaks(tmp_path: Path) -> None:
    assert set(KINDS["cu48"].dialects) == set(DIALECTS)
    for name in DIALECTS:
        assert make(tmp_path, "cu48", {"dialect": name})
    for options in ({}, {"dialect": "70-71"}, {"dialect": None}):
        with pytest.raises(ValueError, match="speaks one of 50-51, 60-61"):
            make(tmp_path, "cu48", options)


@pytest.mark.parametrize("kind", ["krcu16", "winnsen", "cu48", "nfc"])
def test_a_bus_of_one_takes_one(tmp_path: Path, kind: str) -> None:
    with pytest.raises(ValueError, match="takes one device"):
        make(tmp_path, kind, {"address": 0}, {"address": 1})


def test_what_readers_show_has_one_set_of_words() -> None:
    assert set(SHOWN) == set(Shown.values) == set(FEEDBACK)
    assert set(Lamp.values) == set(COLORS)


def test_patterns_of_the_facility_stand_before_the_drivers_own(tmp_path: Path) -> None:
    pattern = {"color": "blue", "beeps": 0, "tenths": 50, "beep_tenths": 1, "text": "Come in"}
    assert make(tmp_path, "osdp", {"scbk": KEY}, feedback={"granted": pattern})
    for wrong in ({"color": "plaid"}, {"tenths": 0}, {"smell": "roses"}):
        with pytest.raises((TypeError, ValueError)):
            make(tmp_path, "osdp", {"scbk": KEY}, feedback={"granted": pattern | wrong})


def test_a_reader_without_a_key_keeps_no_other_from_its_bus(tmp_path: Path) -> None:
    assert make(tmp_path, "osdp", {"address": 1, "scbk": KEY}, {"address": 2})
    window = {
        "scbk": KEY,
        "from_default": True,
        "until": (now() + timedelta(minutes=5)).isoformat(),
    }
    assert make(tmp_path, "osdp", {"address": 1, "provision": window})
