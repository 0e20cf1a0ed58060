"""Readers' keys are for their gateway alone, and are not taken for keys where they are not."""

import pytest

from hardware.drivers.installed import DeviceConfig
from hardware.wrapping import Unwrapper, unwrap, wrap, wrapping_key

MASTER, SECRET = bytes(range(32)), bytes(range(16))
NORTH, SOUTH = wrapping_key(MASTER, "north"), wrapping_key(MASTER, "south")
RECORD = {"bus": "B", "kind": "reader", "address": 1, "portal": None, "direction": None}


def test_a_key_is_taken_out_by_its_gateway() -> None:
    text = wrap(NORTH, SECRET, "R1")
    assert SECRET.hex() not in text
    assert unwrap(NORTH, text, "R1") == SECRET
    assert wrap(NORTH, SECRET, "R1") == text  # so that nothing new is nothing new


@pytest.mark.parametrize(
    ("key", "text", "device"),
    [
        (SOUTH, wrap(NORTH, SECRET, "R1"), "R1"),
        (NORTH, wrap(NORTH, SECRET, "R1"), "R2"),
        (NORTH, wrap(NORTH, SECRET, "R1")[:-4] + "AAA=", "R1"),
        (NORTH, "wrapped:AAAA", "R1"),
        (NORTH, "wrapped:%", "R1"),
        (NORTH, SECRET.hex(), "R1"),
    ],
    ids=["another gateway", "another device", "altered", "short", "no text", "clear"],
)
def test_by_nobody_else_and_for_no_other_device(key: bytes, text: str, device: str) -> None:
    with pytest.raises(ValueError, match=r"key|Data|padding|Invalid|ciphertext"):
        unwrap(key, text, device)


def test_a_record_is_kept_with_its_keys_taken_out() -> None:
    wrapped = wrap(NORTH, SECRET, "R1")
    offered = {"scbk": wrapped, "from_default": True, "until": "2026-01-01T00:00:00+00:00"}
    kept = Unwrapper(NORTH)("device", "R1", {**RECORD, "scbk": wrapped, "provision": offered})
    device = DeviceConfig.of("R1", kept)
    assert device.scbk == SECRET
    assert device.provision is not None
    assert device.provision.scbk == SECRET


def test_a_key_of_another_gateway_makes_the_reader_unusable() -> None:
    kept = Unwrapper(NORTH)("device", "R1", {**RECORD, "scbk": wrap(SOUTH, SECRET, "R1")})
    with pytest.raises(ValueError, match="hex"):
        DeviceConfig.of("R1", kept)


def test_other_records_pass_as_they_are() -> None:
    record = {"scbk": wrap(NORTH, SECRET, "R1")}
    assert Unwrapper(NORTH)("person", "R1", record) == record
