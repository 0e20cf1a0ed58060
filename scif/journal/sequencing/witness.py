"""The last published checkpoint, kept outside the database.

A database that was rolled back agrees with itself; only what was published can contradict it.
"""

import logging
import os
from pathlib import Path

from scif.journal.notes import NoteError, Signer, TreeHead

logger = logging.getLogger(__name__)


class Witness:
    """The files ``checkpoint`` and ``vkey`` in the journal's folder; copy them to outsiders."""

    def __init__(self, folder: Path, signer: Signer) -> None:
        self._folder = folder
        self._signer = signer
        folder.mkdir(parents=True, exist_ok=True)
        _write(folder / "vkey", f"{signer.verifier}\n")

    def note(self) -> str | None:
        """The last published checkpoint as a signed note, None before the first."""
        path = self._folder / "checkpoint"
        return path.read_text("utf-8") if path.exists() else None

    def head(self) -> TreeHead | None:
        """What the last published checkpoint states.

        A note that this key did not sign is from before a change of keys: it is left out of
        account, with a warning.
        """
        note = self.note()
        if note is None:
            return None
        try:
            return TreeHead.parse(self._signer.verifier.verify(note))
        except NoteError as error:
            logger.warning("the published checkpoint is not by today's key: %s", error)
            return None

    def publish(self, note: str) -> None:
        """Keep a checkpoint that is committed in the database."""
        _write(self._folder / "checkpoint", note)

    def keep_lost(self, size: int) -> None:
        """Copy the lost checkpoint under a name of its own, as evidence of a recovery."""
        _write(self._folder / f"checkpoint.lost-{size}", self.note() or "")


def _write(path: Path, text: str) -> None:
    """Replace a file as a whole: after a power failure it is the old one or the new one."""
    fresh = path.with_name(path.name + ".new")
    with fresh.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    fresh.rename(path)
