"""Staff and visitors choose a PIN, and one for duress, and nobody else learns either."""

import html
import re
from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.test import Client
from django.utils.timezone import localtime

from access.models import BadgeAssignment, Pin
from access.rules.pin import pin_matches
from access.services.pin import visit_pin_choose
from access.services.pin_choice import pin_choose
from hardware.models import SnapshotDelta
from scif.alarms.models import Gravity
from scif.alarms.services import alarm_raise
from scif.journal.models import Outbox
from scif.kernel.clock import clock_set, now
from scif.kernel.errors import FieldRefused, Refused
from scif.kernel.keys import KeyStore
from scif.people.models import Person, User
from tests.flows.desk_world import World, make_world, midday, person_named
from tests.flows.test_visit_desk import check_in
from tests.policies import policy_with

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded_world")]
FIRST, SECOND = "508231", "774102"
TYPED = {"pin": FIRST, "pin_again": FIRST}
BOTH = {**TYPED, "second": SECOND, "second_again": SECOND}
IDENTITY = {"document": "passport", "last_characters": "12ab"}
PAGE = "/desk/ml/pins/"


@pytest.fixture(autouse=True)
def _noon() -> Iterator[None]:
    with midday():
        yield


@pytest.fixture
def world() -> World:
    return make_world()


@pytest.fixture
def khan(world: World) -> Person:
    return BadgeAssignment.objects.get(badge__code="S-11", returned_at=None).person


def client_of(login: str) -> Client:
    client = Client()
    client.force_login(User.objects.get(username=login))
    return client


def pin_of(world: World, person: Person) -> Pin:
    return Pin.objects.get(person=person, facility=world.facility)


def chosen(world: World, person: Person, **typed: Any) -> None:
    given = {**IDENTITY, **TYPED, **typed}
    pin_choose(
        person_id=person.pk,
        facility_id=world.facility.pk,
        actor=given.pop("actor", world.guard),
        **given,
    )


def test_both_pins_open_and_neither_is_written_anywhere(world: World, khan: Person) -> None:
    chosen(world, khan, **BOTH)
    pin = pin_of(world, khan)
    key = KeyStore(settings.KEY_DIR).secret("pin.hmac")
    assert pin_matches(key, str(khan.pk), FIRST, pin.verifier)
    assert pin_matches(key, str(khan.pk), SECOND, pin.duress_verifier)
    record = SnapshotDelta.objects.filter(kind="person", key=str(khan.pk)).latest("version")
    assert pin.verifier in str(record.payload)
    told = [row for row in Outbox.objects.all() if row.fields["kind"] == "pin.set"]
    assert told
    assert not any(digits in str(row.data) for row in told for digits in (FIRST, SECOND))


def test_the_journal_is_the_same_with_a_second_pin_and_without(world: World, khan: Person) -> None:
    chosen(world, khan, **BOTH)
    chosen(world, khan)
    rows = [row for row in Outbox.objects.order_by("pk") if row.fields["kind"] == "pin.set"]
    two, one = (row.data for row in rows[-2:])
    assert two == one
    assert "12AB" in str(one)
    # The second one of before has ended.
    assert pin_of(world, khan).duress_verifier == ""


@pytest.mark.parametrize(
    ("typed", "code", "field"),
    [
        ({"pin_again": "508232"}, "pin_differs", "pin_again"),
        ({"pin": "123456", "pin_again": "123456"}, "pin_easy", "pin"),
        ({"pin": "50823", "pin_again": "50823"}, "pin_length", "pin"),
        ({"pin": "5082a1", "pin_again": "5082a1"}, "pin_length", "pin"),
        ({"second": SECOND}, "pin_differs", "second_again"),
        ({"second_again": SECOND}, "pin_length", "second"),
        ({"second": FIRST, "second_again": FIRST}, "pin_near", "second"),
        ({"second": "508232", "second_again": "508232"}, "pin_near", "second"),
        ({"second": "999999", "second_again": "999999"}, "pin_easy", "second"),
    ],
)
def test_each_fault_is_refused_at_its_field_and_names_no_digit(
    world: World, khan: Person, typed: dict[str, str], code: str, field: str
) -> None:
    before = pin_of(world, khan).verifier
    with pytest.raises(FieldRefused) as refused:
        chosen(world, khan, **typed)
    assert (refused.value.code, refused.value.field) == (code, field)
    assert pin_of(world, khan).verifier == before
    said = f"{refused.value.message} {refused.value.remedy}"
    assert not any(each in said for each in typed.values())
    assert not re.search("second|first|duress", said), "who looks on learns of no second PIN"


