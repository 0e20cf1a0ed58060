"""In-process event registry: how a lower app reaches an upper one.

Handlers run in the publisher's transaction and an exception aborts it. What must happen outside
the transaction follows the journal with a cursor of its own instead.
"""

from collections import defaultdict
from collections.abc import Callable
from typing import Any, TypeVar

E = TypeVar("E")
_handlers: dict[type[Any], list[Callable[[Any], None]]] = defaultdict(list)


def subscribe(event_type: type[E], handler: Callable[[E], None]) -> None:
    """Register a handler; called from ``AppConfig.ready``, once per handler however often."""
    if handler not in _handlers[event_type]:
        _handlers[event_type].append(handler)


def publish(event: object) -> None:
    """Hand an event to every handler of its type, in order of registration."""
    for handler in _handlers[type(event)]:
        handler(event)
