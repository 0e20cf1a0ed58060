"""The desk in its worst hour: alarms, a lockdown, no link and a refusal at once, 1280 by 800."""

from collections.abc import Callable
from typing import get_args

from playwright.sync_api import Locator, Page, expect

from access.services.custody import locker_assign, locker_open_request
from access.services.lockdown import lockdown_declare
from access.services.pin import pin_set
from scif.alarms.models import Gravity
from scif.alarms.services import alarm_raise
from tests.browser.conftest import Theme, Watch
from tests.browser.test_desk import fits, signed_in, world
from tests.browser.test_desk_covered import with_a_badge
from tests.browser.test_desk_presses import at_the_locker, identified, seen
from tests.flows.desk_world import World

__all__ = ["signed_in", "world"]

Axe = Callable[..., None]
SignedIn = Callable[..., Page]
CUT = """(chips) => {
  const box = chips.getBoundingClientRect();
  return [...chips.children].map((chip) => chip.getBoundingClientRect()).filter((chip) => (
    chip.right > box.right + 1 || chip.bottom > box.bottom + 1)).length;
}"""

BROKEN = """(facts) => [...facts.querySelectorAll('b')].flatMap((part) => {
  const text = part.lastChild;
  return [...text.data.matchAll(/\\S+/g)].filter((word) => {
    const range = document.createRange();
    range.setStart(text, word.index);
    range.setEnd(text, word.index + word[0].length);
    return range.getClientRects().length > 1;
  }).map((word) => word[0]);
})"""


def worst_hour(world: World) -> None:
    """Three alarms send somebody out, and the facility is locked down."""
    for portal in ("M1", "M2", "M1"):
        alarm_raise(
            facility=world.facility,
            gravity=Gravity.RESPOND,
            kind="door_forced",
            subject=portal,
            message=f"Door {portal} of the {world.area.name} forced while nobody was let in there, "
            "and whoever went to look has not come back since",
            actor=world.guard,
        )
    lockdown_declare(facility_id=world.facility.pk, area_id=None, reason="Test", actor=world.guard)


def in_reach(page: Page, axe: Axe, name: str, act: Locator) -> None:
    """By day and by night the next act is in sight, nothing in the head is cut, bars are low."""
    fits(page, axe, name)
    for theme in get_args(Theme):
        page.emulate_media(color_scheme=theme)
        assert seen(page, act), (name, theme)
    assert page.locator("#chips").evaluate(CUT) == 0
    over = page.locator(".over").bounding_box()
    assert over is not None
    assert over["height"] <= 170, name
    respond = page.locator(".to-respond").bounding_box()
    assert respond is not None
    assert respond["height"] <= 50, "a line, and how many more there are"
    expect(page.locator(".to-respond")).to_contain_text("more")
    axe(page)
    page.emulate_media(color_scheme="light")


def test_the_next_act_is_in_sight_however_much_comes_at_once(
    world: World, signed_in: SignedIn, axe: Axe, watch: Watch
) -> None:
    for words in ("409", "ERR_INTERNET_DISCONNECTED", "htmx:sendError", "htmx:afterRequest"):
        watch.expect(words)
    at_the_locker(world, shut=True, things=6)
    worst_hour(world)
    page = signed_in("e.hughes", f"/desk/ml/visits/{world.visit.pk}/")
    sign = page.locator(".next .btn").first
    sign.click()
    expect(page.locator(".step [role=alert]")).to_be_visible()
    in_reach(page, axe, "crowded-refused", sign)
    page.context.set_offline(True)
    expect(page.locator("[data-offline]")).to_be_visible()
    for link in ("Exit", "Shift"):
        page.locator("#rail").get_by_role("link", name=link).click()
    expect(page.locator(".over .notes > li").last).to_be_visible()
    in_reach(page, axe, "crowded-offline", sign)


def test_the_let_in_step_keeps_its_next_act_apart_from_the_others(
    world: World, signed_in: SignedIn, axe: Axe
) -> None:
    address = with_a_badge(world)
    pin_set(visit_id=world.visit.pk, actor=world.guard)
    worst_hour(world)
    page = signed_in("e.hughes", address)
    in_reach(page, axe, "crowded-let-in", page.get_by_role("link", name="Back to arrivals"))
    lost = page.get_by_role("button", name="Badge lost")
    lost.scroll_into_view_if_needed()
    assert seen(page, lost)


def test_no_word_of_an_orders_facts_is_broken(world: World, signed_in: SignedIn) -> None:
    identified(world)
    locker_assign(visit_id=world.visit.pk, actor=world.guard)
    locker_open_request(visit_id=world.visit.pk, actor=world.guard)
    page = signed_in("e.hughes", f"/desk/ml/visits/{world.visit.pk}/")
    expect(page.locator(".facts")).to_contain_text("Requested")
    assert page.locator(".facts").evaluate(BROKEN) == []
