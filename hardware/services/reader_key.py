"""A key of its own for each reader: made here, sealed at rest, taken in a window that closes.

OSDP has no way to bring a first key but under the default key, which is published: whoever listens
on the line in that moment knows the new one. So an officer opens a window for one reader, says why,
and it closes by the policy's time, at the gateway too.
"""

import secrets
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from hardware.drivers.osdp_fingerprint import fingerprint
from hardware.models import Device, DeviceKind, Rewiring, RewiringKind
from hardware.rules.rewiring import RewiringState
from hardware.services.ingest import EdgeEvent
from hardware.services.installation import gateway_publish, key_open, key_seal
from scif.alarms.models import Gravity
from scif.alarms.services import alarm_raise
from scif.facilities.models import Facility
from scif.journal.services import append
from scif.kernel.actor import Actor
from scif.kernel.clock import now
from scif.kernel.errors import Refused, require
from scif.people.access import lock, visible

CHANGE = "hardware.change_device"
KEY_BYTES = 16
WINDOW = "provision_window"


@transaction.atomic
def reader_provision(
    *,
    device_id: UUID,
    reason: str,
    actor: Actor,
    from_default: bool | None = None,
    agreed: Rewiring | None = None,
) -> Device:
    """Open the window in which a reader takes a fresh key.

    A reader that has a key takes the next one over a session under the old. ``from_default`` says
    that it has lost its key, or was replaced: it is then spoken to as one that never had any.
    INVARIANT: a reader that has a key is spoken to without it only as two officers ``agreed``.
    """
    device = _lock(device_id, actor)
    require(bool(reason.strip()), "reason_missing", _("Say why."))
    _window_check(device)
    if device.key is not None and from_default:
        require(
            agreed is not None
            and agreed.state == RewiringState.CONFIRMED
            and (agreed.kind, agreed.device_id) == (RewiringKind.REKEY, device.pk),
            "two_needed",
            _("Whoever stands at the line meanwhile could be %(code)s.") % {"code": device.code},
            _("One officer asks for it, and another one confirms."),
        )
    seconds = _window(device.bus.gateway.facility)
    first = device.key is None if from_default is None else from_default
    device.next_key = key_seal(secrets.token_bytes(KEY_BYTES), device.code)
    device.next_from_default = first
    device.window_until = now() + timedelta(seconds=seconds)
    device.save(update_fields=["next_key", "next_from_default", "window_until"])
    body: dict[str, object] = {"reason": reason.strip(), "seconds": seconds, "from_default": first}
    if agreed is not None:
        body["requested_by"] = str(agreed.requested_by_id)
    _tell(device, "reader.window_opened", body, actor)
    return device


def reader_replace_check(device: Device) -> None:
    """Refuse what could not be given the key of a replaced reader."""
    _window_check(device)
    require(
        device.key is not None,
        "no_key",
        _("It has no key yet."),
        _("Give it a key of its own; that needs nobody else."),
    )


def _window_check(device: Device) -> None:
    require(device.retired_at is None, "retired", _("It was taken out before."))
    require(
        device.kind == DeviceKind.READER, "no_reader", _("Only readers have a key of their own.")
    )
    require(
        device.window_until is None or device.window_until <= now(),
        "window_open",
        _("Its window is open already."),
        _("Wait until it closes, or close it."),
    )


@transaction.atomic
def reader_window_close(*, device_id: UUID, reason: str, actor: Actor) -> Device:
    """Close the window before its time."""
    device = _lock(device_id, actor)
    require(device.window_until is not None, "window_shut", _("No window is open."))
    require(bool(reason.strip()), "reason_missing", _("Say why."))
    device.window_until = None
    device.save(update_fields=["window_until"])
    _tell(device, "reader.window_closed", {"reason": reason.strip()}, actor)
    return device


@transaction.atomic
def reader_windows_expire(*, actor: Actor) -> int:
    """Close the windows whose time is over, and say of each that its reader took no key.

    The key that was offered is kept: a gateway that was cut off may yet tell that it was taken.
    """
    late = Device.objects.select_for_update(of=("self",), no_key=True, skip_locked=True).filter(
        window_until__lt=now()
    )
    devices = list(late.select_related("bus__gateway__facility"))
    for device in devices:
        device.window_until = None
        device.save(update_fields=["window_until"])
        _tell(device, "reader.window_closed", {"reason": "time"}, actor)
        alarm_raise(
            facility=device.bus.gateway.facility,
            gravity=Gravity.CHECK,
            kind="reader_not_keyed",
            subject=device.code,
            message=_("%(code)s took no key in its window") % {"code": device.code},
            actor=actor,
        )
    return len(devices)


def reader_keyed(event: EdgeEvent) -> None:
    """A reader has proven to hold the key that it was offered: from now on it is its key.

    Called in the transaction that journals the event. Raises Refused for a key that nobody
    offered, and the event goes into quarantine.
    """
    devices = Device.objects.select_for_update(of=("self",), no_key=True)
    found = devices.select_related("bus__gateway__facility").filter(
        code=event.body["device"], bus__gateway=event.gateway
    )
    device = found.first()
    if device is None or device.next_key is None:
        raise Refused("key_not_offered", "The reader took a key that it was not offered.")
    key = key_open(bytes(device.next_key), device.code)
    if fingerprint(key) != event.body["fingerprint"]:
        raise Refused("key_not_offered", "The reader took a key that it was not offered.")
    device.key, device.keyed_at = device.next_key, event.occurred_at
    device.next_key, device.window_until = None, None
    device.save(update_fields=["key", "keyed_at", "next_key", "window_until"])
    _tell(device, "reader.keyed", {"fingerprint": event.body["fingerprint"]}, event.actor)


def _lock(device_id: UUID, actor: Actor) -> Device:
    devices = Device.objects.select_related("bus__gateway__facility__policy")
    return lock(visible(devices, actor, CHANGE), device_id)


def _window(facility: Facility) -> int:
    value = facility.policy.values.get(WINDOW, {}).get("value")
    if not isinstance(value, int) or value <= 0:
        raise Refused(
            "policy_incomplete",
            _("The policy of this facility does not state: %(key)s.") % {"key": WINDOW},
            _("The facility officer publishes a profile that does."),
        )
    return value


def _tell(device: Device, kind: str, body: dict[str, object], actor: Actor) -> None:
    """Journal, and tell the gateway. INVARIANT: no key is in a journal entry."""
    gateway = device.bus.gateway
    append(kind=kind, actor=actor, subject=device, facility=gateway.facility_id, body=body)
    gateway_publish(gateway=gateway, actor=actor)
