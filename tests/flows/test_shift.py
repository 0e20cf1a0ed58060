"""The shift changes while a visitor stands at the desk: the next guard goes on, each by name."""

import json
from collections.abc import Iterator

import pytest
from django.test import Client

from access.models import Signature
from hardware.models import Command
from inspections.models import Sweep
from scif.journal.models import Outbox
from scif.people.models import User
from tests.flows.desk_world import World, actor_named, make_world, midday, person_named
from tests.flows.test_visit_desk import STROKES, check_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded_world")]


@pytest.fixture(autouse=True)
def _noon() -> Iterator[None]:
    with midday():
        yield


@pytest.fixture
def world() -> World:
    return make_world()


def desk(login: str) -> Client:
    client = Client()
    client.force_login(User.objects.get(username=login))
    return client


def pressed(tablet: Client, world: World, button: str, **typed: str) -> str:
    """Press a button of the visit's page; gives the page that follows."""
    page = f"/desk/ml/visits/{world.visit.pk}/"
    answer = tablet.post(page, {button: "1", **typed})
    assert answer.status_code == 302, answer.content.decode()
    return tablet.get(page).content.decode()


def signs(tablet: Client, world: World, party: str) -> str:
    return pressed(tablet, world, "deposit_sign", **{party: json.dumps(STROKES)})


def ordered(world: World, verb: str) -> Command:
    return Command.objects.filter(verb=verb).latest("issued_at")


def test_the_next_guard_goes_on_and_each_stands_for_his_own_part(world: World) -> None:
    hughes, bianchi = desk("e.hughes"), desk("s.bianchi")
    pressed(hughes, world, "arrive")
    document = {"document": "passport", "last_characters": "12AB", "photo_matches": "yes"}
    pressed(hughes, world, "identify", **document)
    pressed(hughes, world, "locker")
    pressed(hughes, world, "locker_open")
    world.locker("locker.opened", ordered(world, "locker_open"))
    pressed(hughes, world, "item_add", kind="Phone")
    # Here the shift changes. What was listed stands there.
    page = f"/desk/ml/visits/{world.visit.pk}/"
    assert "Phone" in bianchi.get(page).content.decode()
    pressed(bianchi, world, "item_add", kind="Keys")
    world.locker("locker.shut")
    assert "Guard, S. Bianchi" in signs(bianchi, world, "visitor")
    signs(bianchi, world, "guard")
    assert world.again().state == "deposited"
    signers = {each.party: each.signer for each in Signature.objects.all()}
    assert signers == {"visitor": world.visit.person, "guard": person_named("s.bianchi")}
    by = {step.kind: step.by for step in world.visit.steps.all()}
    assert (by["identify"], by["deposit"]) == (
        person_named("e.hughes"),
        person_named("s.bianchi"),
    )
    rows = [row for row in Outbox.objects.order_by("pk") if row.fields["kind"] == "deposit.signed"]
    assert [row.fields["actor"]["ref"] for row in rows] == [actor_named("s.bianchi").reference] * 2


def test_an_act_whose_answer_was_lost_is_done_once_and_the_desk_goes_on(world: World) -> None:
    """The web process ended behind the commit; the guard presses again after the restart."""
    check_in(world)
    world.passes("presence.entered")
    world.passes("presence.left")
    guard, page = desk("e.hughes"), f"/desk/ml/visits/{world.visit.pk}/"
    found = {"search": "1", "result": "clear", "items": "", "remarks": ""}
    assert guard.post(page, found).status_code == 302
    again = guard.post(page, found)
    assert again.status_code == 409
    assert world.again().state == "searched"
    assert world.visit.steps.filter(kind="search").count() == 1
    sweep = Sweep.objects.get(area=world.area, state="due")
    room = f"/desk/ml/sweeps/{sweep.pk}/"
    start = {"start": "1", "second": str(person_named("s.bianchi").pk)}
    done = {"finish": "1", "result": "pass", "items": "", "seals": "S-1"}
    assert [guard.post(room, start).status_code, guard.post(room, start).status_code] == [302, 409]
    assert [guard.post(room, done).status_code, guard.post(room, done).status_code] == [302, 409]
    sweep.refresh_from_db()
    assert sweep.state == "passed"
    rows = [row.fields for row in Outbox.objects.order_by("pk")]
    told = [row["kind"] for row in rows if row["subject"]["id"] == str(sweep.pk)]
    assert told == ["sweep.required", "sweep.started", "sweep.passed"]
