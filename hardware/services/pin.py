"""Wrong PINs of one badge at several gateways count together."""

from datetime import datetime
from typing import Any

from django.db import transaction

from hardware.models import Gateway, PinFailures
from hardware.services.ingest import EdgeEvent
from hardware.services.snapshot import gateways_of, snapshot_lock, snapshot_tell, snapshot_told

KINDS = frozenset({"pin.failed", "pin.cleared"})
SHARED, CREDENTIAL = "pin_lock", "credential"


def pin_failures_heard(event: EdgeEvent) -> None:
    """Keep what a gateway counted, and tell it to the facility's others that know the badge."""
    if event.kind in KINDS:
        _count(event)


@transaction.atomic
def _count(event: EdgeEvent) -> None:
    body, gateway = event.body, event.gateway
    codes = gateways_of(gateway.facility_id)
    snapshot_lock(codes)
    PinFailures.objects.update_or_create(
        gateway=gateway,
        credential=body["credential"],
        defaults={
            "facility_id": gateway.facility_id,
            "count": int(body["count"]),
            "last_at": datetime.fromisoformat(body["last_at"]),
            "until": datetime.fromisoformat(body["until"]) if body["until"] else None,
        },
    )
    for code in codes:
        key = (CREDENTIAL, body["credential"])
        if code != gateway.code and snapshot_told(gateway=code, keys=[key]):
            record = _of_others(code, gateway, body["credential"])
            snapshot_tell(gateway=code, records=[(SHARED, body["credential"], record)])


def _of_others(code: str, gateway: Gateway, credential: str) -> dict[str, Any] | None:
    """What all gateways but one counted; None where there is nothing."""
    rows = list(
        PinFailures.objects.filter(facility_id=gateway.facility_id, credential=credential)
        .exclude(gateway__code=code)
        .exclude(count=0)
    )
    if not rows:
        return None
    until = max((row.until for row in rows if row.until), default=None)
    return {
        "count": sum(row.count for row in rows),
        "last_at": max(row.last_at for row in rows).isoformat(),
        "until": until.isoformat() if until else None,
    }
