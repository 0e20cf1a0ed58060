"""What the system holds about a person, for himself: no identifier is ever asked for."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q, QuerySet

from access.models import (
    BadgeAssignment,
    Eligibility,
    Indoctrination,
    Nda,
    NeedToKnow,
    RosterEntry,
)
from scif.kernel.clock import now
from scif.people.models import FacilityRole, Person


@dataclass(frozen=True, slots=True)
class OwnData:
    """A person's own records.

    INVARIANT: read-ins are counted, not named: the portal is marked lower than a compartment's
    name may be.
    """

    person: Person
    eligibilities: QuerySet[Eligibility]
    read_ins: int
    ndas: QuerySet[Nda]
    needs: QuerySet[NeedToKnow]
    roster: QuerySet[RosterEntry]
    roles: QuerySet[FacilityRole]
    badges: QuerySet[BadgeAssignment]


def own_data(person_id: UUID) -> OwnData:
    """Everything that is held about a person."""
    at = now()
    return OwnData(
        person=Person.objects.select_related("organisation").get(pk=person_id),
        eligibilities=Eligibility.objects.filter(person_id=person_id).select_related(
            "level__scheme"
        ),
        read_ins=Indoctrination.objects.filter(person_id=person_id, debriefed_on=None).count(),
        ndas=Nda.objects.filter(person_id=person_id).select_related("witness"),
        needs=NeedToKnow.objects.filter(person_id=person_id, valid_until__gt=at).select_related(
            "engagement", "grantor__organisation"
        ),
        roster=RosterEntry.objects.filter(person_id=person_id, ended_at=None).select_related(
            "area__facility"
        ),
        roles=FacilityRole.objects.filter(
            Q(valid_until=None) | Q(valid_until__gt=at), user__person_id=person_id
        ).select_related("facility"),
        badges=BadgeAssignment.objects.filter(person_id=person_id, returned_at=None).select_related(
            "badge__facility"
        ),
    )
