"""Which device stands behind an address, an input or an output of the virtual wires."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from hardware.kinds import CONTACT, OUTPUT, REX, TAMPER
from hardware.models import Device
from hardware.services.wiring import door_wires, panel_inputs
from scif.console.bench.world import World


@dataclass(frozen=True, slots=True)
class Wiring:
    """Names for what the tape knows by number."""

    devices: dict[str, Device]
    drivers: dict[str, str]
    by_address: dict[tuple[str, int], str]
    by_bus: dict[str, str]

    def named(self, bus: str, address: int | None) -> str:
        """The device at an address; the one device of a bus without addresses; else the bus."""
        if address is None:
            return self.by_bus.get(bus, bus)
        return self.by_address.get((bus, address), bus)

    def input(self, reader: str, number: int, *, active: bool) -> tuple[str, str]:
        """Where and what an input of a reader tells."""
        for name, door in self._doors(reader, number):
            if name == CONTACT:
                return door, _("Leaf opens") if active else _("Leaf shuts")
            if name == REX:
                return door, _("Handle inside pressed") if active else _("Handle inside let go")
        options = self.devices[reader].options if reader in self.devices else {}
        if options.get(TAMPER) == number:
            return reader, _("Cover lifted") if active else _("Cover shut")
        for wire, said in panel_inputs(options):
            if wire == number:
                so = active is said["active"]
                words = _("Panel: %(name)s") if so else _("Panel: %(name)s over")
                return reader, words % {"name": said["fact"]}
        return reader, _("Input %d on") % number if active else _("Input %d off") % number

    def output(self, reader: str, number: int, *, active: bool) -> tuple[str, str]:
        """Where and what an output of a reader does."""
        for name, door in self._doors(reader, number):
            if name == OUTPUT:
                return door, _("Strike lets go") if active else _("Strike holds")
        return reader, _("Output %d on") % number if active else _("Output %d off") % number

    def _doors(self, reader: str, number: int) -> Iterator[tuple[str, str]]:
        """What of which door ends at a number of a device."""
        device = self.devices.get(reader)
        for door, name, wire in door_wires(device) if device else ():
            if wire == number:
                yield name, door


def wiring_of(world: World) -> Wiring:
    """The wiring as installed."""
    sole: dict[str, list[str]] = {}
    for device in world.devices:
        sole.setdefault(device.bus.code, []).append(device.code)
    return Wiring(
        devices={device.code: device for device in world.devices},
        drivers={device.bus.code: device.bus.driver for device in world.devices},
        by_address={(d.bus.code, d.address): d.code for d in world.devices},
        by_bus={bus: codes[0] for bus, codes in sole.items() if len(codes) == 1},
    )
