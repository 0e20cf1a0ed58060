"""The snapshot on disk: encrypted, bound to its gateway, and never older than it was."""

import json
import os
import secrets
import threading
from collections.abc import Callable
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from hardware.gateway.edge_journal import EdgeJournal, StatePut
from hardware.gateway.snapshot import Snapshot, SnapshotRefused
from scif.kernel.canonical import canonical_json

NONCE = 12
MAGIC = b"SNAP1"


class SnapshotStore:
    """Keeps a snapshot in ``snapshot.bin`` (AES-256-GCM), for a start with nothing else there.

    INVARIANT: a file older than the version noted in the edge journal is refused, so that nobody
    revives a revoked badge by putting yesterday's file back.
    """

    def __init__(
        self,
        path: Path,
        key: bytes,
        snapshot: Snapshot,
        edge: EdgeJournal,
        monotonic: Callable[[], float],
        *,
        settle_seconds: float = 1.0,
        heard_seconds: float = 30.0,
    ) -> None:
        self._path = path
        self._cipher = AESGCM(key)
        self._snapshot = snapshot
        self._edge = edge
        self._monotonic = monotonic
        self._settle = settle_seconds
        self._heard = heard_seconds
        self._saved_version = 0
        self._saved_at = -heard_seconds
        self._lock = threading.Lock()

    def load(self) -> bool:
        """Restore the snapshot; False if there is no file. Raises SnapshotRefused, OSError."""
        known = int(self._edge.states("meta").get("snapshot", {}).get("version", 0))
        try:
            sealed = self._path.read_bytes()
        except FileNotFoundError:
            return False
        if not sealed.startswith(MAGIC):
            raise SnapshotRefused("the stored snapshot is of another form")
        body = sealed[len(MAGIC) :]
        try:
            plain = self._cipher.decrypt(body[:NONCE], body[NONCE:], self._bound())
            stored = json.loads(plain)
        except (InvalidTag, ValueError):
            raise SnapshotRefused("the stored snapshot is damaged or was altered") from None
        if int(stored["version"]) < known:
            raise SnapshotRefused(
                f"the stored snapshot is version {stored['version']}, but {known} was known"
            )
        self._snapshot.restore(stored)
        self._saved_version = self._snapshot.version
        return True

    def save_if_due(self) -> bool:
        """Save a change once a second, and at times that nothing changed; True if it saved."""
        now = self._monotonic()
        changed = self._snapshot.version != self._saved_version
        wait = self._settle if changed else self._heard
        if now - self._saved_at < wait or self._snapshot.version == 0:
            return False
        self.save()
        return True

    def save(self) -> None:
        """Replace the file atomically, then note its version. Raises OSError, EdgeError."""
        with self._lock:
            self._saved_at = self._monotonic()
            exported = self._snapshot.export()
            # Record by record: one encoding of all would keep the interpreter from the doors.
            records = b",".join(canonical_json(record) for record in exported.pop("records"))
            plain = b'{"records":[' + records + b"]," + canonical_json(exported)[1:]
            nonce = secrets.token_bytes(NONCE)
            sealed = self._cipher.encrypt(nonce, plain, self._bound())
            partial = self._path.with_suffix(".new")
            descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(MAGIC + nonce + sealed)
                file.flush()
                os.fsync(file.fileno())
            partial.replace(self._path)
            directory = os.open(self._path.parent, os.O_RDONLY)
            try:
                os.fsync(directory)
            finally:
                os.close(directory)
            # The file first: a crash in between leaves a file newer than the note, which is fine.
            version = int(exported["version"])
            self._edge.append([], [StatePut("meta", "snapshot", {"version": version})])
            self._saved_version = version

    def _bound(self) -> bytes:
        return MAGIC + self._snapshot.gateway.encode()
