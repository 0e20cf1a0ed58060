"""Deltas that a later one has overtaken, and that the gateway has, are taken away."""

import hashlib
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from hardware.models import Gateway, GatewayStatus, SnapshotDelta, SnapshotFloor
from hardware.services.snapshot import control_signer, snapshot_lock
from scif.journal.services import append
from scif.kernel.actor import Actor
from scif.kernel.canonical import canonical_json


def snapshots_compact(*, actor: Actor) -> int:
    """Compact every gateway's deltas; returns how many went. Repeats do no harm."""
    return sum(
        snapshot_compact(gateway=gateway, actor=actor)
        for gateway in Gateway.objects.select_related("facility").order_by("code")
    )


@transaction.atomic
def snapshot_compact(*, gateway: Gateway, actor: Actor) -> int:
    """Take away what is overtaken up to the version that the gateway has confirmed.

    INVARIANT: the newest delta of a key stays, and so does everything after the confirmed version;
    the database's function holds to both by itself. What is left is signed as a whole, and is the
    full state of that version for a gateway that starts from nothing.
    """
    code = gateway.code
    snapshot_lock([code])
    confirmed = GatewayStatus.objects.filter(pk=code).values_list("version", flat=True).first()
    deltas = SnapshotDelta.objects.filter(gateway=code)
    if not confirmed or not deltas.filter(version=confirmed).exists():
        return 0  # it has not begun, or knows a history that this centre has not
    with connection.cursor() as cursor:
        cursor.execute("SELECT hardware_snapshot_compact(%s, %s)", [code, confirmed])
        ((removed,),) = cursor.fetchall()
    if not removed:
        return 0
    digest = hashlib.sha256()
    left = deltas.filter(version__lte=confirmed).order_by("version")
    for signature in left.values_list("signature", flat=True).iterator():
        digest.update(signature)
    body: dict[str, Any] = {"gateway": code, "floor": confirmed, "digest": digest.hexdigest()}
    SnapshotFloor.objects.update_or_create(
        gateway=code,
        defaults={
            "version": confirmed,
            "digest": body["digest"],
            "signature": control_signer(settings.KEY_DIR).sign(canonical_json(body)),
        },
    )
    append(
        kind="snapshot.compacted",
        actor=actor,
        subject=gateway,
        facility=gateway.facility_id,
        body={"version": confirmed, "removed": removed},
    )
    return int(removed)
