"""All the facts of a decision at the centre, read from its records: booking and arrival.

The door decides from its gateway's snapshot; these builders serve that projection too.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType
from uuid import UUID

from access.models import Booking, Engagement, LockerAssignment, Presence, SignaturePurpose, Visit
from access.rules.facts import (
    AreaFacts,
    Belongings,
    BookingFacts,
    EngagementFacts,
    Facts,
    PersonFacts,
    VisitBasis,
    Window,
    ZoneFacts,
)
from access.rules.states import BookingState, EngagementState, LockerState, VisitState
from access.selectors.facts_person import person_facts
from access.selectors.facts_place import area_facts, caveats_of, label_of, policy_facts
from access.selectors.temporary import temporary_use
from access.selectors.wall import parties_inside
from hardware.decider import Occupant
from scif.facilities.models import Area

__all__ = [
    "NOBODY",
    "Proposal",
    "area_facts",
    "arrival_facts",
    "as_himself",
    "booking_facts",
    "engagement_facts",
    "path_to",
    "person_facts",
    "policy_facts",
    "visit_basis",
]


NOBODY: Mapping[UUID, UUID] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Proposal:
    """A booking as it is asked for, or as it stands: who, where, when, under what.

    ``escorts`` has who accompanies each attendee that is under escort. ``instead_of`` is the
    booking on record whose place it takes, or which it is: its hours are not counted beside it.
    """

    engagement: Engagement
    area: Area
    starts_at: datetime
    ends_at: datetime
    attendees: Sequence[UUID]
    requester: UUID
    state: BookingState = BookingState.REQUESTED
    approver: UUID | None = None
    escorts: Mapping[UUID, UUID] = field(default_factory=dict)
    instead_of: UUID | None = None

    @classmethod
    def of(cls, booking: Booking, approver: UUID | None = None) -> "Proposal":
        """A booking on record; ``approver`` is who is about to decide it."""
        people = dict(booking.attendees.values_list("person_id", "escort_id"))
        return cls(
            engagement=booking.engagement,
            area=booking.area,
            starts_at=booking.starts_at,
            ends_at=booking.ends_at,
            attendees=tuple(people),
            requester=booking.requester_id,
            state=BookingState(booking.state),
            approver=approver or booking.decided_by_id,
            escorts={person: escort for person, escort in people.items() if escort is not None},
            instead_of=booking.pk,
        )


def booking_facts(proposal: Proposal, *, at: datetime) -> dict[UUID, Facts]:
    """The facts of each attendee for the stage ``booking``, by the person's identifier.

    ``at`` is when it was asked for: notice is counted from the request, also when it is decided.
    """
    policy = policy_facts(proposal.area.facility)
    area = _place(proposal, at)
    everybody = [*proposal.attendees, *proposal.escorts.values()]
    people = person_facts(everybody, proposal.area.facility)
    engagement = engagement_facts(proposal.engagement)
    return {
        person_id: Facts(
            now=at,
            policy=policy,
            person=people[person_id],
            basis=visit_basis(proposal, engagement, person_id),
            area=area,
            escort=_escort(proposal, person_id, people),
        )
        for person_id in proposal.attendees
    }


def arrival_facts(visit: Visit, *, at: datetime) -> Facts:
    """The facts of a visitor at the desk, for the stage ``arrival``; ``at`` is now."""
    booking = visit.booking
    proposal = Proposal.of(booking)
    both = [visit.person_id, *filter(None, [proposal.escorts.get(visit.person_id)])]
    people = person_facts(both, booking.area.facility)
    return Facts(
        now=at,
        policy=policy_facts(booking.area.facility),
        person=people[visit.person_id],
        basis=visit_basis(
            proposal, engagement_facts(booking.engagement), visit.person_id, visit=visit
        ),
        area=_place(proposal, at),
        zone=_zone_now(booking.area, visit),
        escort=_escort(proposal, visit.person_id, people),
    )


def as_himself(facts: Facts) -> Facts:
    """The same facts of one who has nobody beside him: what he may see, not only where he may be.

    An escort brings a person into the room, and to no material that lies or runs in it (R38).
    """
    basis = facts.basis
    if basis is None or basis.escort is None:
        return facts
    return replace(facts, basis=replace(basis, escort=None), escort=None)


def _escort(
    proposal: Proposal, person_id: UUID, people: Mapping[UUID, PersonFacts]
) -> PersonFacts | None:
    escort = proposal.escorts.get(person_id)
    return None if escort is None else people[escort]


def _place(proposal: Proposal, at: datetime) -> AreaFacts:
    """The area with what else is booked in it, where that counts."""
    use = temporary_use(proposal.area, at=at, besides=proposal.instead_of)
    return replace(area_facts(proposal.area), temporary=use)


def _zone_now(area: Area, visit: Visit) -> ZoneFacts:
    """Who is inside, as the centre has heard it last; at the door its gateway knows better."""
    present = Presence.objects.filter(zone__area=area)
    return ZoneFacts(
        zone=area.code,
        inside={str(each.person_id): Occupant(each.since, each.basis) for each in present},
        certain=True,
        parties=parties_inside(area, visit.person_id),
    )


def engagement_facts(engagement: Engagement) -> EngagementFacts:
    """A mandate: its sponsor discloses, its members study, two sides approve it (R45)."""
    return EngagementFacts(
        engagement_id=str(engagement.pk),
        state=EngagementState(engagement.state),
        window=Window(engagement.valid_from, engagement.valid_until),
        sponsor=str(engagement.sponsor.organisation_id),
        asset=engagement.asset.code,
        areas=frozenset(str(pk) for pk in engagement.areas.values_list("pk", flat=True)),
        members=frozenset(str(pk) for pk in engagement.members.values_list("person_id", flat=True)),
        lab_approver=_text(engagement.lab_approved_by_id),
        facility_approver=_text(engagement.facility_approved_by_id),
    )


def visit_basis(
    proposal: Proposal,
    engagement: EngagementFacts,
    person_id: UUID,
    *,
    visit: Visit | None = None,
) -> VisitBasis:
    """The basis of one attendee. The session's label carries the caveats of the area it is in."""
    mandate = proposal.engagement
    steps = set(visit.steps.values_list("kind", flat=True)) if visit else set()
    return VisitBasis(
        basis_id=str(visit.pk) if visit else "",
        person_id=str(person_id),
        areas=frozenset({str(proposal.area.pk)}),
        window=Window(proposal.starts_at, proposal.ends_at),
        path=path_to(proposal.area),
        escort=_text(proposal.escorts.get(person_id)),
        state=VisitState(visit.state) if visit else None,
        booking=BookingFacts(
            state=proposal.state,
            requester=str(proposal.requester),
            approver=_text(proposal.approver),
            attendees=frozenset({str(pk) for pk in proposal.attendees} & {str(person_id)}),
            attendee_count=len(proposal.attendees),
        ),
        engagement=engagement,
        session_label=label_of(
            mandate.level, list(mandate.compartments.all()), caveats_of(proposal.area)
        ),
        identity_checked="identify" in steps,
        belongings=_belongings(visit) if visit else None,
        badge_issued=visit.badges.filter(returned_at=None).exists() if visit else False,
    )


