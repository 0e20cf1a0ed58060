"""Card stock: an officer registers blank badges and has some encoded for the drawer."""

from collections.abc import Iterator

import pytest

from access.models import Badge
from access.selectors.desk import badges_prepared
from hardware.models import Command
from scif.alarms.models import Alarm
from scif.journal.models import Outbox
from tests.flows.desk_world import World, make_world, midday
from tests.logins import signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded_world")]
RUN = {"kind": "visitor", "letters": "W-", "first": "7", "last": "11"}


@pytest.fixture(autouse=True)
def _noon() -> Iterator[None]:
    with midday():
        yield


@pytest.fixture
def world() -> World:
    world = make_world()
    world.heard("device.online", device="N2", secure=False)
    return world


def register(world: World, login: str = "p.ngata", **given: str) -> int:
    address = f"/admin/act/badges-register/{world.facility.pk}/"
    return signed_in(login).post(address, {**RUN, **given}).status_code


def codes(world: World) -> list[str]:
    badges = Badge.objects.filter(facility=world.facility, code__startswith="W-")
    return [badge.code for badge in badges.order_by("code")]


def test_a_run_of_numbers_is_registered_blank(world: World) -> None:
    page = signed_in("p.ngata").get(f"/admin/facilities/facility/{world.facility.pk}/change/")
    assert f"/admin/act/badges-register/{world.facility.pk}/" in page.content.decode()
    assert register(world) == 302
    assert codes(world) == ["W-07", "W-08", "W-09", "W-10", "W-11"]
    badge = Badge.objects.get(code="W-07")
    assert (badge.kind, badge.state, badge.number_sha256) == ("visitor", "blank", "")
    assert "badge.registered" in [row.fields["kind"] for row in Outbox.objects.all()]
    assert register(world, first="12", last="") == 302
    assert codes(world)[-1] == "W-12"


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({"first": "11", "last": "7"}, 409),
        ({"first": "1", "last": "600"}, 422),
        ({"letters": "<b>"}, 422),
        ({"kind": "king"}, 422),
        ({"first": "-1"}, 422),
    ],
)
def test_what_is_no_run_registers_nothing(world: World, given: dict[str, str], status: int) -> None:
    assert register(world, **given) == status
    assert codes(world) == []


def test_a_number_in_use_stops_the_whole_run(world: World) -> None:
    assert register(world, first="9", last="9") == 302
    assert register(world) == 422
    assert codes(world) == ["W-09"]


def test_a_blank_badge_is_encoded_for_the_drawer(world: World) -> None:
    register(world)
    badge = Badge.objects.get(code="W-07")
    act = f"/admin/act/badge-prepare/{badge.pk}/"
    assert (
        act in signed_in("p.ngata").get(f"/admin/access/badge/{badge.pk}/change/").content.decode()
    )
    assert signed_in("p.ngata").post(act).status_code == 302
    order = Command.objects.get(verb="card_encode")
    shown = signed_in("p.ngata").get(f"/admin/access/badge/{badge.pk}/change/").content.decode()
    assert "Ordered of the desk reader N2: Requested" in shown
    digest = world.encoded(order)
    badge.refresh_from_db()
    assert (badge.state, badge.number_sha256) == ("encoded", digest)
    assert badge in badges_prepared(world.facility, world.guard)
    assert signed_in("p.ngata").post(act).status_code == 409


def test_a_card_encoded_for_a_badge_that_was_lost_meanwhile_raises_an_alarm(world: World) -> None:
    register(world)
    badge = Badge.objects.get(code="W-07")
    signed_in("p.ngata").post(f"/admin/act/badge-prepare/{badge.pk}/")
    Badge.objects.filter(pk=badge.pk).update(state="lost")
    world.encoded(Command.objects.get(verb="card_encode"))
    assert Alarm.objects.filter(kind="card_unassigned").exists()
    badge.refresh_from_db()
    assert (badge.state, badge.number_sha256) == ("lost", "")


def test_a_silent_reader_is_said_in_words(world: World) -> None:
    register(world)
    world.heard("device.offline", device="N2", reason="library_missing")
    badge = Badge.objects.get(code="W-07")
    page = signed_in("p.ngata").post(f"/admin/act/badge-prepare/{badge.pk}/")
    assert page.status_code == 409
    assert "The desk reader N2 gives no answer." in page.content.decode()


def test_guards_and_officers_of_elsewhere_touch_no_stock(world: World) -> None:
    assert register(world, "e.hughes") in {302, 404}
    assert codes(world) == []
    far = Badge.objects.filter(facility__code="b7", state="blank").first()
    assert far is not None
    officer = signed_in("p.ngata")
    assert officer.post(f"/admin/act/badge-prepare/{far.pk}/").status_code == 404
    address = f"/admin/act/badges-register/{far.facility_id}/"
    assert officer.post(address, RUN).status_code == 404
    assert not Command.objects.exists()