@pytest.mark.parametrize("second", [("508232", "508232"), (SECOND, "774103"), ("9999", "9999")])
def test_what_is_wrong_with_a_second_pin_is_told_as_of_any(
    world: World, second: tuple[str, str]
) -> None:
    check_in(world)
    page = f"/desk/ml/visits/{world.visit.pk}/pin/"
    guard = client_of("e.hughes")
    shown = guard.get(page).content.decode()
    for rule in ("6 to 12 digits", "1212", "It differs from the first in"):
        assert rule in shown, "the rules are said beforehand"
    typed = {**TYPED, "second": second[0], "second_again": second[1]}
    refused = guard.post(page, {**typed, "replaces": seen(guard, page)})
    assert refused.status_code == 409
    summary = re.search(r'<div class="summary".*?</div>', refused.content.decode(), re.DOTALL)
    assert summary is not None
    assert not re.search("second", re.sub("<[^>]*>", "", summary[0]), re.IGNORECASE)


def test_the_desk_is_covered_before_it_says_to_turn_the_screen(world: World) -> None:
    check_in(world)
    guard, visit = client_of("e.hughes"), f"/desk/ml/visits/{world.visit.pk}/"
    assert guard.get(f"{visit}pin/first/")["Location"] == visit, "it is made already"
    for page in ("pin/new/", "pin/second/", "pin/"):
        covered = guard.get(visit + page).content.decode()
        assert "turn the screen to the visitor alone" in covered
        assert "Lockdown" not in covered, page
    assert "turn the screen to the visitor" not in guard.get(visit).content.decode()
    refused = guard.post(visit, {"pin": "1"}).content.decode()
    assert "A PIN was made at" in refused
    assert "Lockdown" not in refused


def test_what_is_too_easy_or_too_alike_is_the_policy_s_to_say(world: World, khan: Person) -> None:
    policy_with(world.facility, pin_weak_refused=False, duress_pin_differs=1)
    chosen(world, khan, pin="111111", pin_again="111111", second="111112", second_again="111112")
    policy_with(world.facility, without=["pin_weak_refused"])
    with pytest.raises(Refused) as refused:
        chosen(world, khan)
    assert refused.value.code == "policy_incomplete"


def test_somebody_else_checks_who_it_is(world: World, khan: Person) -> None:
    own = person_named("e.hughes")
    with pytest.raises(Refused) as refused:
        chosen(world, own)
    assert refused.value.code == "own_pin"
    for last in ("12", "12-4", "ٱٱٱٱ"):
        with pytest.raises(Refused):
            chosen(world, khan, last_characters=last)
    with pytest.raises(world.facility.DoesNotExist):
        chosen(world, khan, actor=world.stranger)


def test_a_visitor_is_none_of_them(world: World) -> None:
    with pytest.raises(Person.DoesNotExist):
        chosen(world, world.visit.person)


def test_at_the_desk_the_person_types_unseen(world: World, khan: Person) -> None:
    guard = client_of("e.hughes")
    assert PAGE in guard.get("/desk/ml/shift/").content.decode()
    shown = guard.get(PAGE).content.decode()
    assert shown.count('type="password"') == 4
    assert str(person_named("e.hughes").pk) not in shown
    given = {"person": khan.pk, **IDENTITY}
    assert guard.post(PAGE, given).status_code == 422
    wrong = guard.post(PAGE, {**given, **BOTH, "second": "508232"})
    assert wrong.status_code == 409
    done = guard.post(PAGE, {**given, **BOTH})
    assert done.status_code == 200
    assert "no-store" in done.headers["Cache-Control"]
    for page in (wrong, done):
        assert not any(digits in page.content.decode() for digits in (FIRST, SECOND, "508232"))
    alone = guard.post(PAGE, {**given, **TYPED})
    key = KeyStore(settings.KEY_DIR).secret("pin.hmac")
    assert pin_matches(key, str(khan.pk), FIRST, pin_of(world, khan).verifier)
    # Who looks on reads nothing from the answer about a second PIN.
    told = "has a new PIN"
    assert (told in done.content.decode(), told in alone.content.decode()) == (True, True)


