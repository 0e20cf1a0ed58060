"""A guard's momentary unlock: a signed order that names who enters and passes the decision."""

from uuid import UUID

from django.db import transaction

from access.selectors.people import people_of
from access.services.orders import door_reader, order_request
from hardware.models import Command
from scif.facilities.models import Portal
from scif.journal.services import append
from scif.kernel.actor import Actor
from scif.kernel.errors import Refused
from scif.people.access import visible

UNLOCK = "access.unlock_portal"


@transaction.atomic
def unlock_request(*, portal_id: UUID, person_id: UUID, actor: Actor) -> Command:
    """Order a door open once for a named person.

    The gateway decides it like a badge read of that person: an order opens for nobody whom the
    rules keep out. Egress needs no order.
    """
    portal = visible(Portal.objects.select_related("zone__area__facility"), actor, UNLOCK).get(
        pk=portal_id
    )
    person = people_of(actor, UNLOCK).filter(pk=person_id).first()
    if person is None:
        raise Refused("person_missing", "Name who enters.")
    command = order_request(
        device=door_reader(portal),
        target=portal.code,
        verb="unlock",
        args={"person_id": str(person.pk)},
        lifetime="unlock_lifetime",
        actor=actor,
    )
    append(
        kind="unlock.requested",
        actor=actor,
        subject=portal,
        facility=portal.zone.area.facility_id,
        body={"person": str(person.pk), "name": str(person), "command": str(command.pk)},
    )
    return command
