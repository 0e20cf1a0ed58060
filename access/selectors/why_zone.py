"""The zone behind a door as its gateway sees it, as far as the centre has been told."""

from access.models import Presence
from access.selectors.escort import escorts_inside
from access.selectors.told import Told
from hardware.decider import Occupant, ZoneView
from hardware.models import DoorState, DoorStatus, GatewayStatus
from scif.facilities.models import Portal


def zone_told(
    portal: Portal, told: Told, status: GatewayStatus | None, *, doors_known: bool
) -> ZoneView:
    """Who is inside and under whose escort, and which doors of the interlock are not shut.

    Where ``doors_known`` is False they are taken as shut. The gateway alone knows who is granted
    and not through, and who waits for a second person: nobody is taken to.
    """
    present = list(Presence.objects.filter(zone=portal.zone).select_related("visit"))
    escorts = escorts_inside(present, portal.zone.area.facility)
    inside = {
        str(each.person_id): Occupant(
            each.since,
            each.basis,
            str(each.visit_id) if each.visit_id else "",
            str(escorts[each.pk].pk) if each.pk in escorts else None,
        )
        for each in present
    }
    zones = status.state.get("zones") if status and isinstance(status.state, dict) else None
    said = zones.get(portal.zone.code) if isinstance(zones, dict) else None
    certain = not isinstance(said, dict) or said.get("certain") is not False
    against = _against(portal, told) if doors_known else {}
    return ZoneView(portal.zone.code, 0, inside, certain, interlocked=against)


def interlock_of(portal: Portal, told: Told) -> str:
    """The interlock group that the gateway knows a door to be of; empty for none."""
    record = told.get("portal", portal.code)
    return "" if record is None else str(record.get("interlock") or "")


def _against(portal: Portal, told: Told) -> dict[str, str]:
    """The other doors of the group that are not known to be shut, each with why."""
    group = interlock_of(portal, told)
    if not group:
        return {}
    doors = Portal.objects.filter(zone__area__facility=portal.zone.area.facility)
    states = dict(DoorState.objects.filter(portal__in=doors).values_list("portal", "status"))
    standing = {
        door.code: _standing(door, told, states.get(door.pk, DoorStatus.UNKNOWN))
        for door in doors.exclude(pk=portal.pk)
        if interlock_of(door, told) == group
    }
    return {code: why for code, why in standing.items() if why != "shut"}


def _standing(door: Portal, told: Told, status: str) -> str:
    """A door in the gateway's words; of one without a contact it never knows."""
    record = told.get("portal", door.code)
    if record is None or not record.get("contact", True) or status == DoorStatus.UNKNOWN:
        return "unknown"
    return "shut" if status == DoorStatus.LOCKED else "open"
