"""What lies in the desk's drawer, and a PIN of one's own, in Chromium on the guard's tablet."""

from collections.abc import Callable

import pytest
from django.test import Client
from playwright.sync_api import Page, expect

from access.models import Badge, Pin
from scif.people.models import Person, User
from tests.browser.conftest import OpenPage
from tests.browser.test_desk import SIZE, fits, press
from tests.flows.desk_world import World, make_world

Axe = Callable[..., None]


@pytest.fixture
def world(seeded_database: str) -> World:
    return make_world()


@pytest.fixture
def guard(open_page: OpenPage, live_url: str, world: World) -> Page:
    """The guard's tablet, signed in."""
    client = Client()
    client.force_login(User.objects.get(username="e.hughes"))
    page = open_page(**SIZE)
    session = client.cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": session, "url": live_url}])
    return page


def test_a_found_badge_is_taken_back_and_erased(world: World, guard: Page, axe: Axe) -> None:
    Badge.objects.filter(code="S-11").update(state="lost")
    guard.goto("/desk/ml/exit/")
    guard.get_by_role("link", name="A lost badge is handed in").click()
    guard.get_by_label("Printed number").select_option(label="S-11")
    guard.get_by_label("Where it was").fill("On the stairs")
    fits(guard, axe, "badge-found")
    press(guard, "Take it back")
    expect(guard.get_by_text("On the stairs")).to_be_visible()
    expect(guard.get_by_role("button", name="Erase S-11")).to_be_visible()
    fits(guard, axe, "badge-to-erase")


def test_a_pin_is_typed_unseen_at_the_desk(world: World, guard: Page, axe: Axe) -> None:
    person = Person.objects.get(badges__badge__code="S-11", badges__returned_at=None)
    before = Pin.objects.get(person=person).verifier
    guard.goto("/desk/ml/shift/")
    guard.get_by_role("link", name="Somebody who works here sets a PIN").click()
    guard.get_by_label("Person").select_option(str(person.pk))
    guard.get_by_label("Passport").check()
    guard.get_by_label("Last four characters").fill("12AB")
    for label in ("PIN", "PIN, once more"):
        guard.get_by_label(label, exact=True).fill("508231")
    fits(guard, axe, "pin-own")
    press(guard, "Set this PIN")
    expect(guard.get_by_text("has a new PIN")).to_be_visible()
    assert guard.get_by_label("PIN", exact=True).input_value() == ""
    fits(guard, axe, "pin-own-set")
    assert Pin.objects.get(person=person).verifier != before
