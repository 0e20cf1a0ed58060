"""What stops a start: said in one line, never as a traceback."""

import errno
import re
import shutil
from pathlib import Path

_OS_REASONS = {
    errno.ENOSPC: "no space left on the disk",
    errno.EDQUOT: "the disk quota is used up",
    errno.EROFS: "the file system is read-only",
    errno.EACCES: "permission denied",
    errno.EPERM: "operation not permitted",
}

LEAST_FREE_BYTES = 256 * 1024
# Wordings of the C library and of the servers (started with LC_ALL=C), and what they mean here.
_LOG_REASONS = (
    (
        re.compile(r"no space left on device|check free disk space", re.I),
        "no space left on the disk",
    ),
    (re.compile(r"disk quota exceeded", re.I), "the disk quota is used up"),
    (re.compile(r"read-only file system", re.I), "the file system is read-only"),
    (
        re.compile(r"bind on address \('([^']+)', (\d+)\).*address already in use", re.I),
        r"its address \1:\2 is in use",
    ),
    (re.compile(r"address already in use", re.I), "its address or socket is in use"),
    (
        re.compile(r"(lib[\w.+-]+\.so[\w.]*): cannot open shared object file", re.I),
        r"the system library \1 is missing",
    ),
    (re.compile(r"cannot allocate memory|MemoryError", re.I), "not enough memory"),
    (re.compile(r"permission denied", re.I), "permission denied"),
)


class CannotStart(Exception):
    """The start is refused or has failed; the text is one line for the person at the terminal."""


def explain_os_error(error: OSError) -> str:
    """Say in words what the operating system refused, and on which path."""
    reason = _OS_REASONS.get(error.errno or 0, error.strerror or str(error))
    return f"{error.filename}: {reason}" if error.filename else reason


def explain_log(text: str, log: Path | None = None) -> str:
    """Find the reason of a failure in the end of a log; the last line where none is known.

    A full disk takes no line either: with the ``log`` its disk is looked at.
    """
    for pattern, reason in _LOG_REASONS:
        if found := pattern.search(text):
            return found.expand(reason)
    if log is not None and shutil.disk_usage(log.parent).free < LEAST_FREE_BYTES:
        return "no space left on the disk"
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "it wrote nothing to its log"


def tail(log: Path, start: int = 0, limit: int = 8192) -> str:
    """Read the end of a log, nothing from before the byte `start`, at most `limit` bytes."""
    if not log.exists():
        return ""
    with log.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(start, size - limit))
        return file.read().decode(errors="replace")
