"""What two officers agree on, for tests that are about what comes of it."""

from collections.abc import Callable
from typing import Any

from access.services.grant import grant_ask
from access.services.rewiring import rewiring_confirm
from hardware.models import Rewiring
from scif.facilities.models import Record
from scif.kernel.actor import Actor


def by_two(ask: Callable[..., Any], *, actor: Actor, other: Actor, **asked: Any) -> None:
    """One officer asks, and the other confirms where that is needed."""
    order = ask(actor=actor, **asked)
    if isinstance(order, Rewiring):
        rewiring_confirm(rewiring_id=order.pk, actor=other)


def asked(service: Callable[..., Record], *, actor: Actor, **given: Any) -> Record | Rewiring:
    """One officer asks for what a service grants to a person."""
    return grant_ask(service=service, given=given, reason="His letter", actor=actor)


def granted(service: Callable[..., Record], *, actor: Actor, other: Actor, **given: Any) -> None:
    """One officer asks for it, and the other confirms where that is needed."""
    order = asked(service, actor=actor, **given)
    if isinstance(order, Rewiring):
        rewiring_confirm(rewiring_id=order.pk, actor=other)
