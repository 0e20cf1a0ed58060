"""Eligibility, read-ins, agreements and need to know: what a person is cleared for."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import TypeVar
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from access.events import PersonChanged
from access.models import Eligibility, EligibilityStatus, Engagement, Indoctrination, Nda
from access.models import NeedToKnow as NeedToKnowRecord
from access.selectors.engagement import engagements_for
from access.selectors.people import people_of
from access.selectors.schemes import compartments_granted, levels_granted
from access.services.grant import by_two
from scif.facilities.models import Record
from scif.journal.services import append
from scif.kernel.actor import Actor
from scif.kernel.clock import now
from scif.kernel.errors import NotPermitted, Refused, require
from scif.kernel.events import publish
from scif.kernel.text import text_of
from scif.people.access import facilities_with, facility_of_act, lock, visible
from scif.people.naming import named, person_named

CHANGE = "access.change_clearance"
AHEAD_OF_UTC = timedelta(hours=14)  # where the day begins first it is today already
ACCEPTANCE = ("acceptance", "accepted_by", "accepted_on")
R = TypeVar("R", bound=Record)

ENDED = frozenset({EligibilityStatus.SUSPENDED, EligibilityStatus.REVOKED})
# What an authority may do to a clearance, from which status; a revoked one is never lifted.
_STATUS_FROM = {
    EligibilityStatus.SUSPENDED: {
        EligibilityStatus.FINAL,
        EligibilityStatus.INTERIM,
        EligibilityStatus.LAA,
    },
    EligibilityStatus.FINAL: {EligibilityStatus.INTERIM, EligibilityStatus.SUSPENDED},
    EligibilityStatus.INTERIM: {EligibilityStatus.SUSPENDED},
    EligibilityStatus.LAA: {EligibilityStatus.SUSPENDED},
    EligibilityStatus.REVOKED: set(EligibilityStatus) - {EligibilityStatus.REVOKED},
}


@by_two(permission=CHANGE)
@transaction.atomic
def eligibility_grant(
    *,
    person_id: UUID,
    level_id: UUID,
    status: EligibilityStatus,
    source: str,
    granted_on: date,
    review_due: date | None = None,
    vetting_enrolled: bool = False,
    actor: Actor,
) -> Eligibility:
    """Record a clearance from an authoritative source, never self-asserted (R32).

    Raises ``DoesNotExist`` for a person of another facility, and for a level of a scheme that no
    facility of the actor's uses.
    """
    _may_change(person_id, actor)
    require(bool(source.strip()), "source_missing", _("Name the register or letter it stands in."))
    require(
        status not in ENDED,
        "wrong_status",
        _("A clearance is granted as final, interim or limited."),
    )
    record = Eligibility(
        person_id=person_id,
        level=levels_granted(actor, CHANGE).get(pk=level_id),
        status=status,
        source=source.strip(),
        granted_on=granted_on,
        review_due=review_due,
        vetting_enrolled=vetting_enrolled,
    )
    body = {"level": str(record.level), "status": status.value, "source": record.source}
    return _keep(record, "eligibility.granted", person_id, body, actor)


@by_two(permission=CHANGE, alone=lambda given: given["status"] in ENDED)
@transaction.atomic
def eligibility_change(
    *, eligibility_id: UUID, status: EligibilityStatus, reason: str, actor: Actor
) -> Eligibility:
    """Suspend or revoke a clearance, lift its suspension (to what the authority decided) or make
    it final; doors learn of it at once (R27).
    """
    record = lock(visible(Eligibility.objects.all(), actor, CHANGE), eligibility_id)
    _may_change(record.person_id, actor)
    reason = text_of(reason, "reason", missing=_("State the authority's decision."))
    before = EligibilityStatus(record.status)
    require(
        before in _STATUS_FROM.get(status, set()),
        "wrong_state",
        _("A clearance that is %(before)s cannot become %(after)s.")
        % {"before": before.label, "after": status.label},
    )
    if status not in ENDED:
        _scheme_used(record, actor)
    record.status = status
    record.save(update_fields=["status"])
    body = {"from": before.value, "to": status.value, "reason": reason}
    _tell(record, "eligibility.changed", record.person_id, body, actor)
    return record


@by_two(permission=CHANGE)
@transaction.atomic
def eligibility_accept(
    *, eligibility_id: UUID, acceptance: str, accepted_by: str, accepted_on: date, actor: Actor
) -> Eligibility:
    """Record the granting authority's decision: an interim clearance reaches compartments (R36).

    From ``accepted_on`` on; ``acceptance`` is the decision's reference. Refuses ``wrong_state`` for
    one that is not interim or is accepted already, ``wrong_day`` for a decision of a day to come or
    before the clearance, and ``scheme_not_used``.
    """
    record = lock(visible(Eligibility.objects.all(), actor, CHANGE), eligibility_id)
    _may_change(record.person_id, actor)
    require(
        record.status == EligibilityStatus.INTERIM and record.accepted_on is None,
        "wrong_state",
        _("Only an interim clearance is accepted for compartments, and once."),
    )
    require(
        record.granted_on <= accepted_on <= (now() + AHEAD_OF_UTC).date(),
        "wrong_day",
        _("The decision is of a day between that of the clearance and today."),
        _("Take the day from the authority's letter."),
    )
    _scheme_used(record, actor)
    record.acceptance = text_of(
        acceptance, "acceptance", most=80, missing=_("Name the decision by its reference.")
    )
    record.accepted_by = text_of(
        accepted_by, "accepted_by", most=120, missing=_("Name the granting authority.")
    )
    record.accepted_on = accepted_on
    record.save(update_fields=ACCEPTANCE)
    _tell(record, "eligibility.accepted", record.person_id, _acceptance(record), actor)
    return record


@transaction.atomic
def eligibility_accept_end(*, eligibility_id: UUID, reason: str, actor: Actor) -> Eligibility:
    """Record that the decision holds no more; doors learn of it at once. The journal keeps it."""
    record = lock(visible(Eligibility.objects.all(), actor, CHANGE), eligibility_id)
    _may_change(record.person_id, actor)
    reason = text_of(reason, "reason", missing=_("State the authority's decision."))
    require(
        record.accepted_on is not None,
        "wrong_state",
        _("No decision of the granting authority is on record."),
    )
    body = {**_acceptance(record), "reason": reason}
    record.acceptance, record.accepted_by, record.accepted_on = "", "", None
    record.save(update_fields=ACCEPTANCE)
    _tell(record, "eligibility.accept_ended", record.person_id, body, actor)
    return record


@by_two(permission=CHANGE)
@transaction.atomic
def indoctrination_record(
    *, person_id: UUID, compartment_id: UUID, briefed_by_id: UUID, briefed_on: date, actor: Actor
) -> Indoctrination:
    """Record a read-in to a compartment (Form 4414); nobody briefs himself."""
    _may_change(person_id, actor)
    _another(person_id, briefed_by_id, _("Nobody reads himself in."))
    people_of(actor, CHANGE).get(pk=briefed_by_id)
    record = Indoctrination(
        person_id=person_id,
        compartment=compartments_granted(actor, CHANGE).get(pk=compartment_id),
        briefed_by_id=briefed_by_id,
        briefed_on=briefed_on,
    )
    body = {"compartment": record.compartment.code, "briefed_on": briefed_on}
    return _keep(record, "indoctrination.recorded", person_id, body, actor)


@transaction.atomic
def indoctrination_debrief(
    *, indoctrination_id: UUID, debriefed_on: date, actor: Actor
) -> Indoctrination:
    """Record a debrief: the compartment is closed to the person from that day."""
    record = lock(visible(Indoctrination.objects.all(), actor, CHANGE), indoctrination_id)
    _may_change(record.person_id, actor)
    require(record.debriefed_on is None, "wrong_state", _("The person is debriefed already."))
    record.debriefed_on = debriefed_on
    record.save(update_fields=["debriefed_on"])
    body = {"compartment": record.compartment.code, "debriefed_on": debriefed_on}
    _tell(record, "indoctrination.ended", record.person_id, body, actor)
    return record


@transaction.atomic
def nda_record(
    *, person_id: UUID, document: str, signed_on: date, witness_id: UUID, actor: Actor
) -> Nda:
    """Record a signed agreement; its witness is another person, who signed the same day (R34)."""
    _may_change(person_id, actor)
    _another(person_id, witness_id, _("The witness is another person."))
    people_of(actor, CHANGE).get(pk=witness_id)
    record = Nda(person_id=person_id, document=document, signed_on=signed_on, witness_id=witness_id)
    body = {"document": document, "signed_on": signed_on}
    return _keep(record, "nda.recorded", person_id, body, actor)


@transaction.atomic
def need_to_know_grant(
    *,
    person_id: UUID,
    engagement_id: UUID,
    valid_from: datetime,
    valid_until: datetime,
    actor: Actor,
) -> NeedToKnowRecord:
    """Grant need to know for an engagement; only its discloser can (R31)."""
    engagement = _disclosed(engagement_id, actor)
    grantor = actor.person_id or engagement.sponsor.officer_id
    _another(person_id, grantor, _("Nobody grants himself need to know."))
    require(
        engagement.members.filter(person_id=person_id).exists(),
        "not_a_member",
        _("The engagement does not name this person."),
        _("Add the person to the engagement first."),
    )
    require(valid_until > valid_from, "window_empty", _("The end must come after the beginning."))
    record = NeedToKnowRecord(
        person_id=person_id,
        engagement=engagement,
        grantor_id=grantor,
        valid_from=valid_from,
        valid_until=valid_until,
    )
    body = {
        "engagement": engagement.reference,
        "member": person_named(record.person),
        "grantor": person_named(record.grantor),
        "from": valid_from,
        "until": valid_until,
        **named(actor),
    }
    return _keep(record, "need_to_know.granted", person_id, body, actor)


@transaction.atomic
def need_to_know_revoke(*, need_to_know_id: UUID, reason: str, actor: Actor) -> NeedToKnowRecord:
    """End need to know now; the record stays, with its end moved to this moment."""
    engagements = engagements_for(actor, "access.disclose_engagement")
    rows = NeedToKnowRecord.objects.filter(engagement__in=engagements.values("pk"))
    record = lock(rows, need_to_know_id)
    _disclosed(record.engagement_id, actor)
    reason = text_of(reason, "reason", missing=_("Say why."))
    at = now()
    require(at < record.valid_until, "wrong_state", _("It has ended already."))
    record.valid_until = max(at, record.valid_from)
    record.save(update_fields=["valid_until"])
    body = {"engagement": record.engagement.reference, "reason": reason, **named(actor)}
    _tell(record, "need_to_know.revoked", record.person_id, body, actor)
    return record


def _disclosed(engagement_id: UUID, actor: Actor) -> Engagement:
    """The engagement, if the actor is the one who discloses under it."""
    engagement = engagements_for(actor, "access.disclose_engagement").get(pk=engagement_id)
    if actor.user_id is not None and actor.person_id != engagement.sponsor.officer_id:
        raise NotPermitted(
            "not_permitted",
            _("Only the sponsor's officer discloses under this engagement."),
            _("Ask the sponsor's officer."),
        )
    return engagement


def _may_change(person_id: UUID, actor: Actor) -> None:
    if not facilities_with(actor, CHANGE).exists():
        raise NotPermitted(
            "not_permitted",
            _("Clearances are recorded by facility officers."),
            _("Ask a facility officer."),
        )
    if actor.person_id == person_id:
        raise Refused(
            "own_clearance",
            _("Nobody records his own clearance."),
            _("Another officer records it."),
        )
    people_of(actor, CHANGE).get(pk=person_id)


def _scheme_used(record: Eligibility, actor: Actor) -> None:
    require(
        levels_granted(actor, CHANGE).filter(pk=record.level_id).exists(),
        "scheme_not_used",
        _("No room of yours uses the scheme of this clearance."),
        _("An officer of a facility that uses it does this."),
    )


def _acceptance(record: Eligibility) -> dict[str, object]:
    return {name: getattr(record, name) for name in ACCEPTANCE}


def _another(person_id: UUID, other_id: UUID, message: str) -> None:
    require(person_id != other_id, "same_person", message, _("Name another person."))


def _keep(record: R, kind: str, person_id: UUID, body: Mapping[str, object], actor: Actor) -> R:
    record.full_clean()
    record.save(force_insert=True)
    _tell(record, kind, person_id, body, actor)
    return record


def _tell(
    record: Record, kind: str, person_id: UUID, body: Mapping[str, object], actor: Actor
) -> None:
    facility = (
        record.engagement.areas.values_list("facility_id", flat=True).first()
        if isinstance(record, NeedToKnowRecord)
        else facility_of_act(actor, CHANGE, person_id)
    )
    append(
        kind=kind,
        actor=actor,
        subject=record,
        facility=facility,
        body={"person": str(person_id), **body},
    )
    publish(PersonChanged(person_id))
