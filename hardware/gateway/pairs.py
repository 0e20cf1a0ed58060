"""Two who enter together: the first waits at the portal until the second has shown a badge too."""

from dataclasses import dataclass

from hardware.decider import DoorRead, DoorVerdict

AWAITS_SECOND = "second_person"


@dataclass(frozen=True, slots=True)
class Party:
    """One read of a passage with what was decided on it; ``continues`` is the read before it."""

    read: DoorRead
    verdict: DoorVerdict
    reader: str | None = None
    continues: str | None = None

    @property
    def person_id(self) -> str | None:
        """Who it is, where that is known."""
        return self.verdict.person_id


@dataclass(frozen=True, slots=True)
class FirstOfTwo:
    """The first of two, whom nothing but the second is lacking; ``until`` is monotonic.

    ``read`` keeps the PIN as long as he waits, in memory alone: he is decided anew with the second.
    """

    reader: str
    read: DoorRead
    verdict: DoorVerdict
    person_id: str
    until: float
