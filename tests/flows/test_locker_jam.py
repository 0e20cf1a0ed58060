"""A locker that jams, and a board that is silent: what is listed, and what the guard is told."""

import html
from collections.abc import Iterator
from uuid import UUID

import pytest
from django.test import Client

from access.models import CustodyItem, LockerAssignment
from access.services.custody import locker_assign, locker_open_request, locker_release
from access.services.deposit import custody_item_add, custody_item_remove
from access.services.leaving import visit_turn_away
from hardware.models import Device, DeviceKind, DeviceState
from scif.facilities.models import Locker
from scif.journal.models import Outbox
from scif.kernel.errors import Refused
from scif.people.models import User
from tests.flows.desk_world import World, make_world, midday
from tests.flows.test_visit_desk import identify

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded_world")]


@pytest.fixture(autouse=True)
def _noon() -> Iterator[None]:
    with midday():
        yield


@pytest.fixture
def world() -> World:
    """A visitor whose phone is listed for the locker that he was given."""
    world = make_world()
    identify(world)
    locker_assign(visit_id=world.visit.pk, actor=world.guard)
    custody_item_add(
        visit_id=world.visit.pk,
        kind="Phone",
        mark="7FA2 91",
        stays_with_visitor=False,
        approval="",
        actor=world.guard,
    )
    return world


def held(world: World) -> LockerAssignment:
    return LockerAssignment.objects.get(visit=world.visit, released_at=None)


def page(world: World) -> str:
    guard = Client()
    guard.force_login(User.objects.get(username="e.hughes"))
    return html.unescape(guard.get(f"/desk/ml/visits/{world.visit.pk}/").content.decode())


def opened(world: World) -> None:
    command = locker_open_request(visit_id=world.visit.pk, actor=world.guard)
    world.locker("locker.opened", command)


def given_up(world: World) -> UUID:
    return locker_release(visit_id=world.visit.pk, actor=world.guard).pk


def test_what_was_listed_moves_to_the_locker_that_is_given_next(world: World) -> None:
    world.locker("locker.jammed")
    told = page(world)
    assert 'name="locker_release"' in told
    assert "Its door never opened: what is listed moves there." in told
    first = given_up(world)
    item = CustodyItem.objects.get()
    assert (item.kind, item.mark, item.assignment) == ("Phone", "7FA2 91", held(world))
    assert held(world).pk != first
    kinds = [each.fields["kind"] for each in Outbox.objects.order_by("pk")][-4:]
    assert kinds == [
        "locker.released",
        "locker.assigned",
        "custody_item.removed",
        "custody_item.added",
    ]


def test_it_may_be_taken_off_the_list_where_no_other_locker_is_free(world: World) -> None:
    world.locker("locker.jammed")
    Locker.objects.exclude(pk=held(world).locker_id).update(in_service=False)
    with pytest.raises(Refused, match="No other locker is free"):
        given_up(world)
    assert 'name="item_remove"' in page(world)
    item = CustodyItem.objects.get()
    custody_item_remove(visit_id=world.visit.pk, item_id=item.pk, actor=world.guard)
    given_up(world)
    assert not LockerAssignment.objects.filter(released_at=None).exists()


def test_a_door_that_had_opened_keeps_what_may_lie_behind_it(world: World) -> None:
    opened(world)
    world.locker("locker.shut")
    opened(world)
    world.locker("locker.jammed")
    with pytest.raises(Refused, match="Belongings are listed"):
        given_up(world)
    told = page(world)
    assert "things may lie inside" in told
    assert 'name="locker_open"' in told
    assert 'name="locker_release"' not in told


def test_turned_away_nothing_waits_in_a_door_that_never_opened(world: World) -> None:
    world.locker("locker.jammed")
    visit_turn_away(visit_id=world.visit.pk, reason="No appointment", actor=world.guard)
    assert "Nothing is inside" in page(world)
    given_up(world)
    assert not CustodyItem.objects.exists()
    assert not LockerAssignment.objects.filter(released_at=None).exists()


def test_a_locker_that_opened_since_it_jammed_is_no_more_called_jammed(world: World) -> None:
    world.locker("locker.jammed")
    assert '<span class="vh"> jammed</span>' in page(world)
    opened(world)
    told = page(world)
    assert '<span class="vh"> jammed</span>' not in told
    assert '<span class="vh"> in use</span>' in told


def test_a_silent_board_is_named_and_nobody_waits_for_a_shut_door_for_ever(world: World) -> None:
    opened(world)
    assert "Waiting for the locker to be shut" in page(world)
    board = Device.objects.get(bank=held(world).locker.bank, kind=DeviceKind.LOCKER_BOARD)
    DeviceState.objects.update_or_create(device=board, defaults={"online": False})
    told = page(world)
    assert "Waiting for the locker to be shut" not in told
    assert f"The board {board.code} gives no answer: no locker of it opens" in told
    assert "Waiting for the board of the lockers to answer" in told


def test_what_was_shut_before_the_board_fell_silent_may_be_signed_and_says_so(
    world: World,
) -> None:
    opened(world)
    world.locker("locker.shut")
    board = Device.objects.get(bank=held(world).locker.bank, kind=DeviceKind.LOCKER_BOARD)
    DeviceState.objects.update_or_create(device=board, defaults={"online": False})
    told = page(world)
    assert 'name="deposit_sign"' in told
    assert "nothing is known since" in told
