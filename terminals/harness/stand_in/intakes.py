"""What two people have let in for an engagement, as it lies in the airlock's inbox.

The engagement is the one of the address that was asked at, and a name is one of its folder or
none: no path is made of what somebody typed.
"""

import os
import stat
from dataclasses import dataclass
from pathlib import Path

MOST_FILES = 20
MOST_BYTES = 65_536  # of one file, so much is read: what an answer holds is less


class IntakeMissing(Exception):
    """The engagement has taken in no such file."""


@dataclass(frozen=True, slots=True)
class Intake:
    """A file that came in."""

    name: str
    bytes: int


class Intakes:
    """The inbox, with a folder for each engagement; without one nothing comes in."""

    def __init__(self, inbox: Path | None) -> None:
        self._inbox = inbox

    def of(self, engagement: str) -> list[Intake]:
        """What an engagement has taken in, the newest last; links and what is half written is none.

        Of very much, the newest.
        """
        if self._inbox is None:
            return []
        found = []
        try:
            with os.scandir(self._inbox / engagement) as entries:
                for each in entries:
                    if each.is_file(follow_symlinks=False) and not each.name.startswith("."):
                        about = each.stat(follow_symlinks=False)
                        found.append((about.st_mtime_ns, Intake(each.name, about.st_size)))
        except OSError:
            return []
        found.sort(key=lambda pair: (pair[0], pair[1].name))
        return [intake for _at, intake in found[-MOST_FILES:]]

    def read(self, engagement: str, name: str) -> bytes:
        """The first bytes of one of these. Raises IntakeMissing."""
        if self._inbox is None or name not in {each.name for each in self.of(engagement)}:
            raise IntakeMissing
        path = self._inbox / engagement / name
        try:
            opened = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        except OSError as error:
            raise IntakeMissing from error
        with os.fdopen(opened, "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise IntakeMissing
            return file.read(MOST_BYTES)
