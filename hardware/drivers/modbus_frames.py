"""Modbus RTU as a relay and input board speaks it, through pymodbus's frames and messages.

Coils are the relays, discrete inputs the inputs. A coil written at ``0x0200 + n`` with a number of
tenths of a second closes relay n for that time by the board's own timer. Source: Waveshare, Modbus
RTU Relay, function 05. pymodbus knows a coil only as on or off, hence ``WriteCoil``.
"""

import struct

from pymodbus.exceptions import ModbusException
from pymodbus.framer import FramerRTU
from pymodbus.pdu import DecodePDU, ModbusPDU
from pymodbus.pdu.bit_message import ReadCoilsRequest, ReadDiscreteInputsRequest

ON, OFF = 0xFF00, 0x0000
PULSES = 0x0200
MOST_TENTHS = 0x7FFF
MOST_HEARD = 256  # the longest frame of the protocol


class WriteCoil(ModbusPDU):
    """Function 05 with the value as it stands on the wire; the answer repeats the question."""

    function_code = 5
    rtu_frame_size = 8

    def __init__(self, dev_id: int = 0, address: int = 0, value: int = 0) -> None:
        super().__init__(dev_id=dev_id, address=address)
        self.value = value

    def encode(self) -> bytes:
        """Address and value."""
        return struct.pack(">HH", self.address, self.value)

    def decode(self, data: bytes) -> None:
        """Address and value."""
        self.address, self.value = struct.unpack(">HH", data[:4])


_DECODER = DecodePDU(is_server=False)
_DECODER.register(WriteCoil)
_FRAMER = FramerRTU(_DECODER)


def read_inputs(board: int, count: int) -> ModbusPDU:
    """Ask for the first inputs."""
    return ReadDiscreteInputsRequest(dev_id=board, address=0, count=count)


def read_outputs(board: int, count: int) -> ModbusPDU:
    """Ask for the first relays."""
    return ReadCoilsRequest(dev_id=board, address=0, count=count)


def switch(board: int, output: int, *, on: bool) -> ModbusPDU:
    """Close or open a relay until told otherwise."""
    return WriteCoil(board, output, ON if on else OFF)


def pulse(board: int, output: int, tenths: int) -> ModbusPDU:
    """Close a relay for so many tenths of a second."""
    return WriteCoil(board, PULSES + output, tenths)


def frame_of(message: ModbusPDU) -> bytes:
    """The message's bytes, with address and CRC."""
    return bytes(_FRAMER.buildFrame(message))


def answer_in(heard: bytes, board: int) -> ModbusPDU | None:
    """The answer of a board among the bytes that were heard; None if there is none, or none yet.

    INVARIANT: any bytes may be given; nothing raises.
    """
    try:
        _used, message = _FRAMER.handleFrame(heard[:MOST_HEARD], board, 0)
    except (ModbusException, ValueError, IndexError, struct.error):
        return None
    return message


def same(asked: ModbusPDU, said: ModbusPDU | None) -> bool:
    """Whether an answer repeats a write, as it must where the board has obeyed."""
    return (
        isinstance(asked, WriteCoil)
        and isinstance(said, WriteCoil)
        and (asked.address, asked.value) == (said.address, said.value)
    )
