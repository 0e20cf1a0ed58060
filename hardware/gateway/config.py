"""What is installed here, read from the snapshot's records of buses, devices, portals."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from hardware.decider import Direction
from hardware.drivers.installed import BusConfig, DeviceConfig
from hardware.gateway.snapshot import Snapshot
from hardware.kinds import CONTACT, OUTPUT, REX, Role

logger = logging.getLogger(__name__)
__all__ = ["BusConfig", "DeviceConfig", "Installation", "PortalConfig"]
INSTALLATION = frozenset({"bus", "device", "portal", "zone"})

Contact = tuple[str, int]  # a device and the number of its input or output


@dataclass(frozen=True, slots=True)
class PortalConfig:
    """A door: its readers, and the outputs and inputs that belong to it.

    ``contact`` is an input that is active while the door stands open; None where there is none.
    ``rex`` tells of the handle inside. The way out is mechanical (R29); ``rex_unlocks`` adds a
    pulse for doors whose outer side must be free as well. ``interlock`` names the group of doors of
    which one at a time lets people in; empty: none.
    """

    code: str
    zone: str
    pulse_tenths: int
    held_seconds: int
    readers: Mapping[str, Direction] = field(hash=False)
    strikes: tuple[Contact, ...]
    contact: Contact | None = None
    rex: Contact | None = None
    rex_unlocks: bool = False
    interlock: str = ""

    def strike(self, reader: str | None) -> Contact | None:
        """The output that opens the door: the reader's own, else the portal's first."""
        own = next((strike for strike in self.strikes if strike[0] == reader), None)
        return own or (self.strikes[0] if self.strikes else None)


@dataclass(frozen=True, slots=True)
class Installation:
    """All of it. A record that is not clear is left out and logged: what is unknown stays shut."""

    buses: Mapping[str, BusConfig]
    devices: Mapping[str, DeviceConfig]
    portals: Mapping[str, PortalConfig]

    @classmethod
    def of(cls, snapshot: Snapshot) -> "Installation":
        """Read the snapshot's records."""
        with snapshot.held():
            devices = _read(snapshot.of_kind("device"), DeviceConfig.of)
            # A bus may stand empty until its first device comes, and after its last has gone.
            used = {device.bus for device in devices.values()}
            records = {k: v for k, v in snapshot.of_kind("bus").items() if k in used}
            buses = _read(records, lambda code, record: _bus(code, record, devices))
            portals = _read(
                snapshot.of_kind("portal"), lambda code, record: _portal(code, record, devices)
            )
        return cls(buses, devices, portals)


def _read(records: Mapping[str, Mapping[str, Any]], make: Any) -> dict[str, Any]:
    made = {}
    for code, record in sorted(records.items()):
        try:
            made[code] = make(code, record)
        except (KeyError, TypeError, ValueError) as error:
            logger.error("record of %s is not usable: %r", code, error)  # noqa: TRY400  the trace says nothing more
    return made


def _bus(code: str, record: Mapping[str, Any], devices: Mapping[str, DeviceConfig]) -> BusConfig:
    on_it = tuple(device for device in devices.values() if device.bus == code)
    return BusConfig(
        code=code,
        driver=str(record["driver"]),
        port=str(record["port"]),
        baud=int(record["baud"]),
        devices=on_it,
        feedback={str(k): dict(v) for k, v in dict(record.get("feedback") or {}).items()},
        turn_seconds=int(record.get("turn_ms", 10)) / 1000,
    )


def _portal(
    code: str, record: Mapping[str, Any], devices: Mapping[str, DeviceConfig]
) -> PortalConfig:
    mine = {d.code: d.portals[code] for d in devices.values() if code in d.portals}
    here = [device for device in devices.values() if device.portal == code]
    has_contact = bool(record.get("contact", True))
    return PortalConfig(
        code=code,
        zone=str(record["zone"]),
        pulse_tenths=int(record["pulse_tenths"]),
        held_seconds=int(record["held_seconds"]),
        readers={d.code: d.direction for d in here if d.kind == Role.READER and d.direction},
        strikes=_wires(mine, OUTPUT),
        contact=next(iter(_wires(mine, CONTACT)), None) if has_contact else None,
        rex=next(iter(_wires(mine, REX)), None),
        rex_unlocks=bool(record.get("rex_unlocks", False)),
        interlock=str(record.get("interlock") or ""),
    )


def _wires(mine: Mapping[str, Mapping[str, Any]], option: str) -> tuple[Contact, ...]:
    """Where a door's wires end, by device; ``mine`` are the wires of each at this door."""
    numbers = ((code, wires.get(option)) for code, wires in mine.items())
    return tuple((code, int(number)) for code, number in numbers if number is not None)
