"""Tasks of hardware. The one task hands a person's signed command to the gateway of its worker."""

import logging

from celery import shared_task

logger = logging.getLogger(__name__)


@shared_task(name="hardware.command")  # type: ignore[untyped-decorator] # celery has no types
def command(envelope: str, signature: str) -> None:
    """Hand over an envelope; the gateway verifies it and journals what became of it."""
    from hardware.gateway.process import running

    process = running()
    if process is None:
        logger.error("a command came to a worker that runs no gateway; its deadline will tell")
        return
    process.gateway.submit_command(envelope, signature)
