"""The wire as libosdp sees it, and the little that must be seen of it here.

libosdp tells neither why a device went offline nor lets a repetition be forbidden. Both follow from
the frame headers, which even the Secure Channel leaves in the clear.
"""

import binascii
from dataclasses import dataclass, field
from enum import StrEnum

from osdp import Channel

from hardware.drivers import osdp_proof
from hardware.drivers.base import BUS_ANEW, Traffic
from hardware.drivers.serial_line import SerialLine

MARK = 0xFF
SOM = 0x53
HEADER = 5
REPLY_BIT = 0x80
SEQUENCE = 0x03
WITH_CRC = 0x04
WITH_BLOCK = 0x08
CRC_START = 0x1D0F
BLOCK_SESSION = 0x15  # security blocks from here on belong to a session, those before to its making
MOST_REPLY = 256

ID, CAP, OUT, CHLNG = 0x61, 0x62, 0x68, 0x76
NAK, PDID, PDCAP, CCRYPT, RMAC_I = 0x41, 0x45, 0x46, 0x76, 0x78
_OF_A_BEGINNING = {PDID, PDCAP, CCRYPT, RMAC_I}
# Of a NAK: the command is unknown, security is unknown, its conditions are not met.
_NO_SECURE_CHANNEL = {b"\x03", b"\x05", b"\x06"}


class Fall(StrEnum):
    """Why a device is offline."""

    PORT = "port"  # the serial port is not there
    SILENT = "silent"  # no answer
    GARBLED = "garbled"  # an answer that was damaged on the way or that makes no sense
    SESSION = "session"  # the device or the panel ended the Secure Channel
    WRONG_KEY = "wrong_key"  # it answers the challenge, and not with the base key
    KEYING = "keying"  # it is to take a key of its own, and has not yet
    ANEW = BUS_ANEW  # the whole bus begins anew, for the sake of another device
    NOT_SECURE = "not_secure"  # it has no Secure Channel, or speaks in the clear where it must not


@dataclass(slots=True)
class Exchange:
    """The last command to a device and what came back, whatever it was."""

    frame: bytes
    times: int = 1
    judged: bool = False
    reply: bytearray = field(default_factory=bytearray)


@dataclass(frozen=True, slots=True)
class Head:
    """What a sound frame tells: the code, the security block's type or 0, and the data.

    ``sequence``: a device answers with the number that it was asked with. ``key``: the block's
    second byte, at a beginning whether it is under the default key.
    """

    sequence: int
    code: int
    block: int
    key: int
    data: bytes


def head_of(frame: bytes) -> Head | None:
    """The header of a sound frame, mark byte or not; None for anything else."""
    start = frame.find(SOM)
    if start < 0 or len(frame) < start + HEADER + 2:
        return None
    frame = frame[start : start + int.from_bytes(frame[start + 2 : start + 4], "little")]
    if len(frame) < HEADER + 2:
        return None
    if frame[4] & WITH_CRC:
        sound = binascii.crc_hqx(frame[:-2], CRC_START) == int.from_bytes(frame[-2:], "little")
    else:
        sound = sum(frame) & 0xFF == 0
    at = HEADER + (frame[HEADER] if frame[4] & WITH_BLOCK else 0)
    if not sound or at + 1 >= len(frame):
        return None
    security = frame[HEADER + 1 : at] if frame[4] & WITH_BLOCK else b""
    kind, key = (*security[:2], 0, 0)[:2]
    end = len(frame) - (2 if frame[4] & WITH_CRC else 1)
    return Head(frame[4] & SEQUENCE, frame[at], kind, key, bytes(frame[at + 1 : end]))


def why(exchange: Exchange, scbk: bytes) -> Fall:
    """Why a device that is spoken to with this base key fell offline after this exchange.

    INVARIANT: a device is accused by what its answer says, and never because libosdp let go of it
    then. An answer to an earlier question came too late and proves nothing.
    """
    if not exchange.reply:
        return Fall.SILENT
    asked, said = head_of(exchange.frame), head_of(bytes(exchange.reply))
    if asked is None or said is None or asked.sequence != said.sequence:
        return Fall.GARBLED
    if asked.code == CHLNG and said.code == CCRYPT:
        key = osdp_proof.DEFAULT_KEY if asked.key == osdp_proof.DEFAULT else scbk
        proved = osdp_proof.has_key(key, asked.data, said.data)
        return Fall.WRONG_KEY if proved is False else Fall.GARBLED
    if asked.code == CHLNG and said.code == NAK:
        return Fall.NOT_SECURE if said.data[:1] in _NO_SECURE_CHANNEL else Fall.GARBLED
    if asked.code == CAP and said.code == PDCAP:
        able = osdp_proof.knows_secure_channel(said.data)
        return Fall.GARBLED if able else Fall.NOT_SECURE
    if said.code == NAK:
        return Fall.SESSION
    in_session = asked.block >= BLOCK_SESSION and asked.code not in {ID, CAP}
    clear = said.block < BLOCK_SESSION and said.code not in _OF_A_BEGINNING
    return Fall.NOT_SECURE if in_session and clear else Fall.GARBLED


