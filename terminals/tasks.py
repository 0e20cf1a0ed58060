"""What beat starts. Every task is idempotent and calls one service."""

from celery import shared_task

from scif.kernel.actor import Actor
from terminals.services.airlock_watch import airlock_watch as watch_airlock
from terminals.services.lock import terminal_locks_watch


@shared_task(name="terminals.locks_watch")  # type: ignore[untyped-decorator]  # celery has no types
def locks_watch() -> None:
    """Say which laptop's lock nobody has confirmed."""
    terminal_locks_watch(actor=Actor.system("beat"))


@shared_task(name="terminals.airlock_watch")  # type: ignore[untyped-decorator]  # celery has no types
def airlock_watch() -> None:
    """Say which item of the airlock nobody has answered in time."""
    watch_airlock(actor=Actor.system("beat"))
