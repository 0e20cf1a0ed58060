"""What a bus and a device say of themselves, as the journal and requests keep it."""

from typing import Any

from hardware.models import Bus, Device


def device_said(device: Device) -> dict[str, Any]:
    """Where a device stands and what hangs on it, as the journal keeps it."""
    return {
        "bus": device.bus.code,
        "address": device.address,
        "portal": device.portal.code if device.portal else None,
        "direction": device.direction or None,
        "bank": device.bank.code if device.bank else None,
        "options": device.options,
    }


def bus_said(bus: Bus) -> dict[str, Any]:
    """Where a bus goes in, as the journal keeps it."""
    return {"port": bus.port, "baud": bus.baud}
