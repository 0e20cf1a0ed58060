"""The device's side of OSDP: whose turn it is, whether the session is secure, what to answer.

What the device *is*, a reader with a lock and lamps, is the ``Equipment`` behind it.
"""

import secrets
from dataclasses import replace
from typing import Protocol

from hardware.simulators.osdp_frames import Block, Command, Frame, Nak, Reply, decode, encode
from hardware.simulators.osdp_session import Session

SESSION_SECONDS = 8.0  # SIA OSDP v2.2, 5.7: without a command for so long, communication is lost
IDENTITY = bytes.fromhex("5c1f00 01 01 00000000 010000")  # vendor, model, version, serial, firmware
DEFAULT_KEY = bytes(range(0x30, 0x40))  # SCBK-D, published in annex D
OPEN_COMMANDS = {Command.ID, Command.CAP, Command.CHLNG, Command.SCRYPT}


class Equipment(Protocol):
    """What an OSDP device carries."""

    def capabilities(self) -> list[tuple[int, int, int]]:
        """Function code, compliance, number of items: annex B."""

    def report(self) -> tuple[Reply, bytes] | None:
        """The next thing to say when polled; it counts as said."""

    def obey(self, command: int, data: bytes) -> tuple[Reply, bytes] | Nak:
        """Carry out a command, or say why not."""


class Device:
    """One address on the bus. Without an ``scbk`` it is as it left the factory: it speaks under the
    default key, and under no other, until it is given one.

    A device that is not ``capable`` says that it has no Secure Channel and obeys in the clear, as
    the oldest readers do. INVARIANT: a capable device obeys nothing outside a proven session.
    """

    def __init__(
        self, *, address: int, scbk: bytes | None, equipment: Equipment, capable: bool
    ) -> None:
        self.address = address
        self.scbk = scbk
        self.capable = capable
        self._equipment = equipment
        self._heard_at = float("-inf")
        self._last = (b"", b"")
        self.reset()

    def reset(self) -> None:
        """As after a loss of power."""
        self._sequence = -1
        self._session: Session | None = None
        self._proven = False
        self._key_type = 0
        self._last = (b"", b"")

    def online(self, now: float) -> bool:
        """Whether a panel is talking to it."""
        return now - self._heard_at < SESSION_SECONDS

    def secure(self, now: float) -> bool:
        """Whether the session is proven and alive."""
        return self._proven and self.online(now)

    def hear(self, raw: bytes, now: float) -> bytes | None:
        """Take one frame off the bus; the answer's bytes, or None if it is not for this device."""
        frame = decode(raw)
        if frame is None or frame.reply or frame.address != self.address:
            return None
        if not self.online(now):
            self.reset()
        self._heard_at = now
        if raw == self._last[0] and frame.sequence:
            # 5.9: the panel did not hear the answer. It is repeated, and nothing is done twice.
            return self._last[1]
        if frame.sequence == 0:
            self.reset()
        answer = self._answer(frame)
        self._last = (raw, answer)
        return answer

    def _answer(self, frame: Frame) -> bytes:
        expected = 0 if self._sequence < 0 else self._sequence % 3 + 1
        if frame.sequence != expected:
            return self._say(frame, Reply.NAK, bytes([Nak.SEQUENCE]), clear=True)
        self._sequence = frame.sequence
        if frame.code == Command.CHLNG:
            return self._challenge(frame)
        if frame.code == Command.SCRYPT:
            return self._prove(frame)
        data = frame.data
        if self._session is not None:
            opened = self._open(self._session, frame)
            if opened is None:
                return self._lose(frame)
            data = opened
        elif self.capable and frame.code not in OPEN_COMMANDS:
            return self._lose(frame)
        return self._say(frame, *self._do(frame.code, data))

    def _open(self, session: Session, frame: Frame) -> bytes | None:
        """The data of a frame that is truly of this session."""
        kind = frame.block[0] if frame.block else None
        if not self._proven or kind not in (Block.COMMAND_PLAIN, Block.COMMAND_SEALED):
            return None
        if not session.verify(frame):
            return None
        if kind == Block.COMMAND_SEALED:
            return session.unseal(frame.data, reply=False)
        return frame.data

    def _do(self, code: int, data: bytes) -> tuple[Reply, bytes]:
        match code:
            case Command.POLL:
                return self._equipment.report() or (Reply.ACK, b"")
            case Command.ID:
                return Reply.PDID, IDENTITY
            case Command.CAP:
                common = [(8, 1, 0), (9, int(self.capable), 0), (10, 0, 1), (14, 0, 1)]
                triples = sorted(self._equipment.capabilities() + common)
                return Reply.PDCAP, b"".join(bytes(triple) for triple in triples)
            case Command.KEYSET:
                return self._take_key(data)
        done = self._equipment.obey(code, data)
        return (Reply.NAK, bytes([done])) if isinstance(done, Nak) else done

    def _challenge(self, frame: Frame) -> bytes:
        self._session, self._proven = None, False
        if not self.capable:
            return self._say(frame, Reply.NAK, bytes([Nak.NO_SECURITY]))
        # The second byte says which key; 0 is the default key, for a device that has no other.
        self._key_type = 0 if self.scbk is None else 1
        if frame.block != bytes([Block.CHALLENGE, self._key_type]) or len(frame.data) != 8:
            return self._lose(frame)
        random = secrets.token_bytes(8)
        self._session = session = Session(self.scbk or DEFAULT_KEY, frame.data, random)
        data = IDENTITY[:8] + random + session.device_cryptogram
        block = bytes([Block.CRYPTOGRAM, self._key_type])
        return self._say(frame, Reply.CCRYPT, data, block, clear=True)

    def _take_key(self, data: bytes) -> tuple[Reply, bytes]:
        """A base key of its own, counted from the next session on; in the clear it is none."""
        if self._session is None or data[:2] != bytes([1, 16]) or len(data) != 18:
            return Reply.NAK, bytes([Nak.RECORD])
        self.scbk = data[2:]
        return Reply.ACK, b""

    def _prove(self, frame: Frame) -> bytes:
        session = self._session
        if session is None or self._proven or not session.accepts(frame.data):
            return self._lose(frame)
        self._proven = True
        block = bytes([Block.ACCEPTED, 1])
        return self._say(frame, Reply.RMAC_I, session.reply_mac, block, clear=True)

    def _lose(self, frame: Frame) -> bytes:
        self._session, self._proven = None, False
        return self._say(frame, Reply.NAK, bytes([Nak.SECURITY]))

    def _say(
        self, heard: Frame, code: int, data: bytes, block: bytes = b"", *, clear: bool = False
    ) -> bytes:
        frame = Frame(self.address, heard.sequence, code, data, block, reply=True)
        session = self._session
        if session is None or clear:
            return encode(frame)
        kind = Block.REPLY_SEALED if data else Block.REPLY_PLAIN
        sealed = session.seal(data, reply=True) if data else b""
        frame = replace(frame, data=sealed, block=bytes([kind]))
        return encode(replace(frame, mac=session.sign(frame)))
