"""OSDP's bytes: the published vectors, and what the driver really puts on the wire."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.drivers.base import Signal, Verb
from hardware.drivers.osdp_channel import Exchange, Fall, head_of, why
from hardware.simulators.osdp_frames import (
    Command,
    Frame,
    Nak,
    Reply,
    Splitter,
    checksum,
    crc16,
    decode,
    encode,
)
from hardware.simulators.osdp_session import Session
from hardware.simulators.reader import diversified
from tests.hardware.osdp_ear import Ear
from tests.hardware.osdp_rig import NUMBER, line, scbk

# SIA OSDP v2.2, annex E: two messages with CRC and checksum, and a handshake with the default key.
ANNEX_E_CRC = [
    ("537f0d00046e0080250000", "6e38"),
    ("53000900046100", "c066"),
]
ANNEX_E_CHECKSUM = [("537f0c00006e0080250000", 0x0F), ("53000800006100", 0x44)]
PANEL_RANDOM = bytes.fromhex("b0b1b2b3b4b5b6b7")
DEVICE_RANDOM = bytes.fromhex("a0a1a2a3a4a5a6a7")
DEFAULT_KEY = bytes(range(0x30, 0x40))

frames = st.builds(
    Frame,
    address=st.integers(0, 126),
    sequence=st.integers(0, 3),
    code=st.integers(0x40, 0xFF),
    data=st.binary(max_size=200),
    block=st.sampled_from([b"", b"\x11\x01", b"\x15", b"\x17"]),
    reply=st.booleans(),
)


@pytest.mark.parametrize(("message", "crc"), ANNEX_E_CRC)
def test_crc_of_annex_e(message: str, crc: str) -> None:
    assert crc16(bytes.fromhex(message)).to_bytes(2, "little").hex() == crc


@pytest.mark.parametrize(("message", "expected"), ANNEX_E_CHECKSUM)
def test_checksum_of_annex_e(message: str, expected: int) -> None:
    raw = bytes.fromhex(message)
    assert checksum(raw) == expected
    assert decode(raw + bytes([expected])) is not None


def test_session_keys_and_cryptograms_of_annex_e() -> None:
    session = Session(DEFAULT_KEY, PANEL_RANDOM, DEVICE_RANDOM)
    assert session.mac1.hex() == "5e86c676603bdee2d8beafe178637332"
    assert session.mac2.hex() == "6fda86e857777e81132035758239172e"
    assert session.enc.hex() == "bf8dc2a8329acb8c67c6d0cd9a451682"
    assert session.panel_cryptogram.hex() == "26d3356e07762d262801fc8e6665a891"
    assert session.device_cryptogram.hex() == "fde5d2f428ec16312471ea3c02bd7796"
    assert session.reply_mac.hex() == "b2a30057eb98ba2229ec1f875662b524"


def test_diversified_key_of_an10922() -> None:
    key = diversified(
        bytes.fromhex("00112233445566778899aabbccddeeff"),
        bytes.fromhex("04782e21801d80"),
        0x3042F5,
        bytes.fromhex("4e585020416275"),
    )
    assert key.hex() == "a8dd63a3b89d54b37ca802473fda9175"


@given(frames)
def test_a_frame_survives_the_wire(frame: Frame) -> None:
    mac = b"abcd" if frame.block and frame.block[0] >= 0x15 else b""
    raw = encode(Frame(frame.address, frame.sequence, frame.code, frame.data, frame.block, mac))
    heard = decode(raw)
    assert heard is not None
    assert (heard.code, heard.data, heard.block, heard.mac) == (
        frame.code,
        frame.data,
        frame.block,
        mac,
    )


@given(frames, st.data())
def test_a_flipped_bit_never_passes(frame: Frame, data: st.DataObject) -> None:
    raw = bytearray(encode(frame))
    bit = data.draw(st.integers(0, len(raw) * 8 - 1))
    raw[bit // 8] ^= 1 << bit % 8
    assert decode(bytes(raw)) is None


@given(st.lists(frames, max_size=4), st.binary(max_size=30).filter(lambda junk: 0x53 not in junk))
def test_frames_are_found_in_any_pieces(sent: list[Frame], junk: bytes) -> None:
    raws = [encode(frame) for frame in sent if not frame.block or frame.block[0] < 0x15]
    stream = junk + b"\xff".join(raws)
    splitter = Splitter()
    assert [raw for byte in stream for raw in splitter.feed(bytes([byte]))] == raws


@given(st.binary(max_size=300))
def test_nothing_that_is_heard_raises(noise: bytes) -> None:
    Splitter().feed(noise)
    decode(noise)
    head_of(noise)
    heard = Exchange(encode(Frame(1, 0, Command.CHLNG)), reply=bytearray(noise))
    assert why(heard, DEFAULT_KEY) in Fall


OWN_KEY = bytes(range(16))
ABLE, UNABLE = bytes([8, 1, 0, 9, 1, 0, 10, 0, 1]), bytes([8, 1, 0, 9, 0, 0, 10, 0, 1])
# The cryptogram of annex E, under the default key.
PROOF = bytes(8) + DEVICE_RANDOM + bytes.fromhex("fde5d2f428ec16312471ea3c02bd7796")
ASKED = Frame(1, 0, Command.CHLNG, PANEL_RANDOM, b"\x11\x01")
SECURED = b"\x15"


@pytest.mark.parametrize(
    ("asked", "code", "said", "key", "fall"),
    [
        (ASKED, Reply.CCRYPT, PROOF, DEFAULT_KEY, Fall.GARBLED),
        (ASKED, Reply.CCRYPT, PROOF, OWN_KEY, Fall.WRONG_KEY),
        (replace(ASKED, block=b"\x11\x00"), Reply.CCRYPT, PROOF, OWN_KEY, Fall.GARBLED),
        (ASKED, Reply.CCRYPT, PROOF[:-1], OWN_KEY, Fall.GARBLED),
        (ASKED, Reply.NAK, bytes([Nak.NO_SECURITY]), OWN_KEY, Fall.NOT_SECURE),
        (ASKED, Reply.NAK, bytes([Nak.SECURITY]), OWN_KEY, Fall.NOT_SECURE),
        (ASKED, Reply.NAK, bytes([Nak.UNKNOWN]), OWN_KEY, Fall.NOT_SECURE),
        (ASKED, Reply.NAK, bytes([Nak.CHECK]), OWN_KEY, Fall.GARBLED),
        (ASKED, Reply.NAK, bytes([Nak.SEQUENCE]), OWN_KEY, Fall.GARBLED),
        (Frame(1, 2, Command.CAP), Reply.PDCAP, ABLE, OWN_KEY, Fall.GARBLED),
        (Frame(1, 2, Command.CAP), Reply.PDCAP, UNABLE, OWN_KEY, Fall.NOT_SECURE),
        (Frame(1, 2, Command.CAP), Reply.PDCAP, b"", OWN_KEY, Fall.NOT_SECURE),
        (Frame(1, 2, Command.POLL, b"", SECURED), Reply.ACK, b"", OWN_KEY, Fall.NOT_SECURE),
        (Frame(1, 2, Command.POLL, b"", SECURED), Reply.PDCAP, ABLE, OWN_KEY, Fall.GARBLED),
        (Frame(1, 2, Command.POLL, b"", SECURED), Reply.NAK, b"\x06", OWN_KEY, Fall.SESSION),
        (Frame(1, 2, Command.SCRYPT), Reply.NAK, b"\x06", OWN_KEY, Fall.SESSION),
    ],
)
def test_a_device_is_accused_by_what_it_says_alone(
    asked: Frame, code: int, said: bytes, key: bytes, fall: Fall
) -> None:
    answer = encode(Frame(1, asked.sequence, code, said, reply=True))
    assert why(Exchange(encode(asked), reply=bytearray(answer)), key) == fall
    late = encode(Frame(1, (asked.sequence + 1) % 4, code, said, reply=True))
    assert why(Exchange(encode(asked), reply=bytearray(late)), key) == Fall.GARBLED


def test_the_driver_says_what_the_standard_wants(tmp_path: Path) -> None:
    """Every frame, deciphered and its MAC checked by another reading of the standard."""
    with line(tmp_path, 5, 6) as bus:
        bus.online("R5", "R6")
        bus.turner.command("R5", Verb.PULSE, "p", output=0, tenths=30)
        bus.turner.hear(Signal.DELIVERED, command_id="p")
        bus.turner.command("R5", Verb.HOLD, "h", output=0, active=False)
        bus.turner.hear(Signal.DELIVERED, command_id="h")
        bus.turner.command("R5", Verb.FEEDBACK, "f", outcome="granted", text="Welcome")
        bus.turner.hear(Signal.DELIVERED, command_id="f")
        bus.sim.do("tap", reader="R5", card="card-01")
        bus.turner.hear(Signal.CARD)
        ear = Ear(5, scbk(5))
        for piece in bus.sim.log("wire"):
            ear.hear(piece["way"], bytes.fromhex(piece["data"]))

    outputs = [frame.data.hex() for frame in ear.said(Command.OUT, reply=False)]
    assert outputs == ["00051e00", "00010000"], "output 0 on for 30 tenths, then off"
    (lamp,) = ear.said(Command.LED, reply=False)
    assert lamp.data.hex() == "0000021e0002001e000000000000", "green for three seconds"
    (beep,) = ear.said(Command.BUZ, reply=False)
    assert beep.data.hex() == "0002010101"
    (text,) = ear.said(Command.TEXT, reply=False)
    assert text.data == bytes([0, 3, 3, 1, 1, 7]) + b"Welcome"
    (card,) = ear.said(Reply.RAW, reply=True)
    assert card.data == bytes([0, 0, 128, 0]) + NUMBER
    in_clear = {frame.code for frame in ear.clear if not frame.reply and not frame.mac}
    assert in_clear == {Command.ID, Command.CAP, Command.CHLNG, Command.SCRYPT}


def test_a_strike_goes_before_the_drivers_own_questions(tmp_path: Path) -> None:
    with line(tmp_path, 5) as bus:
        bus.online("R5")  # from here on it wants to know of cover, inputs and outputs
        bus.turner.command("R5", Verb.PULSE, "p", output=0, tenths=1)
        bus.turner.hear(Signal.DELIVERED, command_id="p")
        bus.turner.turn_for(1)
        ear = Ear(5, scbk(5))
        for piece in bus.sim.log("wire"):
            ear.hear(piece["way"], bytes.fromhex(piece["data"]))
    questions = {Command.LSTAT, Command.ISTAT, Command.OSTAT}
    said = [f.code for f in ear.clear if not f.reply and f.code in {Command.OUT, *questions}]
    assert said[0] == Command.OUT
    assert said.count(Command.OUT) == 1
    assert questions <= set(said), "they are asked later"
