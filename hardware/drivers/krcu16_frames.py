"""The frames of a Kerong KR-CU16 locker board.

A frame is ``02 ADDR CMD 03 SUM8``; ADDR holds the board in its high nibble and the lock (from 0) in
its low one. The board answers a status request with ``02 ADDR 35 hooks hooks ir ir 03 SUM8``: two
bytes of lock hooks (bit 0 of the first is lock 0; 1 = the hook holds, the door is shut) and two of
infrared sensors (1 = something lies inside). Source: the maker's protocol sheet for the KR-CU16.
"""

from dataclasses import dataclass

STX, ETX = 0x02, 0x03
STATUS, UNLOCK, REPORT = 0x30, 0x31, 0x35
LOCKS = 16
SHORT_FRAME = 5
REPORT_FRAME = 9


@dataclass(frozen=True, slots=True)
class Status:
    """One report of a board: a bit for each lock, bit 0 is lock 0."""

    board: int
    shut: int
    occupied: int


def status_request(board: int) -> bytes:
    """Ask a board (0-15) for the state of all its locks."""
    return _short(board << 4, STATUS)


def unlock_request(board: int, lock: int) -> bytes:
    """Release one lock (0-15) of a board (0-15)."""
    return _short(board << 4 | lock, UNLOCK)


def _short(address: int, command: int) -> bytes:
    frame = bytes((STX, address, command, ETX))
    return frame + bytes((sum(frame) & 0xFF,))


class Parser:
    """Finds status reports in a stream of bytes.

    INVARIANT: any bytes may be fed; nothing raises, and what is kept is shorter than one report.
    A frame counts only if start, end and sum are right; after anything else the search goes on
    with the next byte, so that noise costs the frames that it hit and no more.
    """

    def __init__(self) -> None:
        self._pending = bytearray()

    def feed(self, heard: bytes) -> list[Status]:
        """The reports that these bytes complete."""
        self._pending += heard
        reports = []
        while self._pending:
            start = self._pending.find(STX)
            del self._pending[: start if start >= 0 else len(self._pending)]
            if len(self._pending) < SHORT_FRAME:
                break
            length = REPORT_FRAME if self._pending[2] == REPORT else SHORT_FRAME
            if len(self._pending) < length:
                break
            frame = bytes(self._pending[:length])
            if frame[-2] != ETX or sum(frame[:-1]) & 0xFF != frame[-1]:
                del self._pending[0]
                continue
            del self._pending[:length]
            if length == REPORT_FRAME:
                reports.append(
                    Status(
                        board=frame[1] >> 4,
                        shut=int.from_bytes(frame[3:5], "little"),
                        occupied=int.from_bytes(frame[5:7], "little"),
                    )
                )
        return reports
