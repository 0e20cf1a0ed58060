"""The signature pad: drawn by pointer, typed by keyboard, cleared."""

import json

import pytest
from playwright.sync_api import Page

from scif.console.signatures import signature_view
from tests.browser.conftest import OpenPage
from tests.browser.test_pages import gallery

__all__ = ["gallery"]


@pytest.fixture
def desk(gallery: None, open_page: OpenPage) -> Page:
    return open_page("/gallery/checkin/", width=1280, height=800)


def _value(page: Page) -> str:
    return page.locator("input[name=guard]").input_value()


def test_drawing_writes_strokes_that_the_server_reads(desk: Page) -> None:
    canvas = desk.locator("canvas")
    box = canvas.bounding_box()
    assert box
    assert box["width"] >= 260
    assert box["height"] >= 140
    desk.mouse.move(box["x"] + 30, box["y"] + 60)
    desk.mouse.down()
    desk.mouse.move(box["x"] + 90, box["y"] + 90, steps=5)
    desk.mouse.up()
    written = json.loads(_value(desk))
    assert written["kind"] == "drawn"
    assert written["strokes"][0][0] == [30, 60]
    assert written["strokes"][0][-1] == [90, 90]
    assert signature_view(_value(desk)).strokes.startswith("M30 60")
    assert desk.get_by_text("Not yet sent").is_visible()
    desk.get_by_role("button", name="Clear").click()
    assert _value(desk) == ""


def test_signing_by_keyboard_says_that_it_was_typed(desk: Page) -> None:
    desk.get_by_text("Sign by keyboard").focus()
    desk.keyboard.press("Enter")
    desk.keyboard.press("Tab")
    desk.keyboard.type("M. Okafor")
    assert json.loads(_value(desk)) == {"kind": "typed", "text": "M. Okafor"}
