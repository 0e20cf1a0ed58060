"""Who acts. Every service takes an actor and every journal entry names one."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class ActorKind(StrEnum):
    """What kind of actor stands behind a change."""

    USER = "user"
    GATEWAY = "gateway"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who changes something.

    ``reference`` is stable and pseudonymous (a user's UUID, a gateway's code, a process name);
    ``person_id`` is the natural person behind a user, needed by the separation of duties.
    """

    kind: ActorKind
    reference: str
    user_id: UUID | None = None
    person_id: UUID | None = None

    @classmethod
    def user(cls, user_id: UUID, person_id: UUID | None) -> "Actor":
        """A signed-in user."""
        return cls(ActorKind.USER, str(user_id), user_id, person_id)

    @classmethod
    def gateway(cls, code: str) -> "Actor":
        """A gateway, speaking through the ingester."""
        return cls(ActorKind.GATEWAY, code)

    @classmethod
    def system(cls, process: str) -> "Actor":
        """A process of the installation itself: beat, ingester, seed."""
        return cls(ActorKind.SYSTEM, process)
