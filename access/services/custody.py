"""Lockers: given, opened by order, confirmed shut by the board, given back.

INVARIANT: only the board's word makes a locker open or shut; a person's click never does.
"""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from access.events import VisitChanged
from access.models import CustodyItem, LockerAssignment, Signature, SignaturePurpose, Visit
from access.rules.states import LOCKER, LockerAction, LockerState, VisitAction, VisitState
from access.selectors.desk import lockers_jammed, never_opened
from access.services.belongings import items_move
from access.services.leaving import return_settle
from access.services.orders import locker_board, order_request
from access.services.visit import (
    CHECK_IN,
    facility_of,
    visit_advance,
    visit_lock,
    visit_told,
)
from hardware.models import Command
from hardware.services.ingest import EdgeEvent
from scif.alarms.models import Gravity
from scif.alarms.services import alarm_raise
from scif.facilities.models import Facility, Locker, LockerPurpose
from scif.journal.services import append
from scif.kernel.actor import Actor
from scif.kernel.clock import now
from scif.kernel.errors import Refused, require
from scif.kernel.events import publish
from scif.people.access import visible
from scif.people.naming import named

# When a locker is opened to put things in, and when to take them out.
# While this alarm is open for a locker, nobody is given it.
JAMMED = "locker_jammed"
DEPOSITING = frozenset({VisitState.IDENTIFIED, VisitState.DEPOSITED, VisitState.BADGED})
RETURNING = frozenset({VisitState.SEARCHED, VisitState.TURNED_AWAY})


def assignment_of(visit: Visit) -> LockerAssignment:
    """The visit's locker, locked; refuses where it has none."""
    assignment = (
        LockerAssignment.objects.select_for_update(of=("self",), no_key=True)
        .select_related("locker__bank")
        .filter(visit=visit, released_at=None)
        .first()
    )
    if assignment is None:
        raise Refused("no_locker", "This visit has no locker.", "Give it one first.")
    return assignment


@transaction.atomic
def locker_assign(*, visit_id: UUID, actor: Actor) -> LockerAssignment:
    """Give the visit the first free locker of its facility that is not jammed."""
    facility, visit = _visit_lock(visit_id, actor)
    require(
        visit.state == VisitState.IDENTIFIED,
        "wrong_state",
        "A locker is given between the identity check and the deposit.",
    )
    held = LockerAssignment.objects.filter(visit=visit, released_at=None)
    require(not held.exists(), "has_locker", "This visit has a locker.")
    locker = _free(facility)
    if locker is None:
        raise Refused("no_free_locker", "No locker is free.", "Wait until one is emptied.")
    return _give(visit, locker, actor)


@transaction.atomic
def locker_release(*, visit_id: UUID, actor: Actor) -> LockerAssignment:
    """Give up an empty locker: nothing was put in, or the board jammed before anything was.

    What was listed for a locker that jammed before its door ever opened moves to the next one,
    which is given at once; where the visitor was turned away it was never handed in.
    """
    facility, visit = _visit_lock(visit_id, actor)
    assignment = assignment_of(visit)
    kept = _inside(assignment)
    require(
        not kept or never_opened(assignment),
        "not_empty",
        "Belongings are listed for this locker.",
        "Take them off the list first, or return them.",
    )
    moves = kept and visit.state == VisitState.IDENTIFIED
    following = _free(facility) if moves else None
    require(
        following is not None or not moves,
        "no_free_locker",
        "No other locker is free for what is listed.",
        "Take it off the list and give this locker up, or wait until another one is emptied.",
    )
    assignment.state = LOCKER.next(LockerState(assignment.state), LockerAction.RELEASE)
    assignment.released_at = now()
    assignment.save(update_fields=["state", "released_at"])
    _tell(assignment, "locker.released", actor, {"locker": str(assignment.locker)})
    if kept:
        given = _give(visit, following, actor) if following is not None else None
        items_move(assignment, given, actor)
    return_settle(visit=visit, actor=actor)
    return assignment


@transaction.atomic
def deposit_none_declare(*, visit_id: UUID, actor: Actor) -> Visit:
    """Record that the visitor declared to carry nothing: no locker, no signatures."""
    visit = visit_lock(visit_id=visit_id, actor=actor, permission=CHECK_IN)
    require(
        not LockerAssignment.objects.filter(visit=visit, released_at=None).exists(),
        "has_locker",
        "This visit has a locker.",
        "Give up the locker first, or list what goes into it.",
    )
    return visit_advance(
        visit=visit, action=VisitAction.DEPOSIT, actor=actor, details={"none_declared": True}
    )


@transaction.atomic
def locker_open_request(*, visit_id: UUID, actor: Actor) -> Command:
    """Order the visit's locker open, to put things in or to take them out."""
    visit = visit_lock(visit_id=visit_id, actor=actor, permission=CHECK_IN)
    require(
        VisitState(visit.state) in DEPOSITING | RETURNING,
        "locker_stays_shut",
        "The locker stays shut while the visit is under way.",
        "Record the exit search first.",
    )
    locker = assignment_of(visit).locker
    board = locker_board(locker.bank)
    return order_request(
        device=board,
        target=board.code,
        verb="locker_open",
        args={"lock": locker.lock},
        lifetime="locker_lifetime",
        actor=actor,
    )


