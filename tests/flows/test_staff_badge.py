"""An officer gives staff their badges and PINs at the person's page."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings

from access.models import Badge, BadgeAssignment, BadgeKind, Pin
from access.rules.pin import pin_matches
from access.services.staff_issue import staff_badge_issue
from hardware.models import Command, SnapshotDelta
from scif.alarms.models import Alarm
from scif.journal.models import Outbox
from scif.kernel.errors import Refused
from scif.kernel.keys import KeyStore
from scif.people.models import Person
from tests.flows.desk_world import World, make_world, midday, person_named
from tests.logins import signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded_world")]
CONFLICT = 409
IDENTITY = {"document": "passport", "last_characters": "12ab"}
TYPED = {"pin": "508231", "pin_again": "508231"}


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
def khan(world: World) -> Person:
    return holder("S-11")


def holder(code: str) -> Person:
    return BadgeAssignment.objects.get(badge__code=code, returned_at=None).person


def stock(world: World, code: str, **more: str) -> Badge:
    return Badge.objects.create(facility=world.facility, code=code, kind=BadgeKind.STAFF, **more)


def bare(world: World, person: Person) -> None:
    """The person's badge is taken back."""
    held = BadgeAssignment.objects.get(person=person, returned_at=None)
    done = signed_in("p.ngata").post(f"/admin/act/badge-take-back/{held.badge_id}/")
    assert done.status_code == 302
    held.refresh_from_db()
    assert held.returned_at is not None
    assert held.badge.state == "returned"


def page_of(person: Person, login: str = "p.ngata") -> str:
    address = f"/admin/people/person/{person.pk}/change/"
    return signed_in(login).get(address).content.decode()


def told(badge: Badge) -> dict[str, Any]:
    """What doors were told last of a badge."""
    badge.refresh_from_db()
    record = SnapshotDelta.objects.filter(kind="credential", key=badge.number_sha256)
    payload = record.latest("version").payload
    assert payload is not None
    return dict(payload)


def journaled(kind: str) -> list[str]:
    return [str(row.data) for row in Outbox.objects.all() if row.fields["kind"] == kind]


def test_a_blank_badge_is_encoded_and_issued_at_the_person_s_page(
    world: World, khan: Person
) -> None:
    bare(world, khan)
    badge = stock(world, "S-90")
    officer = signed_in("p.ngata")
    act = f"/admin/act/badge-issue/{khan.pk}/"
    assert act in page_of(khan)
    assert "S-90, staff" in officer.get(act).content.decode()
    done = officer.post(act, {"badge_id": badge.pk})
    assert done.headers["Location"] == f"/admin/people/person/{khan.pk}/change/"
    order = Command.objects.get(verb="card_encode")
    assert (order.target, order.args) == ("N2", {"badge": "S-90", "person": str(khan.pk)})
    assert "Being encoded: leave the card on the desk reader N2" in page_of(khan)
    assert not BadgeAssignment.objects.filter(badge=badge).exists()
    digest = world.encoded(order)
    assert told(badge)["person"] == str(khan.pk)
    assert (badge.state, badge.number_sha256) == ("issued", digest)
    assert BadgeAssignment.objects.get(badge=badge, returned_at=None).person == khan
    assert "Being encoded" not in page_of(khan)
    assert journaled("badge.issued")


def test_an_order_that_failed_is_said_in_words(world: World, khan: Person) -> None:
    bare(world, khan)
    staff_badge_issue(person_id=khan.pk, badge_id=stock(world, "S-90").pk, actor=world.officer)
    Command.objects.update(state="failed", reason="no_card")
    assert "the desk reader N2 wrote no card" in page_of(khan)
    Command.objects.update(state="unconfirmed")
    assert "the desk reader N2 gave no answer" in page_of(khan)


def test_while_the_reader_is_silent_one_of_the_drawer_is_given(world: World, khan: Person) -> None:
    bare(world, khan)
    blank = stock(world, "S-90")
    drawer = stock(world, "S-91", state="encoded", number_sha256="ab" * 32)
    given: dict[str, Any] = {"person_id": khan.pk, "actor": world.officer}
    with pytest.raises(Refused) as refused:
        staff_badge_issue(badge_id=drawer.pk, **given)
    assert refused.value.code == "reader_answers"
    world.heard("device.offline", device="N2", reason="library_missing")
    page = signed_in("p.ngata").post(f"/admin/act/badge-issue/{khan.pk}/", {"badge_id": blank.pk})
    assert page.status_code == CONFLICT
    assert "The desk reader N2 gives no answer." in page.content.decode()
    assert not Command.objects.exists()
    staff_badge_issue(badge_id=drawer.pk, **given)
    assert told(drawer)["state"] == "issued"


def test_a_lost_badge_is_replaced_in_one_act(world: World, khan: Person) -> None:
    old = Badge.objects.get(code="S-11")
    badge = stock(world, "S-90")
    officer = signed_in("p.ngata")
    act = f"/admin/act/badge-replace/{old.pk}/"
    assert act in page_of(khan)
    done = officer.post(act, {"badge_id": badge.pk, "reason": "Left in a taxi"})
    assert done.headers["Location"] == f"/admin/people/person/{khan.pk}/change/"
    assert told(old)["state"] == "lost"
    assert Alarm.objects.filter(kind="badge_lost", subject="S-11").exists()
    world.encoded(Command.objects.get(verb="card_encode"))
    assert told(badge)["person"] == str(khan.pk)


