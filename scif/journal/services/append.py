"""Journal what happened, in the transaction in which it happens."""

import os
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Model
from django.db.transaction import TransactionManagementError

from scif.kernel.actor import Actor
from scif.kernel.canonical import canonical_json
from scif.kernel.clock import now

HEADER_VERSION = 1
SALT_BYTES = 16
_KIND = re.compile(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*")


@dataclass(frozen=True, slots=True)
class GatewaySource:
    """Where an edge event comes from: gateway, epoch, sequence, its hash there, clock offset."""

    gateway: str
    epoch: int
    seq: int
    hash: str
    clock_offset_ms: int | None


def append(
    *,
    kind: str,
    actor: Actor,
    subject: Model | tuple[str, str],
    body: Mapping[str, Any] | None = None,
    facility: UUID | None = None,
    occurred_at: datetime | None = None,
    source: GatewaySource | None = None,
) -> None:
    """Write one entry to the outbox; the sequencer gives it a position within 50 ms of commit.

    ``kind`` is ``noun.verb_past``. The header (kind, actor's reference, subject, facility, times,
    source) lasts for ever and holds no name; names and free text belong in ``body``, which can be
    erased. ``occurred_at`` is when it happened if that is not now. Raises
    ``TransactionManagementError`` outside a transaction: the entry and the change that it tells
    stand or fall together; ``ValueError`` or ``TypeError`` for what cannot be journaled.
    """
    if not connection.in_atomic_block:
        raise TransactionManagementError("the journal is written inside the change's transaction")
    if not _KIND.fullmatch(kind):
        raise ValueError(f"a journal kind is noun.verb_past, not {kind!r}")
    recorded_at = now()
    subject_type, subject_id = (
        (subject._meta.label_lower, str(subject.pk)) if isinstance(subject, Model) else subject
    )
    header: dict[str, Any] = {
        "v": HEADER_VERSION,
        "kind": kind,
        "actor": {"kind": actor.kind.value, "ref": actor.reference},
        "subject": {"type": subject_type, "id": subject_id},
        "facility": None if facility is None else str(facility),
        "recorded_at": timestamp(recorded_at),
        "occurred_at": timestamp(occurred_at or recorded_at),
    }
    if source is not None:
        header["source"] = asdict(source)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO journal_outbox (header, salt, content) VALUES (%s, %s, %s)",
            [
                canonical_json(header).decode(),
                os.urandom(SALT_BYTES),
                canonical_json(jsonable(body or {})),
            ],
        )


def timestamp(moment: datetime) -> str:
    """A moment as the journal writes it: UTC, microseconds, always of the same length."""
    if moment.tzinfo is None:
        raise ValueError("the journal takes aware times only")
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def jsonable(value: Any) -> Any:
    """A body in JSON's own types: identifiers, times, decimals and choices become text."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, Enum):
        return jsonable(value.value)
    if isinstance(value, str | int):
        return value
    if isinstance(value, Mapping):
        return {key: jsonable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [jsonable(item) for item in value]
    if isinstance(value, datetime):
        return timestamp(value)
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, UUID | Decimal):
        return str(value)
    # Lazy texts of gettext are text to the reader.
    if hasattr(value, "_proxy____cast"):
        return str(value)
    raise TypeError(f"the journal cannot keep a {type(value).__name__}")
