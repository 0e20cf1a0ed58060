"""The guard's desk in Chromium: a visit in and out by its buttons, 1280 by 800, day and night."""

import os
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from playwright.sync_api import Page, Route, expect

from access.services.visit import visit_arrive
from hardware.models import Command
from scif.alarms.models import Alarm, Gravity
from scif.alarms.services import alarm_raise
from scif.people.models import User
from tests.browser.conftest import OpenPage, Watch
from tests.flows.desk_world import World, make_world

Axe = Callable[..., None]
SignedIn = Callable[..., Page]
SIZE = {"width": 1280, "height": 800}


@pytest.fixture
def world(seeded_database: str) -> World:
    return make_world()


@pytest.fixture
def signed_in(open_page: OpenPage, live_url: str) -> SignedIn:
    """Open a page of the desk as a user, on the tablet."""

    def opened(login: str, address: str, **options: object) -> Page:
        client = Client()
        client.force_login(User.objects.get(username=login))
        page = open_page(**{**SIZE, **options})
        session = client.cookies["sessionid"].value
        page.context.add_cookies([{"name": "sessionid", "value": session, "url": live_url}])
        page.goto(address)
        return page

    return opened


def fits(page: Page, axe: Axe, name: str) -> None:
    """No page scroll, no violation; a picture where SCREENSHOTS names a folder."""
    page.wait_for_load_state()
    overflow = page.evaluate(
        "[document.documentElement.scrollWidth - innerWidth,"
        " document.documentElement.scrollHeight - innerHeight]"
    )
    assert max(overflow) <= 0, (name, overflow)
    axe(page)
    folder = os.environ.get("SCREENSHOTS")
    if folder:
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            page.screenshot(path=Path(folder) / f"desk-{name}-{scheme}.png")
        page.emulate_media(color_scheme="light")


def press(page: Page, label: str) -> None:
    """Press a button and wait until its answer stands on the page."""
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        page.get_by_role("button", name=re.compile(f"^{re.escape(label)}")).click()
    page.wait_for_load_state()
    expect(page.locator(".htmx-request")).to_have_count(0)


def follow(page: Page, name: str) -> None:
    with page.expect_navigation():
        page.get_by_role("link", name=re.compile(name)).first.click()


def sign(page: Page) -> None:
    """Both draw a stroke on their pads."""
    for pad in page.locator("[data-signature] canvas").all():
        box = pad.bounding_box()
        assert box is not None
        page.mouse.move(box["x"] + 30, box["y"] + 80)
        page.mouse.down()
        for step in range(1, 9):
            page.mouse.move(box["x"] + 30 + 22 * step, box["y"] + 80 - (step % 3) * 22)
        page.mouse.up()


def last_order(verb: str) -> Command:
    return Command.objects.filter(verb=verb).latest("issued_at")


def deposit(page: Page, world: World, axe: Axe) -> None:
    press(page, "Give a locker")
    press(page, "Open locker")
    fits(page, axe, "locker-requested")
    world.locker("locker.opened", last_order("locker_open"))
    for kind, mark, approval in (
        ("Phone, Pixel 8", "7FA2 91", ""),
        ("Watch, Garmin", "61C0 03", ""),
        ("Insulin pump", "", "MED-0012"),
    ):
        page.reload()
        page.get_by_label("Item").fill(kind)
        page.get_by_label("Mark or serial").fill(mark)
        page.get_by_label("Approval").fill(approval)
        press(page, "Add")
    fits(page, axe, "locker-listed")
    expect(page.get_by_text("Waiting for the locker to be shut")).to_be_visible()
    world.locker("locker.shut")
    page.reload()
    sign(page)
    fits(page, axe, "locker-signing")
    press(page, "Sign and go on to badge")


