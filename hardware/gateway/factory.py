"""From a bus's record to its driver. A new kind of device is one more line in ``DRIVERS``."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from hardware.drivers.base import Driver
from hardware.gateway.config import BusConfig, DeviceConfig
from scif.kernel.keys import KeyStore


def driver_factory(keys: KeyStore, ports: Path) -> Callable[[BusConfig], Driver]:
    """A factory of drivers; raises ValueError for a driver or a bus that it does not know.

    ``ports`` is the folder of a port that is named without one.
    """

    def make(bus: BusConfig) -> Driver:
        try:
            build = DRIVERS[bus.driver]
        except KeyError:
            raise ValueError(f"bus {bus.code}: there is no driver {bus.driver!r}") from None
        return build(replace(bus, port=str(ports / bus.port)), keys)

    return make


# The drivers' modules are imported when a bus needs one: their libraries are not everywhere.


def _osdp(bus: BusConfig, keys: KeyStore) -> Driver:
    from hardware.drivers.osdp import OsdpBus
    from hardware.drivers.osdp_config import OsdpBusConfig, OsdpDevice

    devices = []
    for device in bus.devices:
        if device.scbk is None:
            raise ValueError(f"device {device.code} has no key, and OSDP without one is not spoken")
        devices.append(OsdpDevice(device.code, device.address, device.scbk))
    return OsdpBus(OsdpBusConfig(bus.port, tuple(devices), bus.baud))


def _krcu16(bus: BusConfig, keys: KeyStore) -> Driver:
    from hardware.drivers.krcu16 import LockerBoard

    device = _only(bus)
    return LockerBoard(device=device.code, port=bus.port, board=device.address)


def _nfc(bus: BusConfig, keys: KeyStore) -> Driver:
    from hardware.drivers.nfc import DeskReader

    return DeskReader(
        device=_only(bus).code,
        port=bus.port,
        nfc_master=keys.secret("nfc.master"),
        baud=bus.baud,
    )


def _only(bus: BusConfig) -> DeviceConfig:
    if len(bus.devices) != 1:
        raise ValueError(f"bus {bus.code} takes one device, not {len(bus.devices)}")
    return bus.devices[0]


DRIVERS: Mapping[str, Callable[[BusConfig, KeyStore], Driver]] = {
    "osdp": _osdp,
    "krcu16": _krcu16,
    "nfc": _nfc,
}
