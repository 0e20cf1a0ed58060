"""The live link as the page sees it: events fetch regions again, silence is said and stops acts."""

import json
import re
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.template import RequestContext, Template
from django.urls import path
from playwright.sync_api import Page, Route, WebSocketRoute
from pytest_django import Settings

from tests.browser.conftest import OpenPage, Watch

_PAGE = """{% extends "base.html" %}{% load ui %}{% block content %}{% freshness %}
{% offline_banner "Doors decide by themselves." "no. 0241" %}
<section id="visits" data-live="visits" hx-get="/region/" hx-trigger="live" hx-target="#count">
<p id="count">0</p><input aria-label="Note">
<p data-live-waiting data-text="{n} new" hidden></p></section>
<section id="swapped" data-live="plan" hx-get="/swapped/" hx-trigger="live"
 hx-swap="outerHTML"></section>
<section id="once" data-live="" hx-get="/swapped/" hx-trigger="live">Shown once</section>
<a href="/next/" hx-boost="true">Next</a>
<button data-command>Open</button>{% endblock %}"""
_fetched = 0


def _page(request: HttpRequest) -> HttpResponse:
    live = {"url": "/ws/live/", "position": 7, "zone": "Europe/London"}
    return HttpResponse(Template(_PAGE).render(RequestContext(request, {"live": live})))


def _region(request: HttpRequest) -> HttpResponse:
    global _fetched
    _fetched += 1
    return HttpResponse(str(_fetched))


def _swapped(request: HttpRequest) -> HttpResponse:
    """A region that is replaced as a whole, as those of the desk are."""
    global _fetched
    _fetched += 1
    return HttpResponse(
        '<section id="swapped" data-live="plan" hx-get="/swapped/" hx-trigger="live"'
        f' hx-swap="outerHTML">{_fetched}</section>'
    )


urlpatterns = [
    path("page/", _page),
    path("next/", _page),
    path("region/", _region),
    path("swapped/", _swapped),
]


class Link:
    """The far end of the page's websocket, in the hands of the test."""

    def __init__(self) -> None:
        self.routes: list[WebSocketRoute] = []
        self.received: list[Any] = []

    def open(self, route: WebSocketRoute) -> None:
        self.routes.append(route)
        route.on_message(lambda message: self.received.append(json.loads(message)))

    def send(self, **message: Any) -> None:
        self.routes[-1].send(json.dumps(message))


@pytest.fixture
def link() -> Link:
    return Link()


@pytest.fixture
def live(settings: Settings, open_page: OpenPage, link: Link) -> Page:
    global _fetched
    _fetched = 0
    settings.ROOT_URLCONF = "tests.browser.test_live"
    page = open_page()
    page.route_web_socket("**/ws/live/", link.open)
    page.clock.install()
    page.goto("/page/")
    page.wait_for_function("() => document.querySelector('[data-fresh]').dataset.state === 'live'")
    return page


def test_an_event_fetches_the_region_that_it_concerns(live: Page, link: Link) -> None:
    link.send(type="event", position=8, topics=["doors"])
    link.send(type="event", position=9, topics=["visits"])
    live.wait_for_function("() => document.querySelector('#count').textContent === '1'")


def test_news_during_an_answer_is_asked_for_when_the_answer_is_there(
    live: Page, link: Link
) -> None:
    held: list[Route] = []
    live.route("**/swapped/", lambda route: route.continue_() if held else held.append(route))
    with live.expect_request("**/swapped/"):
        link.send(type="event", position=8, topics=["plan"])
    link.send(type="event", position=9, topics=["plan"])
    link.send(type="event", position=10, topics=["plan"])
    live.wait_for_function("() => document.body.dataset.link === 'live'")
    held[0].continue_()
    live.wait_for_function("() => document.querySelector('#swapped').textContent === '2'")