# A visitor


def test_a_visitor_types_his_own_pins_unseen_and_is_checked_in(world: World) -> None:
    drawn, person = check_in(world), world.visit.person
    type(world.visit).objects.filter(pk=world.visit.pk).update(state="deposited")
    guard, visit = client_of("e.hughes"), f"/desk/ml/visits/{world.visit.pk}/"
    page = f"{visit}pin/"
    assert page in guard.get(visit).content.decode()
    assert guard.get(page).content.decode().count('type="password"') == 4
    assert guard.post(page, {"pin": FIRST}).status_code == 422
    wrong = guard.post(page, {**BOTH, "second": "508232"})
    assert wrong.status_code == 409
    assert not any(digits in wrong.content.decode() for digits in (FIRST, SECOND, "508232"))
    assert world.again().state == "deposited"
    done = guard.post(page, BOTH)
    assert done["Location"] == visit
    assert world.again().state == "badged"
    key, pin = KeyStore(settings.KEY_DIR).secret("pin.hmac"), pin_of(world, person)
    assert pin_matches(key, str(person.pk), FIRST, pin.verifier)
    assert pin_matches(key, str(person.pk), SECOND, pin.duress_verifier)
    assert not pin_matches(key, str(person.pk), drawn, pin.verifier)
    shown = guard.get(visit).content.decode()
    assert page in shown
    # Once more without a second one: the answer is the same, and the second one is void.
    assert guard.post(page, {**TYPED, "replaces": seen(guard, page)})["Location"] == visit
    assert guard.get(visit).content.decode().count("PIN") == shown.count("PIN")
    assert pin_of(world, person).duress_verifier == ""


def test_a_visitor_chooses_as_the_policy_lets_and_not_before_his_badge(world: World) -> None:
    given: dict[str, Any] = {"visit_id": world.visit.pk, "actor": world.guard, **TYPED}
    with pytest.raises(Refused) as refused:
        visit_pin_choose(**given)
    assert refused.value.code == "no_badge"
    check_in(world)
    given["replaces"] = pin_of(world, world.visit.person).set_at
    easy = {**given, "pin": "123456", "pin_again": "123456"}
    with pytest.raises(Refused) as refused:
        visit_pin_choose(**easy)
    assert refused.value.code == "pin_easy"
    policy_with(world.facility, pin_weak_refused=False)
    visit_pin_choose(**easy)
    given["replaces"] = pin_of(world, world.visit.person).set_at
    with pytest.raises(world.visit.DoesNotExist):
        visit_pin_choose(**{**given, "actor": world.stranger})


def locked_out(world: World, credential: str) -> None:
    """A gateway has locked a badge out for five minutes."""
    at = now()
    world.heard(
        "pin.failed",
        credential=credential,
        portal=world.area.zones.get().portals.get().code,
        count=5,
        last_at=at.isoformat(),
        until=(at + timedelta(minutes=5)).isoformat(),
    )


def test_a_new_pin_says_that_the_badge_is_locked_out_and_until_when(
    world: World, khan: Person
) -> None:
    client = client_of("e.hughes")
    form = {"person": str(khan.pk), **IDENTITY, **TYPED}
    said = client.post(PAGE, form).content.decode()
    assert "has a new PIN" in said
    assert "locked out" not in said
    badge = BadgeAssignment.objects.get(person=khan, returned_at=None).badge
    locked_out(world, badge.number_sha256)
    said = client.post(PAGE, form).content.decode()
    until = localtime(now() + timedelta(minutes=5), ZoneInfo(world.facility.time_zone))
    assert f"locked out at doors until {until:%H:%M:%S}" in said
    assert "A new PIN does not end that" in said


def test_so_does_a_visitors_page(world: World) -> None:
    check_in(world)
    badge = BadgeAssignment.objects.get(visit=world.visit, returned_at=None).badge
    locked_out(world, badge.number_sha256)
    said = client_of("e.hughes").get(f"/desk/ml/visits/{world.visit.pk}/")
    assert "locked out at doors until" in said.content.decode()


def seen(guard: Client, page: str) -> str:
    """When the PIN was set that the page says it replaces, as its hidden field gives it back."""
    found = re.search(r'name="replaces" value="([^"]*)"', guard.get(page).content.decode())
    assert found is not None
    return found[1]


