"""Edits of places: what weakens one waits for another officer, and nobody saves over another."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from access.rules.policy_milder import Bearing
from access.services.edit import record_edit
from access.services.rewiring import bus_change_ask, rewiring_confirm, rewiring_withdraw
from hardware.models import Bus, Device, Rewiring, SnapshotDelta
from hardware.services.plant import bus_change
from scif.console.selectors.rewiring import rewiring_blocks
from scif.facilities.models import Area, Caveat, ClosedDay, Portal, Record, Zone
from scif.facilities.services.reference import Agreement, reference_save
from scif.journal.models import Outbox
from scif.kernel.actor import Actor
from scif.kernel.clock import now
from scif.kernel.errors import Refused
from scif.people.models import Organisation, User
from tests.flows.desk_world import World, actor_named, make_world, midday

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded_world")]


@pytest.fixture(autouse=True)
def _noon() -> Iterator[None]:
    with midday():
        yield


@pytest.fixture
def world() -> World:
    return make_world()


@pytest.fixture
def second(world: World) -> Actor:
    return actor_named("h.marsh")


@pytest.fixture
def door(world: World) -> Portal:
    return Portal.objects.filter(zone__area=world.area).order_by("code")[0]


def signed_in(actor: Actor) -> Client:
    assert actor.user_id is not None
    client = Client()
    client.force_login(User.objects.get(pk=actor.user_id))
    return client


def page_of(record: Record) -> str:
    return f"/admin/{record._meta.app_label}/{record._meta.model_name}/{record.pk}/change/"


def opened(client: Client, record: Record) -> dict[str, Any]:
    """What the page's form would send as it stands."""
    form = client.get(page_of(record)).context["adminform"].form
    values = {name: form[name].value() for name in form.fields}
    return {name: value for name, value in values.items() if value not in (None, False)}


def edited(client: Client, record: Record, **changes: Any) -> Any:
    said = {**opened(client, record), **changes}
    return client.post(page_of(record), {k: v for k, v in said.items() if v is not None})


def told(kind: str, key: str) -> dict[str, Any]:
    payload = SnapshotDelta.objects.filter(kind=kind, key=key).latest("version").payload
    assert payload is not None
    return dict(payload)


def unlabelled(page: str) -> str:
    """A page without the heads that each cell carries for a narrow screen."""
    return re.sub(r' data-label="[^"]*"', "", page)


def becomes(old: str, new: str) -> str:
    """A row's cells: what it says now, and what it will."""
    return f"<td>{old}</td><td><b>{new}</b>"


def refusal(act: Any) -> str:
    with pytest.raises(Refused) as refused:
        act()
    return refused.value.code


# What weakens a place


@pytest.mark.parametrize("field", ["pin_required", "has_contact"])
def test_one_officer_cannot_weaken_a_door_at_the_screen(
    world: World, second: Actor, door: Portal, field: str
) -> None:
    Portal.objects.filter(pk=door.pk).update(**{field: True})
    client = signed_in(world.officer)
    answer = edited(client, door, **{field: None})
    assert "Say why" in answer.content.decode()
    assert not Rewiring.objects.exists()
    answer = edited(client, door, **{field: None}, reason="<i>It is worn</i>", held_seconds="5")
    order = Rewiring.objects.get()
    assert answer["Location"].endswith(page_of(order))
    shown = client.get(answer["Location"]).content.decode()
    assert becomes("yes", "no") in unlabelled(shown)
    for lists in ("/admin/hardware/rewiring/", "/admin/?due=90"):
        assert "yes → no" in client.get(lists).content.decode()
    door.refresh_from_db()
    assert getattr(door, field)
    assert door.held_seconds != 5
    confirm = f"/admin/act/rewiring-confirm/{order.pk}/"
    assert client.post(confirm, {"read": "on"}).status_code == 409
    other = signed_in(second)
    assert "&lt;i&gt;It is worn&lt;/i&gt;" in other.get(confirm).content.decode()
    assert other.post(confirm, {"read": "on"}).status_code == 302
    door.refresh_from_db()
    assert (getattr(door, field), door.held_seconds) == (False, 5)
    assert not told("portal", door.code)[{"pin_required": "pin", "has_contact": "contact"}[field]]
    entry = Outbox.objects.filter(header__contains='"portal.changed"').latest("pk")
    assert str(second.person_id) in bytes(entry.content).decode()


def test_what_makes_a_door_safer_is_done_at_once(world: World, door: Portal) -> None:
    Portal.objects.filter(pk=door.pk).update(pin_required=False, held_seconds=60)
    edited(signed_in(world.officer), door, pin_required="on", held_seconds="20")
    door.refresh_from_db()
    assert (door.pin_required, door.held_seconds) == (True, 20)
    assert told("portal", door.code)["pin"]
    assert not Rewiring.objects.exists()


