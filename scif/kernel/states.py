"""Transition tables: which action leads from which state to which."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from scif.kernel.errors import Refused

S = TypeVar("S", bound=StrEnum)
A = TypeVar("A", bound=StrEnum)


@dataclass(frozen=True)
class Machine(Generic[S, A]):
    """A state machine as data. INVARIANT: what the table does not list cannot happen."""

    name: str
    table: Mapping[tuple[S, A], S]

    def next(self, state: S, action: A) -> S:
        """The state after the action; refuses (``wrong_state``) where the table has none."""
        try:
            return self.table[state, action]
        except KeyError:
            raise Refused(
                "wrong_state",
                f"This {self.name} is {state.value.replace('_', ' ')} by now, and nothing was "
                f"changed: “{action.value.replace('_', ' ')}” is not possible any more.",
                "Look again: somebody else may have gone on with it.",
            ) from None

    def allowed(self, state: S) -> frozenset[A]:
        """The actions that the table allows from a state."""
        return frozenset(action for (start, action) in self.table if start == state)
