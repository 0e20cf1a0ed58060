"""One supervisor for each installation."""

import fcntl
import os
from pathlib import Path

from scif.runtime.child import wait_until
from scif.runtime.errors import CannotStart

# A killed supervisor's guardian notices at once, and ends what is left within its three seconds.
_NOTICE_SECONDS, _CLEANING_SECONDS = 1, 10


def lock_installation(var: Path) -> int:
    """Take the installation; gives the open file that holds it, until the process ends.

    After a kill the guardian of that start still holds it until its processes are gone (it empties
    the file): wait. Raises CannotStart where another supervisor runs, OSError.
    """
    descriptor = os.open(var / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    if not wait_until(lambda: _take(descriptor), _NOTICE_SECONDS):
        holder = os.pread(descriptor, 32, 0).decode().strip()
        if holder or not wait_until(lambda: _take(descriptor), _CLEANING_SECONDS):
            os.close(descriptor)
            raise CannotStart(
                f"It is already running (process {holder}) with its files in {var}; stop it "
                "first, or set SCIF_VAR to another directory"
            )
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
    return descriptor


def is_locked(var: Path) -> bool:
    """Whether a supervisor has the installation."""
    try:
        descriptor = os.open(var / "lock", os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        return not _take(descriptor)
    finally:
        os.close(descriptor)


def _take(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
