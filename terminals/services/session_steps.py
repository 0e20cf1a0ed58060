"""A session's way through its states, as the rules and the bastion have it."""

from datetime import timedelta
from uuid import UUID

from django.db import transaction

from access.services.orders import policy_number
from scif.alarms.models import Gravity
from scif.alarms.services import alarm_clear, alarm_raise
from scif.kernel.actor import Actor
from scif.kernel.clock import now
from scif.kernel.errors import Refused
from terminals.models import EgressKind, Session
from terminals.rules.session_states import SESSION, SessionAction, SessionState
from terminals.services.ledger import egress_record
from terminals.services.session import terminal_session_close
from terminals.services.session_record import (
    session_advance,
    session_lock_row,
    session_tell,
)

UNCONFIRMED = "session_cut_unconfirmed"
USED_UP = "budget_used_up"  # as the rules and the bastion call it


@transaction.atomic
def session_granted(*, session_id: UUID, actor: Actor) -> Session:
    """The bastion has the grant. Refuses where the session was cut while it was being told."""
    session = session_lock_row(session_id=session_id, actor=actor)
    session_advance(
        session=session, action=SessionAction.GRANT, kind="session.granted", actor=actor
    )
    return session


@transaction.atomic
def session_pause(*, session_id: UUID, why: str, actor: Actor) -> Session:
    """Its bytes wait until the reason is mended; nothing to do where it has moved on."""
    session = session_lock_row(session_id=session_id, actor=actor)
    if SessionAction.PAUSE in SESSION.allowed(SessionState(session.state)):
        session.why = why
        session_advance(
            session=session, action=SessionAction.PAUSE, kind="session.paused", actor=actor,
            fields=("why",), body={"why": why},
        )  # fmt: skip
    return session


@transaction.atomic
def session_resume(*, session_id: UUID, actor: Actor) -> Session:
    """Nothing holds it any more; nothing to do where it has moved on."""
    session = session_lock_row(session_id=session_id, actor=actor)
    if SessionAction.RESUME in SESSION.allowed(SessionState(session.state)):
        session.why = ""
        session_advance(
            session=session, action=SessionAction.RESUME, kind="session.resumed", actor=actor,
            fields=("why",),
        )  # fmt: skip
    return session


@transaction.atomic
def session_cut(*, session_id: UUID, why: str, actor: Actor) -> Session:
    """It must end: the order has gone to the bastion, whose word is awaited."""
    session = session_lock_row(session_id=session_id, actor=actor)
    if SessionAction.CUT in SESSION.allowed(SessionState(session.state)):
        session.why, session.cut_at = why, now()
        session_advance(
            session=session, action=SessionAction.CUT, kind="session.cut", actor=actor,
            fields=("why", "cut_at"), body={"why": why},
        )  # fmt: skip
    return session


@transaction.atomic
def session_end(*, session_id: UUID, why: str, up: int = 0, down: int = 0, actor: Actor) -> Session:
    """It is over, as the bastion says with its last count; told twice changes nothing.

    The reason that it was cut for stays. The job at the harness goes on. A last count that comes
    once it has ended on record is kept all the same: else the bytes would be nobody's.
    """
    session = session_lock_row(session_id=session_id, actor=actor)
    if session.state == SessionState.ENDED:
        if _count(session, up, down, actor):
            told = {"bytes_up": session.bytes_up, "bytes_down": session.bytes_down}
            session_tell(session=session, kind="session.counted", actor=actor, body=told)
        return session
    _count(session, up, down, actor)
    session.why = session.why if session.state == SessionState.CUTTING else why[:60]
    session.connected, session.ended_at = False, now()
    session_advance(
        session=session,
        action=SessionAction.END,
        kind="session.ended",
        actor=actor,
        fields=("why", "connected", "ended_at"),
        body={
            "why": session.why,
            "bytes_up": session.bytes_up,
            "bytes_down": session.bytes_down,
            "opened_at": session.opened_at,
        },
    )
    if session.why == USED_UP:
        alarm_raise(
            facility=session.terminal.facility,
            gravity=Gravity.CHECK,
            kind="egress_used_up",
            subject=session.engagement.reference,
            message=f"The budget of {session.engagement.reference} or of its model is used up: its "
            "session has ended, and lab and facility agree on other terms before the next one",
            actor=actor,
        )
    session.moderators.filter(until=None).update(until=session.ended_at)
    terminal_session_close(terminal_id=session.terminal_id, reason=session.why, actor=actor)
    alarm_clear(
        facility=session.terminal.facility,
        kind=UNCONFIRMED,
        subject=session.terminal.asset_tag,
        note="ended",
        actor=actor,
    )
    return session


