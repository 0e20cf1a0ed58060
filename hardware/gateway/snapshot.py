"""What this gateway knows of the centre: records in memory, changed only by signed deltas."""

import hashlib
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from scif.kernel.canonical import canonical_json

Key = tuple[str, str]
# What is kept of a record, by its kind and key.
Kept = Callable[[str, str, Mapping[str, Any]], Mapping[str, Any]]


class SnapshotRefused(Exception):
    """A delta or a stored snapshot is not what the control plane signed, or not the next one."""


@dataclass(frozen=True, slots=True)
class Delta:
    """One change, as the control plane signed it; ``payload`` None means the record is gone."""

    gateway: str
    version: int
    kind: str
    key: str
    payload: Mapping[str, Any] | None
    signature: bytes


@dataclass(frozen=True, slots=True)
class Floor:
    """Up to which version the deltas were compacted; ``digest`` is the SHA-256 of the signatures
    of those that are left, in order, so that none of them can be withheld.
    """

    gateway: str
    version: int
    digest: str
    signature: bytes


class Snapshot:
    """The records of one gateway by kind and key; a ``SnapshotView``.

    INVARIANT: version n holds exactly what deltas 1 to n say; a delta is applied once, in order.
    Deltas that later ones have overtaken may be left out of a full state that is signed as a whole.
    """

    def __init__(
        self,
        gateway: str,
        control: Ed25519PublicKey,
        kept: Kept = lambda kind, key, record: record,
    ) -> None:
        """``kept`` takes out of a record what was wrapped for this gateway."""
        self.gateway = gateway
        self._control = control
        self._kept = kept
        self._records: dict[Key, Mapping[str, Any]] = {}
        self._version = 0
        self._heard_at: datetime | None = None
        self._lock = threading.RLock()
        self.on_change: Callable[[frozenset[str]], None] = lambda kinds: None

    @property
    def version(self) -> int:
        """The last delta applied."""
        return self._version

    @property
    def heard_at(self) -> datetime | None:
        """When the centre last confirmed that nothing newer exists."""
        return self._heard_at

    def get(self, kind: str, key: str) -> Mapping[str, Any] | None:
        """One record, or None."""
        return self._records.get((kind, key))

    def of_kind(self, kind: str) -> dict[str, Mapping[str, Any]]:
        """All records of a kind by key."""
        with self._lock:
            return {key: record for (k, key), record in self._records.items() if k == kind}

    @contextmanager
    def held(self) -> Iterator["Snapshot"]:
        """Keep the snapshot as it is for one decision."""
        with self._lock:
            yield self

    def apply(self, deltas: Sequence[Delta]) -> None:
        """Apply deltas in order; all that are good before a bad one stay applied.

        Raises SnapshotRefused at the first that is foreign, altered, or not the next.
        """
        kinds: set[str] = set()
        try:
            for delta in deltas:
                self._verify(delta)
                with self._lock:
                    if delta.version <= self._version:
                        continue  # a repeat changes nothing
                    if delta.version != self._version + 1:
                        raise SnapshotRefused(
                            f"version {delta.version} does not follow {self._version}"
                        )
                    self._put(delta)
                kinds.add(delta.kind)
        finally:
            if kinds:
                self.on_change(frozenset(kinds))

    def rebase(self, floor: Floor, deltas: Sequence[Delta]) -> None:
        """Begin anew with the full state of a version; all of it, or none.

        Raises SnapshotRefused where it is not newer, not ours, not whole or altered.
        """
        if floor.gateway != self.gateway:
            raise SnapshotRefused(f"the full state is meant for {floor.gateway}")
        self._check(
            floor.signature,
            {"gateway": floor.gateway, "floor": floor.version, "digest": floor.digest},
            "the full state",
        )
        digest = hashlib.sha256(b"".join(delta.signature for delta in deltas)).hexdigest()
        if digest != floor.digest:
            raise SnapshotRefused("the full state is not whole")
        records: dict[Key, Mapping[str, Any]] = {}
        for delta in deltas:
            self._verify(delta)
            if delta.payload is not None:
                records[delta.kind, delta.key] = self._record(delta, delta.payload)
        with self._lock:
            if floor.version <= self._version:
                raise SnapshotRefused(f"the centre no longer has version {self._version}")
            kinds = {kind for kind, _ in (*self._records, *records)}
            self._records, self._version = records, floor.version
        self.on_change(frozenset(kinds))

    def heard(self, at: datetime) -> None:
        """The centre confirmed at this time that nothing newer exists."""
        with self._lock:
            self._heard_at = at

    def age_unknown(self) -> None:
        """The clock was set: the snapshot has no age until the centre confirms it."""
        with self._lock:
            self._heard_at = None

    def export(self) -> dict[str, Any]:
        """All of it, for storage."""
        with self._lock:
            return {
                "gateway": self.gateway,
                "version": self._version,
                "heard_at": self._heard_at.isoformat() if self._heard_at else None,
                "records": [[kind, key, r] for (kind, key), r in self._records.items()],
            }

    def restore(self, stored: Mapping[str, Any]) -> None:
        """Take what ``export`` gave; the caller vouches for where it lay."""
        with self._lock:
            self._records = {(kind, key): record for kind, key, record in stored["records"]}
            self._version = int(stored["version"])
            heard = stored["heard_at"]
            self._heard_at = datetime.fromisoformat(heard) if heard else None
        self.on_change(frozenset(kind for kind, _ in self._records))

    def _verify(self, delta: Delta) -> None:
        if delta.gateway != self.gateway:
            raise SnapshotRefused(f"version {delta.version} is meant for {delta.gateway}")
        body = {
            "gateway": delta.gateway,
            "version": delta.version,
            "kind": delta.kind,
            "key": delta.key,
            "payload": delta.payload,
        }
        self._check(delta.signature, body, f"version {delta.version}")

    def _check(self, signature: bytes, body: Mapping[str, Any], what: str) -> None:
        try:
            self._control.verify(signature, canonical_json(body))
        except InvalidSignature:
            raise SnapshotRefused(f"{what} carries a wrong signature") from None
        except (TypeError, ValueError, RecursionError):
            # Nobody signs what has no canonical form.
            raise SnapshotRefused(f"{what} cannot be read") from None

    def _put(self, delta: Delta) -> None:
        if delta.payload is None:
            self._records.pop((delta.kind, delta.key), None)
        else:
            self._records[delta.kind, delta.key] = self._record(delta, delta.payload)
        self._version = delta.version

    def _record(self, delta: Delta, payload: Mapping[str, Any]) -> Mapping[str, Any]:
        return self._kept(delta.kind, delta.key, payload)
