"""People of another facility are not there: no page, no list, no act, no service knows them."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import ObjectDoesNotExist
from django.test import Client

from access.models import (
    DutyRole,
    Eligibility,
    EligibilityStatus,
    Indoctrination,
    WallKind,
)
from access.selectors.people import people_of
from access.services import (
    clearance,
    emergency,
    engagement,
    lockdown,
    roster,
    staff_badge,
    unlock,
    wall,
)
from access.services.attendee_escort import attendee_escort_change
from scif.console.views.officer_actions import BY_NAME
from scif.facilities.models import Compartment, Level, Portal, SecurityScheme
from scif.journal.models import Outbox
from scif.kernel.actor import Actor
from scif.kernel.clock import now
from scif.kernel.errors import Refused
from scif.people.models import FacilityRole, Person
from tests.factories import Place, make_place
from tests.flows.booking_world import actor
from tests.flows.plant_world import second_officer
from tests.two_officers import asked, granted

pytestmark = pytest.mark.django_db
NOT_FOUND, INVALID = 404, 422
VIEW = "people.view_person"
TODAY = date(2026, 6, 1)


@pytest.fixture
def own() -> Place:
    return make_place("own")


@pytest.fixture
def far() -> Place:
    return make_place("far")


@pytest.fixture
def newcomer(own: Place) -> Person:
    """Somebody whom nothing ties to a facility yet."""
    return Person.objects.create(name="Ada New", organisation=own.world.lead.organisation)


@pytest.fixture
def foreign_scheme() -> SecurityScheme:
    """A scheme that no facility of these tests uses."""
    scheme = SecurityScheme.objects.create(code="us", name="US")
    Level.objects.create(scheme=scheme, code="TS", name="TOP SECRET", rank=3)
    Compartment.objects.create(scheme=scheme, code="LAN", name="Lantern")
    return scheme


def officer_of(place: Place) -> Actor:
    return actor(place.world.officer)


def client_of(place: Place, role: str = "officer") -> Client:
    client = Client()
    client.force_login(place.users[role])
    return client


def facilities_told() -> list[str | None]:
    """The facility of each entry about a clearance, oldest first."""
    entries = [entry.fields for entry in Outbox.objects.order_by("pk")]
    told = ("eligibility.", "indoctrination.", "nda.", "need_to_know.", "person.", "citizenship.")
    return [each["facility"] for each in entries if each["kind"].startswith(told)]


def test_a_person_is_of_the_facilities_that_tie_him(own: Place, far: Place) -> None:
    known = set(people_of(officer_of(own), VIEW))
    for person in (
        own.world.lead,  # of a mandate
        own.world.discloser,  # who discloses under it
        own.world.officer,  # with a role
        own.world.member,  # booked, and of the response force
    ):
        assert person in known
    assert not known & {far.world.lead, far.world.discloser, far.world.officer, far.world.member}
    assert people_of(officer_of(own), VIEW).count() == len(known), "nobody twice"


def test_who_is_of_no_facility_is_seen_until_somebody_places_him(
    own: Place, far: Place, newcomer: Person
) -> None:
    for place in (own, far):
        assert newcomer in people_of(officer_of(place), VIEW)
    granted(
        roster.duty_assign,
        person_id=newcomer.pk,
        facility_id=far.world.facility.pk,
        role=DutyRole.GUARD,
        starts_at=now(),
        ends_at=now() + timedelta(hours=8),
        actor=officer_of(far),
        other=second_officer(far),
    )
    assert newcomer in people_of(officer_of(far), VIEW)
    assert newcomer not in people_of(officer_of(own), VIEW)


def test_without_a_role_nobody_is_seen_but_oneself(own: Place, newcomer: Person) -> None:
    lead = own.world.lead
    assert list(people_of(actor(lead), VIEW)) == [lead]
    assert not people_of(actor(lead), "people.change_person").exists()


def test_an_engagement_across_facilities_ties_its_people_to_both(own: Place, far: Place) -> None:
    far.world.engagement.areas.add(own.world.area)
    assert far.world.lead in people_of(officer_of(own), VIEW)
    page = client_of(own).get(f"/admin/people/person/{far.world.lead.pk}/change/")
    assert page.status_code == 200
    # His clearance can be suspended here too: it opens this facility's doors.
    held = far.world.lead.eligibilities.get()
    address = f"/admin/act/clearance-suspend/{held.pk}/"
    assert client_of(own).post(address, {"reason": "Letter 4"}).status_code == 302
    held.refresh_from_db()
    assert held.status == "suspended"


# A profile belongs to the installation, and its copy governs nothing (test_policy_draft.py).
OF_ALL = {"policy-copy"}


@pytest.mark.parametrize("name", sorted(BY_NAME.keys() - OF_ALL))
def test_no_act_reaches_a_record_of_another_facility(own: Place, far: Place, name: str) -> None:
    act = BY_NAME[name]
    foreign = far.records.get(act.model._meta.label_lower)
    assert foreign is not None, f"tests/factories.py makes no {act.model._meta.label_lower}"
    before = Outbox.objects.count()
    client = client_of(own)
    address = f"/admin/act/{name}/{foreign.pk}/"
    assert client.get(address).status_code == NOT_FOUND
    assert client.post(address, {"reason": "Because"}).status_code == NOT_FOUND
    assert Outbox.objects.count() == before


SERVICES: dict[str, Callable[[Place, Place], Any]] = {
    "grant": lambda own, far: asked(
        clearance.eligibility_grant,
        person_id=far.world.lead.pk,
        level_id=own.records["facilities.level"].pk,
        status=EligibilityStatus.FINAL,
        source="Register",
        granted_on=TODAY,
        actor=officer_of(own),
    ),
    "change": lambda own, far: asked(
        clearance.eligibility_change,
        eligibility_id=far.records["access.eligibility"].pk,
        status=EligibilityStatus.SUSPENDED,
        reason="Because",
        actor=officer_of(own),
    ),
    "read in": lambda own, far: asked(
        clearance.indoctrination_record,
        person_id=far.world.member.pk,
        compartment_id=own.records["facilities.compartment"].pk,
        briefed_by_id=own.world.colleague.pk,
        briefed_on=TODAY,
        actor=officer_of(own),
    ),
    "read in by": lambda own, far: asked(
        clearance.indoctrination_record,
        person_id=own.world.member.pk,
        compartment_id=own.records["facilities.compartment"].pk,
        briefed_by_id=far.world.colleague.pk,
        briefed_on=TODAY,
        actor=officer_of(own),
    ),
    "debrief": lambda own, far: clearance.indoctrination_debrief(
        indoctrination_id=far.records["access.indoctrination"].pk,
        debriefed_on=TODAY,
        actor=officer_of(own),
    ),
    "agreement": lambda own, far: clearance.nda_record(
        person_id=far.world.lead.pk,
        document="F-1",
        signed_on=TODAY,
        witness_id=own.world.colleague.pk,
        actor=officer_of(own),
    ),
    "witness": lambda own, far: clearance.nda_record(
        person_id=own.world.lead.pk,
        document="F-1",
        signed_on=TODAY,
        witness_id=far.world.colleague.pk,
        actor=officer_of(own),
    ),
    "roster": lambda own, far: _roster(own, far.world.lead, own.world.colleague),
    "roster's sponsor": lambda own, far: _roster(own, own.world.stranger, far.world.colleague),
    "duty": lambda own, far: asked(
        roster.duty_assign,
        person_id=far.world.lead.pk,
        facility_id=own.world.facility.pk,
        role=DutyRole.GUARD,
        starts_at=now(),
        ends_at=now() + timedelta(hours=8),
        actor=officer_of(own),
    ),
    "visitor's escort": lambda own, far: asked(
        attendee_escort_change,
        booking_id=own.waiting.pk,
        person_id=own.world.lead.pk,
        escort_id=far.world.colleague.pk,
        reason="Because",
        actor=officer_of(own),
    ),
    "escort of another's visitor": lambda own, far: asked(
        attendee_escort_change,
        booking_id=far.waiting.pk,
        person_id=far.world.lead.pk,
        escort_id=own.world.colleague.pk,
        reason="Because",
        actor=officer_of(own),
    ),
    "member": lambda own, far: engagement.engagement_member_add(
        engagement_id=own.world.engagement.pk,
        person_id=far.world.lead.pk,
        actor=officer_of(own),
    ),
    "lockdown pass": lambda own, far: lockdown.lockdown_pass_grant(
        person_id=far.world.lead.pk,
        facility_id=own.world.facility.pk,
        area_id=None,
        sponsor_id=own.world.colleague.pk,
        valid_from=now(),
        valid_until=now() + timedelta(days=1),
        reason="Because",
        actor=officer_of(own),
    ),
    "responder": lambda own, far: asked(
        emergency.responder_appoint,
        facility_id=own.world.facility.pk,
        person_id=far.world.lead.pk,
        valid_until=now() + timedelta(days=1),
        actor=officer_of(own),
    ),
    "wall": lambda own, far: wall.wall_raise(
        facility_id=own.world.facility.pk,
        party_ids=(own.world.lead.organisation_id, far.world.lead.organisation_id),
        kind=WallKind.DAY,
        reason="Because",
        approver_id=far.world.colleague.pk,
        valid_from=TODAY,
        valid_until=None,
        actor=officer_of(own),
    ),
    "pin": lambda own, far: staff_badge.staff_pin_record(
        facility=own.world.facility,
        person=far.world.lead,
        pin="4711",
        actor=officer_of(own),
    ),
}


def _roster(place: Place, person: Person, sponsor: Person) -> object:
    return asked(
        roster.roster_add,
        person_id=person.pk,
        area_id=place.world.area.pk,
        sponsor_id=sponsor.pk,
        valid_from=now(),
        review_due=now() + timedelta(days=100),
        actor=officer_of(place),
    )


@pytest.mark.parametrize("service", sorted(SERVICES))
def test_no_service_knows_a_person_of_another_facility(
    own: Place, far: Place, service: str
) -> None:
    before = Outbox.objects.count()
    with pytest.raises(ObjectDoesNotExist):
        SERVICES[service](own, far)
    assert Outbox.objects.count() == before


def test_a_guard_orders_no_door_open_for_somebody_of_another_facility(
    own: Place, far: Place
) -> None:
    guard = own.users["guard"]
    with pytest.raises(Refused) as refusal:
        unlock.unlock_request(
            portal_id=Portal.objects.get(zone__area=own.world.area).pk,
            person_id=far.world.lead.pk,
            actor=Actor.user(guard.pk, guard.person_id),
        )
    assert refusal.value.code == "person_missing"


def test_forms_offer_only_one_s_own_people(own: Place, far: Place) -> None:
    client = client_of(own)
    lead, facility = own.world.lead, own.world.facility
    entry = own.records["access.rosterentry"]
    for address in (
        f"/admin/act/read-in-record/{lead.pk}/",
        f"/admin/act/agreement-record/{lead.pk}/",
        f"/admin/act/roster-add/{lead.pk}/",
        f"/admin/act/responder-appoint/{facility.pk}/",
        f"/admin/act/wall-raise/{facility.pk}/",
        f"/admin/act/lockdown-pass-roster/{entry.pk}/",
        "/admin/people/facilityrole/add/",
    ):
        page = client.get(address).content.decode()
        assert own.world.colleague.name in page, address
        assert far.world.colleague.name not in page, address


def test_an_officer_grants_only_schemes_that_his_facilities_use(
    own: Place, newcomer: Person, foreign_scheme: SecurityScheme
) -> None:
    level, compartment = foreign_scheme.levels.get(), foreign_scheme.compartments.get()
    client = client_of(own)
    grant = f"/admin/act/clearance-grant/{newcomer.pk}/"
    form = {"level_id": level.pk, "status": "final", "source": "R", "granted_on": TODAY}
    assert level.name not in client.get(grant).content.decode()
    assert client.post(grant, form).status_code == INVALID
    read_in = f"/admin/act/read-in-record/{newcomer.pk}/"
    brief = {
        "compartment_id": compartment.pk,
        "briefed_by_id": own.world.colleague.pk,
        "briefed_on": TODAY,
    }
    assert client.post(read_in, brief).status_code == INVALID
    with pytest.raises(Level.DoesNotExist):
        asked(
            clearance.eligibility_grant,
            person_id=newcomer.pk,
            level_id=level.pk,
            status=EligibilityStatus.FINAL,
            source="R",
            granted_on=TODAY,
            actor=officer_of(own),
        )
    with pytest.raises(Compartment.DoesNotExist):
        asked(
            clearance.indoctrination_record,
            person_id=newcomer.pk,
            compartment_id=compartment.pk,
            briefed_by_id=own.world.colleague.pk,
            briefed_on=TODAY,
            actor=officer_of(own),
        )
    assert not Eligibility.objects.filter(person=newcomer).exists()
    assert not Indoctrination.objects.filter(person=newcomer).exists()


def test_a_draft_brings_no_scheme_into_use_but_a_mandate_of_both_sides_does(
    own: Place, newcomer: Person, foreign_scheme: SecurityScheme
) -> None:
    mandate = own.world.engagement
    mandate.level = foreign_scheme.levels.get()
    mandate.lab_approved_by = None
    mandate.save()
    page = f"/admin/act/clearance-grant/{newcomer.pk}/"
    assert mandate.level.name not in client_of(own).get(page).content.decode()
    mandate.lab_approved_by = own.world.discloser
    mandate.save()
    assert mandate.level.name in client_of(own).get(page).content.decode()


def test_a_suspended_clearance_of_an_unused_scheme_is_made_final_elsewhere(
    own: Place, newcomer: Person, foreign_scheme: SecurityScheme
) -> None:
    held = Eligibility.objects.create(
        person=newcomer,
        level=foreign_scheme.levels.get(),
        status="suspended",
        source="R",
        granted_on=TODAY,
    )
    with pytest.raises(Refused) as refusal:
        asked(
            clearance.eligibility_change,
            eligibility_id=held.pk,
            status=EligibilityStatus.FINAL,
            reason="Because",
            actor=officer_of(own),
        )
    assert refusal.value.code == "scheme_not_used"


def test_the_journal_of_the_officer_s_facility_tells_of_his_act(own: Place, far: Place) -> None:
    held, facility = own.records["access.eligibility"], own.world.facility
    both = own.world.officer
    asked(
        clearance.eligibility_change,
        eligibility_id=held.pk,
        status=EligibilityStatus.SUSPENDED,
        reason="Letter 4",
        actor=actor(both),
    )
    assert facilities_told() == [str(facility.pk)]
    # With a role at both, "far" comes first by its code; the person decides which it is.
    FacilityRole.objects.create(
        user=both.user, facility=far.world.facility, role="officer", valid_from=now()
    )
    granted(
        clearance.eligibility_change,
        eligibility_id=held.pk,
        status=EligibilityStatus.FINAL,
        reason="Letter 5",
        actor=actor(both),
        other=second_officer(own),
    )
    assert facilities_told()[-1] == str(facility.pk)


def test_a_person_s_data_are_told_where_he_is_changed(own: Place, newcomer: Person) -> None:
    form = {"name": "Ada Newer", "organisation": newcomer.organisation_id}
    address = f"/admin/people/person/{newcomer.pk}/change/"
    form["edition"] = client_of(own).get(address).context["adminform"].form.initial["edition"]
    assert client_of(own).post(address, form).status_code == 302
    assert facilities_told() == [str(own.world.facility.pk)]
