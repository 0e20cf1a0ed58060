"""A passage: one strike command and the opening that may follow from it."""

from dataclasses import dataclass

from hardware.decider import Direction, DoorRead, DoorVerdict
from hardware.gateway.pairs import Party
from hardware.rules.door import PULSE, Pulse, PulseAction


@dataclass(slots=True)
class Passage:
    """From the intent until the strike has relocked. Times are monotonic seconds.

    ``window`` is the last moment at which an opening belongs to it, ``relock_at`` the moment at
    which the device's own timer must have ended the pulse. ``beside`` are who pass with the first.
    """

    command_id: str
    read: DoorRead
    direction: Direction
    verdict: DoorVerdict
    device: str
    output: int
    answer_by: float
    window: float
    relock_at: float
    pulse: Pulse = Pulse.WRITTEN
    opened: bool = False
    ordered: bool = False  # by a signed command of a person
    beside: tuple[Party, ...] = ()

    @property
    def parties(self) -> tuple[Party, ...]:
        """Everybody who passes, each on a read of his own, in the order of their reads."""
        return (*self.beside, Party(self.read, self.verdict))

    @property
    def reads(self) -> list[str]:
        """The reads that it stands on."""
        return [party.read.read_id for party in self.parties]

    def hear(self, action: PulseAction) -> None:
        """Note what was heard of the command; what the table does not list is refused."""
        self.pulse = PULSE.next(self.pulse, action)

    def can(self, action: PulseAction) -> bool:
        """Whether this may be heard now."""
        return action in PULSE.allowed(self.pulse)

    def explains_opening(self, now: float) -> bool:
        """Whether an opening at this moment belongs to it; who leaves needs no strike for that.

        One that has had its opening explains no second once the strike holds again.
        """
        if self.opened and self.pulse is Pulse.RELOCKED:
            return False
        possible = self.pulse is not Pulse.NOT_SENT or self.direction is Direction.OUT
        return possible and now <= self.window

    def under_way(self, now: float) -> bool:
        """Whether the bolt may be back, or somebody may still go through on it."""
        return self.explains_opening(now)
