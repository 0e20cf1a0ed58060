"""What terminals tell the parts above and beside, within the transaction that changed it."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class TerminalChanged:
    """A laptop took a step, or its image, seals or keys changed.

    Whoever keeps sessions follows this: a laptop that is not issued to its person, freshly attested
    and in an approved image has none.
    """

    terminal_id: UUID


@dataclass(frozen=True, slots=True)
class TerminalLockRequested:
    """A laptop is to be locked now; who carries the word to the bastion takes it from here."""

    lock_id: UUID


@dataclass(frozen=True, slots=True)
class BudgetChanged:
    """Bytes of an engagement were debited elsewhere, or its terms changed.

    Whoever tells the bastion of budgets tells it anew.
    """

    engagement_id: UUID


@dataclass(frozen=True, slots=True)
class SessionChanged:
    """A session took a step."""

    session_id: UUID


@dataclass(frozen=True, slots=True)
class PlaceChanged:
    """A registered place was approved or revoked."""

    place_id: UUID
