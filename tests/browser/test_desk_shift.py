"""The shift changes at the tablet, in the middle of a check-in, with an alarm open."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from scif.alarms.models import Alarm
from scif.console.demo.published import PASSWORD
from tests.browser.test_desk import fits, press, signed_in, world
from tests.browser.test_desk_presses import at_the_locker
from tests.flows.desk_world import World

__all__ = ["signed_in", "world"]


def station(page: Page, name: str) -> None:
    page.locator(f'nav a[href$="/{name}/"]').click()


def test_the_next_guard_comes_to_where_the_last_one_stood(
    world: World, signed_in: Callable[..., Page], axe: Callable[..., None]
) -> None:
    at_the_locker(world, things=1)
    world.heard("door.held", portal="M1")
    here = f"/desk/ml/visits/{world.visit.pk}/"
    page = signed_in("e.hughes", here)
    who = page.locator("footer .who")
    expect(who).to_contain_text("Hughes")
    # By the desk's own links, whose pages are swapped in: what is locked is what is in sight.
    station(page, "shift")
    expect(page.get_by_role("heading", name="Taken over with the desk")).to_be_visible()
    page.get_by_role("link", name=re.compile(f"^Open.*{world.visit.person.name}")).click()
    page.get_by_label("Item").fill("Half typed")
    page.get_by_role("button", name="Lock screen").click()
    expect(page.get_by_label("Username")).to_be_visible()
    page.go_back()
    expect(page.get_by_text("Phone 0")).to_have_count(0)
    page.goto(f"/login/?next={here}")
    page.get_by_label("Username").fill("s.bianchi")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(who).to_contain_text("Bianchi")
    assert page.url.endswith(here)
    expect(page.get_by_role("cell", name="Phone 0", exact=True)).to_be_visible()
    expect(page.get_by_label("Item")).to_have_value("")
    station(page, "shift")
    expect(page.get_by_text("Alarms that nobody has taken")).to_be_visible()
    fits(page, axe, "shift-taken-over")
    alarm = Alarm.objects.get(kind="door_held", closed_at=None)
    page.goto(f"/desk/ml/alarms/{alarm.pk}/")
    press(page, "Acknowledge")
    station(page, "shift")
    expect(page.get_by_text(re.compile("^Taken by .*Bianchi, not closed"))).to_be_visible()


def test_locking_the_screen_leads_back_to_the_same_page(
    world: World, signed_in: Callable[..., Page]
) -> None:
    at_the_locker(world)
    here = f"/desk/ml/visits/{world.visit.pk}/"
    page = signed_in("e.hughes", here)
    page.get_by_role("button", name="Lock screen").click()
    page.get_by_label("Username").fill("s.bianchi")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator("footer .who")).to_contain_text("Bianchi")
    assert page.url.endswith(here)