def test_a_loss_that_cannot_be_replaced_is_not_half_done(world: World) -> None:
    old = Badge.objects.get(code="S-11")
    world.heard("device.offline", device="N2", reason="library_missing")
    page = signed_in("p.ngata").post(
        f"/admin/act/badge-replace/{old.pk}/",
        {"badge_id": stock(world, "S-90").pk, "reason": "Left in a taxi"},
    )
    assert page.status_code == CONFLICT
    assert "Or record the badge as lost" in page.content.decode()
    old.refresh_from_db()
    assert old.state == "issued"


def test_who_has_a_badge_gets_no_second_one(world: World, khan: Person) -> None:
    badge = stock(world, "S-90")
    given: dict[str, Any] = {"person_id": khan.pk, "badge_id": badge.pk, "actor": world.officer}
    with pytest.raises(Refused) as refused:
        staff_badge_issue(**given)
    assert refused.value.code == "has_badge"
    bare(world, khan)
    staff_badge_issue(**given)
    order = Command.objects.get(verb="card_encode")
    Badge.objects.filter(pk=badge.pk).update(state="lost")
    world.encoded(order)
    assert Alarm.objects.filter(kind="card_unassigned").exists()
    assert not BadgeAssignment.objects.filter(badge=badge).exists()


def test_a_visitor_s_card_is_none_of_the_staff(world: World, khan: Person) -> None:
    bare(world, khan)
    card = Badge.objects.filter(facility=world.facility, kind="visitor", state="blank").first()
    assert card is not None
    page = signed_in("p.ngata").post(f"/admin/act/badge-issue/{khan.pk}/", {"badge_id": card.pk})
    assert page.status_code == 422


def test_a_pin_is_typed_after_an_identity_check_on_the_officer_s_screen(
    world: World, khan: Person
) -> None:
    officer = signed_in("p.ngata")
    act = f"/admin/act/pin-set/{khan.pk}/"
    assert act in page_of(khan)
    assert officer.post(act, {"facility_id": world.facility.pk}).status_code == 422
    done = officer.post(act, {"facility_id": world.facility.pk, **TYPED, **IDENTITY})
    assert done.headers["Location"] == f"/admin/people/person/{khan.pk}/change/"
    pin = Pin.objects.get(person=khan, facility=world.facility)
    key = KeyStore(settings.KEY_DIR).secret("pin.hmac")
    assert pin_matches(key, str(khan.pk), TYPED["pin"], pin.verifier)
    assert "PIN at" in page_of(khan)


@pytest.mark.parametrize("act", ["badge-issue", "pin-set"])
def test_nobody_gives_himself_a_badge_or_a_pin(world: World, act: str) -> None:
    person = person_named("p.ngata")
    given: dict[str, Any] = {"badge_id": stock(world, "S-90").pk, **IDENTITY, **TYPED}
    given["facility_id"] = world.facility.pk
    page = signed_in("p.ngata").post(f"/admin/act/{act}/{person.pk}/", given)
    assert page.status_code == CONFLICT
    assert "Another officer" in page.content.decode()
    assert not Command.objects.exists()
    assert not Pin.objects.filter(person=person).exists()


@pytest.mark.parametrize(("login", "code"), [("e.hughes", "S-11"), ("p.ngata", "S-02")])
def test_guards_and_officers_of_elsewhere_give_nothing(world: World, login: str, code: str) -> None:
    old, person = Badge.objects.get(code=code), holder(code)
    badge = stock(world, "S-90")
    given = {"badge_id": badge.pk, "facility_id": world.facility.pk, "reason": "Lost"}
    given |= {**IDENTITY, **TYPED}
    for act in (
        f"badge-issue/{person.pk}",
        f"pin-set/{person.pk}",
        f"badge-replace/{old.pk}",
        f"badge-take-back/{old.pk}",
    ):
        page = signed_in(login).post(f"/admin/act/{act}/", given)
        assert page.status_code in {302, 404}, act
        assert "/people/person/" not in page.headers.get("Location", "")
    assert not Command.objects.exists()
    old.refresh_from_db()
    assert old.state == "issued"


def test_an_officer_gives_no_badge_and_no_pin_of_another_facility(
    world: World, khan: Person
) -> None:
    far = holder("S-02").badges.latest("issued_at").badge.facility
    badge = Badge.objects.create(facility=far, code="S-90", kind=BadgeKind.STAFF)
    for act, given in (
        ("badge-issue", {"badge_id": badge.pk}),
        ("pin-set", {"facility_id": far.pk}),
    ):
        page = signed_in("p.ngata").post(
            f"/admin/act/{act}/{khan.pk}/", {**given, **IDENTITY, **TYPED}
        )
        assert page.status_code == 422, act
    with pytest.raises(Badge.DoesNotExist):
        staff_badge_issue(person_id=khan.pk, badge_id=badge.pk, actor=world.officer)
    assert not Pin.objects.filter(person=khan, facility=far).exists()
