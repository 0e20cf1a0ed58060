"""Configuration files of the virtual devices: what an installer would have set at each device."""

import json
from pathlib import Path
from typing import Any

from django.conf import settings

from hardware.drivers.desfire_keys import reader_provision
from hardware.models import Bus, BusDriver, Device, Gateway
from hardware.services.installation import key_open
from scif.kernel.keys import KeyStore


def device_files_write(directory: Path) -> None:
    """Write a file for each gateway's virtual devices, with the keys that each was provisioned."""
    directory.mkdir(parents=True, exist_ok=True)
    card = reader_provision(KeyStore(settings.KEY_DIR).secret("nfc.master"))
    for gateway in Gateway.objects.order_by("code"):
        buses = [_bus(bus, card) for bus in gateway.buses.order_by("code")]
        path = directory / f"{gateway.code}.json"
        path.write_text(json.dumps({"name": gateway.code, "buses": buses}, indent=1))
        path.chmod(0o600)


def _bus(bus: Bus, card: Any) -> dict[str, Any]:
    common = {"kind": _KINDS[BusDriver(bus.driver)], "name": bus.code, "port": Path(bus.port).name}
    if bus.driver == BusDriver.OSDP:
        readers = list(bus.devices.select_related("portal").order_by("address"))
        return {
            **common,
            "baud": bus.baud,
            "readers": [_reader(device, card) for device in readers],
            "doors": [
                {
                    "name": device.portal.code,
                    "strike": [device.code, 0],
                    "contact": [device.code, 0],
                    "rex": [device.code, 1],
                }
                for device in readers
                if device.portal and device.direction == "in"
            ],
        }
    return {**common, "baud": bus.baud}


def _reader(device: Device, card: Any) -> dict[str, Any]:
    key = key_open(bytes(device.key or b""), device.code)
    inward = device.direction == "in"
    return {
        "name": device.code,
        "address": device.address,
        "scbk": key.hex(),
        "outputs": 1 if inward else 0,
        "inputs": 2 if inward else 0,
        "display": True,
        "card": card,
    }


_KINDS = {BusDriver.OSDP: "osdp", BusDriver.KRCU16: "krcu16", BusDriver.NFC: "pn532"}