def later(minutes: int = 1) -> AbstractContextManager[None]:
    """Some minutes on."""
    at = now() + timedelta(minutes=minutes)
    return clock_set(lambda: at)


def test_a_stale_tablet_voids_no_pin_that_the_visitor_may_be_reading(world: World) -> None:
    drawn, person = check_in(world), world.visit.person
    guard, visit = client_of("s.bianchi"), f"/desk/ml/visits/{world.visit.pk}/"
    before = pin_of(world, person)
    at = localtime(before.set_at, ZoneInfo("Europe/London"))
    told = f"A PIN was made at {at:%H:%M} by {person_named('e.hughes')}"
    for page, typed in ((visit, {"pin": "1"}), (f"{visit}pin/", TYPED), (visit, {"new_pin": "1"})):
        refused = guard.post(page, typed)
        assert (refused.status_code, told in refused.content.decode()) == (409, True), page
        # Nothing invites the visitor, who sits before it, to press once more.
        assert 'type="password"' not in refused.content.decode()
    assert pin_of(world, person).verifier == before.verifier
    key = KeyStore(settings.KEY_DIR).secret("pin.hmac")
    assert pin_matches(key, str(person.pk), drawn, before.verifier)


def test_a_new_pin_is_made_after_its_page_has_said_which_one_it_voids(world: World) -> None:
    check_in(world)
    person, guard = world.visit.person, client_of("s.bianchi")
    visit = f"/desk/ml/visits/{world.visit.pk}/"
    assert f"{visit}pin/new/" in guard.get(visit).content.decode()
    before = pin_of(world, person)
    asked = guard.get(f"{visit}pin/new/").content.decode()
    assert f"The PIN that {person_named('e.hughes')} made at" in asked
    sure = {"new_pin": "1", "replaces": seen(guard, f"{visit}pin/new/")}
    with later():
        shown = guard.post(visit, sure).content.decode()
    assert "PIN, shown once" in shown
    after = pin_of(world, person)
    assert after.verifier != before.verifier
    assert after.set_by == person_named("s.bianchi")
    # Pressed on another tablet that was asked the same: that one knows of the first PIN only.
    again = client_of("e.hughes").post(visit, sure)
    assert again.status_code == 409
    assert pin_of(world, person).verifier == after.verifier


@pytest.mark.parametrize("moment", ["", "now", "2026-13-40T00:00:00Z", "2026-01-01T00:00:00"])
def test_a_moment_that_is_none_voids_nothing(world: World, moment: str) -> None:
    check_in(world)
    guard, visit = client_of("e.hughes"), f"/desk/ml/visits/{world.visit.pk}/"
    assert guard.post(visit, {"new_pin": "1", "replaces": moment}).status_code == 409
    called = guard.get("/desk/ml/called/", {"since": moment})
    assert (called.status_code, b"look at the desk" in called.content) == (200, False)


def test_a_shown_pin_covers_the_desk(world: World) -> None:
    check_in(world)
    guard, visit = client_of("e.hughes"), f"/desk/ml/visits/{world.visit.pk}/"
    world.heard("door.forced", portal="M1")
    assert "Lockdown" in guard.get(visit).content.decode()
    sure = {"new_pin": "1", "replaces": seen(guard, f"{visit}pin/new/")}
    with later():
        pages = [
            guard.post(visit, sure).content.decode(),
            guard.post(visit, {"second_pin": "1"}).content.decode(),
            guard.get(f"{visit}pin/").content.decode(),
        ]
    for covered in pages:
        for inner in (
            "Lockdown",
            "Alarms",
            "forced",
            "Respond",
            "Muster",
            "queue",
            "look at the desk",
        ):
            assert inner not in covered, inner
        # What comes meanwhile shows as a sign without content.
        address = re.search(r'id="called"[^>]*hx-get="([^"]*)"', covered)
        assert address is not None
        sign = html.unescape(address[1])
        assert "look at the desk" not in guard.get(sign).content.decode()
    with later(minutes=2):
        told = alarm_raise(
            facility=world.facility,
            gravity=Gravity.ACT,
            kind="door_held",
            subject="M2",
            message="Door M2 held open",
            actor=world.guard,
        )
        shown = guard.get(sign).content.decode()
    assert "Guard: look at the desk" in shown
    assert told.message not in shown