@pytest.mark.parametrize("field", ["pulse_tenths", "held_seconds"])
def test_no_door_opens_for_no_time(world: World, door: Portal, field: str) -> None:
    before = getattr(door, field)
    answer = edited(signed_in(world.officer), door, **{field: "0"})
    assert "A strike is held for a tenth of a second at least" in answer.content.decode()
    door.refresh_from_db()
    assert getattr(door, field) == before


def test_no_area_lies_in_itself(world: World) -> None:
    inner = world.area
    outer = Area.objects.exclude(pk=inner.pk).filter(facility=world.facility)[0]
    inner.parent = outer
    inner.save()
    outer.parent = inner
    with pytest.raises(ValidationError, match="would lie in itself"):
        outer.full_clean()


def test_no_service_weakens_a_place_by_one_persons_word(world: World, door: Portal) -> None:
    door.pin_required = False
    person = world.officer.person_id
    assert person is not None
    before, after = {"pin_required": True}, {"pin_required": False}
    for agreed in (
        None,
        Agreement(person, person, before, after),
        Agreement(person, second_person(), before, {"pin_required": False, "held_seconds": 900}),
    ):
        save: dict[str, Any] = {"record": door, "changed": ["pin_required"], "actor": world.officer}
        assert refusal(lambda save=save, agreed=agreed: reference_save(agreed=agreed, **save)) == (
            "two_needed"
        )
    assert Portal.objects.get(pk=door.pk).pin_required


def second_person() -> Any:
    return actor_named("h.marsh").person_id


def ask(record: Record, actor: Actor, related: Any = None, **changes: Any) -> Record | Rewiring:
    for name, value in changes.items():
        setattr(record, name, value)
    related = related or {}
    return record_edit(
        record=record, changed=[*changes], related=related, reason="Asked", actor=actor
    )


def test_a_label_loses_no_caveat_by_one_word(world: World, second: Actor) -> None:
    caveat = Caveat.objects.all()[0]
    world.area.caveats.set([caveat])
    area = Area.objects.get(pk=world.area.pk)
    order = ask(area, world.officer, {"caveats": []})
    assert isinstance(order, Rewiring)
    assert list(world.area.caveats.all()) == [caveat]
    shown = signed_in(world.officer).get(page_of(order)).content.decode()
    assert becomes(str(caveat), "nothing") in unlabelled(shown)
    rewiring_confirm(rewiring_id=order.pk, actor=second)
    assert not world.area.caveats.exists()


def test_a_room_waits_for_one_request_at_a_time_and_for_the_room_that_was_seen(
    world: World, second: Actor
) -> None:
    Area.objects.filter(pk=world.area.pk).update(two_person=True, capacity=4)
    order = ask(Area.objects.get(pk=world.area.pk), world.officer, two_person=False)
    assert isinstance(order, Rewiring)
    again = Area.objects.get(pk=world.area.pk)
    assert refusal(lambda: ask(again, world.officer, capacity=9)) == "request_waiting"
    Area.objects.filter(pk=world.area.pk).update(two_person=False)
    confirm: dict[str, Any] = {"rewiring_id": order.pk, "actor": second}
    assert refusal(lambda: rewiring_confirm(**confirm)) == "changed_meanwhile"
    rewiring_withdraw(rewiring_id=order.pk, reason="Asked anew", actor=second)
    assert isinstance(ask(again, world.officer, capacity=9), Rewiring)


def test_a_closed_day_is_made_by_one_and_opened_by_two(world: World, second: Actor) -> None:
    today = now().date()
    day = ClosedDay(facility=world.facility, name="Stocktaking", first_day=today, last_day=today)
    assert isinstance(ask(day, world.officer, name="Works"), ClosedDay)
    assert told("area", str(world.area.pk))["closed"]
    order = ask(ClosedDay.objects.get(pk=day.pk), world.officer, withdrawn=True)
    assert isinstance(order, Rewiring)
    assert told("area", str(world.area.pk))["closed"]
    rewiring_confirm(rewiring_id=order.pk, actor=second)
    assert not told("area", str(world.area.pk))["closed"]


def test_another_facilitys_place_is_not_there(world: World, door: Portal) -> None:
    with pytest.raises(Portal.DoesNotExist):
        ask(door, world.stranger, name="Mine")


def test_what_was_left_to_the_policy_is_no_nothing(world: World) -> None:
    zone = Zone.objects.filter(area=world.area, anti_passback="")[0]
    order = ask(zone, world.officer, anti_passback="soft")
    assert isinstance(order, Rewiring)
    shown = signed_in(world.officer).get(page_of(order)).content.decode()
    assert becomes("as the policy profile says", "soft: admitted and flagged") in unlabelled(shown)


# A bus