def test_news_while_a_whole_page_is_awaited_is_not_lost_with_the_page_before_it(
    live: Page, link: Link
) -> None:
    held: list[Route] = []
    live.route("**/next/", lambda route: held.append(route))
    with live.expect_request("**/next/"):
        live.get_by_role("link", name="Next").click()
    link.send(type="event", position=8, topics=["visits"])
    live.wait_for_function("() => document.querySelector('#count').textContent === '1'")
    # It was made before the event: the region says 0 until it asks anew.
    held[0].continue_()
    live.wait_for_url("**/next/")
    live.wait_for_function("() => Number(document.querySelector('#count').textContent) > 1")
    assert live.locator("#once").inner_text() == "Shown once"


def test_what_is_shown_once_stays_while_everything_else_is_fetched_again(
    live: Page, link: Link
) -> None:
    link.send(type="reset", position=20)
    live.wait_for_function("() => document.querySelector('#swapped').textContent !== ''")
    live.wait_for_function("() => document.querySelector('#count').textContent !== '0'")
    assert _fetched == 2
    assert live.locator("#once").inner_text() == "Shown once"


def test_a_region_in_use_waits_until_it_is_let_go(live: Page, link: Link) -> None:
    live.get_by_label("Note").focus()
    link.send(type="event", position=8, topics=["visits"])
    live.get_by_text("1 new").wait_for()
    assert live.locator("#count").inner_text() == "0"
    live.get_by_label("Note").blur()
    live.clock.run_for(1_000)
    live.wait_for_function("() => document.querySelector('#count').textContent === '1'")


def test_silence_is_said_with_its_age_and_stops_commands(live: Page, link: Link) -> None:
    live.clock.run_for(6_000)
    # The page's clock runs on while the answer is awaited.
    assert re.search(r"Last heard [6-9] s ago", live.locator("[data-fresh]").inner_text())
    live.clock.run_for(10_000)
    assert live.locator("[data-offline]").is_visible()
    command = live.locator("[data-command]")
    assert command.is_disabled()
    assert "Offline" in command.inner_text()
    link.send(type="beat", position=7)
    live.wait_for_function("() => !document.querySelector('[data-command]').disabled")
    assert not live.locator("[data-offline]").is_visible()
    assert command.inner_text() == "Open"


def test_a_broken_link_asks_for_what_it_missed(live: Page, link: Link) -> None:
    link.send(type="event", position=12, topics=["doors"])
    live.wait_for_function("() => true")
    link.routes[-1].close()
    for _ in range(20):
        live.clock.run_for(500)
        if len(link.routes) > 1 and len(link.received) > 1:
            break
    assert link.received[0] == {"type": "resume", "after": 7}
    assert link.received[-1] == {"type": "resume", "after": 12}


def test_a_region_that_could_not_be_fetched_is_called_old_and_asked_for_again(
    live: Page, link: Link, watch: Watch
) -> None:
    for words in ("ERR_FAILED", "htmx:sendError", "htmx:afterRequest"):
        watch.expect(words)
    asked: list[str] = []

    def refuse(route: Route) -> None:
        asked.append(route.request.url)
        route.abort()

    live.route("**/swapped/", refuse)
    chip = live.locator("[data-fresh]")
    with live.expect_event("requestfailed"):
        link.send(type="event", position=8, topics=["plan"])
    for tries in (2, 3):
        with live.expect_event("requestfailed"):
            link.send(type="beat", position=8)
            live.clock.run_for(1_500)
            link.send(type="beat", position=8)
        assert len(asked) == tries
    # The link holds, and nothing that it carries makes the region young.
    link.send(type="beat", position=8)
    live.wait_for_function("() => document.body.dataset.link === 'old'")
    assert "Parts old since" in chip.inner_text()
    assert len(asked) == 3
    live.unroute("**/swapped/")
    live.clock.run_for(4_000)
    link.send(type="beat", position=8)
    live.wait_for_function("() => document.querySelector('#swapped').textContent === '1'")
    live.wait_for_function("() => document.body.dataset.link === 'live'")
    assert "Live" in chip.inner_text()
