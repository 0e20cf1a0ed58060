"""An emergency: declared by two, its responders let in, counted, and held until debriefed."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from access.models import Duty, Emergency, Responder, Response
from access.rules.facts import EmergencyBasis
from access.rules.snapshot.entry import entry_from
from access.selectors.emergency import responses_in_force
from access.services.emergency import (
    emergency_confirm,
    emergency_declare,
    emergency_end,
    responder_appoint,
    responder_end,
    response_debrief,
)
from access.services.projection import facility_project
from hardware.models import SnapshotDelta
from scif.alarms.models import Alarm, Gravity
from scif.alarms.services import alarm_acknowledge, alarm_raise
from scif.facilities.models import Zone
from scif.kernel.actor import Actor
from scif.kernel.clock import clock_set, now
from scif.kernel.errors import Refused
from scif.kernel.ids import reference
from scif.people.models import Organisation, Person, User
from tests.flows.desk_world import World, actor_named, make_world, midday

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded_world")]


@pytest.fixture(autouse=True)
def _noon() -> Iterator[None]:
    with midday():
        yield


@pytest.fixture
def world() -> World:
    made = make_world()
    facility_project(facility=made.facility)
    return made


@pytest.fixture
def medic(world: World) -> Person:
    """A responder of the facility, of an organisation that is cleared for nothing."""
    force = Organisation.objects.create(name="Fire brigade", kind="government", country="GB")
    person = Person.objects.create(name="Mo Medic", organisation=force)
    appoint(world, person)
    return person


def appoint(world: World, person: Person) -> Responder:
    return responder_appoint(
        facility_id=world.facility.pk,
        person_id=person.pk,
        valid_until=now() + timedelta(days=30),
        actor=Actor.system("seed"),
    )


def declare(world: World, by: Actor | None = None, **more: Any) -> Emergency:
    given: dict[str, Any] = {"alarm_id": None, "incident": "Smoke in the reading room"} | more
    return emergency_declare(facility_id=world.facility.pk, actor=by or world.guard, **given)


def entry(person: Person) -> EmergencyBasis | None:
    """The basis that the doors know of a responder."""
    rows = SnapshotDelta.objects.filter(kind="entry", payload__person=str(person.pk))
    key = rows.order_by("-version").values_list("key", flat=True).first()
    newest = SnapshotDelta.objects.filter(kind="entry", key=key).order_by("-version").first()
    if newest is None or newest.payload is None:
        return None
    basis = entry_from(newest.key, newest.payload)
    assert isinstance(basis, EmergencyBasis)
    return basis


def walks_in(world: World, response: Response) -> None:
    zone = Zone.objects.get(area=world.area)
    world.heard(
        "presence.entered",
        person_id=str(response.person_id),
        zone=zone.code,
        portal=zone.portals.get().code,
        read_id=reference("R"),
        basis="emergency",
        basis_id=str(response.pk),
        zone_version=1,
    )


def walks_out(world: World, person: Person) -> None:
    zone = Zone.objects.get(area=world.area)
    world.heard("presence.left", person_id=str(person.pk), zone=zone.code)


def test_no_door_opens_before_the_second_person(world: World, medic: Person) -> None:
    emergency = declare(world)
    assert entry(medic) is None
    with pytest.raises(Refused) as refused:
        emergency_confirm(emergency_id=emergency.pk, actor=world.guard)
    assert refused.value.code == "same_person"
    emergency_confirm(emergency_id=emergency.pk, actor=world.officer)
    basis = entry(medic)
    assert basis is not None
    assert basis.areas == {str(area.pk) for area in world.facility.areas.all()}
    assert basis.declared_by == {str(world.guard.person_id), str(world.officer.person_id)}
    assert basis.incident == emergency.reference


def test_an_alarm_that_another_has_taken_is_the_first_of_two(world: World, medic: Person) -> None:
    alarm = alarm_raise(
        facility=world.facility,
        gravity=Gravity.RESPOND,
        kind="smoke",
        subject="ml-r",
        message="Smoke",
        actor=world.guard,
    )
    with pytest.raises(Refused, match="RESPOND"):
        declare(world, alarm_id=alarm.pk)
    alarm_acknowledge(alarm_id=alarm.pk, actor=world.guard)
    emergency = declare(world, by=world.officer, alarm_id=alarm.pk)
    assert emergency.declared_by_id == world.guard.person_id
    assert emergency.confirmed_by_id == world.officer.person_id
    assert entry(medic) is not None


def test_ones_own_alarm_stands_for_nobody_else(world: World) -> None:
    alarm = alarm_raise(
        facility=world.facility,
        gravity=Gravity.RESPOND,
        kind="smoke",
        subject="ml-r",
        message="Smoke",
        actor=world.guard,
    )
    alarm_acknowledge(alarm_id=alarm.pk, actor=world.guard)
    assert declare(world, alarm_id=alarm.pk).confirmed_at is None


def test_who_joins_late_is_let_in_and_who_left_the_force_is_not(world: World) -> None:
    force = Organisation.objects.create(name="Police", kind="government", country="GB")
    early = Person.objects.create(name="Early", organisation=force)
    late = Person.objects.create(name="Late", organisation=force)
    responder_end(responder_id=appoint(world, early).pk, reason="Moved", actor=world.officer)
    at = now()
    with clock_set(lambda: at + timedelta(seconds=1)):
        emergency = declare(world)
        emergency_confirm(emergency_id=emergency.pk, actor=world.officer)
        assert entry(early) is None
        appoint(world, late)
        assert entry(late) is not None


def not_read_in(world: World) -> User:
    """Another guard, whom nobody has read into anything."""
    person = Person.objects.create(name="Not read in", organisation=Organisation.objects.all()[0])
    user = User.objects.create_user("outsider", password="a long password", person=person)
    user.facility_roles.create(
        facility=world.facility, role="guard", valid_from=now() - timedelta(days=1)
    )
    return user


def test_responders_are_held_until_one_who_is_read_in_debriefs_them(
    world: World, medic: Person
) -> None:
    emergency = declare(world)
    emergency_confirm(emergency_id=emergency.pk, actor=world.officer)
    response = emergency.responses.get(person=medic)
    with pytest.raises(Refused) as refused:
        response_debrief(response_id=response.pk, actor=world.guard)
    assert refused.value.code == "not_entered"
    walks_in(world, response)
    emergency_end(emergency_id=emergency.pk, reason="A toaster", actor=world.guard)
    with pytest.raises(Refused) as refused:
        response_debrief(response_id=response.pk, actor=world.officer)
    assert refused.value.code == "still_inside"
    walks_out(world, medic)
    assert entry(medic) is None
    emergency.refresh_from_db()
    assert emergency.closed_at is None
    user = not_read_in(world)
    with pytest.raises(Refused) as refused:
        response_debrief(response_id=response.pk, actor=Actor.user(user.pk, user.person_id))
    assert refused.value.code == "not_indoctrinated"
    response_debrief(response_id=response.pk, actor=world.officer)
    emergency.refresh_from_db()
    assert emergency.closed_at is not None


def test_who_goes_in_again_owes_another_debrief(world: World, medic: Person) -> None:
    emergency = emergency_confirm(emergency_id=declare(world).pk, actor=world.officer)
    response = emergency.responses.get(person=medic)
    for _time in range(2):
        walks_in(world, response)
        walks_out(world, medic)
        response_debrief(response_id=response.pk, actor=world.officer)
    walks_in(world, response)
    response.refresh_from_db()
    assert (response.debriefed_at, response.debriefed_by) == (None, None)
    ended = emergency_end(emergency_id=emergency.pk, reason="A toaster", actor=world.guard)
    assert ended.closed_at is None
    walks_out(world, medic)
    response_debrief(response_id=response.pk, actor=world.officer)
    emergency.refresh_from_db()
    assert emergency.closed_at is not None
    # A gateway that was cut off tells of it only now.
    walks_in(world, response)
    emergency.refresh_from_db()
    assert emergency.closed_at is None


def test_the_second_person_is_called_until_he_comes(world: World) -> None:
    guard = Client()
    guard.force_login(User.objects.get(username="e.hughes"))
    emergency = declare(world)
    waits = f"Emergency {emergency.reference} waits for a second person"
    called = Alarm.objects.filter(kind="emergency_unconfirmed", subject=emergency.reference)
    assert [each.gravity for each in called] == [Gravity.ACT]
    assert waits in guard.get("/desk/ml/emergency/").content.decode()
    emergency_confirm(emergency_id=emergency.pk, actor=world.officer)
    shown = guard.get("/desk/ml/emergency/").content.decode()
    assert waits not in shown
    assert f"Emergency: {emergency.reference}" in shown
    assert not called.filter(closed_at=None).exists()


def test_a_responder_has_no_escort_that_would_be_missing(world: World, medic: Person) -> None:
    emergency = emergency_confirm(emergency_id=declare(world).pk, actor=world.officer)
    Duty.objects.create(
        facility=world.facility,
        person=medic,
        escort=Person.objects.get(user__username="e.hughes"),
        role="maintenance",
        starts_at=now() - timedelta(hours=1),
        ends_at=now() + timedelta(hours=1),
    )
    muster = Client()
    muster.force_login(User.objects.get(username="e.hughes"))
    walks_in(world, emergency.responses.get(person=medic))
    shown = muster.get("/desk/ml/muster/").content.decode()
    assert "Mo Medic" in shown
    assert "who is not inside" not in shown


def test_an_emergency_to_which_nobody_came_closes_as_it_ends(world: World) -> None:
    emergency = declare(world)
    assert emergency_end(emergency_id=emergency.pk, reason="x", actor=world.guard).closed_at
    with pytest.raises(Refused, match="already"):
        emergency_end(emergency_id=emergency.pk, reason="x", actor=world.guard)


def test_it_ends_by_itself_at_the_latest(world: World, medic: Person) -> None:
    emergency = emergency_confirm(emergency_id=declare(world).pk, actor=world.officer)
    assert emergency.ends_at is not None
    ends = emergency.ends_at
    basis = entry(medic)
    assert basis is not None
    assert basis.window.end == ends
    with clock_set(lambda: ends):
        assert not responses_in_force(world.facility).exists()


def test_the_desk_declares_confirms_and_lists_who_is_held(world: World, medic: Person) -> None:
    url, guard, officer = "/desk/ml/emergency/", Client(), Client()
    guard.force_login(User.objects.get(username="e.hughes"))
    officer.force_login(User.objects.get(username="p.ngata"))
    assert guard.post(url, {"declare": "1", "incident": ""}).status_code == 422
    assert guard.post(url, {"declare": "1", "incident": "Smoke"}).status_code == 302
    emergency = Emergency.objects.get()
    assert guard.post(url, {"confirm": str(emergency.pk)}).status_code == 409
    assert "With your word every door opens" in officer.get(url).content.decode()
    assert officer.post(url, {"confirm": str(emergency.pk)}).status_code == 302
    walks_in(world, emergency.responses.get())
    assert "Inside" in guard.get(url).content.decode()
    assert 'name="debrief"' not in guard.get(url).content.decode()
    walks_out(world, medic)
    assert "Held: to be debriefed" in guard.get(url).content.decode()
    stopped = "Who is read into what was open there does this"
    assert stopped not in officer.get(url).content.decode()
    outsider = Client()
    outsider.force_login(not_read_in(world))
    assert stopped in outsider.get(url).content.decode()
    assert guard.post(url, {"end": str(emergency.pk), "reason": "Out"}).status_code == 302
    response = emergency.responses.get()
    assert officer.post(url, {"debrief": str(response.pk)}).status_code == 302
    assert "No emergency is declared" in guard.get(url).content.decode()
    assert actor_named("e.hughes") == world.guard


def test_the_desk_says_where_nobody_would_come(world: World) -> None:
    url, guard, officer = "/desk/ml/emergency/", Client(), Client()
    guard.force_login(User.objects.get(username="e.hughes"))
    officer.force_login(User.objects.get(username="p.ngata"))
    assert "Nobody is appointed as a responder here" in guard.get(url).content.decode()
    guard.post(url, {"declare": "1", "incident": "Smoke"})
    officer.post(url, {"confirm": str(Emergency.objects.get().pk)})
    shown = guard.get(url).content.decode()
    assert "Nobody was appointed as a responder" in shown
    assert "Every door opens to responders" not in shown
