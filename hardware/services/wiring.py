"""What may be written about the wires of a device, checked against its kind and its neighbours."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from hardware.kinds import DOOR_WIRES, OUTPUT, PANEL_FACTS, POWER, TAMPER, Kind, Role
from hardware.models import Bus, Device
from hardware.rules.port import port_fits
from scif.facilities.models import Area, Portal
from scif.kernel.errors import FieldRefused, Refused, require

MOST_WIRES = 64


def device_check(device: Device) -> None:
    """Refuse a device that its bus's driver could not serve, or whose wires are not clear."""
    kind = device.bus.kind
    if kind is None:
        raise Refused("no_such_driver", _("There is no such driver."))
    first, last = kind.addresses
    if not first <= device.address <= last:
        raise FieldRefused(
            "address_out_of_range",
            "address",
            _("An address on this bus lies between %(first)d and %(last)d.")
            % {"first": first, "last": last},
        )
    others = Device.objects.filter(bus=device.bus, retired_at=None).exclude(pk=device.pk)
    require(
        others.count() < kind.most,
        "bus_full",
        _("This bus takes no more than %(most)d devices.") % {"most": kind.most},
    )
    require(device.kind == kind.role, "wrong_kind", _("Such a device cannot stand on this bus."))
    _place_check(device)
    _options_check(device, kind)
    _wires_check(device)


def _place_check(device: Device) -> None:
    facility = device.bus.gateway.facility_id
    if device.kind == Role.READER and (device.portal is None or not device.direction):
        raise FieldRefused(
            "reader_placeless",
            "portal" if device.portal is None else "direction",
            _("A reader stands at a door and looks one way."),
        )
    if device.kind == Role.LOCKER_BOARD:
        require(device.bank is not None, "board_bankless", _("A locker board serves a bank."))
    if device.portal is not None:
        require(_portals(facility, [device.portal.code]), "other_facility", _("No such door here."))
    if device.bank is not None:
        here = device.bank.facility_id == facility
        require(here, "other_facility", _("No such bank here."))


def _portals(facility: Any, codes: list[str]) -> bool:
    found = Portal.objects.filter(zone__area__facility=facility, code__in=codes)
    return found.count() == len(set(codes))


def _options_check(device: Device, kind: Kind) -> None:
    options = device.options
    require(isinstance(options, dict), "options_malformed", _("Options are named values."))
    unknown = sorted(set(options) - {*kind.wires, *kind.options})
    require(
        not unknown,
        "option_unknown",
        _("This kind of device has no such option: %(names)s.") % {"names": ", ".join(unknown)},
    )
    require(
        not kind.dialects or options.get("dialect") in kind.dialects,
        "dialect_unknown",
        _("Such a device has one of several command sets; choose its own: %(names)s.")
        % {"names": ", ".join(kind.dialects)},
    )
    several = options.get("portals", {})
    tables = [several, *(several.values() if isinstance(several, dict) else ())]
    closed = options.get("normally_closed", [])
    numbers = [options[name] for name in (*kind.wires, "outputs", "inputs") if name in options]
    sound = (
        all(isinstance(table, dict) for table in tables)
        and isinstance(closed, list)
        and all(_number(each) for each in (*numbers, *closed))
    )
    sound = sound and all(
        name in DOOR_WIRES and _number(each)
        for wires in several.values()
        for name, each in wires.items()
    )
    require(
        sound,
        "options_malformed",
        _("Wires are numbers from 0 to %(most)d.") % {"most": MOST_WIRES - 1},
    )
    facility = device.bus.gateway.facility_id
    require(_portals(facility, list(several)), "other_facility", _("No such door here."))
    if "panel" in options:
        _panel_check(options["panel"], facility)


