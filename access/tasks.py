"""What beat starts. Every task is idempotent and calls one service."""

from celery import shared_task

from access.services.badge_watch import lock_outs_end
from access.services.booking_end import bookings_expire_due
from access.services.lockdown import lockdown_watch
from access.services.sanitisation import sanitisations_end_due
from scif.kernel.actor import Actor


@shared_task(name="access.bookings_expire")  # type: ignore[untyped-decorator]  # celery has no types
def bookings_expire() -> None:
    """Give back the slots of requests that nobody decided, and of bookings to which nobody came."""
    bookings_expire_due(actor=Actor.system("beat"))


@shared_task(name="access.lockdown_watch")  # type: ignore[untyped-decorator]  # celery has no types
def lockdowns_watch() -> None:
    """Say where a lockdown has not reached the doors."""
    lockdown_watch(actor=Actor.system("beat"))


@shared_task(name="access.lock_outs_end")  # type: ignore[untyped-decorator]  # celery has no types
def lock_outs_watch() -> None:
    """Clear the alarms of badges whose lock-out after wrong PINs is over."""
    lock_outs_end(actor=Actor.system("beat"))


@shared_task(name="access.sanitisations_end")  # type: ignore[untyped-decorator]  # celery has no types
def sanitisations_end() -> None:
    """End what was recorded as sanitised for a time that is over."""
    sanitisations_end_due(actor=Actor.system("beat"))
