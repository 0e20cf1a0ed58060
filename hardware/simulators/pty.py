"""A serial port that another process opens: paced, noisy on demand, and it can be unplugged.

A pseudo-terminal passes bytes at memory speed and never loses one. This one delivers a piece only
after the time that its bytes take on the wire (10 bits each: start, eight data, stop), both ways,
and flips or drops what it is told to. It can also take nothing any more, as a port does whose
adapter has stopped: what the host writes does not drain.
"""

import os
import random
import termios
import tty
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from hardware.simulators.loop import Loop

BITS_PER_BYTE = 10
READ_BYTES = 4096


class PacedPty:
    """The device's end of one serial line; ``link`` is the path that the host opens.

    ``heard`` gets what the host sent, ``wire`` every piece that crossed the line: "in" from the
    host, "out" to it. ``noise`` is the chance that a piece crosses with one bit flipped, ``loss``
    that it does not cross; both from 0 to 1 and for each way, repeatable by ``seed``.
    """

    def __init__(
        self,
        loop: Loop,
        *,
        link: Path,
        baud: int,
        heard: Callable[[bytes], None],
        wire: Callable[[str, bytes], None] = lambda way, data: None,
        seed: int = 0,
    ) -> None:
        self.link = link
        self.baud = baud
        self.noise = {"in": 0.0, "out": 0.0}
        self.loss = {"in": 0.0, "out": 0.0}
        self._loop = loop
        self._heard = heard
        self._wire = wire
        self.stalled = False
        self._chance = random.Random(seed)  # noqa: S311 - faults must be repeatable, not secret
        self._fds: tuple[int, int] | None = None
        self._free_at = {"in": 0.0, "out": 0.0}
        self.plug()

    @property
    def plugged(self) -> bool:
        """Whether the port exists."""
        return self._fds is not None

    def plug(self) -> None:
        """Make the port and point the link at it; a port that is plugged stays."""
        if self._fds is not None:
            return
        master, slave = os.openpty()
        # A cooked terminal would echo. The slave stays open here, or reading gives EIO whenever
        # the host has not opened the port.
        tty.setraw(slave)
        os.set_blocking(master, False)
        self._fds = master, slave
        self._loop.watch(master, self._read)
        draft = self.link.with_name(f".{self.link.name}.{os.getpid()}")
        draft.unlink(missing_ok=True)
        draft.symlink_to(os.ttyname(slave))
        draft.replace(self.link)

    def unplug(self) -> None:
        """Pull the cable out of the host: the port hangs up and its path is gone."""
        if self._fds is None:
            return
        master, slave = self._fds
        self._fds = None
        self.stalled = False  # the next port is a new one
        self._loop.forget(master)
        self.link.unlink(missing_ok=True)
        os.close(slave)
        os.close(master)

    def stall(self, *, active: bool) -> None:
        """Take no byte of the host any more, or go on; nothing for a port that is not there."""
        if self._fds is not None:
            termios.tcflow(self._fds[1], termios.TCOOFF if active else termios.TCOON)
            self.stalled = active

    def write(self, data: bytes) -> None:
        """Send to the host; dropped, as on a real wire, if nobody is there."""
        if self._fds is not None:
            self._cross("out", data, self._deliver)

    def _read(self) -> None:
        if self._fds is None:
            return
        try:
            data = os.read(self._fds[0], READ_BYTES)
        except OSError:
            return
        if data:
            self._cross("in", data, self._heard)

    def _deliver(self, data: bytes) -> None:
        if self._fds is not None:
            # A host that does not read loses bytes, as an overrun UART does.
            with suppress(OSError):
                os.write(self._fds[0], data)

    def _cross(self, way: str, data: bytes, arrive: Callable[[bytes], None]) -> None:
        fds = self._fds
        start = max(self._loop.now(), self._free_at[way])
        self._free_at[way] = at = start + len(data) * BITS_PER_BYTE / self.baud

        def arrived() -> None:
            if self._fds != fds:
                return
            crossed = self._disturb(way, data)
            self._wire(way, crossed)
            if crossed:
                arrive(crossed)

        self._loop.call_at(at, arrived)

    def _disturb(self, way: str, data: bytes) -> bytes:
        if self._chance.random() < self.loss[way]:
            return b""
        if self._chance.random() >= self.noise[way]:
            return data
        bit = self._chance.randrange(len(data) * 8)
        flipped = bytearray(data)
        flipped[bit // 8] ^= 1 << bit % 8
        return bytes(flipped)
