"""The airlock's store: bytes by their SHA-256, and the folders on the harness' side.

A path is made of a hash and of our own references only, never of a name that somebody gave.
"""

import os
import re
import stat
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile

from django.conf import settings

from scif.kernel.errors import Refused
from terminals.models import AirlockVersion

# Names are read by the author before anybody has checked anything: a job could write what it
# likes into them. So few names, and short ones; what is called otherwise is not there.
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
MOST_NAMES = 20


def vault_keep(data: bytes) -> str:
    """Keep bytes; gives their SHA-256 in hex. They are on disk before this returns."""
    digest = sha256(data).hexdigest()
    if vault_read(digest) is None:
        _write(_path(digest), data)
    return digest


def vault_read(digest: str) -> bytes | None:
    """The bytes of a hash; None where they are gone or are no longer those that were kept."""
    try:
        data = _path(digest).read_bytes()
    except OSError:
        return None
    return data if sha256(data).hexdigest() == digest else None


def version_altered(version: AirlockVersion | None) -> bool:
    """Whether the bytes of a version that was sealed are gone or are others."""
    sealed = version is not None and version.sealed_at is not None
    return version is not None and sealed and vault_read(version.sha256) is None


def outbox_read(engagement: str, name: str, most: int) -> bytes:
    """A file that the harness put out for an engagement; refuses what is none, or too large."""
    folder = outbox(engagement)
    if name not in outbox_names(engagement):
        raise Refused("file_gone", "The harness no longer puts out this file.", "Choose another.")
    try:
        opened = os.open(folder / name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        raise Refused("file_gone", "This file cannot be read.", "Choose another.") from error
    with os.fdopen(opened, "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise Refused("file_gone", "This is no file.", "Choose another.")
        return file.read(most + 1)


def outbox_names(engagement: str) -> list[str]:
    """The names of the first files that the harness has put out, in order; links are none."""
    try:
        with os.scandir(outbox(engagement)) as entries:
            found = (each.name for each in entries if each.is_file(follow_symlinks=False))
            return sorted(name for name in found if _NAME.fullmatch(name))[:MOST_NAMES]
    except OSError:
        return []


def outbox(engagement: str) -> Path:
    """The folder into which the harness puts what an engagement wants out."""
    return settings.AIRLOCK_DIR / "outbox" / engagement


def inbox_deliver(engagement: str, name: str, data: bytes) -> None:
    """Put bytes into the folder that the harness takes in from; whole or not at all.

    The folder's group may read them: the harness is another user.
    """
    _write(settings.AIRLOCK_DIR / "inbox" / engagement / name, data, mode=0o640)


def _path(digest: str) -> Path:
    return settings.AIRLOCK_DIR / "kept" / digest[:2] / digest


def _write(path: Path, data: bytes, mode: int = 0o600) -> None:
    """Whole, flushed, and only then under its name."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=path.parent, prefix=".", delete=False) as file:
        file.write(data)
        file.flush()
        os.fchmod(file.fileno(), mode)
        os.fsync(file.fileno())
    Path(file.name).replace(path)
