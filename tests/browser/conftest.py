"""Chromium against the real application, served in this process on a free port of loopback.

Run as a process of its own (`pytest tests/browser`): Playwright's sync interface keeps an event
loop running in the thread of the tests, which asynchronous tests and Django's ORM do not bear.
A test fails when the page breaks its content security policy, logs an error, or asks for
anything outside the installation.
"""

import os
import socket
import threading
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect, sync_playwright

from scif.runtime.libraries import chromium

# Playwright keeps its event loop in the thread of the tests, and Django would refuse the ORM there.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
CHROMIUM = os.environ.get("CHROMIUM") or chromium()
# A busy machine draws late, and no test here measures how late.
expect.set_options(timeout=30_000)
_ARGUMENTS = [
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-sync",
    "--no-first-run",
]
_AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text(encoding="utf-8")
_WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
_REPORT_VIOLATIONS = """
document.addEventListener('securitypolicyviolation', (event) => {
  console.error(`CSP: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile ?? ''}`);
});
"""

_SETTLED = """async () => {
  await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
  await Promise.allSettled(document.getAnimations().map((each) => each.finished));
}"""

Theme = Literal["light", "dark"]
OpenPage = Callable[..., Page]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark everything here, so that it can be left out where there is no Chromium."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


class _Server(uvicorn.Server):
    def install_signal_handlers(self) -> None:
        """The signals belong to pytest."""


@pytest.fixture(scope="session")
def live_url(django_db_setup: None) -> Generator[str]:
    """The address of the application; it uses whatever database the test uses."""
    from scif.asgi import application

    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(64)
        config = uvicorn.Config(application, log_level="warning", lifespan="off")
        server = _Server(config)
        thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        thread.join(timeout=10)


@pytest.fixture(scope="session")
def browser() -> Generator[Browser]:
    """Headless Chromium, for all tests of the process."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=_ARGUMENTS)
        yield browser
        browser.close()


@dataclass
class Watch:
    """What went wrong on the pages of a test; `expect` names what is meant to."""

    origin: str
    faults: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)

    def expect(self, words: str) -> None:
        """Let faults that contain these words pass in this test."""
        self.expected.append(words)

    def guard(self, context: BrowserContext) -> None:
        """Watch all pages of a context and cut it off from everything but the installation."""
        context.add_init_script(_REPORT_VIOLATIONS)
        context.route("**/*", self._route)
        context.on("console", lambda m: self._note(m.text) if m.type == "error" else None)
        context.on("weberror", lambda error: self._note(f"page error: {error.error}"))

    def _route(self, route: Route) -> None:
        url = route.request.url
        if url.startswith((self.origin, "data:", "blob:")):
            route.continue_()
        else:
            self.faults.append(f"asked for {url}")
            route.abort()

    def _note(self, text: str) -> None:
        self.faults.append(text)

    def settle(self) -> None:
        """Fail on what was not expected."""
        left = [
            fault for fault in self.faults if not any(words in fault for words in self.expected)
        ]
        assert not left, left


@pytest.fixture
def watch(live_url: str) -> Generator[Watch]:
    """The watch over the pages of this test."""
    watch = Watch(live_url)
    yield watch
    watch.settle()


@pytest.fixture
def open_page(browser: Browser, live_url: str, watch: Watch) -> Generator[OpenPage]:
    """Open pages: ``open_page("/login/", width=360, height=740, theme="dark")``.

    The pages of one test are strangers to each other (a context each); ``like=page`` gives one
    the session of another.
    """
    contexts: list[BrowserContext] = []

    def opened(
        address: str = "",
        *,
        width: int = 1440,
        height: int = 900,
        theme: Theme = "light",
        like: Page | None = None,
        **options: Any,
    ) -> Page:
        context = browser.new_context(
            base_url=live_url,
            viewport={"width": width, "height": height},
            color_scheme=theme,
            storage_state=like.context.storage_state() if like else None,
            **options,
        )
        contexts.append(context)
        watch.guard(context)
        page = context.new_page()
        if address:
            page.goto(address)
        return page

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture
def page(open_page: OpenPage) -> Page:
    """A page of 1440 by 900 in the light theme."""
    return open_page()


def looks(page: Page) -> Iterator[str]:
    """Show an open page on a telephone and on a desk, light and dark; gives the look's name."""
    before = page.viewport_size
    for width, height in ((360, 740), (1440, 900)):
        page.set_viewport_size({"width": width, "height": height})
        for theme in get_args(Theme):
            page.emulate_media(color_scheme=theme)
            # Drawn, and no colour on its way from one theme to the other.
            page.evaluate(_SETTLED)
            yield f"{width}-{theme}"
    if before:
        page.set_viewport_size(before)
    page.emulate_media(color_scheme="light")


def too_wide(page: Page) -> int:
    """By how many pixels the page is wider than its window, once its styles are there."""
    page.wait_for_load_state()
    wide: int = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return max(0, wide)


@pytest.fixture(scope="session")
def axe() -> Callable[[Page], None]:
    """Assert that a page breaks no rule of WCAG 2.2 A and AA that axe-core can see."""

    def check(page: Page, *, without: tuple[str, ...] = ()) -> None:
        page.wait_for_load_state()  # a page whose styles are not there yet breaks every rule
        if not page.evaluate("'axe' in window"):
            page.evaluate(f"{_AXE}; undefined")
        options = {
            "runOnly": _WCAG,
            # It would put style sheets into the page, which the policy forbids to axe as well.
            "preload": False,
            "rules": {rule: {"enabled": False} for rule in without},
        }
        found = page.evaluate("(options) => axe.run(options)", options)["violations"]
        told = [
            (violation["id"], [node["target"] for node in violation["nodes"]])
            for violation in found
        ]
        assert not told, told

    return check
