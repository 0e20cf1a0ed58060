"""The centre in memory, as a gateway sees it: signed deltas, an inbox, a heartbeat."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from hardware.gateway.centre import CentreAway, Status
from hardware.gateway.edge_journal import EdgeEntry
from hardware.gateway.seals import Sealed
from hardware.gateway.snapshot import Delta, Floor
from hardware.rules.inbox import seal_text
from scif.kernel.canonical import canonical_json
from tests.faults.virtual.place import Permit, Person, Thing, key_of, payload
from tests.faults.virtual.rules import Known

GATEWAY = "g1"


@dataclass
class VirtualCentre:
    """A ``Centre``. ``up`` False: the line is cut; ``deaf``: it commits once and cannot say so."""

    signer: Ed25519PrivateKey
    sealer: Ed25519PublicKey  # the gateway's, as it was handed over
    now: Callable[[], datetime]
    theirs: Callable[[], datetime]  # the gateway's clock, for a mutant that believes it
    up: bool = True
    deaf: bool = False
    inbox: dict[tuple[int, int], EdgeEntry] = field(default_factory=dict)
    altered: int = 0  # entries that came a second time and were not the same
    arrived_twice: int = 0
    unsealed: int = 0  # batches whose end the gateway has not sealed
    things: dict[tuple[str, str], Thing] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._deltas: list[Delta] = []
        self._said: list[tuple[tuple[str, str], Thing | None] | None] = []
        self._permits: dict[str, set[str]] = {}
        self.spoke_at = self.now()

    @property
    def version(self) -> int:
        """The newest delta."""
        return len(self._deltas)

    # What the facility's services would do

    def install(self, key: tuple[str, str], record: dict[str, Any]) -> None:
        """Tell of something that is installed."""
        self._sign(key, record)
        self._said.append(None)

    def put(self, thing: Thing) -> None:
        """Change something, and tell."""
        key = key_of(thing)
        self.things[key] = thing
        if isinstance(thing, Permit):
            mine = self._permits.setdefault(thing.person, set())
            if thing.id not in mine:
                mine.add(thing.id)
                self.put(self.things["person", thing.person])
        entries = sorted(self._permits.get(thing.id, ())) if isinstance(thing, Person) else []
        self._sign(key, payload(thing, entries))
        self._said.append((key, thing))

    def drop(self, kind: str, name: str) -> None:
        """A record is of no more use to a door, and goes."""
        thing = self.things.pop((kind, name))
        self._sign((kind, name), None)
        self._said.append(((kind, name), None))
        if isinstance(thing, Permit):
            self._permits[thing.person].discard(name)
            self.put(self.things["person", thing.person])

    def teach(self, known: Known, after: int, version: int) -> None:
        """Bring somebody from one version to a later one."""
        for said in self._said[after:version]:
            if said is not None:
                known.learn(*said)

    # The protocol

    def insert(self, entries: Sequence[Sealed]) -> None:
        """Take entries; what is there already changes nothing."""
        self._reachable()
        self.unsealed += bool(entries) and not self._is_sealed(entries[-1])
        for entry, _ in entries:
            kept = self.inbox.setdefault((entry.epoch, entry.seq), entry)
            self.arrived_twice += kept is not entry
            self.altered += kept != entry
        if self.deaf:
            self.deaf = False
            raise CentreAway("the answer was lost")

    def copy(self, entries: Sequence[Sealed]) -> None:
        """The same."""
        self.insert(entries)

    def full(self, gateway: str) -> tuple[Floor, list[Delta]] | None:
        """No delta is ever compacted here."""
        self._reachable()
        return None

    def deltas(self, gateway: str, version: int, limit: int) -> list[Delta]:
        """From a version on, itself included."""
        self._reachable()
        self.spoke_at = self.now()
        return self._deltas[max(version - 1, 0) :][:limit]

    def report(self, status: Status) -> datetime:
        """The centre's time."""
        self._reachable()
        return self.now()

    def wait(self, seconds: float) -> None:
        """Nothing is waited for here."""

    def close(self) -> None:
        """Hang up."""

    def _is_sealed(self, last: Sealed) -> bool:
        entry, seal = last
        text = seal_text(entry.gateway, entry.epoch, entry.seq, entry.hash)
        try:
            self.sealer.verify(seal or b"", text)
        except InvalidSignature:
            return False
        return True

    def _reachable(self) -> None:
        if not self.up:
            raise CentreAway("the line is cut")

    def _sign(self, key: tuple[str, str], record: dict[str, Any] | None) -> None:
        kind, name = key
        body = {
            "gateway": GATEWAY,
            "version": self.version + 1,
            "kind": kind,
            "key": name,
            "payload": record,
        }
        signature = self.signer.sign(canonical_json(body))
        self._deltas.append(Delta(GATEWAY, self.version + 1, kind, name, record, signature))
