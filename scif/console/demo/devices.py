"""Configuration files of the virtual devices: what an installer would have set at each device."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings

from hardware.drivers.desfire_keys import reader_provision
from hardware.kinds import CONTACT, OUTPUT, REX, Role
from hardware.models import Bus, Device, Gateway
from hardware.services.installation import key_open
from hardware.services.wiring import door_wires
from scif.kernel.keys import KeyStore

ENDS = {OUTPUT: "strike", CONTACT: "contact", REX: "rex"}


def device_files_write(directory: Path) -> None:
    """Write a file for each gateway's virtual devices, with the keys that each was provisioned."""
    directory.mkdir(parents=True, exist_ok=True)
    card = reader_provision(KeyStore(settings.KEY_DIR).secret("nfc.master"))
    for gateway in Gateway.objects.order_by("code"):
        devices = list(
            Device.objects.filter(bus__gateway=gateway)
            .select_related("portal", "bus")
            .order_by("bus__code", "address")
        )
        doors = _doors(devices)
        buses = [
            _bus(bus, [d for d in devices if d.bus_id == bus.pk], doors, card)
            for bus in gateway.buses.order_by("code")
        ]
        path = directory / f"{gateway.code}.json"
        path.write_text(json.dumps({"name": gateway.code, "buses": buses}, indent=1))
        path.chmod(0o600)


def _doors(devices: Sequence[Device]) -> list[dict[str, Any]]:
    """The doors with the ends of their wires, whichever devices these hang on."""
    doors: dict[str, dict[str, Any]] = {}
    for device in devices:
        for portal, name, number in door_wires(device):
            doors.setdefault(portal, {"name": portal})[ENDS[name]] = [device.code, number]
    return [door for door in doors.values() if "strike" in door]


def _bus(
    bus: Bus, devices: Sequence[Device], doors: Sequence[dict[str, Any]], card: Any
) -> dict[str, Any]:
    """A bus; a door is played by the one that its strike hangs on."""
    common = {
        "kind": bus.driver,
        "name": bus.code,
        "port": Path(bus.port).name,
        "baud": bus.baud,
    }
    mine = [door for door in doors if door["strike"][0] in {device.code for device in devices}]
    match bus.kind.role if bus.kind else None:
        case Role.READER:
            readers = [_reader(device, card) for device in devices]
            return {**common, "readers": readers, "doors": mine}
        case Role.IO_BOARD:
            return {**common, "boards": [_board(device) for device in devices], "doors": mine}
    return {**common, **({"board": devices[0].address} if devices else {})}


def _reader(device: Device, card: Any) -> dict[str, Any]:
    inward = device.direction == "in"
    return {
        "name": device.code,
        "address": device.address,
        "scbk": key_open(bytes(device.key), device.code).hex() if device.key else None,
        "outputs": 1 if inward else 0,
        "inputs": 2 if inward else 0,
        "display": True,
        "card": card,
    }


def _board(device: Device) -> dict[str, Any]:
    names = ("outputs", "inputs", "normally_closed")
    has = {name: device.options[name] for name in names if name in device.options}
    return {"name": device.code, "address": device.address, **has}