@transaction.atomic
def session_connected(*, session_id: UUID, actor: Actor) -> Session:
    """The laptop's `ssh` is there."""
    session = session_lock_row(session_id=session_id, actor=actor)
    if session.state != SessionState.ENDED and not session.connected:
        session.connected = True
        session.opened_at = session.opened_at or now()
        session.save(update_fields=["connected", "opened_at"])
        session_tell(session=session, kind="session.connected", actor=actor)
    return session


@transaction.atomic
def session_disconnected(*, session_id: UUID, up: int, down: int, actor: Actor) -> Session:
    """The laptop's `ssh` is gone, and the session goes on: it may come back."""
    session = session_lock_row(session_id=session_id, actor=actor)
    if session.connected:
        _count(session, up, down, actor)
        session.connected = False
        session.save(update_fields=["connected"])
        session_tell(session=session, kind="session.disconnected", actor=actor)
    return session


@transaction.atomic
def session_counted(*, session_id: UUID, up: int, down: int, actor: Actor) -> Session:
    """Bytes that have passed since the session's beginning, as the bastion counts them."""
    session = session_lock_row(session_id=session_id, actor=actor)
    if session.state != SessionState.ENDED:
        _count(session, up, down, actor)
    return session


@transaction.atomic
def session_warned(*, session_id: UUID, warning: str, actor: Actor) -> Session:
    """The bastion warned: a share of a budget is used up, or the end is near."""
    session = session_lock_row(session_id=session_id, actor=actor)
    if session.state != SessionState.ENDED:
        session.warned = warning[:60]
        session.save(update_fields=["warned"])
        session_tell(session=session, kind="session.warned", actor=actor, body={"warning": warning})
    return session


@transaction.atomic
def session_cuts_watch(*, actor: Actor) -> None:
    """Raise an alarm for each cut that the bastion has not confirmed within the policy's time."""
    cutting = Session.objects.filter(state=SessionState.CUTTING)
    for session in cutting.select_related("terminal__facility__policy"):
        facility = session.terminal.facility
        told = session.cut_at or session.granted_at
        try:
            limit = timedelta(seconds=policy_number(facility, "terminal_lock_seconds"))
        except Refused:
            limit = timedelta()  # a policy that says nothing gives no time
        if now() - told < limit or session.alarmed:
            continue
        session = session_lock_row(session_id=session.pk, actor=actor)
        session.alarmed = True
        session.save(update_fields=["alarmed"])
        alarm_raise(
            facility=facility,
            gravity=Gravity.RESPOND,
            kind=UNCONFIRMED,
            subject=session.terminal.asset_tag,
            message=f"The cut of laptop {session.terminal.asset_tag} is not confirmed: "
            "its session may be open",
            actor=actor,
        )


def _count(session: Session, up: int, down: int, actor: Actor) -> bool:
    """Record what is new of a count, if anything is; a smaller one says nothing."""
    up, down = max(up, session.bytes_up), max(down, session.bytes_down)
    new = up + down - session.total
    if new <= 0:
        return False
    session.bytes_up, session.bytes_down = up, down
    session.save(update_fields=["bytes_up", "bytes_down"])
    egress_record(
        engagement=session.engagement,
        facility=session.terminal.facility,
        kind=EgressKind.SESSION,
        reference=str(session.pk),
        amount=new,
        session=session,
        place=session.place,
        actor=actor,
    )
    return True
