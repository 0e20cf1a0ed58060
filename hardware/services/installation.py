"""What is installed, told to the gateways as snapshot records: buses, devices, portals, zones."""

import secrets
from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.db import transaction

from hardware.kinds import Role
from hardware.models import Bus, Device, FeedbackPattern, Gateway, ZoneTenure
from hardware.services.snapshot import snapshot_replace
from hardware.services.wiring import doors_of
from hardware.wrapping import wrap, wrapping_key
from scif.facilities.models import Portal, Zone
from scif.journal.services import append
from scif.kernel.actor import Actor
from scif.kernel.errors import require
from scif.kernel.keys import KeyStore


def key_seal(key: bytes, device: str) -> bytes:
    """Encrypt a reader's key at rest under ``osdp.master``, bound to its device."""
    nonce = secrets.token_bytes(12)
    master = KeyStore(settings.KEY_DIR).secret("osdp.master")
    return nonce + AESGCM(master).encrypt(nonce, key, device.encode())


def key_open(sealed: bytes, device: str) -> bytes:
    """Decrypt a reader's key; raises ``InvalidTag`` if altered or moved to another device."""
    master = KeyStore(settings.KEY_DIR).secret("osdp.master")
    return AESGCM(master).decrypt(sealed[:12], sealed[12:], device.encode())


def gateway_wrapping(gateway: str) -> bytes:
    """The key under which readers' keys go to a gateway."""
    return wrapping_key(KeyStore(settings.KEY_DIR).secret("osdp.master"), gateway)


@transaction.atomic
def gateway_publish(*, gateway: Gateway, actor: Actor) -> None:
    """Tell a gateway its buses, devices, portals and zones; what it knows is not repeated."""
    devices = list(
        Device.objects.filter(bus__gateway=gateway, retired_at=None).select_related(
            "bus__gateway", "portal", "bank"
        )
    )
    codes = {code for device in devices for code in doors_of(device)}
    here = Portal.objects.filter(zone__area__facility=gateway.facility_id, code__in=codes)
    portals = {portal.code: portal for portal in here.select_related("zone")}
    _interlocks_whole(gateway, portals)
    zones = {p.zone.code: p.zone for p in portals.values()}
    feedback = {
        pattern.shown: _pattern_record(pattern)
        for pattern in FeedbackPattern.objects.filter(facility=gateway.facility_id)
    }
    for kind, records in (
        (
            "bus",
            {bus.code: _bus_record(bus, feedback) for bus in gateway.buses.filter(retired_at=None)},
        ),
        ("device", {d.code: _device_record(d) for d in devices}),
        ("portal", {code: _portal_record(portal) for code, portal in portals.items()}),
        ("zone", {code: _zone_record(zone) for code, zone in zones.items()}),
    ):
        snapshot_replace(gateway=gateway.code, kind=kind, records=records)
    append(kind="gateway.published", actor=actor, subject=gateway, facility=gateway.facility_id)


def _interlocks_whole(gateway: Gateway, portals: Mapping[str, Portal]) -> None:
    """An interlock is kept by one gateway, which sees all its doors; else nobody keeps it."""
    groups = {portal.interlock for portal in portals.values() if portal.interlock}
    doors = Portal.objects.filter(interlock__in=groups, zone__area__facility=gateway.facility_id)
    codes = set(doors.values_list("code", flat=True))
    others = Device.objects.filter(bus__gateway__facility=gateway.facility_id)
    elsewhere = others.exclude(bus__gateway=gateway).select_related("portal")
    require(
        not any(codes & doors_of(device) for device in elsewhere),
        "interlock_split",
        "The doors of an interlock stand at several gateways.",
        "Wire them to one gateway, or name another group.",
    )


def _bus_record(bus: Bus, feedback: Mapping[str, Any]) -> Mapping[str, Any]:
    record: dict[str, Any] = {"driver": bus.driver, "port": bus.port, "baud": bus.baud}
    if feedback and bus.kind and bus.kind.role is Role.READER:
        record["feedback"] = feedback
    return record


def _pattern_record(pattern: FeedbackPattern) -> Mapping[str, Any]:
    names = ("color", "beeps", "tenths", "beep_tenths", "text")
    return {name: getattr(pattern, name) for name in names}


def _device_record(device: Device) -> Mapping[str, Any]:
    record: dict[str, Any] = {
        "bus": device.bus.code,
        "kind": device.kind,
        "address": device.address,
        "portal": device.portal.code if device.portal else None,
        "bank": device.bank.code if device.bank else None,
        "direction": device.direction or None,
        **device.options,
    }
    if device.key is not None:
        record["scbk"] = _wrapped(device, device.key)
    if device.next_key is not None and device.window_until is not None:
        record["provision"] = {
            "scbk": _wrapped(device, device.next_key),
            "from_default": device.next_from_default,
            "until": device.window_until.isoformat(),
        }
    return record


def _wrapped(device: Device, sealed: bytes | memoryview) -> str:
    """A reader's key for its gateway alone. INVARIANT: no snapshot shows one."""
    key = key_open(bytes(sealed), device.code)
    return wrap(gateway_wrapping(device.bus.gateway.code), key, device.code)


def _portal_record(portal: Portal) -> Mapping[str, Any]:
    return {
        "zone": portal.zone.code,
        "area": str(portal.zone.area_id),
        "pulse_tenths": portal.pulse_tenths,
        "held_seconds": portal.held_seconds,
        "contact": portal.has_contact,
        "pin": portal.pin_required,
        "interlock": portal.interlock,
    }


def _zone_record(zone: Zone) -> Mapping[str, Any]:
    record: dict[str, Any] = {
        "area": str(zone.area_id),
        "name": zone.name,
        "anti_passback": zone.anti_passback or None,
        "anti_passback_minutes": zone.anti_passback_minutes,
        "first_person_in": zone.first_person_in,
        "minimum": zone.minimum,
    }
    tenure = ZoneTenure.objects.filter(zone=zone).first()
    return record if tenure is None else {**record, "epoch": tenure.epoch, **tenure.state}
