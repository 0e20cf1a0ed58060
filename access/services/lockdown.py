"""Lockdown: declared at once by one person, lifted by two people or by another role."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from access.events import PersonChanged, PostureChanged
from access.models import Lockdown, LockdownPass
from access.selectors.facts_place import policy_facts
from access.selectors.lockdown import deliveries
from access.selectors.people import people_of
from access.services.orders import policy_number
from hardware.services.snapshot import gateways_of, snapshot_versions
from scif.alarms.models import Alarm, Gravity
from scif.alarms.services import alarm_raise
from scif.facilities.models import Area, Facility
from scif.journal.services import append
from scif.kernel.actor import Actor
from scif.kernel.clock import now
from scif.kernel.errors import NotPermitted, Refused, require
from scif.kernel.events import publish
from scif.people.access import lock, may, visible

DECLARE = "access.declare_lockdown"
LIFT = "access.lift_lockdown"
LIFT_ALONE = "access.lift_lockdown_alone"
CHANGE_ROSTER = "access.change_roster"
UNDELIVERED = "lockdown_undelivered"


@transaction.atomic
def lockdown_declare(
    *, facility_id: UUID, area_id: UUID | None, reason: str, actor: Actor
) -> Lockdown:
    """Lock down an area with all that lies within it, or without one the whole facility.

    One person is enough: stopping entry harms nobody, and leaving stays free.
    """
    facility = lock(visible(Facility.objects.all(), actor, DECLARE), facility_id)
    area = Area.objects.get(pk=area_id, facility=facility) if area_id else None
    require(bool(reason.strip()), "reason_missing", _("Say why nobody may enter."))
    standing = Lockdown.objects.filter(facility=facility, area=area, lifted_at=None)
    require(not standing.exists(), "wrong_state", _("It is locked down already."))
    lockdown = Lockdown.objects.create(
        facility=facility,
        area=area,
        reason=reason.strip()[:300],
        declared_by_id=_person(actor),
        declared_at=now(),
    )
    append(
        kind="lockdown.declared",
        actor=actor,
        subject=lockdown,
        facility=facility.pk,
        body={"area": area.code if area else None, "reason": lockdown.reason},
    )
    _tell(lockdown)
    return lockdown


@transaction.atomic
def lockdown_lift(*, lockdown_id: UUID, reason: str, actor: Actor) -> Lockdown:
    """Lift a lockdown, or be the first of the two people who do.

    The policy's ``lockdown_lift_two`` asks for two different people. Without it one is enough who
    may lift alone and has not declared it. A policy that says nothing asks for two.
    """
    lockdown = lock(visible(Lockdown.objects.all(), actor, LIFT), lockdown_id)
    require(lockdown.lifted_at is None, "wrong_state", _("The lockdown has been lifted already."))
    require(bool(reason.strip()), "reason_missing", _("Say why it may be lifted."))
    person = _person(actor)
    if _two_lift(lockdown.facility):
        if lockdown.lift_asked_by_id is None:
            return _ask(lockdown, person, reason, actor)
        require(
            lockdown.lift_asked_by_id != person,
            "same_person",
            _("You have asked for it already."),
            _("Another person confirms it."),
        )
    else:
        require(
            may(actor, LIFT_ALONE, lockdown.facility),
            "not_permitted",
            _("Your role does not lift a lockdown alone."),
            _("Call the facility officer."),
        )
        require(
            lockdown.declared_by_id != person,
            "same_person",
            _("Whoever declared a lockdown does not lift it alone."),
            _("Another officer lifts it."),
        )
    lockdown.lifted_by_id, lockdown.lifted_at = person, now()
    lockdown.save(update_fields=["lifted_by", "lifted_at"])
    append(
        kind="lockdown.lifted",
        actor=actor,
        subject=lockdown,
        facility=lockdown.facility_id,
        body={"reason": reason.strip()},
    )
    _tell(lockdown)
    return lockdown


@transaction.atomic
def lockdown_watch(*, actor: Actor) -> None:
    """Raise an alarm for each gateway that has not confirmed a lockdown within the policy's time.

    Idempotent: while the alarm is open it is not raised anew.
    """
    standing = Lockdown.objects.filter(lifted_at=None).select_related("facility__policy", "area")
    for lockdown in standing.order_by("declared_at"):
        if now() - lockdown.declared_at < _delivery_limit(lockdown.facility):
            continue
        for each in deliveries(lockdown):
            if not each.confirmed and not _alarmed(lockdown, each.gateway):
                alarm_raise(
                    facility=lockdown.facility,
                    gravity=Gravity.RESPOND,
                    kind=UNDELIVERED,
                    subject=each.gateway,
                    message=_("Lockdown of %(scope)s not delivered: doors of %(gateway)s may open")
                    % {"scope": lockdown.scope, "gateway": each.gateway},
                    actor=actor,
                )


@transaction.atomic
def lockdown_pass_grant(
    *,
    person_id: UUID,
    facility_id: UUID,
    area_id: UUID | None,
    sponsor_id: UUID,
    valid_from: datetime,
    valid_until: datetime,
    reason: str,
    actor: Actor,
) -> LockdownPass:
    """Let a person enter during a lockdown, as far as every other rule lets him in."""
    facility = visible(Facility.objects.all(), actor, CHANGE_ROSTER).get(pk=facility_id)
    area = Area.objects.get(pk=area_id, facility=facility) if area_id else None
    require(
        person_id not in {sponsor_id, actor.person_id},
        "same_person",
        _("Nobody answers for, or grants, his own right."),
        _("Another person sponsors it, and another officer grants it."),
    )
    require(valid_until > valid_from, "window_empty", _("A right ends after it begins."))
    require(valid_until > now(), "window_over", _("This period is over already."))
    require(bool(reason.strip()), "reason_missing", _("Say what the right is for."))
    granted = LockdownPass(
        person=people_of(actor, CHANGE_ROSTER).get(pk=person_id),
        facility=facility,
        area=area,
        sponsor=people_of(actor, CHANGE_ROSTER).get(pk=sponsor_id),
        reason=reason.strip(),
        valid_from=valid_from,
        valid_until=valid_until,
    )
    granted.full_clean()
    granted.save(force_insert=True)
    append(
        kind="lockdown_pass.granted",
        actor=actor,
        subject=granted,
        facility=facility.pk,
        body={
            "person": str(person_id),
            "sponsor": str(sponsor_id),
            "area": area.code if area else None,
            "valid_from": valid_from,
            "valid_until": valid_until,
            "reason": granted.reason,
        },
    )
    publish(PersonChanged(person_id))
    return granted


@transaction.atomic
def lockdown_pass_end(*, pass_id: UUID, reason: str, actor: Actor) -> LockdownPass:
    """End a right to enter during lockdown now; one that has not begun never does."""
    held = lock(visible(LockdownPass.objects.all(), actor, CHANGE_ROSTER), pass_id)
    at = now()
    require(at < held.valid_until, "wrong_state", _("The right has ended already."))
    require(bool(reason.strip()), "reason_missing", _("Say why the right ends."))
    held.valid_until = max(at, held.valid_from + timedelta(microseconds=1))
    held.save(update_fields=["valid_until"])
    append(
        kind="lockdown_pass.ended",
        actor=actor,
        subject=held,
        facility=held.facility_id,
        body={"person": str(held.person_id), "reason": reason.strip()},
    )
    publish(PersonChanged(held.person_id))
    return held


def _ask(lockdown: Lockdown, person: UUID, reason: str, actor: Actor) -> Lockdown:
    lockdown.lift_asked_by_id, lockdown.lift_asked_at = person, now()
    lockdown.save(update_fields=["lift_asked_by", "lift_asked_at"])
    append(
        kind="lockdown.lift_asked",
        actor=actor,
        subject=lockdown,
        facility=lockdown.facility_id,
        body={"reason": reason.strip()},
    )
    return lockdown


def _tell(lockdown: Lockdown) -> None:
    """Tell the doors, and remember which version of each gateway's snapshot says so."""
    publish(PostureChanged(lockdown.facility_id))
    lockdown.told = snapshot_versions(gateways_of(lockdown.facility_id))
    lockdown.save(update_fields=["told"])


def _two_lift(facility: Facility) -> bool:
    value = policy_facts(facility).values.get("lockdown_lift_two", {}).get("value")
    return value is not False


def _delivery_limit(facility: Facility) -> timedelta:
    """A policy that says nothing gives no time."""
    try:
        return timedelta(seconds=policy_number(facility, "lockdown_delivery_seconds"))
    except Refused:
        return timedelta()


def _alarmed(lockdown: Lockdown, gateway: str) -> bool:
    return Alarm.objects.filter(
        facility=lockdown.facility, kind=UNDELIVERED, subject=gateway, closed_at=None
    ).exists()


def _person(actor: Actor) -> UUID:
    """The natural person who answers for it; a process declares and lifts nothing."""
    if actor.person_id is None:
        raise NotPermitted("not_permitted", _("A lockdown is declared and lifted by a person."))
    return actor.person_id
