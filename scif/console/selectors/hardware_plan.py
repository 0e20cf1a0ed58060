"""The floor plan as whoever looks after the hardware needs it: doors, devices, wires, no people."""

from collections.abc import Mapping, Sequence
from typing import Any

from hardware.models import Bus, Device, DoorState, DoorStatus, GatewayStatus
from scif.console.plan_facts import DOOR_WORDS
from scif.console.selectors.device_state import SILENT, DeviceRow, door_troubles
from scif.console.selectors.standing import standing_over
from scif.facilities.models import Facility
from scif.kernel.clock import now

# The plan draws a door without an answer under its own word (scif/console/plan_facts.py).
DRAWN = {DoorStatus.UNKNOWN.value: "off"}


def hardware_geometry(facility: Facility) -> Mapping[str, Any]:
    """The plan without what belongs to people and their lockers."""
    drawn = installed_only(facility)
    return {key: part for key, part in drawn.items() if key not in {"people", "lockers"}}


def installed_only(facility: Facility) -> dict[str, Any]:
    """The floor plan without the devices that were taken out, and the wires that lead to none."""
    drawn: dict[str, Any] = facility.floor_plan
    devices = Device.objects.filter(bus__gateway__facility=facility)
    gone = set(devices.exclude(retired_at=None).values_list("code", flat=True))
    in_use = devices.filter(retired_at=None).values("bus")
    buses = Bus.objects.filter(gateway__facility=facility).exclude(pk__in=in_use)
    gone_of = {"devices": gone, "wires": set(buses.values_list("code", flat=True))}
    kept = {
        key: [each for each in drawn.get(key, ()) if each["code"] not in codes]
        for key, codes in gone_of.items()
    }
    return {**drawn, **kept}


def hardware_plan_state(facility: Facility, rows: Sequence[DeviceRow]) -> dict[str, Any]:
    """Every door with what is wrong with its devices, every device, and every gateway."""
    states = DoorState.objects.filter(portal__zone__area__facility=facility)
    troubles = door_troubles(rows)
    doors = {
        state.portal.code: door_drawn(state.status, troubles.get(state.portal.code, ""))
        for state in states.select_related("portal")
    }
    for code, words in troubles.items():
        doors.setdefault(code, door_drawn(DoorStatus.UNKNOWN, words))
    standing_over(doors, facility)
    devices = {row.device.code: device_drawn(row) for row in rows}
    return {"doors": doors, "devices": devices | _gateways(facility)}


def _gateways(facility: Facility) -> dict[str, dict[str, str]]:
    codes = list(facility.gateways.values_list("code", flat=True))
    heard = GatewayStatus.objects.filter(gateway__in=codes, heard_at__gt=now() - SILENT)
    answering = set(heard.values_list("gateway", flat=True))
    return {code: {"status": "online" if code in answering else "off"} for code in codes}


def device_drawn(row: DeviceRow) -> dict[str, str]:
    """A device for the plan: its status, and in words what else is known of it."""
    return {"status": row.status, "words": row.plan_words}


def door_drawn(status: str, troubles: str) -> dict[str, str]:
    """A door for the plan: its status, and what is wrong with its devices."""
    drawn = DRAWN.get(status, status)
    if not troubles:
        return {"status": drawn}
    return {"status": drawn, "words": f"{DOOR_WORDS[drawn][1]}; {troubles}"}
