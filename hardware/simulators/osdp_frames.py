"""OSDP frames as bytes, written from SIA OSDP v2.2 (IEC 60839-11-5) and from no library.

``SOM address length control [security block] code data [MAC] CRC``; a device's address carries the
high bit in its replies. The driver under test speaks through libosdp, so whatever both understand
is more than one author's reading of the standard.
"""

from dataclasses import dataclass
from enum import IntEnum

SOM = 0x53
MARK = 0xFF
REPLY_BIT = 0x80
BROADCAST = 0x7F
SEQUENCE = 0x03
WITH_CRC = 0x04
WITH_BLOCK = 0x08
HEADER = 5
LONGEST = 1440
MAC_BYTES = 4


class Command(IntEnum):
    """What a control panel asks (SIA OSDP v2.2, annex A)."""

    POLL = 0x60
    ID = 0x61
    CAP = 0x62
    LSTAT = 0x64
    ISTAT = 0x65
    OSTAT = 0x66
    RSTAT = 0x67
    OUT = 0x68
    LED = 0x69
    BUZ = 0x6A
    TEXT = 0x6B
    KEYSET = 0x75
    CHLNG = 0x76
    SCRYPT = 0x77


class Reply(IntEnum):
    """What a device answers."""

    ACK = 0x40
    NAK = 0x41
    PDID = 0x45
    PDCAP = 0x46
    LSTATR = 0x48
    ISTATR = 0x49
    OSTATR = 0x4A
    RSTATR = 0x4B
    RAW = 0x50
    KEYPAD = 0x53
    CCRYPT = 0x76
    RMAC_I = 0x78


class Nak(IntEnum):
    """Why a device refused."""

    CHECK = 1
    LENGTH = 2
    UNKNOWN = 3
    SEQUENCE = 4
    NO_SECURITY = 5
    SECURITY = 6
    RECORD = 9


class Block(IntEnum):
    """Types of the security block: the four of the handshake, then plain and enciphered data."""

    CHALLENGE = 0x11
    CRYPTOGRAM = 0x12
    PROOF = 0x13
    ACCEPTED = 0x14
    COMMAND_PLAIN = 0x15
    REPLY_PLAIN = 0x16
    COMMAND_SEALED = 0x17
    REPLY_SEALED = 0x18


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame. ``block`` is the security block without its length byte; ``mac`` its four bytes.

    ``signed`` is what the MAC covers: everything from the SOM to the data.
    """

    address: int
    sequence: int
    code: int
    data: bytes = b""
    block: bytes = b""
    mac: bytes = b""
    reply: bool = False
    signed: bytes = b""


def crc16(data: bytes) -> int:
    """CRC-16 of the standard: polynomial 0x1021, start 0x1D0F, not reflected (annex C)."""
    crc = 0x1D0F
    for byte in data:
        crc ^= byte << 8
        for _ in range(8):
            crc = (crc << 1 ^ 0x1021 if crc & 0x8000 else crc << 1) & 0xFFFF
    return crc


def checksum(data: bytes) -> int:
    """The one-byte alternative: the two's complement of the sum."""
    return -sum(data) & 0xFF


def head(frame: Frame, mac_bytes: int) -> bytes:
    """The frame from the SOM to the data, its length field ready for a MAC and a CRC."""
    block = bytes([len(frame.block) + 1]) + frame.block if frame.block else b""
    length = HEADER + len(block) + 1 + len(frame.data) + mac_bytes + 2
    control = frame.sequence | WITH_CRC | (WITH_BLOCK if frame.block else 0)
    address = frame.address | (REPLY_BIT if frame.reply else 0)
    header = bytes([SOM, address]) + length.to_bytes(2, "little") + bytes([control])
    return header + block + bytes([frame.code]) + frame.data


def encode(frame: Frame) -> bytes:
    """The frame's bytes, with a CRC and its MAC if it has one."""
    body = head(frame, len(frame.mac)) + frame.mac
    return body + crc16(body).to_bytes(2, "little")


def decode(raw: bytes) -> Frame | None:
    """The frame of exactly these bytes; None if they are none, or damaged."""
    if len(raw) < HEADER + 2 or raw[0] != SOM or int.from_bytes(raw[2:4], "little") != len(raw):
        return None
    control = raw[4]
    if control & WITH_CRC:
        body, check = raw[:-2], int.from_bytes(raw[-2:], "little")
        sound = crc16(body) == check
    else:
        body, sound = raw[:-1], checksum(raw[:-1]) == raw[-1]
    if not sound:
        return None
    block, rest = b"", body[HEADER:]
    if control & WITH_BLOCK:
        size = rest[0] if rest else 0
        if size < 2 or size > len(rest):
            return None
        block, rest = rest[1:size], rest[size:]
    mac = b""
    if block and block[0] >= Block.COMMAND_PLAIN:
        if len(rest) < MAC_BYTES:
            return None
        rest, mac = rest[:-MAC_BYTES], rest[-MAC_BYTES:]
    if not rest:
        return None
    return Frame(
        address=raw[1] & ~REPLY_BIT,
        sequence=control & SEQUENCE,
        code=rest[0],
        data=rest[1:],
        block=block,
        mac=mac,
        reply=bool(raw[1] & REPLY_BIT),
        signed=body[: len(body) - len(mac)],
    )


class Splitter:
    """Finds frames in a stream. INVARIANT: it never holds more than one frame and one read."""

    def __init__(self) -> None:
        self._held = bytearray()

    def clear(self) -> None:
        """Forget a frame that has begun."""
        self._held.clear()

    def feed(self, data: bytes) -> list[bytes]:
        """Take what was heard; return the pieces that are as long as they say, sound or not."""
        self._held += data
        found: list[bytes] = []
        while True:
            start = self._held.find(SOM)
            if start < 0:
                self._held.clear()
                return found
            del self._held[:start]
            if len(self._held) < HEADER:
                return found
            length = int.from_bytes(self._held[2:4], "little")
            if not HEADER + 2 <= length <= LONGEST:
                del self._held[0]
            elif len(self._held) < length:
                return found
            else:
                found.append(bytes(self._held[:length]))
                del self._held[:length]