def _belongings(visit: Visit) -> Belongings | None:
    """What lies in lockers and what stays with the visitor; None before the desk took it up.

    Whoever brought nothing declared so in the deposit step (``none_declared``).
    """
    lockers = list(visit.lockers.filter(released_at=None).prefetch_related("items", "signatures"))
    deposit = visit.steps.filter(kind="deposit").last()
    if not lockers and deposit is None:
        return None
    signed = {
        each.party
        for locker in lockers
        for each in locker.signatures.all()
        if each.purpose == SignaturePurpose.DEPOSIT
    }
    return Belongings(
        shut=bool(lockers) and all(_shut(locker) for locker in lockers),
        none_declared=bool(deposit and deposit.details.get("none_declared")),
        signed_by_visitor="visitor" in signed,
        signed_by_guard="guard" in signed,
        staying=tuple(
            item.approval
            for locker in lockers
            for item in locker.items.all()
            if item.stays_with_visitor
        ),
    )


def _shut(locker: LockerAssignment) -> bool:
    return locker.state == LockerState.SHUT and locker.shut_confirmed_at is not None


def path_to(area: Area) -> frozenset[str]:
    """The areas that lead to an area: those that contain it."""
    found: set[str] = set()
    outer = area.parent
    while outer is not None and str(outer.pk) not in found:
        found.add(str(outer.pk))
        outer = outer.parent
    return frozenset(found)


def _text(pk: UUID | None) -> str | None:
    return str(pk) if pk else None
