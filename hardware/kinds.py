"""The kinds of bus, one row each. All that depends on the kind is found through this table.

The gateway's factory, the virtual devices, the officers' forms and the checks of the models read
it; docs/adding-a-device.md adds a row step by step. Drivers and simulators are named, not
imported: they share nothing, and their libraries are not everywhere.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from importlib import import_module
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Role(StrEnum):
    """What a gateway does with a device. A new role needs a listener in ``hardware/gateway``."""

    READER = "reader"
    IO_BOARD = "io_board"
    LOCKER_BOARD = "locker_board"
    DESK_READER = "desk_reader"


ROLE_TITLES: Mapping[Role, Promise] = {
    Role.READER: _("door reader"),
    Role.IO_BOARD: _("relay and input board"),
    Role.LOCKER_BOARD: _("locker board"),
    Role.DESK_READER: _("desk reader"),
}
# Wires of a door, by the option that holds the number of the output or input.
OUTPUT, CONTACT, REX = "output", "contact_input", "rex_input"
DOOR_WIRES = (OUTPUT, CONTACT, REX)
# What a device says of itself through an input of its own.
TAMPER, POWER = "tamper_input", "power_input"
# What an alarm panel says through inputs: its modes, and what it reports.
PANEL_MODES = ("access", "secure", "maintenance")
PANEL_FACTS = (*PANEL_MODES, "alarm", "trouble")


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of bus: what stands on it, and which code speaks its protocol.

    ``driver`` is ``module:function``, called with a ``BusConfig`` and the ``KeyStore``;
    ``simulator`` is ``module:class``, called with its configuration and its ``World``. ``bauds``
    are the speeds that the maker names, the usual one first; ``addresses`` the first and the last.
    ``wires`` are the options that number outputs and inputs, ``options`` all others. ``keyed``
    kinds speak with a key of each device's own and no other way. Where devices of a kind speak
    different ``dialects``, each must say in an option of that name which; there is no usual one.
    """

    name: str
    title: Promise
    role: Role
    driver: str
    simulator: str
    bauds: tuple[int, ...]
    addresses: tuple[int, int]
    most: int = 1
    wires: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    keyed: bool = False
    dialects: tuple[str, ...] = ()


OSDP = Kind(
    name="osdp",
    title=_("OSDP readers"),
    role=Role.READER,
    driver="hardware.drivers.osdp:build",
    simulator="hardware.simulators.osdp_bus:OsdpBus",
    bauds=(9600, 19200, 38400, 57600, 115200, 230400),
    addresses=(0, 126),
    most=32,
    wires=(*DOOR_WIRES, TAMPER, POWER),
    options=("panel",),
    keyed=True,
)
MODBUS = Kind(
    name="modbus",
    title=_("Modbus RTU relay and input boards"),
    role=Role.IO_BOARD,
    driver="hardware.drivers.modbus:build",
    simulator="hardware.simulators.modbus:ModbusBus",
    bauds=(9600, 19200, 38400, 57600, 115200),
    addresses=(1, 247),
    most=32,
    wires=(*DOOR_WIRES, TAMPER, POWER),
    options=("outputs", "inputs", "normally_closed", "portals", "panel"),
)
KRCU16 = Kind(
    name="krcu16",
    title=_("KR-CU16 locker board"),
    role=Role.LOCKER_BOARD,
    driver="hardware.drivers.krcu16:build",
    simulator="hardware.simulators.krcu16:LockerBank",
    bauds=(19200,),
    addresses=(0, 15),
)
WINNSEN = Kind(
    name="winnsen",
    title=_("Winnsen locker board"),
    role=Role.LOCKER_BOARD,
    driver="hardware.drivers.winnsen:build",
    simulator="hardware.simulators.winnsen:WinnsenBank",
    bauds=(9600,),
    addresses=(0, 255),
)
CU48 = Kind(
    name="cu48",
    title=_("CU48 locker board"),
    role=Role.LOCKER_BOARD,
    driver="hardware.drivers.cu48:build",
    simulator="hardware.simulators.cu48:Cu48Bank",
    bauds=(19200,),
    addresses=(0, 255),
    options=("dialect",),
    dialects=("50-51", "60-61"),
)
NFC = Kind(
    name="nfc",
    title=_("NFC desk reader"),
    role=Role.DESK_READER,
    driver="hardware.drivers.nfc:build",
    simulator="hardware.simulators.pn532:Pn532",
    bauds=(115200,),
    addresses=(0, 0),
)
ALL = (OSDP, MODBUS, KRCU16, WINNSEN, CU48, NFC)
KINDS: Mapping[str, Kind] = {kind.name: kind for kind in ALL}


def named(path: str) -> Any:
    """What ``module:name`` names; raises ImportError, AttributeError."""
    module, _colon, name = path.partition(":")
    return getattr(import_module(module), name)
