"""Locks from afar as screens show them: requested, delivered, confirmed, or nobody knows."""

from datetime import datetime, timedelta

from access.rules.facts import PolicyFacts, PolicyIncomplete
from scif.facilities.models import Facility
from terminals.models import Terminal, TerminalLock


def lock_waits(facility: Facility) -> timedelta:
    """How long a lock may wait for its confirmation; a policy that says nothing gives no time."""
    policy = PolicyFacts(version=facility.policy.label, values=facility.policy.values)
    try:
        return policy.seconds("terminal_lock_seconds")
    except PolicyIncomplete:
        return timedelta()


def lock_of(terminal: Terminal) -> TerminalLock | None:
    """The lock of a laptop that nobody has lifted."""
    locks = terminal.locks.select_related("terminal__facility__policy")
    return locks.filter(ended_at=None).first()


def lock_unconfirmed(locked: TerminalLock, at: datetime) -> bool:
    """Whether the bastion should have confirmed it by now and has not: its session may be open."""
    if locked.confirmed_at is not None:
        return False
    return locked.alarmed or at - locked.requested_at >= lock_waits(locked.terminal.facility)