class OsdpChannel(Channel):  # type: ignore[misc]  # libosdp carries no types
    """One bus for all its devices. ``retries`` is how often an unanswered command is repeated.

    INVARIANT: an output command crosses the wire once: what repeats it opens a door late.
    INVARIANT: nothing raises, or libosdp's refresh would.
    """

    def __init__(self, line: SerialLine, *, retries: int) -> None:
        super().__init__()
        self._line = line
        self._retries = retries
        self._exchanges: dict[int, Exchange] = {}
        self._blocked: set[int] = set()
        self._last: Exchange | None = None
        self.traffic: dict[int, Traffic] = {}

    def read(self, max_bytes: int) -> bytes:
        """For libosdp: what has arrived."""
        data = self._line.read(max_bytes)
        if self._last is not None:
            self._last.reply += data[: MOST_REPLY - len(self._last.reply)]
        return data

    def write(self, buf: bytes) -> int:
        """For libosdp: send a frame; 0, which takes the device offline, if it may not be sent."""
        frame = bytes(buf).lstrip(bytes([MARK]))
        address = frame[1] & ~REPLY_BIT
        known = self._exchanges.get(address)
        self._judge(address)
        if known is not None and known.frame == frame:
            # Sequence numbers and MACs make two commands differ: equal bytes are a repetition.
            allowed = 0 if _is_output(frame) else self._retries
            if known.times > allowed:
                return 0
            known.times += 1
            known.reply.clear()
        else:
            known = Exchange(frame)
        if address in self._blocked or not self._line.write(bytes(buf)):
            return 0
        self._exchanges[address] = self._last = known
        known.judged = False
        self.traffic[address].sent += 1
        return len(buf)

    def flush(self) -> None:
        """For libosdp: forget what has arrived."""
        self._line.discard()

    def block(self, address: int) -> None:
        """Let nothing more through to a device until ``forget``; its session is over."""
        self._blocked.add(address)

    def blocked(self, address: int) -> bool:
        """Whether a device was blocked and has not begun afresh."""
        return address in self._blocked

    def forget(self, address: int) -> None:
        """Begin afresh with a device."""
        self._judge(address)
        self._blocked.discard(address)
        self._exchanges.pop(address, None)

    def why(self, address: int, scbk: bytes) -> Fall:
        """Why a device that has just gone offline did; ``scbk`` is the key it is spoken to with."""
        if not self._line.up or address in self._blocked:
            return Fall.PORT
        exchange = self._exchanges.get(address)
        return Fall.SILENT if exchange is None else why(exchange, scbk)

    def refused(self, address: int) -> bool:
        """Whether the device answered its last command with a NAK."""
        exchange = self._exchanges.get(address)
        said = head_of(bytes(exchange.reply)) if exchange is not None else None
        return said is not None and said.code == NAK

    def sent(self, address: int, code: int) -> bool:
        """Whether the last frame that crossed to the device is a command of this code."""
        exchange = self._exchanges.get(address)
        asked = head_of(exchange.frame) if exchange is not None else None
        return asked is not None and asked.code == code

    def frames(self, address: int) -> int:
        """How many frames have been sent to the device."""
        traffic = self.traffic.get(address)
        return 0 if traffic is None else traffic.sent

    def _judge(self, address: int) -> None:
        """Count the last frame to a device, once, if no sound answer has come to it."""
        traffic = self.traffic.setdefault(address, Traffic())
        exchange = self._exchanges.get(address)
        if exchange is not None and not exchange.judged:
            exchange.judged = True
            if head_of(bytes(exchange.reply)) is None:
                traffic.failed += 1


def _is_output(frame: bytes) -> bool:
    asked = head_of(frame)
    return asked is not None and asked.code == OUT
