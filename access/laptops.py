"""Does a visitor still have a laptop? Laptops stand above access; they answer through here.

INVARIANT: until the composition of the installation has answered, nobody has one: without laptops
no visit waits for any.
"""

from collections.abc import Callable
from uuid import UUID

Held = Callable[[UUID], bool]

_held: list[Held] = []


def laptop_held_set(held: Held) -> None:
    """Say how to tell, of a visit's key; called once, from ``AppConfig.ready``."""
    _held[:] = [held]


def laptop_held(visit_id: UUID) -> bool:
    """Whether a laptop that was issued to a visit is still out."""
    return any(held(visit_id) for held in _held)
