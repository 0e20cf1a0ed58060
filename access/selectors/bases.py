"""The bases of entry of people at a facility, as the records have them.

Each with its validity as an interval, never a verdict, so that what expires closes a door that is
cut off.
"""

from uuid import UUID, uuid5

from django.db.models import Q, QuerySet

from access.models import Duty, DutyRole, RosterEntry, Visit
from access.rules.facts import (
    Basis,
    DutyBasis,
    DutyPost,
    EmergencyBasis,
    EscortBasis,
    InspectionBasis,
    RosterBasis,
    Window,
)
from access.rules.states import VISIT_ENDED
from access.selectors.emergency import responses_in_force
from access.selectors.escort import attendees_escorted
from access.selectors.facts import Proposal, engagement_facts, path_to, visit_basis
from access.selectors.facts_place import week_of
from scif.facilities.models import Facility
from scif.kernel.clock import now


def expected_at(facility: Facility) -> set[UUID]:
    """Everybody with a basis of entry at a facility, now or to come."""
    at = now()
    visits = Visit.objects.filter(booking__area__facility=facility).exclude(state__in=VISIT_ENDED)
    roster = RosterEntry.objects.filter(area__facility=facility, ended_at=None)
    duties = Duty.objects.filter(facility=facility, ends_at__gt=at)
    return {
        *visits.values_list("person_id", flat=True),
        *roster.values_list("person_id", flat=True),
        *duties.values_list("person_id", flat=True),
        *duties.exclude(escort=None).values_list("escort_id", flat=True),
        *attendees_escorted([facility.pk]).values_list("escort_id", flat=True),
        *responses_in_force(facility).values_list("person_id", flat=True),
    }


def bases_of(person_id: UUID, facility: Facility) -> list[Basis]:
    """Every basis of a person at a facility, in force or to come."""
    return [
        *_visit_bases(person_id, facility),
        *_roster_bases(person_id, facility),
        *_duty_bases(person_id, facility),
        *_escort_bases(person_id, facility),
        *_emergency_bases(person_id, facility),
    ]


def visits_told() -> QuerySet[Visit]:
    """Visits with what their basis is made of."""
    mandate = "booking__engagement"
    return Visit.objects.select_related(
        f"{mandate}__sponsor",
        f"{mandate}__asset",
        f"{mandate}__level__scheme",
        "booking__area__facility",
    )


def _visit_bases(person_id: UUID, facility: Facility) -> list[Basis]:
    visits = visits_told().filter(person_id=person_id, booking__area__facility=facility)
    return [basis_of(visit) for visit in visits.exclude(state__in=VISIT_ENDED)]


def basis_of(visit: Visit) -> Basis:
    """The basis of one visit."""
    return visit_basis(
        Proposal.of(visit.booking),
        engagement_facts(visit.booking.engagement),
        visit.person_id,
        visit=visit,
    )


def _roster_bases(person_id: UUID, facility: Facility) -> list[Basis]:
    roster = RosterEntry.objects.filter(person_id=person_id, area__facility=facility)
    return [
        RosterBasis(
            basis_id=str(entry.pk),
            person_id=str(person_id),
            areas=frozenset({str(entry.area_id)}),
            window=Window(
                entry.valid_from, min(entry.review_due, entry.ended_at or entry.review_due)
            ),
            sponsor=str(entry.sponsor_id),
            hours=week_of(entry.hours) or None,
        )
        for entry in roster.filter(Q(ended_at=None) | Q(ended_at__gt=now()))
    ]


def _duty_bases(person_id: UUID, facility: Facility) -> list[Basis]:
    areas = frozenset(str(pk) for pk in facility.areas.values_list("pk", flat=True))
    duties = Duty.objects.filter(person_id=person_id, facility=facility, ends_at__gt=now())
    return [_duty_basis(duty, areas) for duty in duties]


def _duty_basis(duty: Duty, areas: frozenset[str]) -> Basis:
    """A shift, or an inspector's appointment."""
    whose = (str(duty.pk), str(duty.person_id), areas, Window(duty.starts_at, duty.ends_at))
    escort = str(duty.escort_id) if duty.escort_id else None
    if duty.role == DutyRole.INSPECTOR:
        return InspectionBasis(*whose, escort=escort, authority=duty.authority)
    return DutyBasis(*whose, escort=escort, post=DutyPost(duty.role))


def _escort_bases(person_id: UUID, facility: Facility) -> list[Basis]:
    return [
        *_duty_escort_bases(person_id, facility),
        *_visit_escort_bases(person_id, facility),
    ]


def _duty_escort_bases(person_id: UUID, facility: Facility) -> list[Basis]:
    """Whom he accompanies, wherever that person may go meanwhile."""
    areas = frozenset(str(pk) for pk in facility.areas.values_list("pk", flat=True))
    duties = Duty.objects.filter(escort=person_id, facility=facility, ends_at__gt=now())
    return [
        EscortBasis(
            # A key of its own, and the same one whenever it is told: that of the duty is taken.
            basis_id=str(uuid5(duty.pk, f"escort {person_id}")),
            person_id=str(person_id),
            areas=areas,
            window=Window(duty.starts_at, duty.ends_at),
            escorts=str(duty.person_id),
        )
        for duty in duties
    ]


def _visit_escort_bases(person_id: UUID, facility: Facility) -> list[Basis]:
    """Which visitors he accompanies, where they go and for as long as they are booked."""
    attendees = attendees_escorted([facility.pk]).filter(escort=person_id)
    return [
        EscortBasis(
            basis_id=str(uuid5(attendee.pk, f"escort {person_id}")),
            person_id=str(person_id),
            areas=frozenset({str(attendee.booking.area_id)}),
            window=Window(attendee.booking.starts_at, attendee.booking.ends_at),
            path=path_to(attendee.booking.area),
            escorts=str(attendee.person_id),
        )
        for attendee in attendees.select_related("booking__area")
    ]


def _emergency_bases(person_id: UUID, facility: Facility) -> list[Basis]:
    areas = frozenset(str(pk) for pk in facility.areas.values_list("pk", flat=True))
    return [
        EmergencyBasis(
            basis_id=str(each.pk),
            person_id=str(person_id),
            areas=areas,
            window=Window(each.emergency.confirmed_at, each.emergency.ends_at),
            incident=each.emergency.reference,
            declared_by=frozenset(
                {str(each.emergency.declared_by_id), str(each.emergency.confirmed_by_id)}
            ),
        )
        for each in responses_in_force(facility).filter(person_id=person_id)
        if each.emergency.confirmed_at and each.emergency.ends_at
    ]
