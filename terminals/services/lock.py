"""A lock from afar: requested, delivered, confirmed; unconfirmed is an alarm."""

from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from scif.alarms.models import Gravity
from scif.alarms.services import alarm_clear, alarm_raise
from scif.kernel.actor import Actor
from scif.kernel.clock import now
from scif.kernel.errors import Refused, require
from scif.kernel.events import publish
from scif.kernel.text import text_of
from terminals.events import TerminalLockRequested
from terminals.models import Terminal, TerminalLock
from terminals.rules.states import OUT, TERMINAL, TerminalAction, TerminalState
from terminals.selectors.lock import lock_waits
from terminals.services.terminal import (
    LOCK,
    person_of,
    terminal_advance,
    terminal_lock_row,
    terminal_tell,
)

UNCONFIRMED = "terminal_lock_unconfirmed"


@transaction.atomic
def terminal_lock(*, terminal_id: UUID, reason: str, actor: Actor) -> TerminalLock:
    """Lock a laptop wherever it is; one person is enough, or a process with its finding.

    The laptop counts as locked from now on. That its session has ended is only known once the
    bastion has confirmed it; where no session could be open there is nobody to ask.
    """
    terminal = terminal_lock_row(terminal_id=terminal_id, actor=actor, permission=LOCK)
    reason = text_of(reason, "reason", missing="Say why the laptop is locked.")
    TERMINAL.next(TerminalState(terminal.state), TerminalAction.LOCK)
    moment = now()
    nobody_to_ask = None if TerminalState(terminal.state) in OUT else moment
    locked = TerminalLock.objects.create(
        terminal=terminal,
        reason=reason,
        requested_by_id=actor.person_id,
        requested_at=moment,
        delivered_at=nobody_to_ask,
        confirmed_at=nobody_to_ask,
    )
    terminal_advance(
        terminal=terminal,
        action=TerminalAction.LOCK,
        kind="terminal.locked",
        actor=actor,
        body={"reason": reason},
    )
    if nobody_to_ask is None:
        publish(TerminalLockRequested(locked.pk))
    return locked


@transaction.atomic
def terminal_lock_delivered(*, lock_id: UUID, actor: Actor) -> TerminalLock:
    """The bastion has the order; told twice changes nothing."""
    locked = _heard(lock_id, actor)
    if locked.delivered_at is None:
        locked.delivered_at = now()
        locked.save(update_fields=["delivered_at"])
        _tell(locked, "delivered", actor)
    return locked


@transaction.atomic
def terminal_lock_confirmed(*, lock_id: UUID, actor: Actor) -> TerminalLock:
    """The bastion says that no session of the laptop is open and none will be."""
    locked = _heard(lock_id, actor)
    if locked.confirmed_at is None:
        locked.confirmed_at = now()
        locked.delivered_at = locked.delivered_at or locked.confirmed_at
        locked.save(update_fields=["delivered_at", "confirmed_at"])
        _tell(locked, "confirmed", actor)
        alarm_clear(
            facility=locked.terminal.facility,
            kind=UNCONFIRMED,
            subject=locked.terminal.asset_tag,
            note="confirmed",
            actor=actor,
        )
    return locked


@transaction.atomic
def terminal_unlock(*, terminal_id: UUID, reason: str, actor: Actor) -> Terminal:
    """Lift a lock: another person than the one who locked it.

    A laptop that is in its visitor's hands is issued to him again, without its session; one that
    nobody holds goes through an inspection.
    """
    terminal = terminal_lock_row(terminal_id=terminal_id, actor=actor, permission=LOCK)
    reason = text_of(reason, "reason", missing="Say why the lock may be lifted.")
    locked = _locks().filter(terminal=terminal, ended_at=None).first()
    if locked is None:
        raise Refused("wrong_state", "This laptop is not locked.")
    person = person_of(actor)
    require(
        locked.requested_by_id != person,
        "same_person",
        "Whoever locked a laptop does not unlock it.",
        "Another person does.",
    )
    locked.ended_at, locked.lifted_by_id = now(), person
    locked.save(update_fields=["ended_at", "lifted_by"])
    held = terminal.custodies.filter(ended_at=None).exists()
    terminal_advance(
        terminal=terminal,
        action=TerminalAction.UNLOCK if held else TerminalAction.RETURN,
        kind="terminal.unlocked",
        actor=actor,
        body={"reason": reason, "lock": str(locked.pk)},
    )
    return terminal


@transaction.atomic
def terminal_locks_watch(*, actor: Actor) -> None:
    """Raise an alarm for each lock that nobody has confirmed within the policy's time.

    Idempotent: the alarm stands once for a laptop, and counts no repetition of the watch.
    """
    waiting = TerminalLock.objects.filter(confirmed_at=None, ended_at=None, alarmed=False)
    for locked in waiting.select_related("terminal__facility__policy").order_by("requested_at"):
        facility = locked.terminal.facility
        if now() - locked.requested_at < lock_waits(facility):
            continue
        alarm_raise(
            facility=facility,
            gravity=Gravity.RESPOND,
            kind=UNCONFIRMED,
            subject=locked.terminal.asset_tag,
            message=f"Lock of laptop {locked.terminal.asset_tag} is not confirmed: "
            "its session may be open",
            actor=actor,
        )
        locked.alarmed = True
        locked.save(update_fields=["alarmed"])


def _locks() -> QuerySet[TerminalLock]:
    return TerminalLock.objects.select_for_update(of=("self",), no_key=True)


def _heard(lock_id: UUID, actor: Actor) -> TerminalLock:
    seen = TerminalLock.objects.get(pk=lock_id)
    terminal = terminal_lock_row(terminal_id=seen.terminal_id, actor=actor, permission=LOCK)
    locked = _locks().get(pk=lock_id)
    locked.terminal = terminal
    return locked


def _tell(locked: TerminalLock, what: str, actor: Actor) -> None:
    terminal_tell(
        terminal=locked.terminal,
        kind=f"terminal.lock_{what}",
        actor=actor,
        body={"lock": str(locked.pk)},
    )
