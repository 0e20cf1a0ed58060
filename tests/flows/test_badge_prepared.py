"""A desk whose reader gives no answer: badges encoded beforehand, and erased later."""

from collections.abc import Iterator

import pytest
from django.test import Client

from access.models import Badge, BadgeAssignment
from access.services.badge import badge_erase_request, badge_issue_request
from access.services.badge_prepared import badge_issue_prepared
from access.services.pin import pin_set
from hardware.models import Command, SnapshotDelta
from scif.kernel.errors import Refused
from scif.people.models import User
from tests.flows.desk_world import World, make_world, midday
from tests.flows.test_visit_desk import check_in, deposit, identify, walk_out

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded_world")]


@pytest.fixture(autouse=True)
def _noon() -> Iterator[None]:
    with midday():
        yield


@pytest.fixture
def world() -> World:
    world = make_world()
    identify(world)
    deposit(world)
    return world


def silence(world: World) -> None:
    world.heard("device.offline", device="N2", reason="library_missing")


def shown(world: World) -> str:
    client = Client()
    client.force_login(User.objects.get(username="e.hughes"))
    return client.get(f"/desk/ml/visits/{world.visit.pk}/").content.decode()


def test_a_badge_of_the_drawer_serves_one_visit(world: World) -> None:
    silence(world)
    page = shown(world)
    assert "Give a badge encoded beforehand" in page
    assert "U-51" in page
    assert "Encode this badge" not in page
    badge_issue_prepared(visit_id=world.visit.pk, actor=world.guard)
    held = BadgeAssignment.objects.get(visit=world.visit, returned_at=None).badge
    assert held.state == "issued"
    told = SnapshotDelta.objects.filter(kind="credential", key=held.number_sha256).latest("version")
    assert told.payload is not None
    assert (told.payload["state"], told.payload["visit"]) == ("issued", str(world.visit.pk))
    pin_set(visit_id=world.visit.pk, actor=world.guard)
    world.passes("presence.entered")
    world.passes("presence.left")
    walk_out(world)
    held.refresh_from_db()
    assert held.state == "returned"


def test_while_the_reader_answers_a_card_is_encoded(world: World) -> None:
    world.heard("device.online", device="N2", secure=False)
    assert "Encode this badge" in shown(world)
    with pytest.raises(Refused) as refused:
        badge_issue_prepared(visit_id=world.visit.pk, actor=world.guard)
    assert refused.value.code == "reader_answers"
    assert not BadgeAssignment.objects.filter(visit=world.visit).exists()


def test_a_blank_badge_is_never_given_as_a_prepared_one(world: World) -> None:
    silence(world)
    blank = Badge.objects.filter(facility=world.facility, state="blank").first()
    assert blank is not None
    with pytest.raises(Refused) as refused:
        badge_issue_prepared(visit_id=world.visit.pk, badge_id=blank.pk, actor=world.guard)
    assert refused.value.code == "no_prepared_badge"


def test_an_empty_drawer_says_so(world: World) -> None:
    silence(world)
    Badge.objects.filter(state="encoded").delete()
    assert "No badge encoded beforehand is left" in shown(world)


def test_no_prepared_badge_before_the_deposit() -> None:
    world = make_world()
    identify(world)
    silence(world)
    with pytest.raises(Refused, match="after the belongings"):
        badge_issue_prepared(visit_id=world.visit.pk, actor=world.guard)


def test_a_returned_badge_that_could_not_be_erased_is_erased_later() -> None:
    world = make_world()
    check_in(world)
    world.passes("presence.entered")
    world.passes("presence.left")
    walk_out(world)
    badge = Badge.objects.get(state="returned")
    Command.objects.filter(verb="card_erase").update(state="failed")
    command = badge_erase_request(badge_id=badge.pk, actor=world.guard)
    world.answer(command, "card.erased", device=command.target, uid=badge.uid)
    badge.refresh_from_db()
    assert (badge.state, badge.number_sha256) == ("blank", "")
    with pytest.raises(Refused, match="Only a returned badge"):
        badge_erase_request(badge_id=badge.pk, actor=world.guard)


def test_another_facility_erases_and_gives_nothing(world: World) -> None:
    silence(world)
    with pytest.raises(Exception, match="does not exist"):
        badge_issue_prepared(visit_id=world.visit.pk, actor=world.stranger)
    badge = Badge.objects.filter(facility=world.facility, state="encoded").first()
    assert badge is not None
    with pytest.raises(Exception, match="does not exist"):
        badge_erase_request(badge_id=badge.pk, actor=world.stranger)
    assert badge_issue_request(visit_id=world.visit.pk, actor=world.guard).verb == "card_encode"