def locker_heard(event: EdgeEvent) -> None:
    """Take the board's word for a locker: opened, shut (two agreeing reads), jammed."""
    body = event.body
    locker = (
        Locker.objects.select_related("bank__facility")
        .filter(bank__code=body["bank"], lock=body["lock"], bank__facility=event.gateway.facility)
        .first()
    )
    if locker is None:
        return
    if event.kind == "locker.opened" and not body.get("command_id"):
        _alarm(locker, "locker_unordered", "opened without an order", event.actor)
    if event.kind == "locker.jammed":
        _alarm(locker, JAMMED, "is jammed", event.actor)
    held = LockerAssignment.objects.filter(locker=locker, released_at=None).first()
    if held is None:
        return
    visit = visit_lock(visit_id=held.visit_id, actor=event.actor, permission=CHECK_IN)
    assignment = assignment_of(visit)
    match event.kind:
        case "locker.opened":
            _opened(assignment, event.occurred_at, event.actor)
        case "locker.shut":
            _shut(assignment, event.occurred_at)
        case "locker.jammed":
            _step(assignment, LockerAction.JAM)
    assignment.save(update_fields=["state", "opened_at", "shut_confirmed_at"])
    publish(VisitChanged(visit.pk))


def _visit_lock(visit_id: UUID, actor: Actor) -> tuple[Facility, Visit]:
    """A visit and its facility, which is locked first: two guards at once get two lockers."""
    seen = visible(Visit.objects.select_related("booking__area"), actor, CHECK_IN).get(pk=visit_id)
    facility = Facility.objects.select_for_update(no_key=True).get(pk=seen.booking.area.facility_id)
    return facility, visit_lock(visit_id=visit_id, actor=actor, permission=CHECK_IN)


def _free(facility: Facility) -> Locker | None:
    held = LockerAssignment.objects.filter(released_at=None)
    free = (
        Locker.objects.filter(
            bank__facility=facility, in_service=True, purpose=LockerPurpose.BELONGINGS
        )
        .exclude(pk__in=held.values("locker_id"))
        .select_related("bank")
        .order_by("bank__code", "lock")
    )
    jammed = lockers_jammed(facility.pk)
    return next((each for each in free if str(each) not in jammed), None)


def _give(visit: Visit, locker: Locker, actor: Actor) -> LockerAssignment:
    assignment = LockerAssignment.objects.create(
        visit=visit, locker=locker, state=LockerState.ASSIGNED, assigned_at=now()
    )
    _tell(assignment, "locker.assigned", actor, {"locker": str(locker)})
    return assignment


def _opened(assignment: LockerAssignment, at: datetime, actor: Actor) -> None:
    returning = VisitState(assignment.visit.state) in RETURNING
    _step(assignment, LockerAction.OPEN_TO_RETURN if returning else LockerAction.OPEN)
    assignment.opened_at, assignment.shut_confirmed_at = at, None
    if returning:
        return
    # Whatever was signed for may be gone now: both sign anew.
    voided, _ = Signature.objects.filter(
        assignment=assignment, purpose=SignaturePurpose.DEPOSIT
    ).delete()
    if voided:
        _tell(assignment, "deposit.voided", actor, {"locker": str(assignment.locker)})


def _shut(assignment: LockerAssignment, at: datetime) -> None:
    if assignment.opened_at is None or at < assignment.opened_at:
        return
    assignment.shut_confirmed_at = at
    _step(assignment, LockerAction.CONFIRM_SHUT)


def _step(assignment: LockerAssignment, action: LockerAction) -> None:
    """Move if the table allows; a fact that does not fit is journaled and changes no state."""
    state = LockerState(assignment.state)
    if state is LockerState.OPEN and action is not LockerAction.OPEN and _inside(assignment):
        state = LOCKER.next(state, LockerAction.LOAD)
    if action in LOCKER.allowed(state):
        assignment.state = LOCKER.next(state, action)


def _inside(assignment: LockerAssignment) -> bool:
    return CustodyItem.objects.filter(assignment=assignment, stays_with_visitor=False).exists()


def _alarm(locker: Locker, kind: str, words: str, actor: Actor) -> None:
    alarm_raise(
        facility=locker.bank.facility,
        gravity=Gravity.ACT,
        kind=kind,
        subject=str(locker),
        message=f"Locker {locker.number} of {locker.bank.name} {words}",
        actor=actor,
    )


def _tell(assignment: LockerAssignment, kind: str, actor: Actor, body: dict[str, str]) -> None:
    append(
        kind=kind,
        actor=actor,
        subject=assignment,
        facility=facility_of(assignment.visit).pk,
        body={**body, **visit_told(assignment.visit), **named(actor)},
    )
    publish(VisitChanged(assignment.visit_id))
