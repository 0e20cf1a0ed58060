"""The simulated PN532 and DESFire card, judged by others: libnfc's own tool, published vectors."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.simulators.cards import Card
from hardware.simulators.desfire import DesfireCard
from hardware.simulators.desfire_session import Session, crc32
from hardware.simulators.pn532_frames import MAX_BYTES, HostFrames, frame
from tests.hardware.desk_devices import cards, simulation, state

SELECT_NOTHING = bytes.fromhex("905a00000300000000")


@pytest.mark.nfc
@pytest.mark.skipif(not shutil.which("nfc-list"), reason="libnfc-bin is not installed")
def test_nfc_list_sees_the_card(tmp_path: Path) -> None:
    with simulation(tmp_path, {"kind": "nfc", "name": "desk", "port": "ttyDESK"}) as running:
        cards(running).create("card-01", bytes.fromhex("04112233445566"))
        running.do("place", card="card-01")
        device = f"pn532_uart:{tmp_path}/ttyDESK:115200"
        seen = subprocess.run(
            ["nfc-list"],
            env={**os.environ, "LIBNFC_DEFAULT_DEVICE": device, "LIBNFC_AUTO_SCAN": "false"},
            capture_output=True,
            text=True,
            timeout=20,
            check=True,
        ).stdout
    lines = {line.strip().replace("  ", " ") for line in seen.splitlines()}
    assert "UID (NFCID1): 04 11 22 33 44 55 66" in lines
    assert "SAK (SEL_RES): 20" in lines
    assert "ATS: 75 77 81 02 80" in lines


def test_requests_that_the_world_does_not_allow_are_refused(tmp_path: Path) -> None:
    with simulation(tmp_path, {"kind": "nfc", "name": "desk", "port": "ttyDESK"}) as running:
        cards(running).create("card-01")
        assert "no card" in running.ask("place", card="card-02")["error"]
        running.do("place", card="card-01")
        assert "lies on the reader" in running.ask("place", card="card-01")["error"]
        assert (
            state(running, "desk").items()
            >= {"card": "card-01", "silent": False, "plugged": True}.items()
        )


def from_host(body: bytes) -> bytes:
    """What a host sends: a frame of the chip's, turned round."""
    sent = bytearray(frame(body))
    at = sent.index(0xD5, 5)
    sent[at] = 0xD4
    sent[-2] = sent[-2] + 1 & 0xFF
    return bytes(sent)


def test_published_frame() -> None:
    """UM0701-02: GetFirmwareVersion is 00 00 FF 02 FE D4 02 2A 00."""
    assert from_host(b"\x02") == bytes.fromhex("0000ff02fed4022a00")


@given(st.lists(st.binary(min_size=1, max_size=300), max_size=4), st.integers(1, 50))
def test_commands_are_found_however_they_are_cut(commands: list[bytes], cut: int) -> None:
    stream = b"\x55\x55\x00\x00\x00" + b"".join(from_host(command) for command in commands)
    frames = HostFrames()
    pieces = (stream[at : at + cut] for at in range(0, len(stream), cut))
    assert [command for piece in pieces for command in frames.feed(piece)] == commands


@given(st.lists(st.binary(max_size=80), max_size=20))
def test_any_bytes_on_the_wire_are_survived(pieces: list[bytes]) -> None:
    frames = HostFrames()
    for piece in pieces:
        frames.feed(piece)
        assert len(frames._pending) <= MAX_BYTES


@given(st.lists(st.binary(max_size=60), max_size=20))
def test_any_bytes_to_the_card_are_answered_and_change_nothing(commands: list[bytes]) -> None:
    changes: list[bool] = []
    card = DesfireCard(Card(uid=bytes(7), settings=0), lambda: changes.append(True))
    for command in commands:
        for wrapped in (command, b"\x90" + command[:1] + b"\0\0" + command[1:]):
            assert card.apdu(wrapped)[-2] == 0x91
    assert changes == []
    assert card.apdu(SELECT_NOTHING) == b"\x91\x00"


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("", "bb1d6929e9593728"),
        ("6bc1bee22e409f96e93d7e117393172a", "070a16b46b4d4144"),
        (
            "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411",
            "dfa66747de9ae630",
        ),
    ],
)
def test_cmac_of_nist_sp_800_38b(message: str, code: str) -> None:
    session = Session(bytes.fromhex("2b7e151628aed2a6abf7158809cf4f3c"), 0)
    assert session.mac(bytes.fromhex(message)).hex() == code


def test_crc32_is_ethernets_without_the_last_inversion() -> None:
    assert int.from_bytes(crc32(b"123456789"), "little") ^ 0xFFFFFFFF == 0xCBF43926
