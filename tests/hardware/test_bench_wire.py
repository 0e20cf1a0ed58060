"""Frames in words: known ones by name, routine left out, and no bytes that break the reader."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.simulators.osdp_frames import Command, Frame, Reply, encode
from hardware.simulators.pn532_frames import FROM_HOST, frame
from scif.console.bench.wire import READERS_OF, krcu16, osdp, pn532


@pytest.mark.parametrize(
    ("code", "reply", "words"),
    [
        (Command.LED, False, "Lamp set"),
        (Reply.RAW, True, "Card read, handed to the gateway"),
        (Reply.RMAC_I, True, "Secure Channel up"),
    ],
)
def test_an_osdp_frame_is_named(code: int, reply: bool, words: str) -> None:
    (said,) = osdp(b"\xff" + encode(Frame(3, 1, code, b"\x01\x02", reply=reply)))
    assert (str(said.words), said.address) == (words, 3)
    assert said.wire.startswith("53 ")


@pytest.mark.parametrize(("code", "reply"), [(Command.POLL, False), (Reply.ACK, True)])
def test_routine_says_nothing(code: int, reply: bool) -> None:
    assert osdp(encode(Frame(0, 1, code, reply=reply))) == []


def test_a_flipped_bit_is_damage() -> None:
    raw = bytearray(encode(Frame(0, 1, Command.LED, bytes(14))))
    raw[9] ^= 4
    assert [str(said.words) for said in osdp(bytes(raw))] == ["Damaged on the line"]
    assert [str(said.words) for said in krcu16(bytes.fromhex("0203310338"))] == [
        "Damaged on the line"
    ]


def test_locker_and_card_frames_are_named() -> None:
    assert [str(s.words) for s in krcu16(bytes.fromhex("020631033c"))] == ["Told to open locker 07"]
    # The chip's own framing, with the direction of the host.
    host = bytearray(frame(bytes.fromhex("4001905a000003a0c1f500")))
    host[5] = FROM_HOST
    assert [str(said.words) for said in pn532(bytes(host))] == ["Card: application chosen"]


@given(st.sampled_from(sorted(READERS_OF)), st.binary(min_size=1, max_size=80))
def test_any_bytes_can_be_read(driver: str, data: bytes) -> None:
    for said in READERS_OF[driver](data):
        assert str(said.words)
