"""Tasks of hardware: a person's signed command for the gateway of this worker, and housekeeping.

A gateway's process loads this module without Django's apps: what needs them is imported within.
"""

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


@shared_task(name="hardware.snapshots_compact")  # type: ignore[untyped-decorator] # celery has no types
def compact() -> None:
    """Take away deltas that were overtaken and confirmed."""
    from hardware.services.snapshot_compaction import snapshots_compact
    from scif.kernel.actor import Actor

    snapshots_compact(actor=Actor.system("beat"))
