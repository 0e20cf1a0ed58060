"""The desk while its screen is turned to a visitor, and what a second tablet may not undo."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from access.models import Pin
from access.services.badge import badge_issue_request
from access.services.custody import deposit_none_declare
from access.services.pin import pin_set
from scif.alarms.models import Gravity
from scif.alarms.services import alarm_raise
from tests.browser.conftest import Watch
from tests.browser.test_desk import fits, follow, press, signed_in, world
from tests.browser.test_desk_presses import identified
from tests.flows.desk_world import World

__all__ = ["signed_in", "world"]

Axe = Callable[..., None]
SignedIn = Callable[..., Page]

# How far the digits stand from the middle of their frame; the space after the last one is no digit.
OFF_CENTRE = """(pin) => {
  const range = document.createRange();
  range.selectNodeContents(pin);
  const { left, right } = range.getBoundingClientRect();
  const frame = pin.getBoundingClientRect();
  const space = parseFloat(getComputedStyle(pin).letterSpacing);
  return (left + right - space - frame.left - frame.right) / 2;
}"""


def with_a_badge(world: World) -> str:
    """Checked in as far as the PIN; gives the address of the visit's page."""
    identified(world)
    deposit_none_declare(visit_id=world.visit.pk, actor=world.guard)
    world.encoded(badge_issue_request(visit_id=world.visit.pk, actor=world.guard))
    return f"/desk/ml/visits/{world.visit.pk}/"


def test_a_shown_pin_covers_the_desk_and_an_alarm_shows_as_a_sign_without_content(
    world: World, signed_in: SignedIn, axe: Axe
) -> None:
    page = signed_in("e.hughes", with_a_badge(world))
    page.get_by_role("link", name="Make a PIN…").click()
    # Nothing of the desk is left when it says to turn the screen.
    expect(page.get_by_text("turn the screen to the visitor alone")).to_be_visible()
    for inner in ("Alarms", "Lockdown", "Inside", "do not turn the screen"):
        expect(page.get_by_text(inner)).to_have_count(0)
    press(page, "Make the PIN")
    pin = page.locator(".pin").inner_text()
    assert re.fullmatch(r"\d{6}", pin)
    assert abs(page.locator(".pin").evaluate(OFF_CENTRE)) < 3
    for inner in ("Alarms", "Lockdown", "Inside", "do not turn the screen"):
        expect(page.get_by_text(inner)).to_have_count(0)
    expect(page.locator(".marking")).to_have_count(2)
    called = page.get_by_text("Guard: look at the desk")
    expect(called).to_have_count(0)
    alarm_raise(
        facility=world.facility,
        gravity=Gravity.RESPOND,
        kind="door_forced",
        subject="M2",
        message="Door M2 forced",
        actor=world.guard,
    )
    page.locator("#called").dispatch_event("live")  # as the news of it does
    expect(called).to_be_visible()
    expect(page.get_by_text("Door M2")).to_have_count(0)
    expect(page.locator(".pin")).to_have_text(pin)
    fits(page, axe, "pin-shown-called")
    # By keyboard alone, and without a network: it is gone from sight.
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Put it away")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".pin")).to_have_count(0)
    expect(page.get_by_role("link", name="Respond")).to_be_visible()


def test_without_a_network_a_shown_pin_can_be_put_away(
    world: World, signed_in: SignedIn, watch: Watch
) -> None:
    for words in ("ERR_INTERNET_DISCONNECTED", "htmx:sendError", "htmx:afterRequest"):
        watch.expect(words)
    page = signed_in("e.hughes", with_a_badge(world))
    page.get_by_role("link", name="Make a PIN…").click()
    press(page, "Make the PIN")
    page.context.set_offline(True)
    page.get_by_role("link", name="Put it away").click()
    expect(page.locator(".pin")).to_have_count(0)


def test_a_second_tablet_voids_no_pin_and_a_new_one_is_asked_for_twice(
    world: World, signed_in: SignedIn, watch: Watch, axe: Axe
) -> None:
    watch.expect("409")
    stale = signed_in("s.bianchi", with_a_badge(world))
    stale.route_web_socket("**/ws/live/**", lambda _route: None)  # no news reaches it
    stale.reload()
    stale.get_by_role("link", name="Make a PIN…").click()
    make = stale.get_by_role("button", name="Make the PIN")
    expect(make).to_be_enabled()
    pin_set(visit_id=world.visit.pk, actor=world.guard)
    before = Pin.objects.get(person=world.visit.person).verifier
    press(stale, "Make the PIN")
    expect(stale.get_by_role("alert").filter(has_text="A PIN was made at")).to_be_visible()
    expect(stale.locator(".pin")).to_have_count(0)
    assert Pin.objects.get(person=world.visit.person).verifier == before
    fits(stale, axe, "pin-given")
    stale.get_by_role("link", name="Back").click()
    stale.get_by_role("link", name="New PIN…").click()
    expect(stale.get_by_role("heading", name=re.compile("A new PIN for"))).to_be_visible()
    fits(stale, axe, "new-pin")
    press(stale, "Void it")
    expect(stale.locator(".pin")).to_be_visible()
    assert Pin.objects.get(person=world.visit.person).verifier != before


def test_a_fault_in_a_chosen_pin_stands_at_its_field(
    world: World, signed_in: SignedIn, watch: Watch, axe: Axe
) -> None:
    watch.expect("409")
    page = signed_in("e.hughes", with_a_badge(world))
    page.get_by_role("link", name="The visitor chooses one…").click()
    expect(page.get_by_role("heading", name="Choose a PIN")).to_be_visible()
    expect(page.get_by_text("digits. No few different digits")).to_be_visible()
    fits(page, axe, "visitor-pin")
    for label, typed in (("PIN", "508231"), ("PIN, once more", "508231")):
        page.get_by_label(label, exact=True).fill(typed)
    page.get_by_label("Second PIN, if wanted").fill("508232")
    page.get_by_label("Second PIN, once more").fill("508232")
    press(page, "Set this PIN")
    bad = page.locator(".field.bad")
    expect(bad).to_have_count(1)
    expect(bad).to_contain_text("Second PIN, if wanted")
    expect(bad).to_contain_text("These digits will not do")
    expect(page.get_by_role("alert")).to_have_text(re.compile("These digits will not do"))
    expect(page.get_by_role("alert").filter(has_text=re.compile("second", re.I))).to_have_count(0)
    expect(page.get_by_label("PIN", exact=True)).to_have_value("")
    fits(page, axe, "visitor-pin-refused")


def test_who_leaves_without_having_entered_goes_by_the_exit_search(
    world: World, signed_in: SignedIn, axe: Axe
) -> None:
    page = signed_in("e.hughes", with_a_badge(world))
    pin_set(visit_id=world.visit.pk, actor=world.guard)
    page.reload()
    fits(page, axe, "let-in-ways")
    page.get_by_role("link", name="Leaves without having entered…").click()
    expect(page.get_by_text("Did not enter")).to_be_visible()
    fits(page, axe, "leaves")
    page.get_by_label("Clear").check()
    press(page, "Record the search")
    expect(page.get_by_text("Did not enter")).to_be_visible()
    press(page, "Badge is back")
    press(page, "End the visit")
    expect(page.get_by_role("heading", name="Complete")).to_be_visible()
    assert not world.again().steps.filter(kind="turn_away").exists()
    follow(page, "Arrivals")
