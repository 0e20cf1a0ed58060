"""Lockers by the board's word, belongings by both signatures."""

import html
import json
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from access.models import CustodyItem, LockerAssignment, Signature
from access.services.custody import (
    deposit_none_declare,
    locker_assign,
    locker_open_request,
    locker_release,
)
from access.services.deposit import (
    custody_item_add,
    custody_item_remove,
    deposit_sign,
    return_sign,
)
from access.services.leaving import search_record, visit_turn_away
from hardware.models import Command, CommandState
from scif.alarms.models import Alarm
from scif.kernel.errors import Refused
from scif.people.models import User
from tests.flows.desk_world import World, make_world, midday
from tests.flows.test_visit_desk import STROKES, check_in, deposit, identify

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded_world")]


@pytest.fixture(autouse=True)
def _noon() -> Iterator[None]:
    with midday():
        yield


@pytest.fixture
def world() -> World:
    world = make_world()
    identify(world)
    return world


def phone(world: World, *, stays: bool = False, approval: str = "") -> CustodyItem:
    return custody_item_add(
        visit_id=world.visit.pk,
        kind="Phone",
        mark="7FA2 91",
        stays_with_visitor=stays,
        approval=approval,
        actor=world.guard,
    )


def opened(world: World) -> LockerAssignment:
    assignment = locker_assign(visit_id=world.visit.pk, actor=world.guard)
    command = locker_open_request(visit_id=world.visit.pk, actor=world.guard)
    world.locker("locker.opened", command)
    assignment.refresh_from_db()
    return assignment


def test_requested_sent_and_opened_are_different_facts(world: World) -> None:
    assignment = locker_assign(visit_id=world.visit.pk, actor=world.guard)
    command = locker_open_request(visit_id=world.visit.pk, actor=world.guard)
    assignment.refresh_from_db()
    assert (command.state, assignment.state) == (CommandState.REQUESTED, "assigned")
    world.locker("locker.opened", command)
    assignment.refresh_from_db()
    command.refresh_from_db()
    assert (command.state, assignment.state) == (CommandState.CONFIRMED, "open")


def test_two_visits_get_two_lockers(world: World) -> None:
    first = locker_assign(visit_id=world.visit.pk, actor=world.guard)
    assert str(first.locker.number) == "01"
    with pytest.raises(Refused, match="has a locker"):
        locker_assign(visit_id=world.visit.pk, actor=world.guard)


def test_a_thing_stays_with_the_visitor_only_under_an_approval(world: World) -> None:
    opened(world)
    with pytest.raises(Refused, match="approval"):
        phone(world, stays=True)
    assert phone(world, stays=True, approval="MED-0012").approval == "MED-0012"


def test_a_form_that_is_sent_again_lists_a_thing_once(world: World) -> None:
    opened(world)
    again: dict[str, Any] = {
        "visit_id": world.visit.pk,
        "kind": "Phone",
        "mark": "7FA2 91",
        "stays_with_visitor": False,
        "approval": "",
        "actor": world.guard,
        "item_id": uuid4(),
    }
    assert custody_item_add(**again) == custody_item_add(**again)
    assert CustodyItem.objects.count() == 1
    assert custody_item_add(**{**again, "item_id": uuid4()}).pk != again["item_id"]
    assert CustodyItem.objects.count() == 2


def test_nobody_signs_before_the_board_says_shut(world: World) -> None:
    opened(world)
    phone(world)
    with pytest.raises(Refused, match="not confirmed shut"):
        deposit_sign(visit_id=world.visit.pk, party="visitor", strokes=STROKES, actor=world.guard)


def test_opened_again_both_sign_again(world: World) -> None:
    deposit(world)
    assert world.again().state == "deposited"
    command = locker_open_request(visit_id=world.visit.pk, actor=world.guard)
    world.locker("locker.opened", command)
    assert not Signature.objects.exists()
    world.locker("locker.shut")
    assert LockerAssignment.objects.get().state == "shut"
    deposit_sign(visit_id=world.visit.pk, party="visitor", strokes=STROKES, actor=world.guard)