def test_a_visit_in_and_out_by_the_buttons(world: World, signed_in: SignedIn, axe: Axe) -> None:
    page = signed_in("e.hughes", "/desk/")
    fits(page, axe, "arrivals")
    follow(page, "Open Amara Nwosu")
    fits(page, axe, "visit")
    press(page, "Begin the check-in")
    page.get_by_role("button", name="Record the check").click()
    expect(page.get_by_role("heading", name="Check the document")).to_be_visible()
    page.get_by_label("Passport").check()
    page.get_by_label("Last four characters").fill("7fa2")
    page.get_by_label("They match").check()
    fits(page, axe, "document")
    press(page, "Record the check")
    fits(page, axe, "declaration")
    deposit(page, world, axe)
    press(page, "Encode this badge")
    fits(page, axe, "badge")
    world.encoded(last_order("card_encode"))
    page.reload()
    fits(page, axe, "pin")
    follow(page, "Make a PIN…")
    fits(page, axe, "pin-turn")
    press(page, "Make the PIN")
    pin = page.locator(".pin").inner_text()
    assert re.fullmatch(r"\d{6}", pin)
    fits(page, axe, "pin-shown")
    page.get_by_role("link", name="Put it away").click()
    expect(page.locator(".pin")).to_have_count(0)
    expect(page.get_by_role("link", name="Back to arrivals")).to_be_visible()
    fits(page, axe, "let-in")

    world.passes("presence.entered")
    follow(page, "Inside")
    expect(page.get_by_text("Nwosu").first).to_be_visible()
    fits(page, axe, "inside")

    world.passes("presence.left")
    follow(page, "Exit")
    fits(page, axe, "exit")
    follow(page, "Open Amara Nwosu")
    page.get_by_label("Clear").check()
    fits(page, axe, "search")
    press(page, "Record the search")
    press(page, "Open locker")
    world.locker("locker.opened", last_order("locker_open"))
    world.locker("locker.shut")
    page.reload()
    fits(page, axe, "belongings")
    sign(page)
    press(page, "Sign the return")
    press(page, "Badge is back")
    press(page, "End the visit")
    expect(page.get_by_role("heading", name="Complete")).to_be_visible()
    fits(page, axe, "over")

    follow(page, "Shift")
    fits(page, axe, "shift")
    follow(page, "Open University reading room")
    page.get_by_label("Second person").select_option(label="Sofia Bianchi")
    press(page, "Begin the sweep")
    page.get_by_label("Passed").check()
    fits(page, axe, "sweep")
    press(page, "Record the result")
    expect(page.get_by_text("No room waits for a sweep.")).to_be_visible()


def test_a_pulled_network_keeps_the_page_what_was_typed_and_the_muster_list(
    world: World, signed_in: SignedIn, axe: Axe, watch: Watch
) -> None:
    for words in ("ERR_INTERNET_DISCONNECTED", "htmx:sendError", "htmx:afterRequest"):
        watch.expect(words)
    visit_arrive(visit_id=world.visit.pk, actor=world.guard)
    page = signed_in("e.hughes", f"/desk/ml/visits/{world.visit.pk}/")
    page.get_by_label("Passport").check()
    page.get_by_label("Last four characters").fill("7fa2")
    page.get_by_label("They match").check()
    page.context.set_offline(True)
    banner = page.locator("[data-offline]")
    expect(banner).to_be_visible()
    record = page.get_by_role("button", name=re.compile("^Record the check"))
    expect(record).to_be_disabled()
    expect(record).to_contain_text("Offline")

    for opener in (banner, page.locator("footer")):
        opener.get_by_role("link", name="Muster list").click()
        muster = page.get_by_role("dialog", name="Muster list")
        expect(muster).to_contain_text("The doors count nobody inside.")
        expect(muster.locator("[data-since]")).to_have_text(re.compile(r"^\d+:\d\d$"))
        fits(page, axe, "muster-offline")
        muster.get_by_role("button", name="Close").click()
    page.get_by_role("link", name=re.compile("Exit")).click()
    expect(page.get_by_text("No link to the installation")).to_be_visible()
    expect(page.get_by_label("Last four characters")).to_have_value("7fa2")
    fits(page, axe, "offline")

    page.context.set_offline(False)
    expect(record).to_be_enabled()
    press(page, "Record the check")
    expect(page.get_by_role("button", name="Give a locker")).to_be_visible()
    assert world.again().steps.filter(kind="identify").count() == 1


def test_a_form_that_found_no_network_stays_and_is_done_once(
    world: World, signed_in: SignedIn, watch: Watch
) -> None:
    for words in ("ERR_FAILED", "htmx:sendError", "htmx:afterRequest"):
        watch.expect(words)
    page = signed_in("e.hughes", f"/desk/ml/visits/{world.visit.pk}/")
    address = f"**/desk/ml/visits/{world.visit.pk}/"

    def lose_the_answer(route: Route) -> None:
        route.fetch(max_redirects=0)
        route.abort()

    page.route(address, lose_the_answer)
    page.get_by_role("button", name="Begin the check-in").click()
    expect(page.get_by_text("No link to the installation")).to_be_visible()
    page.unroute_all(behavior="wait")  # the page asks anew by itself, and that is lost too
    again = page.get_by_role("button", name=re.compile("Begin the check-in|Record the check"))
    expect(again).to_be_enabled()
    assert world.again().state == "arrived"
    page.locator(".step form").evaluate(
        "(form) => { if (!form.elements.arrive) return; form.requestSubmit(form.elements.arrive); }"
    )
    expect(page.get_by_role("heading", name="Check the document")).to_be_visible()
    assert world.again().steps.filter(kind="arrive").count() == 1


