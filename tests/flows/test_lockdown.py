"""A lockdown: declared at once, followed to each gateway, lifted by a second person."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.test import Client

from access.models import Lockdown, LockdownPass
from access.selectors.facts import area_facts, person_facts
from access.selectors.lockdown import deliveries, lockdowns_in_force
from access.services.lockdown import (
    UNDELIVERED,
    lockdown_declare,
    lockdown_lift,
    lockdown_pass_end,
    lockdown_pass_grant,
    lockdown_watch,
)
from access.services.projection import facility_project
from hardware.models import Gateway, SnapshotDelta
from scif.alarms.models import Alarm
from scif.facilities.models import Area, Facility
from scif.journal.models import Outbox
from scif.kernel.actor import Actor
from scif.kernel.clock import clock_set, now
from scif.kernel.errors import Refused
from scif.people.models import Person, User
from tests.conftest import Connection
from tests.flows.desk_world import World, actor_named, make_world, midday, person_named
from tests.policies import policy_with

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded_world")]
BEAT = Actor.system("beat")
Confirm = Callable[[str, int], object]


@pytest.fixture(autouse=True)
def _noon() -> Iterator[None]:
    with midday():
        yield


@pytest.fixture
def world() -> World:
    made = make_world()
    facility_project(facility=made.facility)
    return made


def declare(world: World, area: Area | None = None, by: Actor | None = None) -> Lockdown:
    return lockdown_declare(
        facility_id=world.facility.pk,
        area_id=area.pk if area else None,
        reason="Unknown person in the corridor",
        actor=by or world.guard,
    )


def lift(lockdown: Lockdown, by: Actor) -> Lockdown:
    return lockdown_lift(lockdown_id=lockdown.pk, reason="Found: a courier", actor=by)


def told(world: World, area: Area) -> bool:
    """What the doors were told last of an area."""
    gateway = Gateway.objects.get(facility=world.facility)
    rows = SnapshotDelta.objects.filter(gateway=gateway.code, kind="area", key=str(area.pk))
    return bool((rows.order_by("-version")[0].payload or {})["lockdown"])


@pytest.fixture
def confirm(role_connection: Callable[[str], Connection]) -> Iterator[Confirm]:
    """The gateway reports the version that it has applied; it commits, so it is tidied up."""
    gateway, owner = role_connection("scif_gateway_ml"), role_connection("scif_owner")
    yield lambda code, version: gateway.execute(
        "INSERT INTO hardware_gatewaystatus (gateway, version, heard_at, edge_seq, state)"
        " VALUES (%s, %s, now(), 0, '{}')"
        " ON CONFLICT (gateway) DO UPDATE SET version = excluded.version",
        (code, version),
    )
    owner.execute("DELETE FROM hardware_gatewaystatus")


def test_a_guard_locks_down_a_room_and_the_doors_are_told(world: World) -> None:
    others = world.facility.areas.exclude(pk=world.area.pk).exclude(parent=world.area)
    lockdown = declare(world, world.area)
    assert area_facts(world.area).lockdown is True
    assert told(world, world.area)
    assert not any(told(world, area) for area in others)
    assert lockdowns_in_force(world.facility) == [lockdown]
    kinds = [json.loads(row.header)["kind"] for row in Outbox.objects.all()]
    assert kinds.count("lockdown.declared") == 1


def test_what_lies_within_a_locked_area_is_locked_too(world: World) -> None:
    inner = Area.objects.create(
        facility=world.facility, parent=world.area, code="inner", name="Inner", capacity=1
    )
    declare(world, world.area)
    assert area_facts(inner).lockdown is True


def test_a_facility_is_locked_down_as_a_whole(world: World) -> None:
    declare(world)
    assert all(area_facts(area).lockdown for area in world.facility.areas.all())
    with pytest.raises(Refused, match="already"):
        declare(world)


@pytest.mark.parametrize("reason", ["", "   "])
def test_a_lockdown_says_why(world: World, reason: str) -> None:
    with pytest.raises(Refused) as refused:
        lockdown_declare(
            facility_id=world.facility.pk, area_id=None, reason=reason, actor=world.guard
        )
    assert refused.value.code == "reason_missing"


def test_nobody_locks_down_another_facility(world: World) -> None:
    with pytest.raises(Facility.DoesNotExist):
        declare(world, by=world.stranger)
    elsewhere = Area.objects.exclude(facility=world.facility).first()
    assert elsewhere is not None
    with pytest.raises(Area.DoesNotExist):
        declare(world, elsewhere)


def test_two_people_lift_it(world: World) -> None:
    lockdown = declare(world, world.area)
    asked = lift(lockdown, world.guard)
    assert asked.lifted_at is None
    assert area_facts(world.area).lockdown is True
    with pytest.raises(Refused) as refused:
        lift(lockdown, world.guard)
    assert refused.value.code == "same_person"
    assert lift(lockdown, world.officer).lifted_by_id == world.officer.person_id
    assert area_facts(world.area).lockdown is False
    assert not told(world, world.area)
    with pytest.raises(Refused, match="already"):
        lift(lockdown, world.officer)


def test_where_the_policy_says_so_one_officer_lifts_it(world: World) -> None:
    policy_with(world.facility, lockdown_lift_two=False)
    lockdown = declare(world)
    with pytest.raises(Refused) as refused:
        lift(lockdown, world.guard)
    assert refused.value.code == "not_permitted"
    assert lift(lockdown, world.officer).lifted_at is not None
    own = declare(world, by=world.officer)
    with pytest.raises(Refused) as refused:
        lift(own, world.officer)
    assert refused.value.code == "same_person"


def test_a_gateway_confirms_by_the_version_that_it_reached(world: World, confirm: Confirm) -> None:
    lockdown = declare(world)
    [(gateway, version)] = lockdown.told.items()
    assert [each.confirmed for each in deliveries(lockdown)] == [False]
    confirm(gateway, version - 1)
    assert [each.confirmed for each in deliveries(lockdown)] == [False]
    confirm(gateway, version)
    assert [each.confirmed for each in deliveries(lockdown)] == [True]


def test_a_lockdown_that_is_not_delivered_in_time_is_one_alarm(
    world: World, confirm: Confirm
) -> None:
    lockdown = declare(world)
    [(gateway, version)] = lockdown.told.items()
    confirm(gateway, version - 1)
    alarms = Alarm.objects.filter(kind=UNDELIVERED, subject=gateway)
    lockdown_watch(actor=BEAT)
    assert not alarms.exists(), "there is time left"
    at = now()
    limit = world.facility.policy.values["lockdown_delivery_seconds"]["value"]
    with clock_set(lambda: at + timedelta(seconds=limit)):
        lockdown_watch(actor=BEAT)
        lockdown_watch(actor=BEAT)
        alarm = alarms.get()
        assert (alarm.gravity, alarm.count) == ("respond", 1)
        alarm.delete()
        confirm(gateway, version)
        lockdown_watch(actor=BEAT)
    assert not alarms.exists()


def grant(
    world: World, person: Person, sponsor: Person, *, until: timedelta = timedelta(hours=2)
) -> LockdownPass:
    return lockdown_pass_grant(
        person_id=person.pk,
        facility_id=world.facility.pk,
        area_id=world.area.pk,
        sponsor_id=sponsor.pk,
        valid_from=now() - timedelta(minutes=1),
        valid_until=now() + until,
        reason="Shuts down the cooling",
        actor=world.officer,
    )


def test_a_right_to_enter_during_lockdown_is_for_an_area_and_a_period(world: World) -> None:
    person, sponsor = person_named("a.nwosu"), person_named("h.marsh")
    held = grant(world, person, sponsor)
    [right] = person_facts([person.pk], world.facility)[person.pk].lockdown_rights
    assert right.areas == {str(world.area.pk)}
    assert right.window.contains(now())
    elsewhere = Facility.objects.exclude(pk=world.facility.pk).first()
    assert elsewhere is not None
    assert person_facts([person.pk], elsewhere)[person.pk].lockdown_rights == ()
    lockdown_pass_end(pass_id=held.pk, reason="Done", actor=world.officer)
    assert person_facts([person.pk], world.facility)[person.pk].lockdown_rights == ()


def test_a_right_is_for_a_time_that_is_not_over(world: World) -> None:
    with pytest.raises(Refused) as refused:
        grant(world, person_named("a.nwosu"), person_named("h.marsh"), until=-timedelta(seconds=1))
    assert refused.value.code == "window_over"


def test_nobody_answers_for_his_own_right(world: World) -> None:
    person = person_named("a.nwosu")
    with pytest.raises(Refused) as refused:
        grant(world, person, person)
    assert refused.value.code == "same_person"


def desk(login: str) -> Client:
    client = Client()
    client.force_login(User.objects.get(username=login))
    return client


def test_the_desk_names_the_consequence_before_it_acts(world: World) -> None:
    client, url = desk("e.hughes"), "/desk/ml/lockdown/"
    asked = {"scope": str(world.area.pk), "reason": "Unknown person", "declare": "1"}
    first = client.post(url, asked)
    assert first.status_code == 200
    door = world.area.zones.get().portals.get().code
    assert f"Nobody enters by {door}" in first.content.decode()
    assert not lockdowns_in_force(world.facility)
    assert client.post(url, asked | {"sure": "1"}).status_code == 302
    page = client.get(url).content.decode()
    assert "Not confirmed by" in page
    assert "Unknown person" in page
    assert "Lockdown: " in client.get("/desk/ml/inside/").content.decode()


def test_the_desk_lifts_with_two_and_says_who_asked(world: World) -> None:
    lockdown = declare(world)
    url, word = "/desk/ml/lockdown/", {"lift": str(lockdown.pk), "reason": "A courier"}
    assert desk("e.hughes").post(url, word).status_code == 302
    assert "Another person confirms it here" in desk("e.hughes").get(url).content.decode()
    assert "asked at" in desk("p.ngata").get(url).content.decode()
    assert desk("p.ngata").post(url, word).status_code == 302
    assert not lockdowns_in_force(world.facility)
    assert desk("e.hughes").post(url, {"scope": "nowhere", "reason": "x"}).status_code == 422


def test_a_process_declares_nothing(world: World) -> None:
    with pytest.raises(Refused):
        declare(world, by=BEAT)
    assert actor_named("e.hughes").person_id is not None
