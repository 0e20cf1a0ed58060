"""The machine room in a browser: read, pressed by keyboard, and heard again after an outage."""

import os
from collections.abc import Callable, Generator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage, Theme, too_wide
from tests.hardware.bench_rig import machine_room
from tests.hardware.rig import Sim

Axe = Callable[..., None]
PASSWORD = "reading-room-demo"


@pytest.fixture
def supervised(monkeypatch: pytest.MonkeyPatch) -> Generator[None]:
    """A supervisor over processes that bear the names of the real ones."""
    with machine_room() as place:
        monkeypatch.setenv("SCIF_MACHINE_ROOM", str(place / "machines.sock"))
        yield


def _room(open_page: OpenPage, theme: Theme = "light", width: int = 1280) -> Page:
    page = open_page("/bench/b7/machines/", theme=theme, width=width, height=800)
    page.get_by_label("Username").fill("m.okafor")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.locator(".fresh[data-state=live]").wait_for()
    return page


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 360])
def test_the_page(
    bench: Sim, supervised: None, open_page: OpenPage, axe: Axe, theme: Theme, width: int
) -> None:
    page = _room(open_page, theme, width)
    expect(page.get_by_role("region")).to_have_count(7)
    axe(page)
    assert not too_wide(page)
    folder = os.environ.get("SCREENSHOTS")
    if folder:
        page.screenshot(path=Path(folder) / f"machines-{theme}-{width}.png")


def test_a_gateway_is_killed_by_keyboard_and_said_to_be_back(
    bench: Sim, supervised: None, open_page: OpenPage, axe: Axe
) -> None:
    page = _room(open_page)
    button = page.get_by_role("button", name="Kill Gateway b7")
    button.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text="started again")).to_be_visible()
    expect(button).to_be_focused()
    axe(page)


def test_a_disk_is_full_until_it_is_freed(
    bench: Sim, supervised: None, open_page: OpenPage, axe: Axe
) -> None:
    page = _room(open_page)
    full = page.get_by_role("region", name="The disk of Gateway b7 is full")
    full.get_by_role("button", name="Fill its disk").click()
    expect(full).to_contain_text("Full for")
    axe(page)
    full.get_by_role("button", name="Free its disk").click()
    expect(full).not_to_contain_text("Full for")
    expect(full.get_by_role("button", name="Free its disk")).to_be_disabled()


def test_nobody_supervises(bench: Sim, open_page: OpenPage, axe: Axe) -> None:
    page = _room(open_page)
    expect(page.get_by_text("Nobody supervises this system.")).to_be_visible()
    expect(page.get_by_role("button", name="Kill the database")).to_be_disabled()
    axe(page)


def test_from_the_devices_to_the_machine_room_and_back(bench: Sim, open_page: OpenPage) -> None:
    page = _room(open_page)
    page.get_by_role("link", name="Back to the devices").click()
    page.get_by_role("link", name="Machine room").click()
    expect(page.get_by_role("heading", level=2)).to_have_text("Machine room")
