"""A door held or shunted by two people: asked for, confirmed, standing, over; and the screens."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.test import Client

from access.services.lockdown import lockdown_declare
from access.services.standing import standing_confirm, standing_end, standing_request
from hardware.models import Command, CommandState, StandingOrder, StandingVerb
from hardware.services.standing import standing_lapse
from scif.console.selectors.standing import standing_doors
from scif.facilities.models import Portal
from scif.kernel.actor import Actor
from scif.kernel.clock import clock_set, now
from scif.kernel.errors import Refused
from scif.people.models import User
from tests.flows.desk_world import World, make_world, midday

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded_world")]


@pytest.fixture(autouse=True)
def _noon() -> Iterator[None]:
    with midday():
        yield


@pytest.fixture
def world() -> World:
    return make_world()


def door(world: World) -> Portal:
    return Portal.objects.filter(zone__area__facility=world.facility).order_by("code")[0]


def sign_in(client: Client, actor: Actor) -> None:
    assert actor.user_id is not None
    client.force_login(User.objects.get(pk=actor.user_id))


def ask(world: World, verb: StandingVerb = StandingVerb.HOLD, minutes: int = 10) -> StandingOrder:
    return standing_request(
        portal_id=door(world).pk,
        verb=verb,
        minutes=minutes,
        reason="Furniture for the room",
        actor=world.guard,
    )


def test_one_asks_another_confirms_and_both_stand_in_the_signed_envelope(world: World) -> None:
    order = ask(world)
    assert not Command.objects.exists()
    order = standing_confirm(order_id=order.pk, actor=world.officer)
    assert order.command is not None
    said = json.loads(order.command.envelope)
    assert (said["verb"], said["target"]) == ("door_hold", door(world).code)
    assert said["args"]["requested_by"] == str(world.guard.person_id)
    assert said["args"]["confirmed_by"] == str(world.officer.person_id)
    assert said["args"]["until"] == (now() + timedelta(minutes=10)).isoformat()


@pytest.mark.parametrize(("verb", "words"), [("hold", "Held open"), ("shunt", "Shunted")])
def test_it_is_shown_from_when_the_gateway_says_so_until_it_says_it_is_over(
    world: World, verb: str, words: str
) -> None:
    order = ask(world, StandingVerb(f"door_{verb}"))
    standing_confirm(order_id=order.pk, actor=world.officer)
    assert standing_doors(world.facility) == {}
    order.refresh_from_db()
    body = {"command_id": str(order.command_id), "portal": door(world).code}
    world.heard(f"door.{verb}_began", **body)
    shown = standing_doors(world.facility)[door(world).code]
    assert shown["words"].startswith(f"{words} until ")
    assert shown["words"].endswith("⬢")
    world.heard(f"door.{verb}_ended", **body, cause="expired")
    assert standing_doors(world.facility) == {}
    order.refresh_from_db()
    assert (order.state, order.ended_why) == ("ended", "expired")


@pytest.mark.parametrize("verb", ["hold", "shunt"])
def test_a_door_that_opens_under_it_was_granted_nobody(world: World, verb: str) -> None:
    order = ask(world, StandingVerb(f"door_{verb}"))
    standing_confirm(order_id=order.pk, actor=world.officer)
    order.refresh_from_db()
    body = {"command_id": str(order.command_id), "portal": door(world).code}
    world.heard(f"door.{verb}_began", **body)
    opening = {"portal": door(world).code, "read_id": None, "cause": "standing_order"}
    world.heard("door.opened", **opening)
    client, page = Client(), f"/desk/ml/doors/{door(world).code}/"
    sign_in(client, world.guard)
    shown = client.get(page).content.decode()
    assert f"Opened under a {verb}" in shown
    assert "Granted, opened" not in shown


def test_who_asked_may_not_confirm_and_a_guard_may_confirm_nothing(world: World) -> None:
    mine = standing_request(
        portal_id=door(world).pk,
        verb=StandingVerb.SHUNT,
        minutes=5,
        reason="Test",
        actor=world.officer,
    )
    with pytest.raises(Refused, match="may not confirm"):
        standing_confirm(order_id=mine.pk, actor=world.officer)
    for other in (world.guard, world.stranger):
        with pytest.raises(StandingOrder.DoesNotExist):
            standing_confirm(order_id=mine.pk, actor=other)
    assert not Command.objects.exists()


@pytest.mark.parametrize("minutes", [0, 31])
def test_the_policy_says_how_long_at_most(world: World, minutes: int) -> None:
    with pytest.raises(Refused):
        ask(world, minutes=minutes)


def test_a_request_waits_for_its_second_person_and_not_for_ever(world: World) -> None:
    order = ask(world)
    with pytest.raises(Refused, match="already"):
        ask(world)
    later = now() + timedelta(minutes=11)
    with clock_set(lambda: later):
        with pytest.raises(Refused, match="too old"):
            standing_confirm(order_id=order.pk, actor=world.officer)
        assert standing_lapse(actor=Actor.system("ingester")) == 1
        assert standing_lapse(actor=Actor.system("ingester")) == 0
        order.refresh_from_db()
        assert order.state == "lapsed"
        ask(world)


def test_one_person_ends_it(world: World) -> None:
    order = standing_confirm(order_id=ask(world).pk, actor=world.officer)
    standing_end(order_id=order.pk, actor=world.guard)
    command = Command.objects.get(verb="door_release")
    assert json.loads(command.envelope)["args"] == {"of": "door_hold"}
    withdrawn = standing_end(order_id=ask(world, StandingVerb.SHUNT).pk, actor=world.guard)
    assert withdrawn.state == "lapsed"


def test_a_gateway_that_refuses_or_says_nothing_leaves_nothing_standing(world: World) -> None:
    order = standing_confirm(order_id=ask(world).pk, actor=world.officer)
    body = {"command_id": str(order.command_id), "verb": "door_hold", "reason": "lockdown"}
    world.heard("command.failed", **body)
    order.refresh_from_db()
    assert (order.state, order.ended_why) == ("failed", "lockdown")
    silent = standing_confirm(order_id=ask(world).pk, actor=world.officer)
    assert silent.command is not None
    Command.objects.filter(pk=silent.command.pk).update(state=CommandState.UNCONFIRMED)
    standing_lapse(actor=Actor.system("ingester"))
    silent.refresh_from_db()
    assert (silent.state, silent.ended_why) == ("failed", "unconfirmed")


@pytest.mark.parametrize(("verb", "most"), [("door_hold", 30), ("door_shunt", 60)])
def test_the_desk_names_the_bound_in_force(
    world: World, client: Client, verb: str, most: int
) -> None:
    page = f"/desk/{world.facility.code}/doors/{door(world).code}/standing/"
    sign_in(client, world.guard)
    assert "Hold open: at most 30; Shunt the alarm: at most 60" in client.get(page).content.decode()
    asked = {"act": "request", "verb": verb, "reason": "Furniture"}
    refused = client.post(page, {**asked, "minutes": "9999"})
    assert refused.status_code == 422
    said = f"The policy of this facility allows at most {most} minutes for this."
    assert refused.context["form"].errors == {"minutes": [said]}
    assert client.post(page, {**asked, "minutes": str(most)}).status_code == 302


def test_the_desk_asks_and_a_second_person_confirms_on_the_same_page(
    world: World, client: Client
) -> None:
    page = f"/desk/{world.facility.code}/doors/{door(world).code}/standing/"
    sign_in(client, world.guard)
    asked = {"act": "request", "verb": "door_hold", "minutes": "10", "reason": "Furniture"}
    assert client.post(page, asked).status_code == 302
    order = StandingOrder.objects.get()
    assert "A second person confirms" in client.get(page).content.decode()
    assert client.post(page, {"act": f"confirm:{order.pk}"}).status_code == 404
    assert client.post(page, {"act": "nothing:x"}).status_code == 404
    assert client.post(page, {**asked, "minutes": "0"}).status_code == 422
    assert client.post(page, asked).status_code == 409
    sign_in(client, world.officer)
    assert client.post(page, {"act": f"confirm:{order.pk}"}).status_code == 302
    order.refresh_from_db()
    assert order.confirmed_by_id == world.officer.person_id


@pytest.mark.parametrize("verb", list(StandingVerb))
def test_in_a_lockdown_nothing_is_asked_for_and_nothing_confirmed(
    world: World, client: Client, verb: StandingVerb
) -> None:
    waiting = ask(world, verb)
    lockdown_declare(
        facility_id=world.facility.pk, area_id=None, reason="Somebody inside", actor=world.guard
    )
    with pytest.raises(Refused) as asking:
        ask(world, next(each for each in StandingVerb if each != verb))
    with pytest.raises(Refused) as confirming:
        standing_confirm(order_id=waiting.pk, actor=world.officer)
    for refused in (asking.value, confirming.value):
        assert (refused.code, refused.remedy) == ("lockdown", "Lift the lockdown first.")
    assert not Command.objects.exists()
    sign_in(client, world.officer)
    page = f"/desk/{world.facility.code}/doors/{door(world).code}/standing/"
    shown = client.get(page).content.decode()
    assert "Lift the lockdown first." in shown, "it is said beforehand"
    assert "Ask a second person to confirm" not in shown
    assert f'value="end:{waiting.pk}"' in shown
    assert re.search("<button[^>]* disabled>Confirm as the second person", shown)
    assert "Not in a lockdown" in client.get(page.removesuffix("standing/")).content.decode()
    answer = client.post(page, {"act": f"confirm:{waiting.pk}"})
    assert (answer.status_code, "Lift the lockdown first." in answer.content.decode()) == (
        409, True,
    )  # fmt: skip
    assert standing_end(order_id=waiting.pk, actor=world.guard).state == "lapsed"


@pytest.mark.parametrize(
    ("kind", "body", "words"),
    [
        ("command.refused", {"reason": "lockdown"}, "Hold open: refused, a lockdown is in force"),
        ("command.failed", {"reason": "offline"}, "Hold open: not carried out, the device was"),
        ("door.hold_ended", {"cause": "lockdown"}, "Hold open: ended, a lockdown is in force"),
    ],
)
def test_what_a_gateway_does_not_do_is_said_at_the_door_for_a_while(
    world: World, client: Client, kind: str, body: dict[str, str], words: str
) -> None:
    order = standing_confirm(order_id=ask(world).pk, actor=world.officer)
    world.heard(kind, command_id=str(order.command_id), verb="door_hold", **body)
    page = f"/desk/{world.facility.code}/doors/{door(world).code}/"
    sign_in(client, world.guard)
    for each in (page, f"{page}standing/"):
        assert words in client.get(each).content.decode()
    later = now() + timedelta(minutes=11)
    with clock_set(lambda: later):
        assert words not in client.get(page).content.decode()
        ask(world)
    assert words not in client.get(page).content.decode()
