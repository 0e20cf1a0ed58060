"""Devices and buses that are taken out: the gateway lets go of them, and their history stays."""

from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from hardware.models import Bus, Device, DeviceState, Rewiring, RewiringKind
from hardware.services.installation import gateway_publish
from hardware.services.panel_board import panel_reinstalled
from hardware.services.plant import CHANGE
from hardware.services.rewiring import agreed_check
from hardware.services.said import device_said
from scif.alarms.services import alarm_clear
from scif.journal.services import append
from scif.kernel.actor import Actor
from scif.kernel.clock import now
from scif.kernel.errors import require
from scif.people.access import lock, visible

# Alarms whose cause goes with the device.
OF_A_DEVICE = (
    "device_offline",
    "device_power",
    "device_insecure",
    "device_tamper",
    "reader_not_keyed",
)


@transaction.atomic
def device_retire(
    *, device_id: UUID, reason: str, actor: Actor, agreed: Rewiring | None = None
) -> Device:
    """Take a device out for good: nobody polls it, nothing hangs on it, its key is forgotten.

    What it was stands in the journal. Its code is never given to another; its address is free.
    INVARIANT: one with monitored inputs goes only as two officers ``agreed``.
    """
    devices = visible(Device.objects.select_related("bus__gateway__facility"), actor, CHANGE)
    device = lock(devices, device_id)
    require(device.retired_at is None, "retired", _("It was taken out before."))
    require(bool(reason.strip()), "reason_missing", _("Say why."))
    said, before = device_said(device), device.options
    agreed_check(device=device, kind=RewiringKind.RETIRE, before=said, after={}, agreed=agreed)
    device.retired_at = now()
    device.portal, device.direction, device.bank, device.options = None, "", None, {}
    device.key = device.next_key = device.window_until = None
    device.save()
    panel_reinstalled(device=device, before=before, actor=actor)
    DeviceState.objects.filter(device=device).update(
        online=False, secure=False, reason="", tamper=False, power_failed=False
    )
    gateway = device.bus.gateway
    append(
        kind="device.retired",
        actor=actor,
        subject=device,
        facility=gateway.facility_id,
        body={**said, "reason": reason.strip()},
    )
    for kind in OF_A_DEVICE:
        alarm_clear(
            facility=gateway.facility,
            kind=kind,
            subject=device.code,
            note=_("%(code)s was taken out") % {"code": device.code},
            actor=actor,
        )
    gateway_publish(gateway=gateway, actor=actor)
    return device


@transaction.atomic
def bus_retire(*, bus_id: UUID, reason: str, actor: Actor) -> Bus:
    """Take a bus out for good once no device stands on it; its port is free for another."""
    bus = lock(visible(Bus.objects.select_related("gateway"), actor, CHANGE), bus_id)
    require(bus.retired_at is None, "retired", _("It was taken out before."))
    require(bool(reason.strip()), "reason_missing", _("Say why."))
    require(
        not bus.devices.filter(retired_at=None).exists(),
        "bus_in_use",
        _("Devices stand on it."),
        _("Take them out first."),
    )
    bus.retired_at = now()
    bus.save(update_fields=["retired_at"])
    append(
        kind="bus.retired",
        actor=actor,
        subject=bus,
        facility=bus.gateway.facility_id,
        body={"driver": bus.driver, "port": bus.port, "baud": bus.baud, "reason": reason.strip()},
    )
    gateway_publish(gateway=bus.gateway, actor=actor)
    return bus
