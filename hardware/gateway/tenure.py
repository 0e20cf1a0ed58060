"""A zone that the centre hands over to this gateway begins here under a new epoch."""

from collections.abc import Mapping
from typing import Any

from hardware.gateway.edge_journal import Draft
from hardware.gateway.recorder import Recorder
from hardware.gateway.zones import Zone


def take_over(zones: dict[str, Zone], code: str, record: Mapping[str, Any], to: Recorder) -> None:
    """Begin a zone anew where its record is of a later epoch than is known here.

    What was counted here under an earlier epoch is nobody's any more: the gateway in between wrote.
    """
    epoch = int(record.get("epoch", 0))
    known = zones.get(code)
    if epoch <= (known.epoch if known is not None else 0):
        return
    zone = Zone(
        code,
        {
            "epoch": epoch,
            "version": record["version"],
            "inside": record["inside"],
            "certain": record["certain"],
        },
    )
    zone.version += 1
    zones[code] = zone
    body = {
        "zone": code,
        "zone_epoch": epoch,
        "zone_version": zone.version,
        "inside": len(zone.inside),
        "certain": zone.certain,
    }
    to.fact([Draft("zone.taken_over", body)], zone.changed())
