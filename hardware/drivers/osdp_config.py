"""What an OSDP bus is told at its start."""

import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from hardware.drivers.installed import DeviceConfig
from hardware.drivers.osdp_orders import FEEDBACK, Feedback
from scif.kernel.clock import now

BAUDS = (9600, 19200, 38400, 57600, 115200, 230400)  # SIA OSDP v2.2, 5.2
MOST_DEVICES = 32  # libosdp's Python status masks hold 32 bits and write beyond them


@dataclass(frozen=True, slots=True)
class KeyOffer:
    """A key that a reader is to take until ``until`` (monotonic seconds).

    ``from_default``: over a session under the published default key, which is spoken for nothing
    else; otherwise over a session under the key that it has.
    """

    scbk: bytes = field(repr=False)
    from_default: bool
    until: float

    def __post_init__(self) -> None:
        if len(self.scbk) != 16:
            raise ValueError("a base key has 16 bytes")


@dataclass(frozen=True, slots=True)
class OsdpDevice:
    """One device: its ``code`` in the gateway, its ``address`` (0 to 126), its 16-byte base key."""

    code: str
    address: int
    scbk: bytes = field(repr=False)
    offer: KeyOffer | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.address <= 126 or len(self.scbk) != 16:
            raise ValueError(f"{self.code}: an address is 0 to 126 and a base key 16 bytes")

    @classmethod
    def of(cls, config: DeviceConfig) -> "OsdpDevice":
        """A device's record; raises ValueError.

        One without a key is spoken to with one that nobody has: it is told to be insecure.
        """
        offer = None
        if config.provision is not None:
            left = (config.provision.until - now()).total_seconds()
            until = time.monotonic() + left
            offer = KeyOffer(config.provision.scbk, config.provision.from_default, until)
        return cls(config.code, config.address, config.scbk or secrets.token_bytes(16), offer)


@dataclass(frozen=True, slots=True)
class OsdpBusConfig:
    """A port and its devices. ``retries``: repetitions of a command that nobody answered."""

    path: str
    devices: tuple[OsdpDevice, ...]
    baud: int = 9600
    feedback: Mapping[str, Feedback] = field(default_factory=lambda: FEEDBACK)
    retries: int = 1

    def __post_init__(self) -> None:
        addresses = {device.address for device in self.devices}
        codes = {device.code for device in self.devices}
        if self.baud not in BAUDS:
            raise ValueError(f"OSDP runs at {BAUDS} bits per second")
        if not 1 <= len(self.devices) <= MOST_DEVICES:
            raise ValueError(f"a bus has 1 to {MOST_DEVICES} devices")
        if len(addresses) != len(self.devices) or len(codes) != len(self.devices):
            raise ValueError("two devices share a code or an address")
