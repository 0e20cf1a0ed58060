"""The one alarm queue: raised by any app, acknowledged and closed by name."""

from uuid import UUID

from django.db import transaction
from django.utils.text import Truncator

from scif.alarms.models import Alarm, Gravity
from scif.alarms.models.alarm import LONGEST
from scif.facilities.models import Facility
from scif.journal.services import append
from scif.kernel.actor import Actor
from scif.kernel.clock import now
from scif.kernel.errors import require
from scif.kernel.text import text_of
from scif.people.access import lock, visible


@transaction.atomic
def alarm_raise(
    *, facility: Facility, gravity: Gravity, kind: str, subject: str, message: str, actor: Actor
) -> Alarm:
    """Raise an alarm, or count once more the one that is open for the same kind and subject.

    A repeat keeps ``raised_at``, from which a response is timed; ``raised_last_at`` tells of it.
    """
    at = now()
    alarm, created = Alarm.objects.select_for_update(of=("self",), no_key=True).get_or_create(
        facility=facility,
        kind=kind,
        subject=subject,
        closed_at=None,
        defaults={
            "gravity": gravity,
            "message": _shown(message),
            "raised_at": at,
            "raised_last_at": at,
        },
    )
    if not created:
        alarm.count += 1
        alarm.message = _shown(message)
        alarm.raised_last_at = max(at, alarm.raised_last_at)
        alarm.save(update_fields=["count", "message", "raised_last_at"])
    append(
        kind="alarm.raised",
        actor=actor,
        subject=alarm,
        facility=facility.pk,
        body={"kind": kind, "subject": subject, "message": message, "gravity": gravity.value},
    )
    return alarm


@transaction.atomic
def alarm_acknowledge(*, alarm_id: UUID, actor: Actor) -> Alarm:
    """Take an alarm: from now on somebody named answers for it."""
    alarm = _lock(alarm_id, actor)
    require(alarm.acknowledged_at is None, "already_taken", "This alarm has been taken already.")
    alarm.acknowledged_by_id = actor.person_id
    alarm.acknowledged_at = now()
    alarm.save(update_fields=["acknowledged_by", "acknowledged_at"])
    append(kind="alarm.acknowledged", actor=actor, subject=alarm, facility=alarm.facility_id)
    return alarm


@transaction.atomic
def alarm_close(*, alarm_id: UUID, note: str, actor: Actor) -> Alarm:
    """Close an acknowledged alarm with a note of what was found."""
    alarm = _lock(alarm_id, actor)
    require(
        alarm.acknowledged_at is not None,
        "not_taken",
        "Nobody has taken this alarm yet.",
        "Acknowledge it first.",
    )
    note = text_of(note, "note", missing="Say what was found before closing the alarm.")
    alarm.closed_by_id = actor.person_id
    alarm.closed_at = now()
    alarm.note = note
    alarm.save(update_fields=["closed_by", "closed_at", "note"])
    append(
        kind="alarm.closed",
        actor=actor,
        subject=alarm,
        facility=alarm.facility_id,
        body={"note": alarm.note},
    )
    return alarm


@transaction.atomic
def alarm_clear(*, facility: Facility, kind: str, subject: str, note: str, actor: Actor) -> bool:
    """Close an alarm whose cause is over for certain; says whether there was one.

    For causes that only a process can see and see end; a person's finding is ``alarm_close``.
    """
    alarm = _open(facility, kind, subject)
    if alarm is None:
        return False
    alarm.closed_at, alarm.note = now(), note[:300]
    alarm.save(update_fields=["closed_at", "note"])
    append(
        kind="alarm.cleared",
        actor=actor,
        subject=alarm,
        facility=facility.pk,
        body={"note": alarm.note},
    )
    return True


@transaction.atomic
def alarm_restate(
    *, facility: Facility, kind: str, subject: str, message: str, actor: Actor
) -> bool:
    """Say anew what an open alarm is about, when its cause has ended and a person still looks."""
    alarm = _open(facility, kind, subject)
    if alarm is None:
        return False
    alarm.message = _shown(message)
    alarm.save(update_fields=["message"])
    append(
        kind="alarm.restated",
        actor=actor,
        subject=alarm,
        facility=facility.pk,
        body={"message": alarm.message},
    )
    return True


def _shown(message: str) -> str:
    """As the queue shows it: where it is too long it says so."""
    return Truncator(message).chars(LONGEST)


def _open(facility: Facility, kind: str, subject: str) -> Alarm | None:
    """The open alarm of a kind about a subject, locked; there is one at most."""
    alarms = Alarm.objects.select_for_update(of=("self",), no_key=True)
    return alarms.filter(facility=facility, kind=kind, subject=subject, closed_at=None).first()


def _lock(alarm_id: UUID, actor: Actor) -> Alarm:
    alarms = visible(Alarm.objects.all(), actor, "alarms.handle_alarm").filter(closed_at=None)
    return lock(alarms, alarm_id)
