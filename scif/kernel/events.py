"""In-process event registry: how a lower app reaches an upper one.

Handlers run in the publisher's transaction and an exception aborts it. What must happen outside
the transaction follows the journal with a cursor of its own instead.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

E = TypeVar("E")
_handlers: dict[type[Any], list[Callable[[Any], None]]] = defaultdict(list)
_gathering: ContextVar[list[object] | None] = ContextVar("gathering", default=None)


def subscribe(event_type: type[E], handler: Callable[[E], None]) -> None:
    """Register a handler; called from ``AppConfig.ready``, once per handler however often."""
    if handler not in _handlers[event_type]:
        _handlers[event_type].append(handler)


def publish(event: object) -> None:
    """Hand an event to every handler of its type, in order of registration."""
    waiting = _gathering.get()
    if waiting is not None:
        if event not in waiting:
            waiting.append(event)
        return
    _hand_on(event)


@contextmanager
def gathered() -> Iterator[None]:
    """Hand on at the end of the block what is published within it, equal events once.

    A change of several steps tells its followers what came of it, not each step. The block must
    end inside the transaction: put it below ``transaction.atomic``. Where one is open already it
    changes nothing. After an exception nothing is handed on.
    """
    if _gathering.get() is not None:
        yield
        return
    waiting: list[object] = []
    token = _gathering.set(waiting)
    try:
        yield
        while waiting:
            # What follows from it waits as well, behind what was there before.
            _hand_on(waiting.pop(0))
    finally:
        _gathering.reset(token)


def _hand_on(event: object) -> None:
    for handler in _handlers[type(event)]:
        handler(event)
