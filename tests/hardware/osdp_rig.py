"""An OSDP bus in miniature: readers, a door, the driver on it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hardware.drivers.base import Signal
from hardware.drivers.osdp import OsdpBus
from hardware.drivers.osdp_config import OsdpBusConfig, OsdpDevice
from hardware.simulators.cards import Application, CardFile
from hardware.simulators.cards import CardStore as Store
from tests.hardware.rig import PATIENCE, Sim, Turner, simulators

AID = 0xF5C1A0
NUMBER = bytes(range(0x40, 0x50))
READ_KEY = bytes(range(0x70, 0x80))
UID = bytes.fromhex("04a1b2c3d4e5f6")


def scbk(address: int) -> bytes:
    """The base key of the reader at an address."""
    return bytes([address]) * 16


def reader(address: int, **more: Any) -> dict[str, Any]:
    """A reader's part of a configuration: R1 at address 1 and so on."""
    card = {"aid": f"{AID:06x}", "file": 1, "key_number": 1, "key": READ_KEY.hex()}
    wires = {"outputs": 1, "inputs": 2}
    who = {"name": f"R{address}", "address": address, "scbk": scbk(address).hex()}
    return {**who, **wires, "card": card, **more}


def world(*readers: dict[str, Any], baud: int = 115200) -> dict[str, Any]:
    """A configuration of one bus whose first reader has a door."""
    name = readers[0]["name"]
    door = {"name": "D1", "strike": [name, 0], "contact": [name, 0], "rex": [name, 1]}
    bus = {"kind": "osdp", "name": "bus", "port": "ttyBUS", "baud": baud, "seed": 1}
    return {"name": "sim", "buses": [{**bus, "readers": list(readers), "doors": [door]}]}


def card_make(directory: Path, name: str = "card-01", number: bytes = NUMBER) -> None:
    """Put an encoded card into the simulators' store."""
    store = Store(directory / "cards")
    card = store.create(name, UID)
    file = CardFile(number, access=0x1200)
    card.applications[AID] = Application([bytes(16), READ_KEY, bytes(16)], files={1: file})
    store.save(name, card)


@dataclass
class Line:
    """A running bus, and the driver that turns on it."""

    sim: Sim
    driver: OsdpBus
    turner: Turner

    def online(self, *codes: str, seconds: float = PATIENCE) -> None:
        """Turn until these devices have come online and told their inputs."""
        for code in codes:
            self.turner.hear(Signal.ONLINE, seconds, device=code)


@contextmanager
def line(
    directory: Path, *addresses: int, baud: int = 115200, keys: dict[int, bytes] | None = None
) -> Iterator[Line]:
    """The simulators of ``addresses`` and an open driver; ``keys`` are those the driver has."""
    card_make(directory)
    with simulators(directory, world(*map(reader, addresses), baud=baud)) as sim:
        driver = OsdpBus(config(directory, *addresses, baud=baud, keys=keys))
        driver.open()
        try:
            yield Line(sim, driver, Turner(driver))
        finally:
            driver.close()


def config(
    directory: Path, *addresses: int, baud: int = 115200, keys: dict[int, bytes] | None = None
) -> OsdpBusConfig:
    """What the driver is told of these readers."""
    devices = tuple(
        OsdpDevice(f"R{address}", address, (keys or {}).get(address, scbk(address)))
        for address in addresses
    )
    return OsdpBusConfig(str(directory / "ttyBUS"), devices, baud=baud)
