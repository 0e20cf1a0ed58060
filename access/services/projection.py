"""What gateways are told about people: written in the transaction that changes it.

A gateway knows only the people who may come to its own facility: each with his bases of entry as
validity intervals, never verdicts, so that what expires closes a door that is cut off.
"""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from access.models import Badge, Booking, BookingAttendee, Pin, Visit
from access.rules.facts import CredentialFacts
from access.rules.snapshot import (
    area_payload,
    credential_payload,
    entry_payload,
    person_payload,
    policy_payload,
)
from access.rules.states import VISIT_ENDED, CredentialState
from access.selectors.bases import bases_of, basis_of, expected_at, visits_told
from access.selectors.facts import area_facts, person_facts, policy_facts
from hardware.services.snapshot import (
    gateways_of,
    snapshot_lock,
    snapshot_tell,
    snapshot_told,
)
from scif.facilities.models import Area, Facility
from scif.people.models import Person

Records = dict[str, dict[str, Any]]


@transaction.atomic
def facility_project(*, facility: Facility) -> None:
    """Tell a facility's gateways everything that they should know; what they know is skipped."""
    policy_project(facility=facility)
    areas_project(facility_id=facility.pk)
    for badge in Badge.objects.filter(facility=facility).exclude(number_sha256="").order_by("pk"):
        badge_project(badge_id=badge.pk)
    for person_id in sorted(expected_at(facility)):
        person_project(person_id=person_id, facilities=[facility])


@transaction.atomic
def policy_project(*, facility: Facility) -> None:
    """Tell the policy in force."""
    snapshot_lock(gateways_of(facility.pk))
    _tell(facility.pk, "policy", {"current": policy_payload(policy_facts(facility))})


@transaction.atomic
def areas_project(*, facility_id: UUID) -> None:
    """Tell all areas of a facility."""
    for pk in Area.objects.filter(facility=facility_id).order_by("pk").values_list("pk", flat=True):
        area_project(area_id=pk)


@transaction.atomic
def area_project(*, area_id: UUID) -> None:
    """Tell an area's label, accreditation, sweep and lockdown."""
    _lock(Area.objects.filter(pk=area_id).values_list("facility"))
    area = Area.objects.select_related("facility", "level__scheme").get(pk=area_id)
    _tell(area.facility_id, "area", {str(area.pk): area_payload(area_facts(area))})


@transaction.atomic
def badge_project(*, badge_id: UUID) -> None:
    """Tell a badge under the digest of its number; a number that is no longer in use stays known
    as what it became, so that its use is told apart from an unknown card's.
    """
    _lock(Badge.objects.filter(pk=badge_id).values_list("facility"))
    badge = Badge.objects.get(pk=badge_id)
    if not badge.number_sha256:
        return
    held = badge.assignments.filter(returned_at=None).first()
    facts = CredentialFacts(
        badge=badge.code,
        state=CredentialState(badge.state),
        person_id=str(held.person_id) if held else None,
        visit_id=str(held.visit_id) if held and held.visit_id else None,
    )
    _tell(badge.facility_id, "credential", {badge.number_sha256: credential_payload(facts)})


@transaction.atomic
def person_project(*, person_id: UUID, facilities: Iterable[Facility] | None = None) -> None:
    """Tell a person and his bases of entry to the gateways where he has any, or had."""
    person = str(person_id)
    for facility in facilities if facilities is not None else Facility.objects.order_by("code"):
        gateways = gateways_of(facility.pk)
        snapshot_lock(gateways)
        entries = {basis.basis_id: entry_payload(basis) for basis in bases_of(person_id, facility)}
        pin = Pin.objects.filter(person_id=person_id, facility=facility).first()
        facts = person_facts([person_id], facility)[person_id]
        record = person_payload(
            facts,
            entries=entries,
            pin=pin.verifier if pin else None,
            duress=pin.duress_verifier if pin else None,
        )
        for gateway in gateways:
            snapshot_tell(
                gateway=gateway,
                records=[
                    *(
                        ("entry", key, None)
                        for key in sorted(_entries_told(gateway, person) - set(entries))
                    ),
                    *(("entry", key, entries[key]) for key in sorted(entries)),
                    ("person", person, record if entries else None),
                ],
            )


@transaction.atomic
def visit_project(*, visit_id: UUID) -> None:
    """Tell the basis of one visit anew; the person too where he gains or loses it.

    Who escorts him loses his own with the visit.
    """
    gateways = _lock(Visit.objects.filter(pk=visit_id).values_list("booking__area__facility"))
    visit = visits_told().get(pk=visit_id)
    facility, key = visit.booking.area.facility, str(visit.pk)
    known = all(key in _entries_told(gateway, str(visit.person_id)) for gateway in gateways)
    if visit.state in VISIT_ENDED or not known:
        attendees = BookingAttendee.objects.filter(
            booking=visit.booking_id, person=visit.person_id
        ).exclude(escort=None)
        escorts = attendees.values_list("escort_id", flat=True)
        for person_id in sorted({visit.person_id, *(each for each in escorts if each)}):
            person_project(person_id=person_id, facilities=[facility])
        return
    payload = entry_payload(basis_of(visit))
    for gateway in gateways:
        snapshot_tell(gateway=gateway, records=[("entry", key, payload)])


@transaction.atomic
def parties_project(*, parties: set[UUID], facility: Facility) -> None:
    """Tell everybody of these organisations who is expected at a facility."""
    expected = Person.objects.filter(
        pk__in=expected_at(facility), organisation__in=parties
    ).order_by("pk")
    for person_id in expected.values_list("pk", flat=True):
        person_project(person_id=person_id, facilities=[facility])


@transaction.atomic
def booking_project(*, booking_id: UUID, former_escort: UUID | None = None) -> None:
    """Tell everybody who has a visit under a booking, and who escorts one or did.

    Before its approval it lets nobody in.
    """
    booking = Booking.objects.select_related("area__facility").get(pk=booking_id)
    concerned = {former_escort, *booking.visits.values_list("person_id", flat=True)}
    if concerned != {None}:
        concerned |= set(booking.attendees.values_list("escort_id", flat=True))
    for person_id in sorted(each for each in concerned if each is not None):
        person_project(person_id=person_id, facilities=[booking.area.facility])


def _lock(facility: QuerySet[Any, tuple[UUID]]) -> list[str]:
    """Lock the gateways of a facility before anything is read that they are to be told."""
    ((facility_id,),) = facility
    gateways = gateways_of(facility_id)
    snapshot_lock(gateways)
    return gateways


def _entries_told(gateway: str, person: str) -> set[str]:
    """The bases of a person that a gateway knows: his record lists them."""
    told = snapshot_told(gateway=gateway, keys=[("person", person)])
    return set(told.get(("person", person), {}).get("entries", ()))


def _tell(facility_id: UUID, kind: str, records: Records) -> None:
    for gateway in gateways_of(facility_id):
        told = [(kind, key, payload) for key, payload in records.items()]
        snapshot_tell(gateway=gateway, records=told)
