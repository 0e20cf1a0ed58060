"""Entry without a booking: the roster of permanent staff, and the duties of a shift."""

from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from access.events import DutyChanged, RosterChanged
from access.models import Duty, DutyRole, RosterEntry
from access.rules.snapshot.parts import WEEKDAYS
from access.selectors.people import people_of
from access.services.grant import by_two
from scif.facilities.models import Area, Facility
from scif.journal.services import append
from scif.kernel.actor import Actor
from scif.kernel.clock import now
from scif.kernel.errors import FieldRefused, require
from scif.kernel.events import publish
from scif.kernel.text import text_of
from scif.people.access import lock, visible
from scif.people.models import FacilityRole, Person

PERMISSION = "access.change_roster"
TICK = timedelta(microseconds=1)


def _belong(given: Mapping[str, Any]) -> bool:
    """Whether he and his escort hold a role at the facility, which two gave them.

    A shift of theirs is daily work. An inspector's appointment is none, whoever he is.
    """
    if given["role"] == DutyRole.INSPECTOR:
        return False
    people = {given["person_id"], given.get("escort_id")} - {None}
    return all(holds_role(person, given["facility_id"]) for person in people)


def _escort_belongs(given: Mapping[str, Any]) -> bool:
    duty = Duty.objects.filter(pk=given["duty_id"]).first()
    return duty is not None and holds_role(given["escort_id"], duty.facility_id)


def holds_role(person_id: UUID, facility_id: UUID) -> bool:
    """Whether a person works at a facility: two officers gave him his role there."""
    at = now()
    roles = FacilityRole.objects.filter(
        Q(valid_until=None) | Q(valid_until__gt=at),
        user__person=person_id,
        facility=facility_id,
        valid_from__lte=at,
    )
    return roles.exists()


@by_two(permission=PERMISSION)
@transaction.atomic
def roster_add(
    *,
    person_id: UUID,
    area_id: UUID,
    sponsor_id: UUID,
    valid_from: datetime,
    review_due: datetime,
    actor: Actor,
) -> RosterEntry:
    """Let permanent staff into an area until the review; another person answers for the entry."""
    area = visible(Area.objects.all(), actor, PERMISSION).get(pk=area_id)
    require(
        person_id not in {sponsor_id, actor.person_id},
        "same_person",
        _("Nobody answers for, or adds, his own roster entry."),
        _("Another person sponsors it, and another officer adds it."),
    )
    require(review_due > valid_from, "window_empty", _("The review comes after the beginning."))
    entry = RosterEntry(
        person=people_of(actor, PERMISSION).get(pk=person_id),
        area=area,
        sponsor=people_of(actor, PERMISSION).get(pk=sponsor_id),
        valid_from=valid_from,
        review_due=review_due,
    )
    entry.full_clean()
    entry.save(force_insert=True)
    append(
        kind="roster.added",
        actor=actor,
        subject=entry,
        facility=area.facility_id,
        body={
            "person": str(person_id),
            "area": area.code,
            "valid_from": valid_from,
            "review_due": review_due,
        },
    )
    publish(RosterChanged(entry.pk))
    return entry


@transaction.atomic
def roster_end(*, entry_id: UUID, reason: str, actor: Actor) -> RosterEntry:
    """End a roster entry now."""
    entry = lock(visible(RosterEntry.objects.all(), actor, PERMISSION), entry_id)
    require(entry.ended_at is None, "wrong_state", _("The roster entry has ended already."))
    reason = text_of(reason, "reason", missing=_("Say why the entry ends."))
    entry.ended_at = now()
    entry.save(update_fields=["ended_at"])
    append(
        kind="roster.ended",
        actor=actor,
        subject=entry,
        facility=entry.area.facility_id,
        body={"person": str(entry.person_id), "reason": reason},
    )
    publish(RosterChanged(entry.pk))
    return entry


@by_two(permission=PERMISSION)
@transaction.atomic
def roster_hours_set(
    *, entry_id: UUID, hours: Mapping[str, Sequence[str]], reason: str, actor: Actor
) -> RosterEntry:
    """Give permanent staff hours of their own by weekday; with none the area's hold again.

    They may be wider than the area's: who opens it comes before it is open.
    """
    entry = lock(visible(RosterEntry.objects.all(), actor, PERMISSION), entry_id)
    require(entry.ended_at is None, "wrong_state", _("The roster entry has ended already."))
    require(
        entry.person_id != actor.person_id,
        "same_person",
        _("Nobody sets his own hours."),
        _("Another officer sets them."),
    )
    require(bool(reason.strip()), "reason_missing", _("Say why the hours change."))
    for day, span in hours.items():
        require(
            day in WEEKDAYS and _is_span(span),
            "hours_malformed",
            _("Hours are from one time of a day to a later one."),
            _("Write them as 08:00 to 18:00; 00:00 as the end is midnight."),
        )
    entry.hours = {day: list(span) for day, span in hours.items()}
    entry.save(update_fields=["hours"])
    append(
        kind="roster.hours_set",
        actor=actor,
        subject=entry,
        facility=entry.area.facility_id,
        body={"person": str(entry.person_id), "hours": entry.hours, "reason": reason.strip()},
    )
    publish(RosterChanged(entry.pk))
    return entry


