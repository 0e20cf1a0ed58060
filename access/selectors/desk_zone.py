"""What the desk shows of one zone: who is counted, what the gateway says of the count, orders."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet

from access.models import AccessDecision, Presence
from access.selectors.desk import DESK, fitness_of
from access.selectors.lockdown import outer_areas
from hardware.models import Command, Device, GatewayStatus
from scif.facilities.models import Area, Facility, Zone
from scif.kernel.actor import Actor
from scif.people.access import visible

PASSBACK = ("already_inside", "inside_too_soon")
CORRECTIONS = ("zone_forgive", "zone_mark_out")
READS = 20


@dataclass(frozen=True, slots=True)
class ZoneHeard:
    """What a zone's gateway last said of its count."""

    version: int
    inside: int
    certain: bool
    concerns: tuple[str, ...]


def zones_of(facility: Facility, actor: Actor) -> QuerySet[Zone]:
    """The zones of a facility."""
    zones = Zone.objects.select_related("area__facility").filter(area__facility=facility)
    return visible(zones, actor, DESK).order_by("code")


def people_in(zone: Zone) -> list[Presence]:
    """Who is counted inside."""
    present = Presence.objects.select_related("person__organisation").filter(zone=zone)
    return list(present.order_by("person__name"))


def zone_heard(zone: Zone) -> ZoneHeard | None:
    """The count as the zone's gateway last reported it; None where it has not."""
    device = Device.objects.select_related("bus__gateway").filter(portal__zone=zone).first()
    if device is None:
        return None
    status = GatewayStatus.objects.filter(gateway=device.bus.gateway.code).first()
    told = (status.state.get("zones") or {}).get(zone.code) if status else None
    if told is None:
        return None
    return ZoneHeard(
        told["version"], told["inside"], told["certain"], tuple(told.get("concerns", ()))
    )


def zones_uncounted(facility: Facility) -> list[Zone]:
    """The zones whose gateway last said that it does not know for certain who is inside."""
    devices = Device.objects.filter(portal__zone__area__facility=facility, retired_at=None)
    writers = devices.values_list("bus__gateway__code", "portal__zone__code").distinct()
    known = set(writers)
    codes = {
        zone
        for status in GatewayStatus.objects.filter(gateway__in={gateway for gateway, _z in known})
        for zone, told in (status.state.get("zones") or {}).items()
        if (status.gateway, zone) in known and not told.get("certain", True)
    }
    zones = Zone.objects.select_related("area").filter(area__facility=facility, code__in=codes)
    return list(zones.order_by("code"))


def zones_to_count(area: Area) -> list[Zone]:
    """Of those, the ones that somebody enters on his way into an area, its own among them."""
    entered = _entered(area)
    return [zone for zone in zones_uncounted(area.facility) if zone.area_id in entered]


def areas_to_sweep(area: Area) -> list[Area]:
    """The rooms on that way, its own among them, that nobody enters until a sweep has passed."""
    entered = _entered(area)
    unswept = fitness_of(area.facility).unswept
    return [each for each in unswept if each.pk in entered and each.swept_after_use]


def _entered(area: Area) -> set[UUID]:
    return {area.pk, *(outer.pk for outer in outer_areas(area))}


def correction_last(zone: Zone) -> Command | None:
    """The newest correction of the zone's count."""
    orders = Command.objects.filter(
        gateway__facility=zone.area.facility_id, target=zone.code, verb__in=CORRECTIONS
    )
    return orders.order_by("-issued_at").first()


def refused_as_inside(zone: Zone) -> list[AccessDecision]:
    """Who was refused lately because the zone counts him inside, and is still counted."""
    inside = set(Presence.objects.filter(zone=zone).values_list("person_id", flat=True))
    reads = (
        AccessDecision.objects.select_related("person", "portal")
        .filter(portal__zone=zone, outcome="refused", person_id__in=inside)
        .order_by("-occurred_at")[:READS]
    )
    found: dict[object, AccessDecision] = {}
    for read in reads:
        if any(each.get("code") in PASSBACK for each in read.objections):
            found.setdefault(read.person_id, read)
    return list(found.values())
