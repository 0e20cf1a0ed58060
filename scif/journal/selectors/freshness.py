"""How fresh the journal is: every screen shows it, and a silent sequencer is an alarm."""

from dataclasses import dataclass
from datetime import timedelta

from scif.journal.models import Checkpoint, Outbox
from scif.journal.selectors.entries import head_position
from scif.kernel.clock import now


@dataclass(frozen=True, slots=True)
class Freshness:
    """``size`` entries have a position, ``signed_size`` are signed, ``waiting`` have neither.

    ``age`` is the time since the last checkpoint, None before the first. In a quiet journal it
    grows without harm; it tells something only while ``behind``.
    """

    size: int
    signed_size: int
    waiting: int
    age: timedelta | None

    @property
    def behind(self) -> bool:
        """Whether something committed is not signed yet."""
        return self.waiting > 0 or self.size > self.signed_size


def freshness() -> Freshness:
    """The state of sequencing and signing now."""
    waiting = Outbox.objects.count()
    checkpoint = Checkpoint.objects.order_by("-size").first()
    head = head_position()
    return Freshness(
        size=0 if head is None else head + 1,
        signed_size=checkpoint.size if checkpoint else 0,
        waiting=waiting,
        age=now() - checkpoint.signed_at if checkpoint else None,
    )
