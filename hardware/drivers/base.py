"""What every device driver is: a thing that takes turns on one wire.

A driver is owned by exactly one thread, the bus owner's. It is given turns, takes commands between
them and reports events. It knows no database, no Django and no rules.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

if TYPE_CHECKING:
    from hardware.drivers.installed import DeviceConfig

NOTHING: Mapping[str, Any] = MappingProxyType({})


class Signal(StrEnum):
    """What a device can report. The data that comes with each stands beside it."""

    ONLINE = "online"  # {"secure": bool}
    OFFLINE = "offline"  # {"reason": str}
    TAMPER = "tamper"  # {"active": bool}
    POWER = "power"  # {"active": bool}: its supply has failed
    CARD = "card"  # {"number": bytes, "bits": int}
    KEYPAD = "keypad"  # {"digits": str}, as typed, '#' ends and '*' clears
    INPUT = "input"  # {"number": int, "active": bool}
    OUTPUT = "output"  # {"number": int, "active": bool}
    DELIVERED = "delivered"  # command_id set: the device acknowledged the command
    FAILED = "failed"  # command_id set, {"reason": str}
    LOCKER = "locker"  # {"lock": int, "shut": bool}, two agreeing status reads
    CARD_PRESENT = "card_present"  # {"uid": str, "number": bytes | None}
    CARD_REMOVED = "card_removed"  # {}
    KEYED = "keyed"  # {"fingerprint": str}: it has taken a key of its own, and speaks with it
    CARD_ENCODED = "card_encoded"  # command_id set, {"uid": str, "number": bytes}


class Verb(StrEnum):
    """What a device can be told. The arguments of each stand beside it."""

    PULSE = "pulse"  # {"output": int, "tenths": int}: on, and off by the device's own timer
    HOLD = "hold"  # {"output": int, "active": bool}
    FEEDBACK = "feedback"  # {"outcome": a word of SHOWN, "text": str, "" for the pattern's own}
    LOCKER_OPEN = "locker_open"  # {"lock": int, "seconds": number until it is called jammed}
    CARD_ENCODE = "card_encode"  # {}: a fresh random number onto the card that lies on the reader
    CARD_ERASE = "card_erase"  # {}


# Why a device is offline whose bus begins anew, for the sake of its records or another's key.
BUS_ANEW = "bus_anew"
# What a reader can be told to show: the three answers, and that a door must be shut.
SHOWN = ("granted", "pending", "refused", "held_warning")


@dataclass(frozen=True, slots=True)
class DeviceEvent:
    """One report of a device. ``monotonic`` is in seconds, by the owner's monotonic clock."""

    device: str
    signal: Signal
    monotonic: float
    data: Mapping[str, Any] = field(default_factory=lambda: NOTHING)
    command_id: str | None = None


@dataclass(frozen=True, slots=True)
class DeviceCommand:
    """One order to a device; ``command_id`` returns in DELIVERED or FAILED, once."""

    device: str
    verb: Verb
    args: Mapping[str, Any] = field(default_factory=lambda: NOTHING)
    command_id: str = ""


@dataclass(slots=True)
class Traffic:
    """Frames to one device since its driver was made, and those without a sound answer."""

    sent: int = 0
    failed: int = 0


class Driver(Protocol):
    """A bus of one or more devices of one kind.

    INVARIANT: no method raises for anything that the wire does; a wire that fails becomes OFFLINE.
    """

    def open(self) -> None:
        """Open the port, or begin to try; a port that is missing is OFFLINE, not an error."""

    def turn(self, budget: float) -> Sequence[DeviceEvent]:
        """Do the wire's work for at most about ``budget`` seconds and return what was heard."""

    def submit(self, command: DeviceCommand) -> bool:
        """Take a command; False if the device is offline, and then nothing will be sent."""

    def traffic(self) -> Mapping[str, Traffic]:
        """How the wire fares, by device; a driver that cannot tell leaves a device out."""

    def close(self) -> None:
        """Release the port."""


@runtime_checkable
class Rekeyable(Protocol):
    """A driver that may take another key for a device while the others of its bus go on."""

    def rekey(self, devices: "Sequence[DeviceConfig]") -> bool:
        """Take these devices' keys and windows; False, and nothing taken, if it must begin anew."""
