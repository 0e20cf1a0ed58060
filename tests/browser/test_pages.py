"""Every base page, in both themes, on phone and desk: policy kept, accessible, nothing sideways."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page
from pytest_django import Settings

from tests.browser.conftest import OpenPage, Watch, too_wide

WIDTHS = [360, 1440]
THEMES = ["light", "dark"]
Axe = Callable[..., None]


@pytest.fixture
def gallery(settings: Settings) -> None:
    """The pages that show every part."""
    templates = [dict(engine) for engine in settings.TEMPLATES]
    folder = Path(__file__).parent / "gallery" / "templates"
    templates[0]["DIRS"] = [*templates[0]["DIRS"], folder]
    settings.TEMPLATES = templates
    settings.ROOT_URLCONF = "tests.browser.gallery.urls"


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/login/", 200),
        ("/account/none/none/", 200),
        ("/account/done/", 200),
        ("/nothing/", 404),
        ("/gallery/denied/", 403),
        ("/gallery/broken/", 500),
    ],
)
def test_pages_before_signing_in(
    gallery: None,
    open_page: OpenPage,
    watch: Watch,
    axe: Axe,
    address: str,
    status: int,
    width: int,
    theme: str,
) -> None:
    watch.expect(f"status of {status}")
    page = open_page(width=width, theme=theme)
    response = page.goto(address)
    assert response
    assert response.status == status
    axe(page)
    assert not too_wide(page)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", ["portal", "parts"])
def test_portal(
    gallery: None, open_page: OpenPage, axe: Axe, name: str, width: int, theme: str
) -> None:
    page = open_page(f"/gallery/{name}/", width=width, theme=theme)
    axe(page)
    assert not too_wide(page)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("name", ["inside", "checkin", "alarm", "bench"])
def test_desk_does_not_scroll(
    gallery: None, open_page: OpenPage, axe: Axe, name: str, theme: str
) -> None:
    page = open_page(f"/gallery/{name}/", width=1280, height=800, theme=theme)
    axe(page)
    assert not too_wide(page)
    assert page.evaluate("document.documentElement.scrollHeight") <= 800
    last = page.locator(".shell > .marking").last.bounding_box()
    assert last
    assert last["y"] + last["height"] <= 800


def test_refused_sign_in_says_what_to_mend(committed_database: str, page: Page, axe: Axe) -> None:
    page.goto("/login/")
    page.get_by_label("Username").fill("nobody")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    page.locator(".summary").wait_for()
    assert page.title().startswith("Error:")
    axe(page)


def test_theme_holds_from_page_to_page(page: Page) -> None:
    page.goto("/login/")
    switch = page.locator("[data-theme-switch]")
    assert switch.inner_text() == "Theme: auto"
    switch.click()
    switch.click()
    assert switch.inner_text() == "Theme: night"
    page.reload()
    assert page.locator("html").get_attribute("data-theme") == "dark"
