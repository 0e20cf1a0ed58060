"""A lost badge that is found opens nothing by its old number; a destroyed one is no more."""

from collections.abc import Iterator

import pytest
from django.test import Client

from access.models import Badge, BadgeAssignment
from access.rules.states import CredentialState
from access.services.badge import badge_erase_request
from access.services.badge_end import badge_report_lost
from access.services.badge_found import badge_destroy, badge_find
from access.services.badge_stock import badge_prepare_request
from hardware.models import Command, SnapshotDelta
from scif.alarms.models import Alarm
from scif.journal.models import Outbox
from scif.kernel.errors import Refused
from scif.people.models import User
from tests.flows.desk_world import World, make_world, midday

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded_world")]
WHERE = "On the stairs, handed in by the cleaner"


@pytest.fixture(autouse=True)
def _noon() -> Iterator[None]:
    with midday():
        yield


@pytest.fixture
def world() -> World:
    world = make_world()
    world.heard("device.online", device="N2", secure=False)
    return world


@pytest.fixture
def lost(world: World) -> Badge:
    badge = Badge.objects.get(code="S-11")
    return badge_report_lost(badge_id=badge.pk, reason="Left in a taxi", actor=world.officer)


def client_of(login: str) -> Client:
    client = Client()
    client.force_login(User.objects.get(username=login))
    return client


def door_knows(digest: str) -> str:
    """The state of the badge with this number, as the doors were told last."""
    record = SnapshotDelta.objects.filter(kind="credential", key=digest).latest("version")
    assert record.payload is not None
    return str(record.payload["state"])


def journaled(kind: str) -> list[str]:
    return [str(row.data) for row in Outbox.objects.all() if row.fields["kind"] == kind]


def test_a_lost_badge_stands_as_lost_on_the_page_of_whoever_held_it(
    world: World, lost: Badge
) -> None:
    holder = BadgeAssignment.objects.get(badge=lost).person
    page = f"/admin/people/person/{holder.pk}/change/"

    def row() -> str:
        said = client_of("h.marsh").get(page).content.decode()
        return next(each for each in said.split("<tr") if f">{lost.code}<" in each)

    assert "</svg>Lost<" in row()
    badge_find(badge_id=lost.pk, where=WHERE, actor=world.guard)
    assert "</svg>Returned<" in row()


def test_a_found_badge_opens_nothing_and_gets_a_fresh_number(world: World, lost: Badge) -> None:
    old = lost.number_sha256
    badge_find(badge_id=lost.pk, where=WHERE, actor=world.guard)
    lost.refresh_from_db()
    assert (lost.state, lost.found_where) == ("returned", WHERE)
    assert door_knows(old) == "returned"
    assert not BadgeAssignment.objects.filter(badge=lost, returned_at=None).exists()
    alarm = Alarm.objects.get(kind="badge_lost", subject="S-11")
    assert alarm.closed_at is not None
    assert WHERE in journaled("badge.found")[0]
    order = badge_erase_request(badge_id=lost.pk, actor=world.guard)
    world.answer(order, "card.erased", device=order.target)
    badge_prepare_request(badge_id=lost.pk, actor=world.officer)
    fresh = world.encoded(Command.objects.get(verb="card_encode"))
    lost.refresh_from_db()
    assert (lost.state, lost.number_sha256) == ("encoded", fresh)
    assert fresh != old
    # A copy of the card as it was is refused for what it is.
    assert door_knows(old) == "returned"


@pytest.mark.parametrize("state", [s for s in CredentialState if s != "lost"])
def test_only_a_lost_badge_is_found(world: World, lost: Badge, state: str) -> None:
    Badge.objects.filter(pk=lost.pk).update(state=state)
    with pytest.raises(Refused) as refused:
        badge_find(badge_id=lost.pk, where=WHERE, actor=world.guard)
    assert refused.value.code == "wrong_state"


def test_a_destroyed_badge_is_never_used_again(world: World, lost: Badge) -> None:
    with pytest.raises(Refused):
        badge_destroy(badge_id=lost.pk, reason="Cut up", actor=world.officer)
    badge_find(badge_id=lost.pk, where=WHERE, actor=world.guard)
    with pytest.raises(Badge.DoesNotExist):
        badge_destroy(badge_id=lost.pk, reason="Cut up", actor=world.guard)
    badge_destroy(badge_id=lost.pk, reason="Cut up", actor=world.officer)
    assert door_knows(lost.number_sha256) == "destroyed"
    assert "Cut up" in journaled("badge.destroyed")[0]
    for service in (badge_erase_request, badge_prepare_request):
        with pytest.raises(Refused):
            service(badge_id=lost.pk, actor=world.officer)


def test_a_badge_of_elsewhere_is_not_there(world: World, lost: Badge) -> None:
    with pytest.raises(Badge.DoesNotExist):
        badge_find(badge_id=lost.pk, where=WHERE, actor=world.stranger)
    assert client_of("m.okafor").get("/desk/ml/badges/").status_code == 404


def test_a_guard_takes_it_back_and_has_it_erased_at_the_desk(world: World, lost: Badge) -> None:
    guard = client_of("e.hughes")
    assert "/desk/ml/badges/" in guard.get("/desk/ml/exit/").content.decode()
    page = "/desk/ml/badges/"
    assert "S-11" in guard.get(page).content.decode()
    assert guard.post(page, {"found": "1", "badge": lost.pk, "where": " "}).status_code == 422
    assert guard.post(page, {"erase": "nothing"}).status_code == 404
    done = guard.post(page, {"found": "1", "badge": lost.pk, "where": WHERE})
    assert done.status_code == 302
    assert WHERE in guard.get(page).content.decode()
    assert guard.post(page, {"erase": str(lost.pk)}).status_code == 302
    assert Command.objects.get(verb="card_erase").args == {"badge": "S-11"}
    assert guard.post(page, {"erase": str(lost.pk)}).status_code == 409


def test_an_officer_reads_on_the_badge_s_page_where_it_was(world: World, lost: Badge) -> None:
    officer = client_of("p.ngata")
    page = f"/admin/access/badge/{lost.pk}/change/"
    assert "Found again" in officer.get(page).content.decode()
    found = officer.post(f"/admin/act/badge-find/{lost.pk}/", {"where": WHERE})
    assert found.status_code == 302
    assert WHERE in officer.get(page).content.decode()
    done = officer.post(f"/admin/act/badge-destroy/{lost.pk}/", {"reason": "Cut up"})
    assert done.status_code == 302
    shown = officer.get(page).content.decode()
    assert "destroyed" in shown
    assert "Erase the returned badge" not in shown
