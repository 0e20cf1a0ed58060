"""PN532 frames on its serial port (HSU), the chip's side: user manual UM0701-02, section 6.2."""

ACK = bytes.fromhex("0000ff00ff00")
ERROR = bytes.fromhex("0000ff01ff7f8100")
FROM_HOST, TO_HOST = 0xD4, 0xD5
START = b"\x00\xff"
MAX_BYTES = 600


def frame(answer: bytes) -> bytes:
    """An answer (code and data) as the chip sends it."""
    body = bytes((TO_HOST,)) + answer
    if len(body) < 0x100:
        head = bytes((len(body), -len(body) & 0xFF))
    else:
        size = len(body).to_bytes(2, "big")
        head = b"\xff\xff" + size + bytes((-sum(size) & 0xFF,))
    return b"\0" + START + head + body + bytes((-sum(body) & 0xFF, 0))


class HostFrames:
    """Cuts what the host sends into commands; ``b""`` stands for the host's ACK, which aborts.

    Wake-up bytes and whatever else lies between frames are skipped.
    """

    def __init__(self) -> None:
        self._pending = bytearray()

    def feed(self, heard: bytes) -> list[bytes]:
        """The commands that these bytes complete, without the direction byte."""
        self._pending += heard
        commands = []
        while (command := self._next()) is not None:
            commands += command
        del self._pending[:-MAX_BYTES]
        return commands

    def _next(self) -> list[bytes] | None:
        """The next command, none for a frame that is broken, None if more must be heard."""
        start = self._pending.find(START)
        if start < 0:
            del self._pending[:-1]
            return None
        del self._pending[:start]
        if len(self._pending) < 5:
            return None
        if self._pending[2:4] == b"\x00\xff":
            del self._pending[:4]
            return [b""]
        extended = self._pending[2:4] == b"\xff\xff"
        head = 7 if extended else 4
        if len(self._pending) < head:
            return None
        length = self._pending[4:6] if extended else self._pending[2:3]
        if (sum(length) + self._pending[head - 1]) & 0xFF:
            del self._pending[:2]
            return []
        size = int.from_bytes(length, "big")
        if len(self._pending) < head + size + 1:
            return None
        body = bytes(self._pending[head : head + size])
        good = not (sum(body) + self._pending[head + size]) & 0xFF
        del self._pending[: head + size + 1]
        return [body[1:]] if good and len(body) > 1 and body[0] == FROM_HOST else []
