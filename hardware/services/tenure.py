"""Which gateway's word on a zone counts."""

from hardware.models import ZoneTenure
from hardware.services.ingest import EdgeEvent

FAMILIES = ("presence.", "door.", "zone.")


class OutOfTenureError(Exception):
    """An event of a gateway that does not own the zone, or of an epoch that is over."""


def tenure_check(event: EdgeEvent) -> None:
    """Let nothing be kept of an event of an earlier epoch; the ingester puts it into quarantine."""
    if not event.kind.startswith(FAMILIES):
        return
    tenures = ZoneTenure.objects.select_related("gateway")
    if "zone" in event.body:
        tenure = tenures.filter(zone__code=event.body["zone"]).first()
    else:
        tenure = tenures.filter(zone__portals__code=event.body.get("portal")).first()
    if tenure is None:
        return
    epoch = int(event.body.get("zone_epoch", tenure.epoch if "zone" not in event.body else 0))
    if tenure.gateway_id != event.gateway.pk or epoch != tenure.epoch:
        raise OutOfTenureError(
            f"{tenure.zone} is {tenure.gateway.code}'s since epoch {tenure.epoch}"
        )
