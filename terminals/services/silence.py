"""Laptops issued in the house whose agent says nothing: one alarm, until it is heard again.

Those outside are watched by ``outside_watch.py``, by the hours that are theirs.
"""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Max

from access.services.orders import policy_number
from scif.alarms.models import Alarm, Gravity
from scif.alarms.services import alarm_clear, alarm_raise
from scif.facilities.models import Facility
from scif.kernel.actor import Actor
from scif.kernel.clock import now
from scif.kernel.errors import Refused
from terminals.models import Terminal, TerminalCustody
from terminals.rules.states import OUT
from terminals.services.terminal import ISSUE, terminal_lock_row

SILENT = "terminal_silent"
_STATES = [state.value for state in OUT]


@transaction.atomic
def terminals_silence_watch(*, actor: Actor) -> None:
    """Raise an alarm for each laptop issued to a visit that has been silent for the policy's time.

    Idempotent: the alarm stands once for a laptop, and counts no repetition of the watch. A session
    of it the rules have ended by then (``agent_heard`` in ``terminals/rules/session.py``).
    """
    out = TerminalCustody.objects.filter(
        visit__isnull=False, ended_at=None, terminal__state__in=_STATES
    ).select_related("terminal__facility__policy")
    silent = [
        custody.terminal
        for custody in out.annotate(heard_at=Max("terminal__heartbeat__heard_at"))
        if _is_silent(custody.terminal.facility, custody.issued_at, custody.heard_at)
    ]
    # Locked in one order, whoever else locks several.
    for terminal in sorted(silent, key=lambda each: each.pk):
        _tell(terminal.pk, actor)


def silence_over(*, terminal: Terminal, why: str, actor: Actor) -> None:
    """End that alarm, if it stands: the agent was heard, or nobody has the laptop any more.

    The laptop's row is locked by the caller, so that no watch raises it anew meanwhile.
    """
    alarm_clear(
        facility=terminal.facility, kind=SILENT, subject=terminal.asset_tag, note=why, actor=actor
    )


def _tell(terminal_id: UUID, actor: Actor) -> None:
    """Under the laptop's lock, which its heartbeat and its return take as well."""
    terminal = terminal_lock_row(terminal_id=terminal_id, actor=actor, permission=ISSUE)
    held = TerminalCustody.objects.filter(terminal=terminal, visit__isnull=False, ended_at=None)
    custody = held.annotate(heard_at=Max("terminal__heartbeat__heard_at")).first()
    if custody is None or terminal.state not in _STATES:
        return
    facility, tag = terminal.facility, terminal.asset_tag
    known = Alarm.objects.filter(facility=facility, kind=SILENT, subject=tag, closed_at=None)
    if not _is_silent(facility, custody.issued_at, custody.heard_at) or known.exists():
        return
    alarm_raise(
        facility=facility,
        gravity=Gravity.ACT,
        kind=SILENT,
        subject=tag,
        message=f"Laptop {tag} says nothing: nobody knows whether its lid and its seals are shut",
        actor=actor,
    )


def _is_silent(facility: Facility, issued_at: datetime, heard_at: datetime | None) -> bool:
    """A policy that says nothing gives no time."""
    try:
        limit = timedelta(seconds=policy_number(facility, "terminal_silent_seconds"))
    except Refused:
        limit = timedelta()
    return now() > max(filter(None, (issued_at, heard_at))) + limit
