"""Entries as the attached bundle tells them: what a report draws from, and nothing else."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from scif.kernel.actor import ActorKind


@dataclass(frozen=True, slots=True)
class Named:
    """A person or a thing of the record. The same key is the same one; the name is of that day."""

    key: str
    name: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Purge:
    """The entry that says that another one's text was erased, and when."""

    position: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Told:
    """An entry. ``data`` is its body, empty where that was erased; ``purge`` the erasure's entry.

    ``leaf`` is the leaf's hash, hexadecimal.
    """

    position: int
    kind: str
    at: datetime
    actor_kind: str
    actor_reference: str
    subject_type: str
    subject_id: str
    leaf: str
    data: Mapping[str, Any]
    erased: bool
    purge: Purge | None = None

    @property
    def who(self) -> Named | None:
        """The person who acted, by the name in the body; None for gateways and processes."""
        return who_of(self.data.get("by"))

    @property
    def by_person(self) -> bool:
        """Whether a person acted."""
        return self.actor_kind == ActorKind.USER.value

    def text(self, key: str) -> str:
        """A text of the body; empty where it has none."""
        value = self.data.get(key)
        return value if isinstance(value, str) else ""

    def texts(self, key: str) -> list[str]:
        """A list of texts of the body."""
        value = self.data.get(key)
        return [str(item) for item in value] if isinstance(value, list) else []

    def moment(self, key: str) -> datetime | None:
        """A time of the body."""
        return moment_of(self.text(key))


def told(bundle: bytes) -> list[Told]:
    """The entries of a bundle in their order.

    INVARIANT: read from the very bytes that are attached and that the verifier has just checked, so
    that no page can say anything else than they do.
    """
    lines = bundle.decode().splitlines()[1:]
    rows = [json.loads(line) for line in lines]
    purges: dict[str, Purge] = {}
    for row in rows:
        if "body.purged" in row["header"]:
            header = json.loads(row["header"])
            if header["kind"] == "body.purged":
                at = datetime.fromisoformat(header["occurred_at"])
                purges[header["subject"]["id"]] = Purge(row["position"], at)
    return [_told(row, purges) for row in rows]


def _told(row: Mapping[str, Any], purges: Mapping[str, Purge]) -> Told:
    header = json.loads(row["header"])
    body = None if row["body"] is None else json.loads(row["body"])
    return Told(
        position=row["position"],
        kind=header["kind"],
        at=datetime.fromisoformat(header["occurred_at"]),
        actor_kind=header["actor"]["kind"],
        actor_reference=header["actor"]["ref"],
        subject_type=header["subject"]["type"],
        subject_id=header["subject"]["id"],
        leaf=row["leaf_hash"],
        data=body if isinstance(body, dict) else {},
        erased=body is None,
        purge=purges.get(str(row["position"])),
    )


def who_of(value: Any) -> Named | None:
    """A person as a body names him."""
    if not isinstance(value, Mapping) or not value.get("person"):
        return None
    return Named(str(value["person"]), str(value.get("name", "")))


def moment_of(text: str) -> datetime | None:
    """A time as a body writes it; None where there is none."""
    try:
        return datetime.fromisoformat(text) if text else None
    except ValueError:
        return None


def of_kind(entries: Iterable[Told], *kinds: str) -> list[Told]:
    """The entries of some kinds."""
    return [entry for entry in entries if entry.kind in kinds]


def gone(entries: Iterable[Told]) -> tuple[Told, ...]:
    """Those whose text was erased."""
    return tuple(entry for entry in entries if entry.erased)
