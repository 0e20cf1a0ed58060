"""Corrections of a zone's count, ordered at the desk and carried out by the gateway that counts."""

from typing import Any
from uuid import UUID

from django.db import transaction

from access.services.orders import door_reader, order_request
from hardware.models import Command, GatewayStatus
from scif.facilities.models import Zone
from scif.journal.services import append
from scif.kernel.actor import Actor
from scif.kernel.errors import Refused, require
from scif.people.access import visible
from scif.people.models import Person

CORRECT = "access.correct_zone"


@transaction.atomic
def zone_mark_out_request(*, zone_id: UUID, person_id: UUID, reason: str, actor: Actor) -> Command:
    """A person was seen to be out of a zone that still counts him."""
    return _order("zone_mark_out", zone_id, person_id, reason, actor)


@transaction.atomic
def zone_forgive_request(*, zone_id: UUID, person_id: UUID, reason: str, actor: Actor) -> Command:
    """Forget that a person is counted inside, so that anti-passback lets him enter again."""
    return _order("zone_forgive", zone_id, person_id, reason, actor)


@transaction.atomic
def zone_count_confirm(*, zone_id: UUID, reason: str, actor: Actor) -> Command:
    """Somebody has counted, and the list of who is inside is right: the zone is certain again."""
    return _order("zone_forgive", zone_id, None, reason, actor)


def _order(verb: str, zone_id: UUID, person_id: UUID | None, reason: str, actor: Actor) -> Command:
    """INVARIANT: the order names the count that its giver has seen; another one refuses it."""
    zones = Zone.objects.select_related("area__facility")
    zone = visible(zones, actor, CORRECT).get(pk=zone_id)
    require(bool(reason.strip()), "reason_missing", "Say what was seen.")
    portal = zone.portals.order_by("code").first()
    if portal is None:
        raise Refused("not_installed", f"No door leads into {zone.name}.")
    reader = door_reader(portal)
    args: dict[str, Any] = {"zone_version": _version(zone, reader.bus.gateway.code)}
    person = None
    if person_id is not None:
        person = Person.objects.filter(pk=person_id).first()
        if person is None:
            raise Refused("person_missing", "Name who it is about.")
        args["person_id"] = str(person.pk)
    command = order_request(
        device=reader,
        target=zone.code,
        verb=verb,
        args=args,
        lifetime="zone_order_lifetime",
        actor=actor,
    )
    append(
        kind="zone.correction_requested",
        actor=actor,
        subject=zone,
        facility=zone.area.facility_id,
        body={
            "verb": verb,
            "command": str(command.pk),
            "person": str(person.pk) if person else None,
            "name": str(person) if person else None,
            "reason": reason.strip()[:200],
        },
    )
    return command


def _version(zone: Zone, gateway: str) -> int:
    status = GatewayStatus.objects.filter(gateway=gateway).first()
    counted = (status.state.get("zones") or {}).get(zone.code) if status else None
    if counted is None:
        raise Refused(
            "zone_not_heard",
            f"The gateway has not told yet who is in {zone.name}.",
            "Bring the gateway into order, then try again.",
        )
    return int(counted["version"])
