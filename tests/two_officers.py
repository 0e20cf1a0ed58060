"""What two officers agree on, for tests that are about what comes of it."""

from collections.abc import Callable
from typing import Any

from access.services.rewiring import rewiring_confirm
from hardware.models import Rewiring
from scif.kernel.actor import Actor


def by_two(ask: Callable[..., Any], *, actor: Actor, other: Actor, **asked: Any) -> None:
    """One officer asks, and the other confirms where that is needed."""
    order = ask(actor=actor, **asked)
    if isinstance(order, Rewiring):
        rewiring_confirm(rewiring_id=order.pk, actor=other)
