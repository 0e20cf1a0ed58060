"""A second PIN opens like the first, and calls for help where nobody at the door can see it."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from access.decider import AccessDecider
from access.models import AccessDecision, Pin
from access.rules.duress import is_duress_mark, pin_mark
from access.services.duress import AT_NEXT_POST, duress_pin_set
from access.services.pin import pin_replace
from access.services.projection import facility_project
from access.services.staff_badge import staff_pin_record
from hardware.decider import Direction, DoorRead, DoorVerdict, Outcome, ZoneView
from hardware.models import SnapshotDelta
from scif.alarms.models import Alarm
from scif.facilities.models import Facility, Portal
from scif.kernel.clock import now
from scif.kernel.errors import Refused
from scif.kernel.keys import KeyStore
from scif.people.models import User
from tests.flows.desk_world import World, make_world, midday, person_named
from tests.flows.test_visit_desk import check_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded_world")]


class Told:
    """What the doors were told last: a ``SnapshotView`` of the deltas."""

    def __init__(self, facility: Facility) -> None:
        gateway = facility.gateways.get().code
        self.records = {
            (row.kind, row.key): row.payload
            for row in SnapshotDelta.objects.filter(gateway=gateway).order_by("version")
        }
        self.version, self.heard_at = 1, now()

    def get(self, kind: str, key: str) -> Any:
        return self.records.get((kind, key))


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
def pins(world: World) -> tuple[str, str]:
    """The visitor's PIN and his second one."""
    first = check_in(world)
    return first, duress_pin_set(visit_id=world.visit.pk, actor=world.guard)


def door_of(world: World) -> Portal:
    return Portal.objects.get(zone__area=world.area)


def key() -> bytes:
    return KeyStore(settings.KEY_DIR).secret("pin.hmac")


def at_the_door(world: World, pin: str, read_id: str) -> DoorVerdict:
    held = world.visit.badges.get(returned_at=None)
    read = DoorRead(read_id, door_of(world).code, Direction.IN, held.badge.number_sha256, pin=pin)
    zone = ZoneView(door_of(world).zone.code, 1, {}, certain=True)
    return AccessDecider(key()).door(read, Told(world.facility), zone, now())


def reported(world: World, verdict: DoorVerdict, read_id: str) -> None:
    """The gateway's report of the read, as the ingester applies it."""
    world.heard(
        "door.read",
        read_id=read_id,
        portal=door_of(world).code,
        direction="in",
        person_id=verdict.person_id,
        basis=verdict.basis,
        basis_id=verdict.basis_id,
        badge=verdict.badge,
        outcome=verdict.outcome.value,
        objections=list(verdict.objections),
        obligations=list(verdict.obligations),
        policy_version=verdict.policy_version,
        snapshot_version=1,
        mark=verdict.facts["mark"],
    )


def test_the_door_answers_both_alike(world: World, pins: tuple[str, str]) -> None:
    first, second = (at_the_door(world, pin, "read-1") for pin in pins)
    assert first.outcome is Outcome.GRANTED
    alike = {name: value for name, value in first.facts.items() if name != "mark"}
    assert alike == {name: value for name, value in second.facts.items() if name != "mark"}
    for part in ("outcome", "reader_text", "objections", "obligations", "awaits", "basis_id"):
        assert getattr(first, part) == getattr(second, part)
    marks = first.facts["mark"], second.facts["mark"]
    assert len(marks[0]) == len(marks[1]) == 64
    assert [is_duress_mark(key(), "read-1", mark) for mark in marks] == [False, True]


def test_a_mark_tells_nothing_without_the_key_nor_of_another_read() -> None:
    mark = pin_mark(b"k", "read-1", duress=True)
    assert not is_duress_mark(b"other", "read-1", mark)
    assert not is_duress_mark(b"k", "read-2", mark)
    assert not is_duress_mark(b"k", "read-1", "é" * 64)


def test_a_wrong_pin_stays_wrong(world: World, pins: tuple[str, str]) -> None:
    wrong = next(f"{n:06d}" for n in range(9) if f"{n:06d}" not in pins)
    verdict = at_the_door(world, wrong, "read-1")
    assert verdict.outcome is Outcome.REFUSED
    assert not is_duress_mark(key(), "read-1", verdict.facts["mark"])


def screens(world: World) -> list[bytes]:
    """Every page of the facility's own desk that could show it, for the guard and the officer."""
    found: list[bytes] = []
    for login in ("e.hughes", "p.ngata"):
        client = Client()
        client.force_login(User.objects.get(username=login))
        pages = ("inside", "alarms", "arrivals", f"doors/{door_of(world).code}", "emergency")
        found += [strip(client.get(f"/desk/ml/{page}/").content) for page in pages]
    return found