def test_a_reload_keeps_what_was_typed_until_it_is_sent(world: World, signed_in: SignedIn) -> None:
    visit_arrive(visit_id=world.visit.pk, actor=world.guard)
    page = signed_in("e.hughes", f"/desk/ml/visits/{world.visit.pk}/")
    page.get_by_label("Passport").check()
    page.get_by_label("Last four characters").fill("7fa2")
    page.reload()
    expect(page.get_by_label("Last four characters")).to_have_value("7fa2")
    expect(page.get_by_label("Passport")).to_be_checked()
    page.get_by_label("They match").check()
    press(page, "Record the check")
    expect(page.get_by_role("button", name="Give a locker")).to_be_visible()
    kept = "Object.keys(sessionStorage).filter((key) => key.startsWith('desk:')).length"
    assert page.evaluate(kept) == 0


def test_who_comes_on_another_day_stands_apart_and_is_not_checked_in(
    world: World, signed_in: SignedIn, axe: Axe
) -> None:
    world.move(timedelta(days=1))
    start = world.visit.booking.starts_at.astimezone(ZoneInfo(world.facility.time_zone))
    page = signed_in("e.hughes", "/desk/")
    expect(page.get_by_role("heading", name=re.compile("^Not today: ")).first).to_be_visible()
    words = f"Not today: {start:%a} {start.day} {start:%b %H:%M}"
    expect(page.get_by_text(words)).to_be_visible()
    fits(page, axe, "arrivals-other-day")
    follow(page, "Open Amara Nwosu")
    begin = page.get_by_role("button", name=re.compile("^Begin the check-in"))
    expect(begin).to_be_disabled()
    expect(begin).to_contain_text(words)
    fits(page, axe, "visit-other-day")

    world.move(-timedelta(days=1))
    visit_arrive(visit_id=world.visit.pk, actor=world.guard)
    world.move(timedelta(days=1))
    page.reload()
    expect(page.get_by_text("Too early")).to_be_visible()
    away = page.get_by_role("link", name="Turn away…").bounding_box()
    assert away is not None
    assert away["y"] + away["height"] < SIZE["height"]
    fits(page, axe, "document-other-day")


def test_an_alarm_is_taken_and_closed_by_name(world: World, signed_in: SignedIn, axe: Axe) -> None:
    world.heard("door.forced", portal="M1")
    alarm_raise(
        facility=world.facility,
        gravity=Gravity.ACT,
        kind="door_held",
        subject="M2",
        message="Door M2 held open, limit 30 s",
        actor=world.guard,
    )
    page = signed_in("e.hughes", "/desk/ml/inside/")
    fits(page, axe, "inside-alarms")
    follow(page, "Procedure")
    fits(page, axe, "alarm")
    expect(page.get_by_text("somebody on the spot")).to_be_visible()
    page.goto(f"/desk/ml/alarms/{Alarm.objects.get(kind='door_held').pk}/")
    expect(page.get_by_text("See that the door is shut")).to_be_visible()
    for words in ("somebody on the spot", "counts as an intrusion"):
        expect(page.get_by_text(words)).to_have_count(0)
    fits(page, axe, "alarm-held")
    page.go_back()
    press(page, "Acknowledge")
    fits(page, axe, "alarm-taken")
    page.get_by_label("What was found").fill("Contractor leaned on the door; re-tested.")
    press(page, "Close the alarm")
    expect(page.get_by_text("Contractor leaned on the door")).to_be_visible()
    fits(page, axe, "alarms")


def test_a_door_is_unlocked_for_somebody(world: World, signed_in: SignedIn, axe: Axe) -> None:
    page = signed_in("e.hughes", "/desk/ml/doors/M1/")
    page.get_by_label("Who enters").select_option(label="Nadia Khan")
    press(page, "Unlock M1")
    expect(page.get_by_text("Requested").first).to_be_visible()
    fits(page, axe, "unlock")
    page.goto("/desk/ml/muster/")
    fits(page, axe, "muster")
    page.goto("/desk/ml/zones/ml-r/")
    fits(page, axe, "zone")
    press(page, "Lock screen")
    assert "/login/" in page.url


def test_who_is_no_guard_reads_and_does_not_act(
    world: World, signed_in: SignedIn, axe: Axe
) -> None:
    page = signed_in("p.ngata", f"/desk/ml/visits/{world.visit.pk}/")
    button = page.get_by_role("button", name=re.compile("Begin the check-in"))
    expect(button).to_be_disabled()
    expect(button).to_contain_text("A guard on duty does this")
    axe(page)


def test_the_desk_of_another_facility_is_not_there(world: World) -> None:
    client = Client()
    for login in ("m.okafor", "l.fischer", "a.nwosu"):
        client.force_login(User.objects.get(username=login))
        for page in ("arrivals", "inside", "exit", "alarms", "shift", "muster", "doors/M1"):
            assert client.get(f"/desk/ml/{page}/").status_code == 404, (login, page)
        assert client.get(f"/desk/ml/visits/{world.visit.pk}/").status_code == 404
        assert client.post(f"/desk/ml/visits/{world.visit.pk}/", {"arrive": "1"}).status_code == 404
    assert client.get(f"/desk/b7/visits/{world.visit.pk}/").status_code == 404
