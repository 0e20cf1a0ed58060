"""One supervisor for each installation."""

import fcntl
import os
from pathlib import Path

from scif.runtime.child import wait_until
from scif.runtime.errors import CannotStart

_CLEANING_SECONDS = 10


def lock_installation(var: Path) -> int:
    """Take the installation; gives the open file that holds it, until the process ends.

    After a kill the guardian of that start still holds it until its processes are gone: wait.
    Raises CannotStart where another supervisor runs, OSError.
    """
    path = var / "lock"
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    holder = os.read(descriptor, 32).decode().strip()
    if not _take(descriptor) and (
        _alive(holder) or not wait_until(lambda: _take(descriptor), _CLEANING_SECONDS)
    ):
        os.close(descriptor)
        raise CannotStart(
            f"It is already running (process {holder}) with its files in {var}; stop it first, "
            "or set SCIF_VAR to another directory"
        )
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
    return descriptor


def _take(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _alive(pid: str) -> bool:
    try:
        os.kill(int(pid), 0)
    except (ProcessLookupError, ValueError):
        return False
    except PermissionError:
        return True
    return True
