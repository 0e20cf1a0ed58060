"""The guard of the browser tests itself: what it must see, it sees."""

from playwright.sync_api import Page

from tests.browser.conftest import Watch


def test_a_request_to_elsewhere_is_stopped_and_told(page: Page, watch: Watch) -> None:
    page.goto("/login/")
    page.evaluate("new Image().src = 'http://192.0.2.1/pixel.png'")
    page.wait_for_timeout(200)
    assert watch.faults
    watch.expect("192.0.2.1")
    watch.expect("CSP: img-src")
    watch.expect("ERR_FAILED")


def test_an_inline_style_is_stopped_and_told(page: Page, watch: Watch) -> None:
    page.goto("/login/")
    page.evaluate("document.body.setAttribute('style', 'margin: 9px')")
    page.wait_for_timeout(200)
    assert page.evaluate("getComputedStyle(document.body).marginTop") == "0px"
    assert any(fault.startswith("CSP: style-src") for fault in watch.faults)
    watch.expect("style")
