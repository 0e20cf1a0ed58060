"""Orders of people to gateways: signed when requested, then sent, confirmed by events."""

import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.db import connection, transaction

from hardware.gateway.policy import GatewayPolicy
from hardware.models import Command, CommandState, Gateway
from hardware.services.snapshot import control_signer
from hardware.words import verb_words
from scif.alarms.models import Gravity
from scif.alarms.services import alarm_raise
from scif.journal.services import append
from scif.kernel.actor import Actor
from scif.kernel.canonical import canonical_json
from scif.kernel.clock import now

OPEN_STATES = (CommandState.REQUESTED, CommandState.SENT)


@transaction.atomic
def command_request(
    *,
    gateway: Gateway,
    target: str,
    verb: str,
    args: Mapping[str, Any],
    lifetime: timedelta,
    actor: Actor,
) -> Command:
    """Write down and sign an order. The caller has checked that the actor may give it.

    The signature binds gateway, target, verb, nonce and deadline, so that nobody who reaches the
    broker can make, alter, redirect, repeat or delay one.
    """
    issued = now()
    command_id = uuid4()
    envelope = canonical_json(
        {
            "id": str(command_id),
            "gateway": gateway.code,
            "target": target,
            "verb": verb,
            "args": dict(args),
            "actor": actor.reference,
            "nonce": secrets.token_hex(16),
            "issued_at": issued.isoformat(),
            "deadline": (issued + lifetime).isoformat(),
        }
    )
    command = Command.objects.create(
        id=command_id,
        gateway=gateway,
        target=target,
        verb=verb,
        args=dict(args),
        actor=actor.reference,
        issued_at=issued,
        deadline=issued + lifetime,
        envelope=envelope.decode(),
        signature=control_signer(settings.KEY_DIR).sign(envelope),
    )
    append(
        kind="command.requested",
        actor=actor,
        subject=command,
        facility=gateway.facility_id,
        body={"verb": verb, "target": target},
    )
    with connection.cursor() as cursor:
        cursor.execute("NOTIFY command_requested")
    return command


@transaction.atomic
def command_mark(
    *, command_id: str, state: CommandState, reason: str = "", result: Mapping[str, Any]
) -> Command | None:
    """Record what became of an order; a final state never changes again."""
    command = (
        Command.objects.select_for_update(of=("self",), no_key=True).filter(pk=command_id).first()
    )
    if command is None or CommandState(command.state) not in OPEN_STATES:
        return command
    command.state = state
    command.reason = reason[:200]
    command.result = {**command.result, **result}
    command.save(update_fields=["state", "reason", "result"])
    return command


def command_patience(command: Command) -> timedelta:
    """How long after its deadline an order's outcome may still be on its way.

    The deadline is the last moment at which it may go onto a wire; its device then takes its time,
    and the word of it too.
    """
    policy = GatewayPolicy.of({"values": command.gateway.facility.policy.values})
    match command.verb:
        case "locker_open":
            seconds = policy.locker_open_seconds
        case "card_encode" | "card_erase":
            seconds = policy.card_encode_seconds
        case _:
            seconds = -(-policy.strike_ack_tenths // 10)
    return timedelta(seconds=seconds + policy.command_grace_seconds)


@transaction.atomic
def command_expire(*, actor: Actor) -> int:
    """Mark orders of which nothing was heard as unconfirmed and raise an alarm for each."""
    at = now()
    late = (
        Command.objects.select_for_update(of=("self",), no_key=True, skip_locked=True)
        .filter(state__in=OPEN_STATES, deadline__lt=at)
        .select_related("gateway__facility__policy")
    )
    count = 0
    for command in late:
        if at <= command.deadline + command_patience(command):
            continue
        command.state = CommandState.UNCONFIRMED
        waited = round((at - command.issued_at).total_seconds())
        command.result = {**command.result, "waited_seconds": waited}
        command.save(update_fields=["state", "result"])
        append(
            kind="command.unconfirmed",
            actor=actor,
            subject=command,
            facility=command.gateway.facility_id,
            body={"verb": command.verb, "target": command.target},
        )
        alarm_raise(
            facility=command.gateway.facility,
            gravity=Gravity.CHECK,
            kind="command_unconfirmed",
            subject=command.target,
            message=f"No confirmation from {command.target} for: {verb_words(command.verb)}",
            actor=actor,
        )
        count += 1
    return count
