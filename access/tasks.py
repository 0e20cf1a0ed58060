"""What beat starts. Every task is idempotent and calls one service."""

from celery import shared_task

from access.services.booking_end import bookings_expire_due
from scif.kernel.actor import Actor


@shared_task(name="access.bookings_expire")  # type: ignore[untyped-decorator]  # celery has no types
def bookings_expire() -> None:
    """Give back the slots of requests that nobody decided, and of bookings to which nobody came."""
    bookings_expire_due(actor=Actor.system("beat"))
