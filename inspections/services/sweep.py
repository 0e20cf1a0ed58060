"""Device sweeps: while one is due nobody but sweepers enters; only a pass frees the room."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from inspections.events import SweepChanged
from inspections.models import Sweep
from inspections.rules.states import SWEEP, SweepAction, SweepState
from scif.alarms.models import Gravity
from scif.alarms.services import alarm_raise
from scif.facilities.models import Area
from scif.journal.services import append
from scif.kernel.actor import Actor
from scif.kernel.clock import now
from scif.kernel.errors import require
from scif.kernel.events import publish
from scif.kernel.text import text_of
from scif.people.access import lock, may, require_role, visible
from scif.people.models import Person, User
from scif.people.naming import name_of, named

PERFORM = "inspections.perform_sweep"
REQUEST = "inspections.request_sweep"
OPEN = (SweepState.DUE, SweepState.IN_PROGRESS)


@transaction.atomic
def sweep_require(*, area: Area, cause: str, actor: Actor) -> Sweep:
    """Close the area until a sweep passes; ``cause`` is a visit's reference or a reason.

    A sweep that is already due stays as it is. One in progress began before this use ended and
    proves nothing about it, so it goes on and a new one would be needed: it is sent back to due.
    """
    require_role(actor, REQUEST, area.facility)
    sweep, created = Sweep.objects.select_for_update(of=("self",), no_key=True).get_or_create(
        area=area, state__in=OPEN, defaults=_due(cause)
    )
    if not created and sweep.state == SweepState.IN_PROGRESS:
        _step(sweep, SweepAction.ABANDON)
        sweep.cause = cause
        sweep.save(update_fields=["state", "cause"])
    elif not created:
        return sweep
    _tell(sweep, "sweep.required", actor, {"cause": cause})
    return sweep


@transaction.atomic
def sweep_start(*, sweep_id: UUID, second_id: UUID, actor: Actor) -> Sweep:
    """Begin a due sweep: the actor sweeps, a second person who may sweep too is with him."""
    sweep = _lock(sweep_id, actor)
    require(actor.person_id is not None, "no_person", "This account belongs to no person.")
    require(
        second_id != actor.person_id,
        "second_person",
        "A sweep needs two different people.",
        "Ask a colleague on duty.",
    )
    second = Person.objects.filter(pk=second_id).first()
    require(
        second is not None and _may_sweep(second, sweep.area),
        "second_not_permitted",
        "The second person may not sweep at this facility.",
        "Choose a sweeper or a guard of this facility.",
    )
    _step(sweep, SweepAction.START)
    sweep.sweeper_id = actor.person_id
    sweep.second_id = second_id
    sweep.started_at = now()
    sweep.save(update_fields=["state", "sweeper", "second", "started_at"])
    told = {"second": second_id, "second_name": name_of(second_id)}
    _tell(sweep, "sweep.started", actor, told, sweep.started_at)
    return sweep


@transaction.atomic
def sweep_finish(
    *,
    sweep_id: UUID,
    passed: bool,
    items_found: Sequence[str],
    seals: Sequence[str],
    actor: Actor,
) -> Sweep:
    """End a sweep. Passed: the room is free. Failed: an alarm, and a new sweep is due at once.

    Only one of the two who sweep can end it, and what was found cannot pass.
    """
    sweep = _lock(sweep_id, actor)
    found = [text_of(item, "item", lines=False) for item in items_found if item.strip()]
    require(
        actor.person_id in {sweep.sweeper_id, sweep.second_id},
        "not_your_sweep",
        "Only the two people who sweep can end it.",
    )
    require(
        not (passed and found),
        "items_found",
        "A sweep that found something does not pass.",
        "Record it as failed; the room is swept again.",
    )
    _step(sweep, SweepAction.PASS if passed else SweepAction.FAIL)
    sweep.ended_at = now()
    sweep.items_found = found
    sweep.seals = [text_of(seal, "seal", lines=False) for seal in seals if seal.strip()]
    sweep.save(update_fields=["state", "ended_at", "items_found", "seals"])
    kind = "sweep.passed" if passed else "sweep.failed"
    _tell(sweep, kind, actor, {"items": found, "seals": sweep.seals}, sweep.ended_at)
    if not passed:
        _fail(sweep, actor)
    return sweep


@transaction.atomic
def sweep_break_off(*, sweep_id: UUID, reason: str, actor: Actor) -> Sweep:
    """Give a sweep in progress up, also that of two who have gone home; it is due as before.

    Whoever may sweep may do it: the room stays closed, so nothing is gained by it.
    """
    sweep = _lock(sweep_id, actor)
    why = text_of(reason, "reason", missing="Say why it is broken off.")
    begun_by = [str(each) for each in (sweep.sweeper_id, sweep.second_id)]
    _step(sweep, SweepAction.ABANDON)
    sweep.save(update_fields=["state"])
    _tell(sweep, "sweep.broken_off", actor, {"begun_by": begun_by, "reason": why})
    return sweep


def _fail(sweep: Sweep, actor: Actor) -> None:
    area = sweep.area
    alarm_raise(
        facility=area.facility,
        gravity=Gravity.ACT,
        kind="sweep_failed",
        subject=area.code,
        message=f"Sweep of {area.name} failed: {len(sweep.items_found)} item(s) found",
        actor=actor,
    )
    again = Sweep.objects.create(area=area, **_due(sweep.cause))
    _tell(again, "sweep.required", actor, {"cause": sweep.cause})


def _due(cause: str) -> dict[str, object]:
    return {"state": SweepState.DUE.value, "cause": cause[:40], "due_since": now()}


def _lock(sweep_id: UUID, actor: Actor) -> Sweep:
    sweeps = Sweep.objects.select_related("area__facility")
    return lock(visible(sweeps, actor, PERFORM), sweep_id)


def _step(sweep: Sweep, action: SweepAction) -> None:
    sweep.state = SWEEP.next(SweepState(sweep.state), action)


def _may_sweep(person: Person, area: Area) -> bool:
    user = User.objects.filter(person=person).first()
    return user is not None and may(Actor.user(user.pk, person.pk), PERFORM, area.facility)


def _tell(
    sweep: Sweep,
    kind: str,
    actor: Actor,
    body: dict[str, object],
    at: datetime | None = None,
) -> None:
    append(
        kind=kind,
        actor=actor,
        subject=sweep,
        facility=sweep.area.facility_id,
        body={
            **body,
            "area": sweep.area.code,
            "area_name": sweep.area.name,
            "state": sweep.state,
            **named(actor),
        },
        occurred_at=at,
    )
    publish(SweepChanged(sweep.area_id))
