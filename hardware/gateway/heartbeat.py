"""The last sign of life of a run, for the run after it: how long were the doors out of sight?"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

BOOT = Path("/proc/sys/kernel/random/boot_id")
SIZE = 128
UNSAID = "-"


class Beat(NamedTuple):
    """When a process lived: monotonic milliseconds, of the machine's start that ``boot`` names.

    ``base``: what it knew of the centre's time (:mod:`hardware.gateway.timekeeper`).
    """

    boot: str
    at: int
    base: int | None = None


def boot_id() -> str:
    """Names this start of the machine; one of its own where the machine does not say."""
    try:
        return BOOT.read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return str(uuid4())


class Heartbeat:
    """A small file, written over in place and never flushed.

    It has to outlive the process, not the machine: after a start of the machine its ``boot`` is
    another, and then nobody knows how long it took. So it costs no disk its life, and a full disk
    has room for it.

    INVARIANT: it is written only while everything that happened before is durable.
    """

    def __init__(self, path: Path, boot: str, monotonic: Callable[[], float]) -> None:
        self._path = path
        self._boot = boot
        self._monotonic = monotonic
        self._file: int | None = None
        self.before = self._read()

    def lived(self, until: Beat) -> bool:
        """Whether the run before is known to have lived until then; 0 is before every run."""
        known = self.before
        if not until.at:
            return True
        return known is not None and known.boot == until.boot and known.at >= until.at

    @property
    def since(self) -> float:
        """The monotonic time from which on nobody listened; endlessly long ago if it is unknown."""
        known = self.before
        if known is None or known.boot != self._boot or known.at > self._milliseconds:
            return float("-inf")
        return known.at / 1000

    @property
    def base(self) -> int | None:
        """What the run before knew of the centre's time, if the machine has not started since."""
        known = self.before
        same = known is not None and known.boot == self._boot and known.at <= self._milliseconds
        return known.base if known is not None and same else None

    def beat(self, base: int | None) -> None:
        """Say that the process lives; raises OSError."""
        if self._file is None:
            self._file = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
        said = f"{self._boot or UNSAID} {self._milliseconds} {UNSAID if base is None else base}"
        os.pwrite(self._file, said.ljust(SIZE).encode(), 0)

    def close(self) -> None:
        """Release the file."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    @property
    def _milliseconds(self) -> int:
        return int(self._monotonic() * 1000)

    def _read(self) -> Beat | None:
        try:
            boot, at, base = self._path.read_text(encoding="ascii").split()
            known = None if base == UNSAID else int(base)
            return Beat("" if boot == UNSAID else boot, int(at), known)
        except (OSError, ValueError):
            return None
