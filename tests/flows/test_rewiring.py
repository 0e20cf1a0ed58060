"""What monitored inputs mean, and whether an area has a panel, is changed by two officers."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from access.selectors.facts import area_facts
from access.services.rewiring import (
    device_change_ask,
    device_retire_ask,
    panel_end_ask,
    rewiring_confirm,
    rewiring_withdraw,
)
from hardware.models import Device, Rewiring, SnapshotDelta
from hardware.services.plant import device_add, device_change
from hardware.services.retirement import device_retire
from hardware.services.rewiring import rewiring_lapse
from hardware.services.said import device_said
from scif.alarms.models import Alarm
from scif.facilities.models import IdsState, Portal
from scif.journal.models import Outbox
from scif.kernel.actor import Actor
from scif.kernel.clock import clock_set, now
from scif.kernel.errors import Refused
from scif.people.models import User
from tests.flows.desk_world import World, actor_named, make_world, midday
from tests.flows.test_panel_board import INPUTS, board, carries, ids, says

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded_world")]
SYSTEM = Actor.system("ingester")


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


def kinds() -> list[str]:
    return [row.fields["kind"] for row in Outbox.objects.order_by("pk")]


def asks_for_a_panel(world: World) -> bool:
    told = SnapshotDelta.objects.filter(kind="area", key=str(world.area.pk)).latest("version")
    assert told.payload is not None
    assert told.payload["has_panel"] == area_facts(world.area).has_panel
    return bool(told.payload["has_panel"])


def turned(world: World) -> dict[str, Any]:
    return {"panel": {"area": world.area.code, "inputs": {**INPUTS, "0": OTHER}}}


OTHER = {"fact": "access", "active": False}


# The end of a panel


def test_an_area_loses_its_panel_when_a_second_officer_says_so(world: World, second: Actor) -> None:
    device = board(world)
    says(world, "secure")
    order = panel_end_ask(area_id=world.area.pk, reason="Taken down", actor=world.officer)
    device.refresh_from_db()
    assert (device.options, ids(world)[0]) == (carries(world.area), "secure")
    assert asks_for_a_panel(world)
    rewiring_confirm(rewiring_id=order.pk, actor=second)
    device.refresh_from_db()
    assert (device.options, device.retired_at) == ({}, None)
    assert not IdsState.objects.filter(area=world.area).exists()
    assert not asks_for_a_panel(world)
    told = SnapshotDelta.objects.filter(kind="device", key=device.code).latest("version")
    assert told.payload is not None
    assert "panel" not in told.payload
    assert kinds().count("panel.ended") == 1
    device_retire(device_id=device.pk, reason="not needed", actor=world.officer)


def test_a_last_word_of_an_ended_panel_brings_it_not_back_and_is_no_secret(
    world: World, second: Actor
) -> None:
    board(world)
    order = panel_end_ask(area_id=world.area.pk, reason="Taken down", actor=world.officer)
    rewiring_confirm(rewiring_id=order.pk, actor=second)
    said = {"area": world.area.code, "mode": "secure", "alarm": True, "trouble": False}
    world.heard("panel.changed", panel="ml-io1", **said)
    assert not area_facts(world.area).has_panel
    assert Alarm.objects.filter(kind="ids_in_alarm", subject=world.area.code).exists()
    board(world, "ml-io2", 2)
    says(world, "access")
    assert ids(world)[0] == "access"


def test_a_panel_whose_board_is_gone_can_be_ended_too(world: World, second: Actor) -> None:
    device = board(world)
    Device.objects.filter(pk=device.pk).update(retired_at=now(), options={})
    order = panel_end_ask(area_id=world.area.pk, reason="Taken down", actor=world.officer)
    rewiring_confirm(rewiring_id=order.pk, actor=second)
    assert not asks_for_a_panel(world)
    assert not Alarm.objects.filter(kind="ids_unknown", closed_at=None).exists()


def test_where_there_is_no_panel_none_is_ended(world: World) -> None:
    with pytest.raises(Refused) as refused:
        panel_end_ask(area_id=world.area.pk, reason="Taken down", actor=world.officer)
    assert refused.value.code == "no_panel"


# What inputs mean


def test_one_officer_alone_changes_no_meaning(world: World) -> None:
    device = board(world)
    attempts: tuple[Callable[..., object], ...] = (
        partial(device_change, address=1, options=turned(world)),
        partial(device_change, address=2, options=carries(world.area)),
        partial(device_change, address=1, options={**carries(world.area), "tamper_input": 7}),
        partial(device_change, address=1, options={**carries(world.area), "normally_closed": [0]}),
        partial(device_retire, reason="old"),
    )
    for attempt in attempts:
        with pytest.raises(Refused) as refused:
            attempt(device_id=device.pk, actor=world.officer)
        assert refused.value.code == "two_needed"
    device.refresh_from_db()
    assert device_said(device)["options"] == carries(world.area)


def test_what_no_door_is_judged_by_is_one_officers_work(world: World) -> None:
    device = board(world)
    options = {**carries(world.area), "inputs": 8, "outputs": 8}
    done = device_change_ask(
        device_id=device.pk, address=1, options=options, reason="", actor=world.officer
    )
    assert isinstance(done, Device)
    assert not Rewiring.objects.exists()


def test_no_new_device_explains_the_openings_of_another_ones_contact(world: World) -> None:
    device = board(world)
    door = Portal.objects.filter(zone__area=world.area).order_by("code")[0]
    without = {"output": 0, "contact_input": 0}
    Device.objects.filter(portal=door, options__has_key="contact_input").update(options=without)
    add = partial(
        device_add, bus_id=device.bus_id, code="ml-io2", address=2, actor=world.officer, portal=door
    )
    with pytest.raises(Refused) as refused:
        add(options={"rex_input": 3})
    assert refused.value.code == "two_needed"
    assert add(options={"tamper_input": 3}).options == {"tamper_input": 3}


def test_a_request_changes_nothing_until_another_officer_confirms(
    world: World, second: Actor
) -> None:
    device = board(world)
    says(world, "access")
    order = device_change_ask(
        device_id=device.pk, address=1, options=turned(world), reason="Swapped", actor=world.officer
    )
    assert isinstance(order, Rewiring)
    assert ids(world)[0] == "access"
    with pytest.raises(Refused) as refused:
        rewiring_confirm(rewiring_id=order.pk, actor=world.officer)
    assert refused.value.code == "own_request"
    for other in (world.guard, world.stranger):
        with pytest.raises(Rewiring.DoesNotExist):
            rewiring_confirm(rewiring_id=order.pk, actor=other)
    device.refresh_from_db()
    assert device.options == carries(world.area)
    rewiring_confirm(rewiring_id=order.pk, actor=second)
    device.refresh_from_db()
    assert (device.options, ids(world)[0]) == (turned(world), "unknown")
    assert [k for k in kinds() if k.startswith("rewiring")] == [
        "rewiring.requested",
        "rewiring.confirmed",
    ]
    with pytest.raises(Refused):
        rewiring_confirm(rewiring_id=order.pk, actor=second)


def test_a_request_lapses_by_the_policy_and_another_can_be_made(
    world: World, second: Actor
) -> None:
    device = board(world)
    ask = partial(device_retire_ask, device_id=device.pk, reason="old", actor=world.officer)
    board(world, "ml-io2", 2)
    order = ask()
    with pytest.raises(Refused) as refused:
        ask()
    assert refused.value.code == "request_waiting"
    later = now() + timedelta(minutes=481)
    with clock_set(lambda: later):
        with pytest.raises(Refused) as refused:
            rewiring_confirm(rewiring_id=order.pk, actor=second)
        assert refused.value.code == "request_lapsed"
        assert [rewiring_lapse(actor=SYSTEM), rewiring_lapse(actor=SYSTEM)] == [1, 0]
        order.refresh_from_db()
        assert order.state == "lapsed"
        again = ask()
        rewiring_confirm(rewiring_id=again.pk, actor=second)
    device.refresh_from_db()
    assert device.retired_at is not None


def test_what_changed_meanwhile_is_not_what_they_agreed_on(world: World, second: Actor) -> None:
    device = board(world)
    order = device_change_ask(
        device_id=device.pk, address=1, options=turned(world), reason="Swapped", actor=world.officer
    )
    device_change_ask(
        device_id=device.pk,
        address=1,
        options={**carries(world.area), "inputs": 8},
        reason="",
        actor=world.officer,
    )
    with pytest.raises(Refused) as refused:
        rewiring_confirm(rewiring_id=order.pk, actor=second)
    assert refused.value.code == "changed_meanwhile"
    order.refresh_from_db()
    assert order.state == "requested"
    rewiring_withdraw(rewiring_id=order.pk, reason="Asked anew", actor=second)
    order.refresh_from_db()
    assert order.state == "withdrawn"


def test_the_database_takes_no_word_of_one_person(world: World) -> None:
    board(world)
    order = panel_end_ask(area_id=world.area.pk, reason="Taken down", actor=world.officer)
    for who in (order.requested_by_id, None):
        with pytest.raises(IntegrityError), transaction.atomic():
            Rewiring.objects.filter(pk=order.pk).update(state="confirmed", decided_by=who)


# At the screen


def sign_in(client: Client, actor: Actor) -> None:
    assert actor.user_id is not None
    client.force_login(User.objects.get(pk=actor.user_id))


def test_two_officers_end_a_panel_at_the_screen(
    world: World, second: Actor, client: Client
) -> None:
    board(world)
    sign_in(client, world.officer)
    area = f"/admin/facilities/area/{world.area.pk}/change/"
    assert "End the alarm panel" in client.get(area).content.decode()
    answer = client.post(f"/admin/act/panel-end/{world.area.pk}/", {"reason": "<b>down</b>"})
    order = Rewiring.objects.get()
    assert answer["Location"].endswith(f"/admin/hardware/rewiring/{order.pk}/change/")
    page = client.get(answer["Location"]).content.decode()
    assert "has no alarm panel any more" in page
    assert f"Waits for another officer of {world.facility}: End the alarm panel" in page
    assert "confirms it under “<a href=" in page
    assert "Done and journaled" not in page
    assert "A change waits for a second officer" in client.get("/admin/").content.decode()
    confirm = f"/admin/act/rewiring-confirm/{order.pk}/"
    assert client.post(confirm, {"read": "on"}).status_code == 409
    sign_in(client, second)
    shown = client.get(confirm).content.decode()
    assert "&lt;b&gt;down&lt;/b&gt;" in shown
    assert "<b>down</b>" not in shown
    assert client.post(confirm, {}).status_code == 422
    done = client.post(confirm, {"read": "on"}, follow=True).content.decode()
    assert "Done and journaled: Confirm, End the alarm panel" in done
    assert "/admin/act/panel-end/" not in client.get(area).content.decode()


def test_a_change_of_a_contact_is_asked_for_in_the_form_of_the_device(
    world: World, client: Client
) -> None:
    door = Portal.objects.filter(zone__area=world.area).order_by("code")[0]
    reader = Device.objects.filter(portal=door, options__has_key="contact_input")[0]
    sign_in(client, world.officer)
    form = {
        "address": str(reader.address),
        "portal": str(door.pk),
        "direction": reader.direction,
        "contact_input": "5",
    }
    page = f"/admin/act/device-change/{reader.pk}/"
    refused = client.post(page, form)
    assert refused.status_code == 409
    assert "another officer will read it" in refused.context["form"].errors["reason"][0]
    assert client.post(page, {**form, "reason": "A new contact"}).status_code == 302
    order = Rewiring.objects.get()
    shown = client.get(f"/admin/hardware/rewiring/{order.pk}/change/").content.decode()
    assert f"Comes: input 5 at address {reader.address}" in shown
    assert f"Waits for another officer of {world.facility}: Change {reader}" in shown
    reader.refresh_from_db()
    assert reader.options["contact_input"] != 5
    withdraw = f"/admin/act/rewiring-withdraw/{order.pk}/"
    page = client.post(withdraw, {"reason": "Wrong number"}, follow=True).content.decode()
    assert f"Done and journaled: Withdraw, Change {reader}" in page
    assert "Waits for another officer" not in page
