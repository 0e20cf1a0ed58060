"""Sending of signed commands over Celery. It stands between a person and a door, never a badge."""

import logging

from celery import current_app
from django.db import transaction

from hardware.models import Command, CommandState
from scif.kernel.clock import now

logger = logging.getLogger(__name__)


def commands_send(*, limit: int = 50) -> int:
    """Send what was requested and is still in time; returns how many were sent.

    A command is marked as sent before it is: the gateway's nonce makes a repeat harmless, but a
    broker that is away must not make this process send the same one for ever.
    """
    count = 0
    waiting = Command.objects.filter(state=CommandState.REQUESTED, deadline__gt=now())
    for command_id in waiting.order_by("issued_at").values_list("pk", flat=True)[:limit]:
        with transaction.atomic():
            command = (
                Command.objects.select_for_update(of=("self",), no_key=True)
                .select_related("gateway")
                .get(pk=command_id)
            )
            if command.state != CommandState.REQUESTED:
                continue
            command.state = CommandState.SENT
            command.save(update_fields=["state"])
        try:
            current_app.send_task(
                "hardware.command",
                args=[command.envelope, bytes(command.signature).hex()],
                queue=f"gateway.{command.gateway.code}",
                expires=command.deadline,
                retry=False,
            )
            count += 1
        except Exception as error:  # the broker's client raises many kinds; the deadline decides
            logger.warning("command %s could not be sent: %s", command.pk, error)
            Command.objects.filter(pk=command.pk, state=CommandState.SENT).update(
                state=CommandState.REQUESTED
            )
            break
    return count
