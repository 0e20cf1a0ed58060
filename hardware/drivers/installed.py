"""What a driver is told of its bus: the port, and the devices that stand on it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from hardware.decider import Direction

KEYING = frozenset({"scbk", "provision"})  # what a device's record says of its key


@dataclass(frozen=True, slots=True)
class Provision:
    """A provisioning window: the key that a reader is to take, and until when.

    ``from_default``: the reader has no key of its own yet, or has lost it.
    """

    scbk: bytes = field(repr=False)
    from_default: bool
    until: datetime

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> "Provision":
        """Read a record; raises KeyError, TypeError, ValueError where it is not one."""
        until = datetime.fromisoformat(record["until"])
        return cls(bytes.fromhex(record["scbk"]), bool(record["from_default"]), until)


@dataclass(frozen=True, slots=True)
class DeviceConfig:
    """A device. ``scbk`` is its OSDP base key; ``options`` are all fields of the record.

    ``portals`` are its wires at each door that it serves. One that serves a single door names it
    as its portal; a board on which several doors hang has them under the option ``portals``.
    """

    code: str
    bus: str
    kind: str
    address: int
    portal: str | None = None
    bank: str | None = None
    direction: Direction | None = None
    scbk: bytes | None = field(default=None, repr=False)
    provision: Provision | None = None
    options: Mapping[str, Any] = field(default_factory=dict, repr=False, hash=False)
    portals: Mapping[str, Mapping[str, Any]] = field(default_factory=dict, repr=False, hash=False)

    @classmethod
    def of(cls, code: str, record: Mapping[str, Any]) -> "DeviceConfig":
        """Read a record; raises KeyError, TypeError, ValueError where it is not one."""
        scbk, direction = record.get("scbk"), record.get("direction")
        several = dict(record.get("portals") or {})
        portals = {str(portal): dict(wires) for portal, wires in several.items()}
        if record.get("portal"):
            portals[str(record["portal"])] = dict(record)
        return cls(
            code=code,
            bus=str(record["bus"]),
            kind=str(record["kind"]),
            address=int(record.get("address", 0)),
            portal=record.get("portal"),
            bank=record.get("bank"),
            direction=Direction(direction) if direction else None,
            scbk=bytes.fromhex(scbk) if scbk else None,
            provision=Provision.of(record["provision"]) if record.get("provision") else None,
            options=dict(record),
            portals=portals,
        )


@dataclass(frozen=True, slots=True)
class BusConfig:
    """A serial port, its driver's name, and the devices on it.

    ``feedback`` are the patterns of its readers' lamps and buzzers by what is shown, where they
    are not the driver's own. ``turn_seconds`` is how long a turn of the driver may wait, and so
    how long a command of another thread may wait for the wire.
    """

    code: str
    driver: str
    port: str
    baud: int
    devices: tuple[DeviceConfig, ...]
    feedback: Mapping[str, Mapping[str, Any]] = field(default_factory=dict, hash=False)
    turn_seconds: float = 0.01

    def rekeyed(self, other: "BusConfig") -> tuple[DeviceConfig, ...] | None:
        """Those of its devices that have other keys or windows in ``other``, as they stand there.

        None where anything else differs: then the bus is another.
        """
        plain = replace(self, devices=tuple(map(_keyless, self.devices)))
        if plain != replace(other, devices=tuple(map(_keyless, other.devices))):
            return None
        return tuple(
            there for here, there in zip(self.devices, other.devices, strict=True) if here != there
        )

    def only(self) -> DeviceConfig:
        """The device of a bus that takes a single one; raises ValueError where there are more."""
        if len(self.devices) != 1:
            raise ValueError(f"bus {self.code} takes one device, not {len(self.devices)}")
        return self.devices[0]


def _keyless(device: DeviceConfig) -> DeviceConfig:
    """A device without what is said of its key, in its record and in what repeats the record."""

    def bare(record: Mapping[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in record.items() if name not in KEYING}

    portals = {portal: bare(wires) for portal, wires in device.portals.items()}
    options = bare(device.options)
    return replace(device, scbk=None, provision=None, options=options, portals=portals)