def _panel_check(panel: Any, facility: Any) -> None:
    """An alarm panel: of which area, and what each input says of it while it is so."""
    sound = (
        isinstance(panel, dict)
        and panel.keys() == {"area", "inputs"}
        and isinstance(panel["inputs"], dict)
        and all(_meaning(number, each) for number, each in panel["inputs"].items())
    )
    require(
        sound,
        "options_malformed",
        _("A panel is an area and inputs, each with what it says: %(facts)s.")
        % {"facts": ", ".join(PANEL_FACTS)},
    )
    areas = Area.objects.filter(facility=facility, code=panel["area"])
    require(areas.exists(), "other_facility", _("No such area here."))


def _meaning(number: str, said: Any) -> bool:
    return (
        number.isdecimal()
        and _number(int(number))
        and isinstance(said, dict)
        and said.keys() == {"fact", "active"}
        and said["fact"] in PANEL_FACTS
        and isinstance(said["active"], bool)
    )


def _wires_check(device: Device) -> None:
    """One use for each wire, and for each door one contact and one handle."""
    used: set[tuple[bool, int]] = set()
    for name, number in _wires(device.options):
        wire = (name == OUTPUT, number)
        require(
            wire not in used,
            "wire_twice",
            _("Number %(number)d is used twice.") % {"number": number},
        )
        used.add(wire)
    others = Device.objects.filter(bus__gateway__facility=device.bus.gateway.facility_id)
    taken = {
        (portal, name)
        for other in others.exclude(pk=device.pk).select_related("portal")
        for portal, name, _number in door_wires(other)
    }
    for portal, name, _number in door_wires(device):
        require(
            name == OUTPUT or (portal, name) not in taken,
            "wire_elsewhere",
            _("Another device tells already: %(name)s of %(door)s.")
            % {"name": name, "door": portal},
        )


def door_wires(device: Device) -> Iterator[tuple[str, str, int]]:
    """The doors on a device, what of each ends there, and at which number."""
    several = device.options.get("portals") or {}
    tables: dict[str, Mapping[str, Any]] = dict(several)
    if device.portal is not None:
        tables[device.portal.code] = device.options
    for portal, wires in tables.items():
        for name in DOOR_WIRES:
            if wires.get(name) is not None:
                yield portal, name, int(wires[name])


def doors_of(device: Device) -> set[str]:
    """The codes of the doors of which anything hangs on a device."""
    wired = {portal for portal, _name, _number in door_wires(device)}
    return wired | ({device.portal.code} if device.portal is not None else set())


def panel_inputs(options: Mapping[str, Any]) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """The inputs that an alarm panel drives: the number, and what is said while it is how."""
    for number, said in (options.get("panel") or {}).get("inputs", {}).items():
        yield int(number), said


def _wires(options: Mapping[str, Any]) -> Iterator[tuple[str, int]]:
    tables = [options, *(options.get("portals") or {}).values()]
    for table in tables:
        for name in (*DOOR_WIRES, TAMPER, POWER):
            if table.get(name) is not None:
                yield name, table[name]
    for number, said in panel_inputs(options):
        yield said["fact"], number


def _number(value: object) -> bool:
    whole = isinstance(value, int) and not isinstance(value, bool)
    return whole and isinstance(value, int) and 0 <= value < MOST_WIRES


def port_check(port: str) -> None:
    """Refuse a name that is no serial port's: the gateway would open whatever it names."""
    require(
        port_fits(port, virtual=settings.SIMULATORS),
        "port_malformed",
        _("A serial port is named as below /dev: ttyS0, ttyUSB0 or serial/by-id/… ."),
    )


def bus_check(bus: Bus) -> None:
    """Refuse what is no serial port, and one that another bus of the gateway has.

    Two owners of one wire would hear half each.
    """
    port_check(bus.port)
    ports = Bus.objects.filter(gateway=bus.gateway, port=bus.port, retired_at=None)
    others = ports.exclude(pk=bus.pk)
    require(not others.exists(), "port_taken", _("Another bus of this gateway has that port."))
