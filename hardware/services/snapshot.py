"""What a gateway knows: records written in the business transaction, signed, in order.

A gateway applies them in the order of their versions, so a version that is visible implies that
all before it are: the writer holds the gateway's lock until its transaction ends.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Max

from hardware.models import Gateway, SnapshotDelta
from scif.kernel.canonical import canonical_json
from scif.kernel.keys import KeyStore

Key = tuple[str, str]
# Kind, key, and what is to be told of it; None: it is gone.
Told = tuple[str, str, Mapping[str, Any] | None]

LATEST = """
    SELECT wanted.kind, wanted.key, told.payload
    FROM unnest(%s::text[], %s::text[]) AS wanted (kind, key)
    CROSS JOIN LATERAL (
        SELECT payload FROM hardware_snapshotdelta AS delta
        WHERE delta.gateway = %s AND delta.kind = wanted.kind AND delta.key = wanted.key
        ORDER BY delta.version DESC LIMIT 1) AS told"""


@lru_cache(maxsize=4)
def control_signer(directory: Path) -> Ed25519PrivateKey:
    """The control plane's signing key; commands and snapshots are signed with it."""
    return KeyStore(directory).signer("control.ed25519")


def snapshot_lock(gateways: Iterable[str]) -> None:
    """Take the gateways' locks, in their order, until the transaction ends.

    INVARIANT: what a record says is read after its gateway's lock is taken. Read before, it could
    overwrite what another transaction told meanwhile, and a revocation with it.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("a snapshot changes inside a transaction")
    with connection.cursor() as cursor:
        for gateway in sorted(gateways):
            cursor.execute(
                "SELECT pg_advisory_xact_lock(hashtextextended('snapshot:' || %s, 0))", [gateway]
            )


def snapshot_told(*, gateway: str, keys: Sequence[Key]) -> dict[Key, Mapping[str, Any]]:
    """What a gateway has been told of these keys; those that are gone or unknown are left out."""
    with connection.cursor() as cursor:
        cursor.execute(LATEST, [[kind for kind, _ in keys], [key for _, key in keys], gateway])
        rows = cursor.fetchall()
    return {(kind, key): _read(payload) for kind, key, payload in rows if payload is not None}


def snapshot_tell(*, gateway: str, records: Sequence[Told]) -> int:
    """Tell a gateway records, in this order; what it knows already is not repeated.

    Returns how many were new to it. Must run inside the transaction that changes what they say.
    """
    snapshot_lock([gateway])
    told = snapshot_told(gateway=gateway, keys=[(kind, key) for kind, key, _ in records])
    wanted = {(kind, key): payload for kind, key, payload in records}
    news = [
        (kind, key, None if payload is None else dict(payload))
        for (kind, key), payload in wanted.items()
        if told.get((kind, key)) != payload
    ]
    if not news:
        return 0
    deltas = SnapshotDelta.objects.filter(gateway=gateway)
    last = deltas.aggregate(last=Max("version"))["last"] or 0
    signer = control_signer(settings.KEY_DIR)
    written = []
    for version, (kind, key, payload) in enumerate(news, last + 1):
        body = {"gateway": gateway, "version": version, "kind": kind, "key": key}
        signature = signer.sign(canonical_json({**body, "payload": payload}))
        written.append(SnapshotDelta(**body, payload=payload, signature=signature))
    SnapshotDelta.objects.bulk_create(written)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_notify('snapshot_' || %s, %s)", [gateway, str(written[-1].version)]
        )
    return len(written)


def snapshot_replace(*, gateway: str, kind: str, records: Mapping[str, Mapping[str, Any]]) -> None:
    """Make the gateway's records of one kind exactly these."""
    snapshot_lock([gateway])
    known = (
        SnapshotDelta.objects.filter(gateway=gateway, kind=kind)
        .order_by("key", "-version")
        .distinct("key")
        .values_list("key", "payload")
    )
    gone = sorted(key for key, payload in known if payload is not None and key not in records)
    snapshot_tell(
        gateway=gateway,
        records=[
            *((kind, key, None) for key in gone),
            *((kind, key, records[key]) for key in sorted(records)),
        ],
    )


def gateways_of(facility_id: Any) -> list[str]:
    """The codes of a facility's gateways, in lock order."""
    return list(
        Gateway.objects.filter(facility_id=facility_id)
        .order_by("code")
        .values_list("code", flat=True)
    )


def snapshot_versions(gateways: Iterable[str]) -> dict[str, int]:
    """The newest version of each gateway's snapshot, the caller's own deltas included."""
    rows = SnapshotDelta.objects.filter(gateway__in=gateways).values_list("gateway")
    return dict(rows.annotate(last=Max("version")).order_by("gateway"))


def _read(payload: Any) -> Mapping[str, Any]:
    """A JSON column as a raw query gives it; Django tells psycopg to leave it as text."""
    read: Mapping[str, Any] = json.loads(payload) if isinstance(payload, str) else payload
    return read
