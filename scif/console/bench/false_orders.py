"""Orders that a gateway must not obey, as whoever holds the broker would send them.

They go by the broker to the gateway's own queue. What it makes of them is its own: it refuses, says
why in its journal, and an alarm follows.
"""

import json
import secrets
from datetime import timedelta
from typing import Any
from uuid import uuid4

from celery import current_app
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.utils.translation import gettext as _

from hardware.models import Command, CommandState, Device, Gateway
from hardware.services.command import command_request
from scif.facilities.models import Portal
from scif.kernel.actor import Actor
from scif.kernel.canonical import canonical_json
from scif.kernel.clock import now
from scif.kernel.errors import Refused
from scif.people.access import visible

UNLOCK = "access.unlock_portal"
LIFETIME, LATE = timedelta(seconds=10), timedelta(seconds=-1)
STRANGER = "somebody-else"


def order_forge(gateway: Gateway, actor: Actor) -> str:
    """An order to open a door, made up and signed with a key of the forger's own."""
    at = now()
    envelope = canonical_json(
        {
            "id": str(uuid4()),
            "gateway": gateway.code,
            "target": _door(gateway, actor).code,
            "verb": "unlock",
            "args": {"person_id": STRANGER},
            "actor": STRANGER,
            "nonce": secrets.token_hex(16),
            "issued_at": at.isoformat(),
            "deadline": (at + LIFETIME).isoformat(),
        }
    )
    return _send(gateway, envelope, Ed25519PrivateKey.generate().sign(envelope))


def order_alter(gateway: Gateway, actor: Actor) -> str:
    """The latest order, with another person written into it; its signature is the true one."""
    kept = _latest(gateway)
    said: dict[str, Any] = json.loads(kept.envelope)
    said["args"] = {**said["args"], "person_id": STRANGER}
    return _send(gateway, canonical_json(said), bytes(kept.signature))


def order_repeat(gateway: Gateway, actor: Actor) -> str:
    """The latest order once more, every byte of it genuine."""
    kept = _latest(gateway)
    return _send(gateway, kept.envelope.encode(), bytes(kept.signature))


def order_delay(gateway: Gateway, actor: Actor) -> str:
    """A genuine order that comes after its deadline, since somebody held it back.

    Its deadline is over before it is given, so that the system itself never sends it.
    """
    command = command_request(
        gateway=gateway,
        target=_door(gateway, actor).code,
        verb="unlock",
        args={"person_id": STRANGER},
        lifetime=LATE,
        actor=actor,
    )
    return _send(gateway, command.envelope.encode(), bytes(command.signature))


def latest_order(gateway: Gateway) -> Command | None:
    """The latest order that went to a gateway."""
    sent = Command.objects.filter(gateway=gateway).exclude(state=CommandState.REQUESTED)
    return sent.order_by("-issued_at").first()


def _latest(gateway: Gateway) -> Command:
    found = latest_order(gateway)
    if found is None:
        raise Refused(
            "no_order_yet",
            _("No order has gone to %(gateway)s yet.") % {"gateway": gateway.name},
            _("Open a locker or let somebody in at the desk first."),
        )
    return found


def _door(gateway: Gateway, actor: Actor) -> Portal:
    """A door of the gateway that the actor might unlock: nobody signs what he may not order."""
    doors = Device.objects.filter(bus__gateway=gateway, retired_at=None).values("portal")
    door = visible(Portal.objects.filter(pk__in=doors), actor, UNLOCK).order_by("code").first()
    if door is None:
        raise Refused("no_door", _("You may unlock no door here."))
    return door


def _send(gateway: Gateway, envelope: bytes, signature: bytes) -> str:
    try:
        current_app.send_task(
            "hardware.command",
            args=[envelope.decode(), signature.hex()],
            queue=f"gateway.{gateway.code}",
            expires=now() + LIFETIME,
            retry=False,
        )
    except Exception as error:  # the broker's client raises many kinds
        raise Refused("broker_away", _("The broker is away.")) from error
    return _("Sent by the broker. %(gateway)s must refuse it.") % {"gateway": gateway.name}
