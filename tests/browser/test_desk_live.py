"""The desk while news arrives in the middle of a press, and while somebody must go out."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.test_desk import fits, press, signed_in, world
from tests.browser.test_desk_presses import at_the_locker
from tests.flows.desk_world import World

__all__ = ["signed_in", "world"]

Axe = Callable[..., None]


@pytest.fixture
def page(world: World, signed_in: Callable[..., Page]) -> Page:
    """The visit's page on the guard's tablet, at the locker."""
    at_the_locker(world)
    return signed_in("e.hughes", f"/desk/ml/visits/{world.visit.pk}/")


def held(page: Page, world: World, *methods: str) -> dict[str, Route]:
    """The first request of each method for the visit's page is held back; gives them."""
    found: dict[str, Route] = {}
    waited_for = set(methods)

    def hold(route: Route) -> None:
        method = route.request.method
        if method in waited_for:
            waited_for.remove(method)
            found[method] = route
        else:
            route.continue_()

    page.route(f"**/desk/ml/visits/{world.visit.pk}/", hold)
    return found


def add(page: Page, thing: str) -> None:
    page.get_by_label("Item").fill(thing)
    page.get_by_role("button", name=re.compile("^Add")).click()


def test_news_that_arrives_during_a_press_leaves_the_desk_alive(world: World, page: Page) -> None:
    waiting = held(page, world, "GET", "POST")
    with page.expect_request(lambda asked: asked.method == "GET"):
        page.locator("#region").dispatch_event("live")
    with page.expect_request(lambda asked: asked.method == "POST"):
        add(page, "Phone")
    with page.expect_event("requestfinished"):
        waiting.pop("GET").continue_()
    expect(page.get_by_label("Item")).not_to_be_editable()
    waiting.pop("POST").continue_()
    expect(page.get_by_role("cell", name="Phone", exact=True)).to_be_visible()
    add(page, "Keys")
    expect(page.get_by_role("cell", name="Keys", exact=True)).to_be_visible()


def test_an_act_that_waits_for_its_answer_stops_no_lockdown(world: World, page: Page) -> None:
    held_back = held(page, world, "POST")
    with page.expect_request(lambda asked: asked.method == "POST"):
        add(page, "Phone")
    page.get_by_role("link", name=re.compile("^Lockdown")).click()
    page.get_by_role("radio").first.check()
    page.get_by_label("Reason").fill("Shots heard in the street")
    page.get_by_role("button", name=re.compile("^Lock down")).click()
    page.get_by_role("button", name=re.compile("^Lock down.* now$")).click()
    expect(page.get_by_text("Shots heard in the street")).to_be_visible()
    held_back.pop("POST").continue_()


def test_a_forced_door_is_said_on_every_page_of_the_desk(
    world: World, page: Page, axe: Axe
) -> None:
    page.get_by_label("Item").fill("Phone")
    world.heard("door.forced", portal="M1")
    title = page.title()
    page.locator("#respond").dispatch_event("live")
    order = page.get_by_role("link", name=re.compile("Respond.*M1"))
    expect(order).to_be_visible()
    expect(page.locator("#count-alarms")).to_have_text("1")
    expect(page.get_by_label("Item")).to_have_value("Phone")
    expect(page).to_have_title(title)
    fits(page, axe, "checkin-respond")
    order.click()
    expect(page.get_by_role("heading", name=re.compile("RESPOND.*M1"))).to_be_visible()
    expect(page.locator(".to-respond")).to_have_count(0)
    press(page, "Acknowledge")
    page.goto(f"/desk/ml/visits/{world.visit.pk}/")
    expect(page.locator(".to-respond")).to_have_count(0)
