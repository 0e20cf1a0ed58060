"""The same facts as the tables tell them, to be compared with what the journal says."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Q

from access.models import AccessDecision, CustodyItem, Engagement, Signature, Visit
from access.reports.facts import (
    BookingFact,
    Facts,
    ItemFact,
    LockerFact,
    MandateFact,
    PassageFact,
    ReadFact,
    SignatureFact,
    StepFact,
    SweepFact,
    VisitFact,
)
from access.reports.told import Named
from access.rules.strokes import strokes_digest
from access.selectors.escort import booking_escort
from inspections.models import Sweep
from scif.people.models import Person


def recorded(visit: Visit) -> Facts:
    """Read the tables' lines of a visit."""
    return Facts(
        visit=VisitFact(reference=visit.reference, visitor=_who(visit.person), state=visit.state),
        booking=_booking(visit),
        mandate=_mandate(visit.booking.engagement),
        steps=_steps(visit),
        items=_items(visit),
        lockers={
            str(held.pk): LockerFact(locker=str(held.locker), released=held.released_at is not None)
            for held in visit.lockers.select_related("locker__bank")
        },
        signatures=_signatures(visit),
        reads={row.read_id: _read(row) for row in decisions_of(visit)},
        passages=_passages(visit),
        sweeps=_sweeps(visit),
    )


def _who(person: Person | None) -> Named | None:
    return None if person is None else Named(str(person.pk), str(person))


def _booking(visit: Visit) -> BookingFact:
    booking = visit.booking
    return BookingFact(
        reference=booking.reference,
        area=Named(booking.area.code, booking.area.name),
        starts_at=booking.starts_at,
        ends_at=booking.ends_at,
        requester=_who(booking.requester),
        requested_at=booking.requested_at,
        decided_by=_who(booking.decided_by),
        decided_at=booking.decided_at,
        state=booking.state,
        reason=booking.reason,
        escort=_who(booking_escort(booking, visit.person_id)),
    )


def _mandate(engagement: Engagement) -> MandateFact:
    return MandateFact(
        reference=engagement.reference,
        title=engagement.title,
        sponsor=Named(str(engagement.sponsor_id), str(engagement.sponsor)),
        access=engagement.kind,
        asset=Named(str(engagement.asset_id), str(engagement.asset)),
        level=str(engagement.level_id),
        compartments=tuple(sorted(str(each.pk) for each in engagement.compartments.all())),
        valid_from=engagement.valid_from,
        valid_until=engagement.valid_until,
        lab_approval=_who(engagement.lab_approved_by),
        facility_approval=_who(engagement.facility_approved_by),
        state=engagement.state,
    )


def _steps(visit: Visit) -> dict[tuple[str, int], StepFact]:
    facts = [
        StepFact(kind=step.kind, at=step.at, by=_who(step.by), details=step.details)
        for step in visit.steps.select_related("by").order_by("at")
    ]
    return _numbered((fact.kind, fact) for fact in facts)


def _numbered(facts: Iterable[tuple[str, Any]]) -> dict[tuple[str, int], Any]:
    """Lines that have no key of their own, numbered within their kind."""
    counts: dict[str, int] = {}
    numbered: dict[tuple[str, int], Any] = {}
    for kind, fact in facts:
        counts[kind] = counts.get(kind, 0) + 1
        numbered[kind, counts[kind]] = fact
    return numbered


def _items(visit: Visit) -> dict[str, ItemFact]:
    return {
        str(item.pk): ItemFact(
            item=item.kind,
            mark=item.mark,
            approval=item.approval,
            stays=item.stays_with_visitor,
            locker=str(item.assignment_id),
            returned_at=item.returned_at,
        )
        for item in CustodyItem.objects.filter(assignment__visit=visit)
    }


def _signatures(visit: Visit) -> dict[tuple[str, str, str], SignatureFact]:
    signatures = Signature.objects.select_related("signer").filter(assignment__visit=visit)
    return {
        (str(each.assignment_id), each.purpose, each.party): SignatureFact(
            locker=str(each.assignment_id),
            purpose=each.purpose,
            party=each.party,
            signer=_who(each.signer),
            at=each.signed_at,
            digest=strokes_digest(each.strokes),
        )
        for each in signatures
    }


def decisions_of(visit: Visit) -> list[AccessDecision]:
    """Every read of the visit, and the visitor's other reads here while the visit lasted."""
    mine = Q(visit=visit)
    moments = [step.at for step in visit.steps.order_by("at")]
    if moments:
        mine |= Q(
            visit=None,
            person=visit.person_id,
            occurred_at__range=(moments[0], moments[-1]),
            portal__zone__area__facility=visit.booking.area.facility_id,
        )
    return list(
        AccessDecision.objects.select_related("portal").filter(mine).order_by("occurred_at")
    )


def _read(row: AccessDecision) -> ReadFact:
    return ReadFact(
        at=row.occurred_at,
        door=row.portal.code,
        direction=row.direction,
        outcome=row.outcome,
        objections=tuple(row.objections),
        obligations=tuple(row.obligations),
        badge=row.badge,
        basis=row.basis,
        policy_version=row.policy_version,
        opened_at=row.opened_at,
        relocked_at=row.relocked_at,
    )


def _passages(visit: Visit) -> dict[tuple[str, int], PassageFact]:
    events = visit.presence_events.select_related("zone").order_by("occurred_at")
    return _numbered(
        (
            event.direction,
            PassageFact(
                at=event.occurred_at,
                zone=event.zone.code,
                direction=event.direction,
                basis=event.basis,
            ),
        )
        for event in events
    )


def _sweeps(visit: Visit) -> dict[str, SweepFact]:
    sweeps = Sweep.objects.select_related("area", "sweeper", "second").filter(
        area__facility=visit.booking.area.facility_id, cause=visit.reference
    )
    return {
        str(sweep.pk): SweepFact(
            area=Named(sweep.area.code, sweep.area.name),
            sweeper=_who(sweep.sweeper),
            second=_who(sweep.second),
            started_at=sweep.started_at,
            ended_at=sweep.ended_at,
            items=tuple(sweep.items_found),
            seals=tuple(sweep.seals),
            state=sweep.state,
        )
        for sweep in sweeps
    }