def test_a_bus_with_doors_on_it_goes_to_another_port_by_two(world: World, second: Actor) -> None:
    bus = Device.objects.filter(portal__zone__area=world.area)[0].bus
    to: dict[str, Any] = {"port": "ml-other", "baud": bus.baud}
    alone: dict[str, Any] = {"bus_id": bus.pk, "actor": world.officer}
    assert refusal(lambda: bus_change(**alone, **to)) == "two_needed"
    client = signed_in(world.officer)
    address = f"/admin/act/bus-change/{bus.pk}/"
    assert client.post(address, to).status_code == 409
    assert client.post(address, {**to, "reason": "A new card"}).status_code == 302
    order = Rewiring.objects.get()
    shown = client.get(page_of(order)).content.decode()
    assert becomes(bus.port, "ml-other") in unlabelled(shown)
    assert refusal(lambda: bus_change(**alone, **to, agreed=order)) == "two_needed"
    rewiring_confirm(rewiring_id=order.pk, actor=second)
    bus.refresh_from_db()
    assert bus.port == "ml-other"
    assert told("bus", bus.code)["port"] == "ml-other"


def test_an_empty_bus_moves_at_once_and_a_speed_is_one_officers_work(world: World) -> None:
    bus = Device.objects.filter(portal__zone__area=world.area)[0].bus
    done = bus_change_ask(bus_id=bus.pk, port=bus.port, baud=115200, reason="", actor=world.officer)
    assert isinstance(done, Bus)
    Device.objects.filter(bus=bus).update(retired_at=now(), portal=None, options={})
    done = bus_change_ask(bus_id=bus.pk, port="ml-other", baud=9600, reason="", actor=world.officer)
    assert isinstance(done, Bus)
    assert not Rewiring.objects.exists()


# Two tabs


def test_nobody_saves_over_a_change_that_he_has_not_seen(
    world: World, second: Actor, door: Portal
) -> None:
    one, other = signed_in(world.officer), signed_in(second)
    his = opened(one, door)
    assert edited(other, door, name="East door").status_code == 302
    answer = one.post(page_of(door), {**his, "held_seconds": "5"})
    assert answer.status_code == 200
    assert "Somebody has changed this since you opened it" in answer.content.decode()
    door.refresh_from_db()
    assert (door.name, door.held_seconds) == ("East door", int(his["held_seconds"]))
    assert edited(one, door, held_seconds="5").status_code == 302
    door.refresh_from_db()
    assert (door.name, door.held_seconds) == ("East door", 5)


def test_a_form_that_does_not_say_what_it_saw_saves_nothing(world: World) -> None:
    organisation = Organisation.objects.filter(people__isnull=False)[0]
    client = signed_in(world.officer)
    said = opened(client, organisation)
    del said["edition"]
    answer = client.post(page_of(organisation), {**said, "name": "Another"})
    assert "Somebody has changed this" in answer.content.decode()
    assert not Organisation.objects.filter(name="Another").exists()
    assert edited(client, organisation, name="Another").status_code == 302
    assert Organisation.objects.filter(name="Another").exists()


def test_a_changed_week_is_told_by_its_days_in_their_order(world: World) -> None:
    always = ["00:00", "00:00"]
    before = {day: ["08:00", "18:00"] for day in ("mon", "tue", "wed", "thu", "fri")}
    Area.objects.filter(pk=world.area.pk).update(hours=before)
    area = Area.objects.get(pk=world.area.pk)
    after = {**before, "sun": ["10:00", "12:00"], "fri": ["08:00", "16:00"], "tue": always}
    area.hours = after
    order = record_edit(
        record=area, changed=["hours"], related={}, reason="Longer", actor=world.officer
    )
    assert isinstance(order, Rewiring)
    order.refresh_from_db()
    told = [(each.meaning, each.old, each.new) for each in rewiring_blocks(order)[0].changes]
    assert told == [
        ("Opening hours, Tuesday", "08:00 - 18:00", "round the clock"),
        ("Opening hours, Friday", "08:00 - 18:00", "08:00 - 16:00"),
        ("Opening hours, Sunday", "closed", "10:00 - 12:00"),
    ]
    weaker = [each.bearing is Bearing.MILDER for each in rewiring_blocks(order)[0].changes]
    assert weaker == [True, False, True]


def test_an_interlock_of_one_door_is_warned_of(world: World, door: Portal) -> None:
    client = signed_in(world.officer)
    shown = client.post(
        page_of(door), {**opened(client, door), "interlock": "trap"}, follow=True
    ).content.decode()
    assert Portal.objects.get(pk=door.pk).interlock == "trap"
    assert "The interlock group trap has no other door" in shown
    other = Portal.objects.filter(zone__area__facility=world.facility).exclude(pk=door.pk).first()
    if other is None:
        other = Portal.objects.create(
            zone=door.zone, code="second", name="Second", pulse_tenths=50, held_seconds=20
        )
    Portal.objects.filter(pk=other.pk).update(interlock="trap")
    shown = client.post(
        page_of(door), {**opened(client, door), "name": "Front"}, follow=True
    ).content.decode()
    assert "has no other door" not in shown


def test_what_a_zone_keeps_to_is_said_at_its_fields(world: World) -> None:
    zone = Zone.objects.get(area=world.area)
    shown = signed_in(world.officer).get(page_of(zone)).content.decode()
    for words in ("first_person_bases", "Nobody is kept from leaving", "until the desk forgives"):
        assert words in shown
