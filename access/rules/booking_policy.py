"""The policy values that shape a slot. A profile that lacks one refuses every booking."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from access.rules.facts import PolicyFacts


@dataclass(frozen=True, slots=True)
class BookingPolicy:
    """The values of one profile that shape a slot."""

    lead: timedelta
    turnaround: timedelta
    hold: timedelta
    longest: timedelta
    desk_before: timedelta

    @classmethod
    def of(cls, policy: PolicyFacts) -> "BookingPolicy":
        """The booking's values; raises ``PolicyIncomplete`` where one is missing."""
        return cls(
            lead=policy.minutes("booking_lead"),
            turnaround=policy.minutes("booking_turnaround"),
            hold=policy.minutes("booking_hold"),
            longest=policy.minutes("booking_longest"),
            desk_before=policy.minutes("arrival_early"),
        )

    def held_until(self, requested_at: datetime, starts_at: datetime) -> datetime:
        """When an undecided request gives its slot back: never later than its own start."""
        return min(requested_at + self.hold, starts_at)
