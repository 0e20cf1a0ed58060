"""Buses and devices as an officer installs them; the gateway is told in the same transaction."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from hardware.models import Bus, Device, Gateway, Rewiring, RewiringKind
from hardware.services.installation import gateway_publish
from hardware.services.panel_board import panel_reinstalled
from hardware.services.rewiring import added_check, agreed_check, moved_check, moves
from hardware.services.said import bus_said, device_said
from hardware.services.wiring import bus_check, device_check
from scif.facilities.models import LockerBank, Portal, Record
from scif.journal.services import append
from scif.kernel.actor import Actor
from scif.kernel.errors import Refused, require
from scif.people.access import lock, visible

CHANGE = "hardware.change_device"


@transaction.atomic
def bus_add(*, gateway_id: UUID, code: str, driver: str, port: str, baud: int, actor: Actor) -> Bus:
    """Install a serial port. The gateway opens it once a device stands on it."""
    gateway = lock(visible(Gateway.objects.all(), actor, CHANGE), gateway_id)
    bus = Bus(gateway=gateway, code=code, driver=driver, port=port, baud=baud)
    bus_check(bus)
    _save(bus, "bus.added", actor, {"driver": driver, "port": port, "baud": baud})
    gateway_publish(gateway=gateway, actor=actor)
    return bus


@transaction.atomic
def bus_change(
    *, bus_id: UUID, port: str, baud: int, actor: Actor, agreed: Rewiring | None = None
) -> Bus:
    """Move a bus to another port or speed; its devices are offline for a moment.

    INVARIANT: one that carries wires of doors goes to another port only as two officers ``agreed``.
    """
    bus = lock(visible(Bus.objects.select_related("gateway"), actor, CHANGE), bus_id)
    _in_use(bus)
    before, moved = bus_said(bus), moves(bus, port)
    bus.port, bus.baud = port, baud
    bus_check(bus)
    if moved:
        moved_check(bus=bus, before=before, agreed=agreed)
    _save(bus, "bus.changed", actor, bus_said(bus))
    gateway_publish(gateway=bus.gateway, actor=actor)
    return bus


@transaction.atomic
def device_add(
    *,
    bus_id: UUID,
    code: str,
    address: int,
    options: Mapping[str, Any],
    actor: Actor,
    portal: Portal | None = None,
    direction: str = "",
    bank: LockerBank | None = None,
) -> Device:
    """Install a device on a bus. What it is follows from the bus's kind.

    A reader has no key yet, and stays offline until it is given one (``reader_provision``).
    """
    bus = lock(visible(Bus.objects.select_related("gateway"), actor, CHANGE), bus_id)
    _in_use(bus)
    device = Device(
        bus=bus,
        code=code,
        kind=bus.kind.role.value if bus.kind else "",
        address=address,
        portal=portal,
        direction=direction,
        bank=bank,
        options=dict(options),
    )
    device_check(device)
    added_check(device)
    _save(device, "device.added", actor, device_said(device))
    gateway_publish(gateway=bus.gateway, actor=actor)
    panel_reinstalled(device=device, before={}, actor=actor)
    return device


@transaction.atomic
def device_change(
    *,
    device_id: UUID,
    address: int,
    options: Mapping[str, Any],
    actor: Actor,
    portal: Portal | None = None,
    direction: str = "",
    bank: LockerBank | None = None,
    agreed: Rewiring | None = None,
) -> Device:
    """Change where a device stands and what hangs on it; its code and its key stay.

    INVARIANT: what its wires mean changes only as two officers ``agreed``.
    """
    devices = visible(Device.objects.select_related("bus__gateway"), actor, CHANGE)
    device = lock(devices, device_id)
    _in_use(device)
    before, said = device.options, device_said(device)
    device.address, device.options = address, dict(options)
    device.portal, device.direction, device.bank = portal, direction, bank
    device_check(device)
    agreed_check(
        device=device,
        kind=RewiringKind.CHANGE,
        before=said,
        after=device_said(device),
        agreed=agreed,
    )
    _save(device, "device.changed", actor, device_said(device))
    gateway_publish(gateway=device.bus.gateway, actor=actor)
    panel_reinstalled(device=device, before=before, actor=actor)
    return device


def _in_use(record: Bus | Device) -> None:
    require(record.retired_at is None, "retired", _("It was taken out before."))


def _save(record: Bus | Device, kind: str, actor: Actor, body: Mapping[str, Any]) -> None:
    """Save a record that its own checks allow; their first word is what the officer reads."""
    try:
        record.full_clean()
    except ValidationError as error:
        raise Refused("not_valid", " ".join(error.messages)) from error
    record.save()
    append(kind=kind, actor=actor, subject=record, facility=_facility(record), body=dict(body))


def _facility(record: Record) -> Any:
    bus = record.bus if isinstance(record, Device) else record
    return bus.gateway.facility_id if isinstance(bus, Bus) else None