def _is_span(span: Sequence[str]) -> bool:
    try:
        first, last = (time.fromisoformat(each) for each in span)
    except ValueError:
        return False
    return first < last or last == time(0)


@by_two(permission=PERMISSION, alone=_belong)
@transaction.atomic
def duty_assign(
    *,
    person_id: UUID,
    facility_id: UUID,
    role: DutyRole,
    starts_at: datetime,
    ends_at: datetime,
    escort_id: UUID | None = None,
    authority: str = "",
    actor: Actor,
) -> Duty:
    """Plan a shift: it carries a right of entry while it lasts, for who escorts it as well.

    One officer plans those of whoever holds a role at the facility, but not his own. Maintenance
    has an escort (R38), who is another person; whether he is cleared the doors ask. An inspector's
    is his appointment by an ``authority`` (R40), which no other duty has.
    """
    facility = visible(Facility.objects.all(), actor, PERMISSION).get(pk=facility_id)
    require(
        person_id != actor.person_id,
        "same_person",
        _("Nobody plans his own shift."),
        _("Another officer plans it."),
    )
    require(ends_at > starts_at, "window_empty", _("A shift ends after it begins."))
    require(
        role is not DutyRole.MAINTENANCE or escort_id is not None,
        "escort_missing",
        _("Name the escort: whoever comes for maintenance has one."),
    )
    inspector = role is DutyRole.INSPECTOR
    missing = _("Name the authority that appointed the inspector.") if inspector else ""
    authority = text_of(authority, "authority", most=120, missing=missing, lines=False)
    if authority and not inspector:
        raise FieldRefused(
            "authority_unfit",
            "authority",
            _("Only an inspector is appointed by an authority."),
            _("Leave it empty."),
        )
    person = people_of(actor, PERMISSION).get(pk=person_id)
    duty = Duty(
        person=person,
        escort=None if escort_id is None else _escort(person, escort_id, actor),
        facility=facility,
        role=role,
        authority=authority,
        starts_at=starts_at,
        ends_at=ends_at,
    )
    duty.full_clean()
    duty.save(force_insert=True)
    append(
        kind="duty.assigned",
        actor=actor,
        subject=duty,
        facility=facility.pk,
        body={
            "person": str(person_id),
            "role": role.value,
            "authority": authority,
            "escort": str(escort_id) if escort_id else None,
            "starts_at": starts_at,
            "ends_at": ends_at,
        },
    )
    publish(DutyChanged(duty.pk))
    return duty


@by_two(permission=PERMISSION, alone=_escort_belongs)
@transaction.atomic
def duty_escort_change(*, duty_id: UUID, escort_id: UUID, reason: str, actor: Actor) -> Duty:
    """Give a shift another escort, also while its person is inside: who escorts him now counts.

    Refuses where the shift is over or this person escorts it already.
    """
    duty = lock(visible(Duty.objects.all(), actor, PERMISSION), duty_id)
    require(now() < duty.ends_at, "wrong_state", _("The shift has ended already."))
    require(
        escort_id not in {duty.escort_id, actor.person_id},
        "same_person",
        _("Another person takes over, and nobody appoints himself."),
        _("Choose somebody else."),
    )
    reason = text_of(reason, "reason", missing=_("Say why another escort takes over."))
    former = duty.escort_id
    duty.escort = _escort(duty.person, escort_id, actor)
    duty.full_clean()
    duty.save(update_fields=["escort"])
    append(
        kind="duty.escort_changed",
        actor=actor,
        subject=duty,
        facility=duty.facility_id,
        body={
            "person": str(duty.person_id),
            "before": str(former) if former else None,
            "escort": str(escort_id),
            "reason": reason,
        },
    )
    publish(DutyChanged(duty.pk, former))
    return duty


def _escort(person: Person, escort_id: UUID, actor: Actor) -> Person:
    """INVARIANT: an escort is another person than he whom he accompanies, and no stranger."""
    require(escort_id != person.pk, "escort_same", _("Nobody escorts himself."))
    require(escort_id != actor.person_id, "same_person", _("Nobody appoints himself as escort."))
    return people_of(actor, PERMISSION).get(pk=escort_id)


@transaction.atomic
def duty_end(*, duty_id: UUID, reason: str, actor: Actor) -> Duty:
    """End a shift before its time; one that has not begun yet ends as it begins."""
    duty = lock(visible(Duty.objects.all(), actor, PERMISSION), duty_id)
    at = now()
    require(at < duty.ends_at, "wrong_state", _("The shift has ended already."))
    reason = text_of(reason, "reason", missing=_("Say why the shift ends."))
    # The database wants an end after the start, so a shift that never was lasts one microsecond.
    duty.ends_at = max(at, duty.starts_at + TICK)
    duty.save(update_fields=["ends_at"])
    append(
        kind="duty.ended",
        actor=actor,
        subject=duty,
        facility=duty.facility_id,
        body={"person": str(duty.person_id), "reason": reason},
    )
    publish(DutyChanged(duty.pk))
    return duty
