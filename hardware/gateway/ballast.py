"""Disk space that is the gateway's own: thrown overboard when others have filled the disk."""

import logging
import os
import shutil
from collections.abc import Callable
from pathlib import Path

logger = logging.getLogger(__name__)


class Ballast:
    """A file of the reserve's size beside the edge journal, whose blocks are taken for certain.

    While it is there, no other program can use them up. When the disk takes no more it goes, so
    that what happens unasked finds its room; grants are refused long before. It is taken again once
    there is room for it twice.
    """

    def __init__(self, path: Path, free: Callable[[], int] | None = None) -> None:
        """``free`` gives the bytes that the disk has left."""
        self._path = path
        self._free = free or (lambda: shutil.disk_usage(path.parent).free)
        self._held = path.exists()

    @property
    def held(self) -> bool:
        """Whether the space is there to be given."""
        return self._held

    def keep(self, size: int) -> None:
        """Take the space, if the disk has it twice; a disk that does not give it is no error."""
        if self._held or size <= 0 or self._free() < 2 * size:
            return
        try:
            descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                os.posix_fallocate(descriptor, 0, size)
            finally:
                os.close(descriptor)
        except OSError as error:
            logger.error("the reserve cannot be taken: %s", error)  # noqa: TRY400  expected on a disk that fills
            self._path.unlink(missing_ok=True)
            return
        self._held = True

    def give(self, needed: int | None = None) -> None:
        """Give the space away where the disk has less left than is needed.

        ``None``: whatever it has left, for a quota of the account's is seen in no figure of it.
        """
        if not self._held or (needed is not None and self._free() >= needed):
            return
        logger.error("the disk takes no more: the reserve is used")
        self._path.unlink(missing_ok=True)
        self._held = False
