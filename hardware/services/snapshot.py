"""What a gateway knows: records written in the business transaction, signed, in order.

A gateway applies them in the order of their versions, so a version that is visible implies that
all before it are: the writer holds the gateway's lock until its transaction ends.
"""

from collections.abc import Iterable, Mapping
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


@lru_cache(maxsize=4)
def control_signer(directory: Path) -> Ed25519PrivateKey:
    """The control plane's signing key; commands and snapshots are signed with it."""
    return KeyStore(directory).signer("control.ed25519")


def snapshot_put(
    *, gateway: str, kind: str, key: str, payload: Mapping[str, Any] | None
) -> SnapshotDelta | None:
    """Tell a gateway a record, or with ``None`` that it is gone; nothing if it knows it already.

    Must run inside the transaction that changes what the record says.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("snapshot_put must run inside a transaction")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended('snapshot:' || %s, 0))", [gateway]
        )
    deltas = SnapshotDelta.objects.filter(gateway=gateway)
    latest = deltas.filter(kind=kind, key=key).order_by("-version").first()
    told = latest.payload if latest else None
    record = dict(payload) if payload is not None else None
    if told == record:
        return None
    version = (deltas.aggregate(last=Max("version"))["last"] or 0) + 1
    body = {"gateway": gateway, "version": version, "kind": kind, "key": key, "payload": record}
    delta = SnapshotDelta.objects.create(
        **body, signature=control_signer(settings.KEY_DIR).sign(canonical_json(body))
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify('snapshot_' || %s, %s)", [gateway, str(version)])
    return delta


def snapshot_replace(*, gateway: str, kind: str, records: Mapping[str, Mapping[str, Any]]) -> None:
    """Make the gateway's records of one kind exactly these."""
    known = (
        SnapshotDelta.objects.filter(gateway=gateway, kind=kind)
        .order_by("key", "-version")
        .distinct("key")
        .values_list("key", "payload")
    )
    for key in sorted(key for key, payload in known if payload is not None and key not in records):
        snapshot_put(gateway=gateway, kind=kind, key=key, payload=None)
    for key in sorted(records):
        snapshot_put(gateway=gateway, kind=kind, key=key, payload=records[key])


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
