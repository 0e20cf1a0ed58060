"""What a laptop's agent has told."""

from dataclasses import dataclass
from datetime import datetime

from terminals.models import Heartbeat, Terminal
from terminals.rules.checklist import SOUND


@dataclass(frozen=True, slots=True)
class SelfCheck:
    """What a laptop found of its own hardening, and when it told: whenever that changes."""

    said: str
    at: datetime

    @property
    def sound(self) -> bool:
        """Whether nothing spoke against it. Whatever is not the one good answer is a bad one."""
        return self.said == SOUND


def check_last(terminal: Terminal) -> SelfCheck | None:
    """The last check of itself that a laptop told of; None where it never has."""
    heard = Heartbeat.objects.filter(terminal=terminal).exclude(check_at=None).first()
    return (
        None
        if heard is None or heard.check_at is None
        else SelfCheck(heard.check_said, heard.check_at)
    )
