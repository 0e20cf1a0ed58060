"""A person's records as the decision's facts."""

from collections import defaultdict
from collections.abc import Iterable
from uuid import UUID

from access import models
from access.rules.facts import (
    Eligibility,
    EligibilityStatus,
    Indoctrination,
    Nda,
    NeedToKnow,
    PersonFacts,
)
from access.selectors.lockdown import lockdown_rights
from access.selectors.wall import parties_of, walls_of
from scif.facilities.models import Facility
from scif.people.models import Citizenship


def person_facts(person_ids: Iterable[UUID], facility: Facility) -> dict[UUID, PersonFacts]:
    """The facts of several persons, as far as they concern a facility; by person's identifier.

    The number of queries does not grow with that of the persons.
    """
    ids = set(person_ids)
    citizenships: dict[UUID, set[str]] = defaultdict(set)
    for person_id, country in Citizenship.objects.filter(person_id__in=ids).values_list(
        "person_id", "country"
    ):
        citizenships[person_id].add(country)
    eligibilities, read_ins = _eligibilities(ids), _read_ins(ids)
    needs, ndas = _needs(ids), _ndas(ids)
    rights, parties = lockdown_rights(ids, facility), parties_of(ids)
    walls = walls_of(parties.values(), facility)
    return {
        person_id: PersonFacts(
            person_id=str(person_id),
            citizenships=frozenset(citizenships[person_id]),
            eligibilities=tuple(eligibilities[person_id]),
            indoctrinations=tuple(read_ins[person_id]),
            needs_to_know=tuple(needs[person_id]),
            nda=ndas.get(person_id),
            lockdown_rights=tuple(rights.get(person_id, ())),
            party=str(parties[person_id]) if person_id in parties else None,
            walls=tuple(walls.get(parties[person_id], ())) if person_id in parties else (),
        )
        for person_id in ids
    }


def _eligibilities(ids: set[UUID]) -> dict[UUID, list[Eligibility]]:
    """Those that stand, and each revoked one that no later grant of its scheme has replaced."""
    rows = list(
        models.Eligibility.objects.filter(person_id__in=ids)
        .select_related("level__scheme")
        .order_by("person_id", "granted_on", "pk")
    )
    found: dict[UUID, list[Eligibility]] = defaultdict(list)
    for row in rows:
        replaced = row.status == EligibilityStatus.REVOKED and any(
            other.person_id == row.person_id
            and other.level.scheme_id == row.level.scheme_id
            and other.status != EligibilityStatus.REVOKED
            and other.granted_on >= row.granted_on
            for other in rows
        )
        if not replaced:
            found[row.person_id].append(
                Eligibility(
                    scheme=row.level.scheme.code,
                    rank=row.level.rank,
                    status=EligibilityStatus(row.status),
                    review_due=row.review_due,
                    vetting_enrolled=row.vetting_enrolled,
                    accepted_on=row.accepted_on,
                )
            )
    return found


def _read_ins(ids: set[UUID]) -> dict[UUID, list[Indoctrination]]:
    found: dict[UUID, list[Indoctrination]] = defaultdict(list)
    for row in models.Indoctrination.objects.filter(person_id__in=ids).select_related(
        "compartment__scheme"
    ):
        found[row.person_id].append(
            Indoctrination(
                scheme=row.compartment.scheme.code,
                compartment=row.compartment.code,
                briefed_on=row.briefed_on,
                debriefed_on=row.debriefed_on,
            )
        )
    return found


def _needs(ids: set[UUID]) -> dict[UUID, list[NeedToKnow]]:
    found: dict[UUID, list[NeedToKnow]] = defaultdict(list)
    for row in models.NeedToKnow.objects.filter(person_id__in=ids).select_related("grantor"):
        found[row.person_id].append(
            NeedToKnow(
                engagement=str(row.engagement_id),
                grantor=str(row.grantor_id),
                grantor_organisation=str(row.grantor.organisation_id),
                valid_from=row.valid_from,
                valid_until=row.valid_until,
            )
        )
    return found


def _ndas(ids: set[UUID]) -> dict[UUID, Nda]:
    """The newest agreement of each."""
    rows = models.Nda.objects.filter(person_id__in=ids).order_by("person_id", "signed_on", "pk")
    return {
        row.person_id: Nda(signed_on=row.signed_on, witness=str(row.witness_id)) for row in rows
    }
