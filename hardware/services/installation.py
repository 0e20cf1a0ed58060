"""What is installed, told to the gateways as snapshot records: buses, devices, portals, zones."""

import secrets
from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.db import transaction

from hardware.kinds import Role
from hardware.models import Bus, Device, FeedbackPattern, Gateway
from hardware.services.snapshot import snapshot_replace
from hardware.services.wiring import door_wires
from scif.facilities.models import Portal, Zone
from scif.journal.services import append
from scif.kernel.actor import Actor
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


@transaction.atomic
def gateway_publish(*, gateway: Gateway, actor: Actor) -> None:
    """Tell a gateway its buses, devices, portals and zones; what it knows is not repeated."""
    devices = list(
        Device.objects.filter(bus__gateway=gateway).select_related("bus", "portal", "bank")
    )
    codes = {code for device in devices for code, _wire, _number in door_wires(device)}
    codes |= {device.portal.code for device in devices if device.portal}
    here = Portal.objects.filter(zone__area__facility=gateway.facility_id, code__in=codes)
    portals = {portal.code: portal for portal in here.select_related("zone")}
    zones = {p.zone.code: p.zone for p in portals.values()}
    feedback = {
        pattern.shown: _pattern_record(pattern)
        for pattern in FeedbackPattern.objects.filter(facility=gateway.facility_id)
    }
    for kind, records in (
        ("bus", {bus.code: _bus_record(bus, feedback) for bus in gateway.buses.all()}),
        ("device", {d.code: _device_record(d) for d in devices}),
        ("portal", {code: _portal_record(portal) for code, portal in portals.items()}),
        ("zone", {code: _zone_record(zone) for code, zone in zones.items()}),
    ):
        snapshot_replace(gateway=gateway.code, kind=kind, records=records)
    append(kind="gateway.published", actor=actor, subject=gateway, facility=gateway.facility_id)


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
        record["scbk"] = key_open(bytes(device.key), device.code).hex()
    if device.next_key is not None and device.window_until is not None:
        record["provision"] = {
            "scbk": key_open(bytes(device.next_key), device.code).hex(),
            "from_default": device.next_from_default,
            "until": device.window_until.isoformat(),
        }
    return record


def _portal_record(portal: Portal) -> Mapping[str, Any]:
    return {
        "zone": portal.zone.code,
        "area": str(portal.zone.area_id),
        "pulse_tenths": portal.pulse_tenths,
        "held_seconds": portal.held_seconds,
        "contact": portal.has_contact,
        "pin": portal.pin_required,
    }


def _zone_record(zone: Zone) -> Mapping[str, Any]:
    return {"area": str(zone.area_id), "name": zone.name}