def test_the_desk_shows_the_same_bytes_after_either_pin(
    world: World, pins: tuple[str, str]
) -> None:
    seen = []
    for pin in pins:
        read = "read-same"
        reported(world, at_the_door(world, pin, read), read)
        seen.append(screens(world))
        AccessDecision.objects.filter(read_id=read).delete()
    assert seen[0] == seen[1]
    assert Alarm.objects.filter(kind="duress").exists()
    assert b"uress" not in b"".join(seen[1])


def strip(page: bytes) -> bytes:
    """A page without what is new at every look: tokens, and the moment it was made."""
    for new in (
        rb'name="csrfmiddlewaretoken" value="[^"]+"',
        rb'data-now="[^"]+"',
        rb"X-CSRFToken[^}]+",
        rb"\d\d:\d\d:\d\d",
    ):
        page = re.sub(new, b"", page)
    return page


def test_officers_and_the_next_post_are_called(world: World, pins: tuple[str, str]) -> None:
    other = Facility.objects.exclude(pk=world.facility.pk).first()
    assert other is not None
    world.facility.next_post = other
    world.facility.save()
    reported(world, at_the_door(world, pins[0], "read-1"), "read-1")
    assert not Alarm.objects.filter(kind__startswith="duress").exists()
    reported(world, at_the_door(world, pins[1], "read-2"), "read-2")
    own = Alarm.objects.get(kind="duress")
    assert (own.facility, own.gravity) == (world.facility, "respond")
    there = Alarm.objects.get(kind=AT_NEXT_POST)
    assert (there.facility, there.gravity) == (other, "respond")
    name = world.visit.person.name
    assert name not in own.message + there.message
    officer, guard = Client(), Client()
    officer.force_login(User.objects.get(username="p.ngata"))
    shown = officer.get("/admin/alarms/alarm/").content.decode()
    assert "Duress code at door" in shown
    assert "read-2" not in shown
    chosen = officer.get(f"/admin/alarms/alarm/{own.pk}/change/").content.decode()
    assert "Call the response force and choose with them" in chosen
    assert "Never call that desk" in chosen
    guard.force_login(User.objects.get(username="e.hughes"))
    assert guard.get(f"/desk/ml/alarms/{own.pk}/").status_code == 404
    next_guard = Client()
    next_guard.force_login(User.objects.get(username="m.okafor"))
    assert b"do not call its desk" in next_guard.get(f"/desk/{other.code}/alarms/").content
    page = next_guard.get(f"/desk/{other.code}/alarms/{there.pk}/").content
    assert b"an officer of that place" in page
    assert b"It happens at another place" in page
    assert b"Reading room A" not in page  # as on the plan of this place


def test_a_facility_without_a_next_post_is_told_to_its_officer(world: World) -> None:
    officer, words = Client(), "No other post is told of a duress code"
    officer.force_login(User.objects.get(username="p.ngata"))
    page = f"/admin/facilities/facility/{world.facility.pk}/change/"
    assert world.facility.next_post is not None
    for url in ("/admin/", page):
        assert words not in officer.get(url).content.decode()
    Facility.objects.filter(pk=world.facility.pk).update(next_post=None)
    for url in ("/admin/?due=30", page):
        assert words in officer.get(url).content.decode()


def test_a_new_pin_voids_the_second_one(world: World, pins: tuple[str, str]) -> None:
    given = Pin.objects.get(person=world.visit.person)
    pin_replace(visit_id=world.visit.pk, replaces=given.set_at, actor=world.guard)
    assert at_the_door(world, pins[1], "read-1").outcome is Outcome.REFUSED
    assert Pin.objects.get(person=world.visit.person).duress_verifier == ""


def test_the_second_pin_is_drawn_on_request_and_shown_once(world: World) -> None:
    guard = Client()
    guard.force_login(User.objects.get(username="e.hughes"))
    url = f"/desk/ml/visits/{world.visit.pk}/"
    with pytest.raises(Refused):
        duress_pin_set(visit_id=world.visit.pk, actor=world.guard)
    first = check_in(world)
    page = guard.post(url, {"second_pin": "1"}).content.decode()
    assert "shown once" in page
    assert first not in page
    assert "shown once" not in guard.get(url).content.decode()
    held = Pin.objects.get(person=world.visit.person)
    assert held.duress_verifier not in {"", held.verifier}


def test_staff_may_not_use_one_pin_twice(world: World) -> None:
    person = person_named("e.hughes")
    given: dict[str, Any] = {"facility": world.facility, "person": person, "actor": world.officer}
    with pytest.raises(Refused) as refused:
        staff_pin_record(pin="845129", duress_pin="845129", **given)
    assert refused.value.code == "pins_equal"
    with pytest.raises(Refused) as refused:
        staff_pin_record(pin="845129", duress_pin="12", **given)
    assert refused.value.code == "pin_unfit"
    staff_pin_record(pin="845129", duress_pin="390417", **given)
    assert Pin.objects.get(person=person).duress_verifier
