"""Which areas are locked down, who may enter them all the same, and which doors know of it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from access.models import Lockdown, LockdownPass
from access.rules.facts import LockdownRight, Window
from hardware.models import GatewayStatus
from scif.facilities.models import Area, Facility
from scif.kernel.clock import now


@dataclass(frozen=True, slots=True)
class Delivery:
    """Whether a gateway's doors keep to a lockdown. ``confirmed_at``: when it last said so."""

    gateway: str
    confirmed: bool
    heard_at: datetime | None


def lockdowns_in_force(facility: Facility) -> list[Lockdown]:
    """The lockdowns of a facility, the newest first."""
    return list(
        Lockdown.objects.filter(facility=facility, lifted_at=None).select_related(
            "area", "facility", "declared_by", "lift_asked_by"
        )
    )


def is_locked_down(area: Area) -> bool:
    """Whether the area, one that contains it or its facility is locked down."""
    return area.pk in areas_locked_down([area])


def areas_locked_down(areas: Iterable[Area]) -> set[UUID]:
    """Those of these areas that are, themselves, with one that contains them or their facility.

    However many they are, it is one query where nothing is locked down, and two otherwise.
    """
    areas = list(areas)
    facilities = {area.facility_id for area in areas}
    standing = set(
        Lockdown.objects.filter(facility__in=facilities, lifted_at=None).values_list(
            "facility", "area"
        )
    )
    if not standing:
        return set()
    scopes = {scope for _facility, scope in standing if scope is not None}
    whole = {facility for facility, scope in standing if scope is None}
    outer = dict(Area.objects.filter(facility__in=facilities).values_list("pk", "parent"))
    return {
        area.pk
        for area in areas
        if area.facility_id in whole or not scopes.isdisjoint(_with_outer(area.pk, outer))
    }


def facilities_locked_down(facilities: Iterable[UUID]) -> set[UUID]:
    """Those of these facilities that are locked down, as a whole or in any part."""
    standing = Lockdown.objects.filter(facility__in=set(facilities), lifted_at=None)
    return set(standing.values_list("facility", flat=True))


def outer_areas(area: Area) -> list[Area]:
    """The areas that contain an area, the nearest first; a circle ends where it closes."""
    found: list[Area] = []
    outer = area.parent
    while outer is not None and outer not in found and outer != area:
        found.append(outer)
        outer = outer.parent
    return found


def _with_outer(area: UUID, outer: Mapping[UUID, UUID | None]) -> set[UUID]:
    """An area and those that contain it; a circle ends where it closes."""
    found: set[UUID] = set()
    at: UUID | None = area
    while at is not None and at not in found:
        found.add(at)
        at = outer.get(at)
    return found


def areas_within(area: Area) -> list[Area]:
    """An area and all that lies within it."""
    areas = Area.objects.filter(facility_id=area.facility_id).select_related("parent")
    return [each for each in areas if each == area or area in outer_areas(each)]


def areas_of(lockdown: Lockdown) -> list[Area]:
    """The areas that a lockdown holds for."""
    if lockdown.area is None:
        return list(lockdown.facility.areas.order_by("name"))
    return areas_within(lockdown.area)


def deliveries(lockdown: Lockdown) -> list[Delivery]:
    """What each gateway is known to have applied: a door that has not heard does not keep to it."""
    rows = {row.gateway: row for row in GatewayStatus.objects.filter(gateway__in=lockdown.told)}
    found = []
    for code, version in sorted(lockdown.told.items()):
        status = rows.get(code)
        confirmed = status is not None and status.version >= version
        found.append(Delivery(code, confirmed, status.heard_at if status else None))
    return found


def lockdown_rights(
    person_ids: Iterable[UUID], facility: Facility
) -> dict[UUID, list[LockdownRight]]:
    """The rights to enter the facility's areas during a lockdown, those to come too, by person."""
    passes = LockdownPass.objects.filter(
        person_id__in=person_ids, facility=facility, valid_until__gt=now()
    ).select_related("area")
    everywhere = frozenset(str(pk) for pk in facility.areas.values_list("pk", flat=True))
    found: dict[UUID, list[LockdownRight]] = defaultdict(list)
    for each in passes.order_by("valid_from", "pk"):
        areas = everywhere
        if each.area is not None:
            areas = frozenset(str(area.pk) for area in areas_within(each.area))
        found[each.person_id].append(
            LockdownRight(areas, Window(each.valid_from, each.valid_until))
        )
    return found
