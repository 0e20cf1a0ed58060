"""The plan of the bench: the virtual devices as an onlooker sees them."""

from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from hardware.kinds import TAMPER
from hardware.models import Device, DeviceKind, DoorState, DoorStatus
from scif.console.bench.world import VIEW, World
from scif.console.selectors.hardware_plan import installed_only
from scif.kernel.actor import Actor
from scif.people.access import visible

Json = dict[str, Any]


def picture(world: World, selected: str, path: str, actor: Actor) -> tuple[Json, Json]:
    """Geometry and state for `plan_svg`; every device is a link that puts it on the panel."""
    drawn = installed_only(world.facility)
    geometry = {key: part for key, part in drawn.items() if key != "people"}
    devices = {device.code: _device(world, device) for device in world.devices}
    for gateway in world.gateways:
        status = "online" if gateway.code in world.reports else "off"
        devices[gateway.code] = {"status": status}
    for code, state in devices.items():
        state |= {"url": at(path, code), "selected": code == selected}
    return geometry, {
        "doors": _doors(world, path, actor),
        "devices": devices,
        "wires": {bus: "cut" for bus, state in world.states.items() if not state["plugged"]},
        "lockers": _lockers(world),
    }


def at(path: str, code: str) -> str:
    """The address of the page with this device on the panel."""
    return f"{path}?{urlencode({'at': code})}#device"


def cut(world: World) -> int:
    """How many devices an onlooker would find without power or line."""
    return sum(_device(world, device)["status"] == "off" for device in world.devices)


def _device(world: World, device: Device) -> Json:
    bus = world.bus(device)
    if not bus or not bus["plugged"]:
        return {"status": "off"}
    if device.kind == DeviceKind.READER:
        reader = world.reader(device)
        if not reader.get("online"):
            return {"status": "off"}
        if reader["tamper"]:
            return {"status": "tamper"}
        return {"status": "online" if reader["secure"] else "degraded"}
    if device.kind == DeviceKind.IO_BOARD:
        return {"status": _board(world, device)}
    return {"status": "degraded" if bus.get("silent") else "online"}


def _board(world: World, device: Device) -> str:
    board = world.board(device)
    if not board.get("powered"):
        return "off"
    cover = device.options.get(TAMPER)
    return "tamper" if cover is not None and board["inputs"][cover] else "online"


def _doors(world: World, path: str, actor: Actor) -> Json:
    heard = visible(DoorState.objects.select_related("portal"), actor, VIEW)
    told = {state.portal.code: state.status for state in heard}
    doors = {}
    for device in world.devices:
        if device.portal is not None and device.direction == "in":
            code = device.portal.code
            status, words = _door(world.door(device), told.get(code, ""))
            doors[code] = {"status": status, "words": words, "url": at(path, device.code)}
    return doors


def _door(leaf: Json, told: str) -> tuple[str, str]:
    """What the leaf does, coloured by what the system made of it."""
    if not leaf:
        return "off", _("No answer")
    if not leaf["open"]:
        return ("locked", _("Locked")) if leaf["locked"] else ("released", _("Strike released"))
    if told == DoorStatus.FORCED:
        return "forced", _("Open, reported as forced")
    if told == DoorStatus.HELD:
        return "held", _("Open, reported as held")
    if told == DoorStatus.AJAR:
        return "ajar", _("Open")
    return "held", _("Open, not reported")


def _lockers(world: World) -> Json:
    return {
        device.bank.code: [n for n, full in enumerate(world.bus(device)["occupied"], 1) if full]
        for device in world.devices
        if device.bank is not None and world.bus(device)
    }