def test_a_jammed_locker_is_no_shut_locker(world: World) -> None:
    assignment = opened(world)
    phone(world)
    world.locker("locker.jammed")
    assignment.refresh_from_db()
    assert (assignment.state, assignment.shut_confirmed_at) == ("jammed", None)
    assert Alarm.objects.get().kind == "locker_jammed"
    world.locker("locker.shut")
    assignment.refresh_from_db()
    assert assignment.state == "shut"


def test_a_locker_that_opens_by_itself_raises_an_alarm_and_breaks_the_deposit(
    world: World,
) -> None:
    deposit(world)
    world.locker("locker.opened")
    assert Alarm.objects.get().kind == "locker_unordered"
    assert LockerAssignment.objects.get().state == "open"


def test_a_shut_from_before_the_opening_confirms_nothing(world: World) -> None:
    locker_assign(visit_id=world.visit.pk, actor=world.guard)
    world.locker("locker.shut")
    assert LockerAssignment.objects.get().shut_confirmed_at is None


def test_the_list_is_closed_with_the_locker(world: World) -> None:
    opened(world)
    item = phone(world)
    other = phone(world)
    custody_item_remove(visit_id=world.visit.pk, item_id=other.pk, actor=world.guard)
    world.locker("locker.shut")
    with pytest.raises(Refused, match="list as it is"):
        custody_item_remove(visit_id=world.visit.pk, item_id=item.pk, actor=world.guard)


def test_nothing_declared_needs_no_locker(world: World) -> None:
    locker_assign(visit_id=world.visit.pk, actor=world.guard)
    with pytest.raises(Refused, match="has a locker"):
        deposit_none_declare(visit_id=world.visit.pk, actor=world.guard)
    locker_release(visit_id=world.visit.pk, actor=world.guard)
    deposit_none_declare(visit_id=world.visit.pk, actor=world.guard)
    assert world.again().state == "deposited"


def test_turned_away_takes_his_things_along(world: World) -> None:
    opened(world)
    phone(world)
    visit_turn_away(visit_id=world.visit.pk, reason="No appointment", actor=world.guard)
    world.locker("locker.opened", locker_open_request(visit_id=world.visit.pk, actor=world.guard))
    world.locker("locker.shut")
    for party in ("visitor", "guard"):
        return_sign(visit_id=world.visit.pk, party=party, strokes=STROKES, actor=world.guard)
    assert world.again().state == "turned_away"
    assert LockerAssignment.objects.get().released_at is not None
    assert CustodyItem.objects.get().returned_at is not None


def test_the_locker_stays_shut_while_the_visitor_is_inside() -> None:
    world = make_world()
    check_in(world)
    world.passes("presence.entered")
    before = Command.objects.count()
    with pytest.raises(Refused, match="stays shut"):
        locker_open_request(visit_id=world.visit.pk, actor=world.guard)
    assert Command.objects.count() == before
    world.passes("presence.left")
    search_record(visit_id=world.visit.pk, clear=True, items=[], remarks="", actor=world.guard)
    locker_open_request(visit_id=world.visit.pk, actor=world.guard)


def test_what_is_no_signature_is_said_of_its_pad_and_the_other_one_is_kept(world: World) -> None:
    opened(world)
    phone(world)
    world.locker("locker.shut")
    guard, page = Client(), f"/desk/ml/visits/{world.visit.pk}/"
    guard.force_login(User.objects.get(username="e.hughes"))
    typed = {"deposit_sign": "1", "visitor": "junk", "guard": json.dumps(STROKES)}
    refused = guard.post(page, typed)
    told = html.unescape(refused.content.decode())
    assert refused.status_code == 409
    assert "What came from the visitor's pad is not a signature" in told
    assert "what the guard has signed is kept" in told
    assert "The guard has signed. Now the visitor signs." in told
    visitor = {"deposit_sign": "1", "visitor": json.dumps(STROKES)}
    assert guard.post(page, visitor).status_code == 302
    assert world.again().state == "deposited"
