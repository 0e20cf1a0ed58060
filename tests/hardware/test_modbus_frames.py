"""Frames of the relay board: what its maker printed, and whatever else a line may bring."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymodbus.pdu import ModbusPDU

from hardware.drivers.modbus_frames import (
    WriteCoil,
    answer_in,
    frame_of,
    pulse,
    read_inputs,
    read_outputs,
    same,
    switch,
)
from hardware.simulators.modbus import crc16, sealed

# Waveshare, Modbus RTU Relay: examples of the manual.
PRINTED = [
    (switch(1, 0, on=True), "01 05 00 00 FF 00 8C 3A"),
    (switch(1, 0, on=False), "01 05 00 00 00 00 CD CA"),
    (read_outputs(1, 8), "01 01 00 00 00 08 3D CC"),
    (read_inputs(1, 8), "01 02 00 00 00 08 79 CC"),
    (pulse(1, 0, 50), "01 05 02 00 00 32 4D A7"),
]


@pytest.mark.parametrize(("message", "printed"), PRINTED, ids=[frame for _, frame in PRINTED])
def test_the_makers_frames(message: ModbusPDU, printed: str) -> None:
    assert frame_of(message).hex(" ").upper() == printed


@pytest.mark.parametrize("printed", [frame for _, frame in PRINTED])
def test_the_simulator_reckons_the_same_crc(printed: str) -> None:
    raw = bytes.fromhex(printed)
    assert sealed(raw[:-2]) == raw
    assert crc16(raw) == 0


@given(st.binary(max_size=300), st.integers(1, 247))
def test_any_bytes_are_survived(heard: bytes, board: int) -> None:
    answer_in(heard, board)


@given(st.integers(1, 247), st.integers(0, 7), st.integers(1, 0x7FFF), st.data())
def test_only_the_very_frame_counts_as_the_answer(
    board: int, output: int, tenths: int, data: st.DataObject
) -> None:
    asked = pulse(board, output, tenths)
    frame = frame_of(asked)
    assert same(asked, answer_in(frame, board))
    bit = data.draw(st.integers(0, len(frame) * 8 - 1))
    flipped = bytearray(frame)
    flipped[bit // 8] ^= 1 << bit % 8
    assert not same(asked, answer_in(bytes(flipped), board))


def test_another_boards_answer_is_none() -> None:
    assert answer_in(frame_of(WriteCoil(2, 0x0200, 5)), 1) is None


def test_a_refusal_is_an_answer() -> None:
    said = answer_in(sealed(bytes((1, 0x85, 2))), 1)
    assert said is not None
    assert said.isError()
