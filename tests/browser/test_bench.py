"""The bench in a browser, by mouse and by keyboard, over virtual devices and a gateway."""

import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.db import connections
from playwright.sync_api import Page, expect

from scif.runtime.postgres import Postgres
from tests.browser.conftest import OpenPage, Theme, Watch, too_wide
from tests.hardware.bench_rig import BADGE, gateway, virtual_devices
from tests.hardware.rig import Sim
from tests.roles import ingest

Axe = Callable[..., None]
SIZE = {"width": 1280, "height": 800}
PASSWORD = "reading-room-demo"


@pytest.fixture
def centre(bench: Sim, postgres: Postgres, tmp_path: Path) -> Iterator[None]:
    """The gateway, and the ingester in a thread."""
    stop = threading.Event()

    def work() -> None:
        while not stop.wait(0.1):
            ingest()
        connections.close_all()

    with gateway(postgres, tmp_path):
        thread = threading.Thread(target=work)
        thread.start()
        yield
        stop.set()
        thread.join()


def _bench(open_page: OpenPage, theme: Theme = "light", at: str = "R3") -> Page:
    page = open_page(f"/bench/b7/?at={at}", theme=theme, **SIZE)
    page.get_by_label("Username").fill("m.okafor")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.locator(".fresh[data-state=live]").wait_for()
    return page


def _fits(page: Page) -> None:
    """Nothing is cut off at the size that the bench is made for."""
    assert not too_wide(page)
    assert page.evaluate("document.documentElement.scrollHeight") <= SIZE["height"]
    last = page.locator(".marking").last.bounding_box()
    assert last
    assert last["y"] + last["height"] <= SIZE["height"]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_badge_then_a_wrong_pin(
    centre: None, open_page: OpenPage, axe: Axe, theme: Theme
) -> None:
    page = _bench(open_page, theme)
    page.get_by_label("Tap a badge").fill("okafor")
    cards = page.locator(".taps button[name=act][value^=tap]")
    expect(cards).to_have_count(1)
    expect(page.get_by_label("Tap a badge")).to_be_focused()
    cards.click()
    expect(page.locator("#bench-answer")).to_contain_text("Done.")
    expect(page.locator(".verdict")).to_contain_text("Waiting in")
    expect(page.locator(".outcome")).to_contain_text("“Enter PIN”")
    page.get_by_label("PIN").fill("9999")
    page.keyboard.press("Enter")
    expect(page.locator(".verdict")).to_contain_text("Refused in")
    expect(page.locator(".outcome")).to_contain_text("“Please see the guard”")
    expect(page.locator("#bench-rows")).to_contain_text(f"{BADGE} Michael Okafor held to it")
    expect(page.locator("#bench-rows")).to_contain_text("RAW + MAC")
    times = page.locator("#bench-rows time").all_inner_texts()
    assert times == sorted(times, reverse=True)
    keys = page.locator("#bench-rows tr").evaluate_all("rows => rows.map(r => r.dataset.row)")
    assert len(keys) == len(set(keys))
    told = page.locator(".outcome")
    assert told.evaluate("(part) => part.scrollHeight <= part.clientHeight")
    cut = page.locator(".faults").evaluate(
        """(faults) => [...faults.querySelectorAll('button')].filter((button) => {
          const [{ top, bottom }, { bottom: edge }] = [button, faults].map(
            (part) => part.getBoundingClientRect());
          return top < edge - 2 && bottom > edge;
        }).length"""
    )
    assert cut == 0
    log = page.locator(".log > .scroll")
    shown = log.evaluate(
        """(log) => {
          const row = log.querySelector('tbody tr').getBoundingClientRect().height;
          const head = log.querySelector('thead').getBoundingClientRect().height;
          return ((log.clientHeight - head) / row) % 1;
        }"""
    )
    assert min(shown, 1 - shown) < 0.1, "the last row of the log is cut"
    axe(page)
    _fits(page)
    folder = os.environ.get("SCREENSHOTS")
    if folder:
        page.screenshot(path=Path(folder) / f"bench-{theme}.png")


def test_by_keyboard_alone(bench: Sim, open_page: OpenPage) -> None:
    page = _bench(open_page)
    page.locator(".plan a", has_text="R4X").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/?at=R4X*")
    expect(page.get_by_role("heading", level=2)).to_contain_text("R4X, reader at door D4, inside")
    leave = page.get_by_role("button", name="Leave")
    leave.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".doorway")).to_contain_text("Door D4: open")
    assert bench.door("D4")["open"]
    # The region of the button was swapped under the focus, which stays.
    expect(leave).to_be_focused()


def test_the_keypad_sends_what_was_typed_and_shows_none_of_it(
    bench: Sim, open_page: OpenPage
) -> None:
    page = _bench(open_page)
    for key in ("4", "7", "1", "1"):
        page.get_by_role("button", name=key, exact=True).click()
    expect(page.get_by_label("PIN")).to_have_value("4711")
    page.get_by_label("PIN").press("Enter")
    expect(page.get_by_label("PIN")).to_have_value("")
    expect(page.locator("#bench-rows")).to_contain_text("5 keys typed")
    assert "4711" not in page.locator("body").inner_text()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("at", ["K1", "N1", "b7"])
def test_other_panels(bench: Sim, open_page: OpenPage, axe: Axe, at: str, theme: Theme) -> None:
    page = _bench(open_page, theme, at)
    axe(page)
    _fits(page)


def test_a_locker_is_jammed_and_freed(bench: Sim, open_page: OpenPage) -> None:
    page = _bench(open_page, at="K1")
    page.get_by_label("07 shut, empty").check()
    page.get_by_role("button", name="Jam lock").click()
    expect(page.locator(".lockers")).to_contain_text("jammed, empty")
    assert bench.do("state")["state"]["b7-lockers"]["jammed"][6]
    page.get_by_role("button", name="Jam lock").click()
    expect(page.locator(".lockers")).not_to_contain_text("jammed")


def test_devices_that_go_away_and_come_back(
    bench_world: None, open_page: OpenPage, axe: Axe, watch: Watch
) -> None:
    page = _bench(open_page)
    expect(page.get_by_role("alert")).to_contain_text("virtual devices of b7 do not answer")
    axe(page)
    _fits(page)
    with virtual_devices():
        expect(page.get_by_role("alert")).to_have_count(0)
        expect(page.locator("#bench-chips")).to_contain_text("cut")
