"""The desk under a hurried hand: double presses, refusals, six things, no link, long words."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from access.models import CustodyItem
from access.services.custody import locker_assign, locker_open_request
from access.services.deposit import custody_item_add
from access.services.visit import visit_arrive, visit_identify
from hardware.models import Command
from scif.alarms.models import Gravity
from scif.alarms.services import alarm_acknowledge, alarm_close, alarm_raise
from tests.browser.conftest import OpenPage, Watch
from tests.browser.test_desk import fits, last_order, press, signed_in, world
from tests.flows.desk_world import World

__all__ = ["signed_in", "world"]

Axe = Callable[..., None]
SignedIn = Callable[..., Page]
GENERIC = "Load the page again"
LONG = "X" * 60


def identified(world: World) -> None:
    """Checked in as far as the document."""
    visit_arrive(visit_id=world.visit.pk, actor=world.guard)
    visit_identify(
        visit_id=world.visit.pk,
        document="passport",
        last_characters="7FA2",
        photo_matches=True,
        actor=world.guard,
    )


def at_the_locker(world: World, *, shut: bool = False, things: int = 0) -> None:
    """Checked in as far as the locker, which is open, or shut with so many things in it."""
    identified(world)
    locker_assign(visit_id=world.visit.pk, actor=world.guard)
    locker_open_request(visit_id=world.visit.pk, actor=world.guard)
    world.locker("locker.opened", last_order("locker_open"))
    for number in range(things):
        custody_item_add(
            visit_id=world.visit.pk,
            actor=world.guard,
            kind=f"Phone {number}",
            mark=f"7FA2 9{number}",
            stays_with_visitor=False,
            approval="",
        )
    if shut:
        world.locker("locker.shut")


def seen(page: Page, part: Locator) -> bool:
    """Whether the whole of a part is in sight, with nothing over it."""
    return bool(
        part.evaluate(
            """(part) => {
              const box = part.getBoundingClientRect();
              const points = [0.02, 0.5, 0.98].flatMap((x) => [0.04, 0.5, 0.96].map((y) => (
                [box.left + x * box.width, box.top + y * box.height])));
              return points.every(([x, y]) => {
                const top = document.elementFromPoint(x, y);
                return top !== null && (part.contains(top) || top.contains(part));
              });
            }"""
        )
    )


@pytest.fixture
def desk(world: World, signed_in: SignedIn) -> Callable[[], Page]:
    """The visit's page on the guard's tablet."""
    return lambda: signed_in("e.hughes", f"/desk/ml/visits/{world.visit.pk}/")


def test_a_double_press_is_one_act_and_the_next_thing_is_kept(
    world: World, desk: Callable[[], Page]
) -> None:
    at_the_locker(world)
    page = desk()
    page.get_by_label("Item").fill("Phone")
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        page.get_by_role("button", name="Add").dblclick()
    expect(page.get_by_role("cell", name="Phone", exact=True)).to_be_visible()
    page.get_by_label("Item").fill("Insulin pump")
    page.get_by_label("Approval").fill("MED-2026-7")
    press(page, "Add")
    expect(page.get_by_role("cell", name="Insulin pump", exact=True)).to_be_visible()
    expect(page.get_by_text(GENERIC)).to_have_count(0)
    assert CustodyItem.objects.count() == 2


def test_the_second_half_of_a_double_press_does_not_press_what_came_under_it(
    world: World, desk: Callable[[], Page]
) -> None:
    identified(world)
    page = desk()
    box = page.get_by_role("button", name="Give a locker").bounding_box()
    assert box is not None
    posted: list[str] = []
    page.on(
        "request", lambda asked: posted.append(asked.method) if asked.method == "POST" else None
    )
    page.mouse.move(box["x"] + 40, box["y"] + 20)
    page.mouse.down(click_count=2)
    page.mouse.up(click_count=2)
    assert page.locator("form[aria-busy]").count() == 0
    assert posted == []
    press(page, "Give a locker")
    expect(page.get_by_role("button", name="Open locker")).to_be_visible()
    assert not Command.objects.filter(verb="locker_open").exists()


def test_a_slow_answer_is_said_to_be_awaited_and_nothing_is_pressed_or_typed_meanwhile(
    world: World, desk: Callable[[], Page], axe: Axe
) -> None:
    at_the_locker(world)
    page = desk()
    held: list[Route] = []
    page.route(
        f"**/desk/ml/visits/{world.visit.pk}/",
        lambda route: held.append(route) if route.request.method == "POST" else route.continue_(),
    )
    page.get_by_label("Item").fill("Phone")
    add = page.get_by_role("button", name=re.compile("^Add"))
    add.click()
    expect(add).to_contain_text("Working")
    expect(page.locator(".step form")).to_have_attribute("aria-busy", "true")
    expect(page.get_by_label("Item")).not_to_be_editable()
    page.get_by_label("Item").press("Enter")
    page.locator(".step form").evaluate("(form) => form.requestSubmit()")
    fits(page, axe, "working")
    assert len(held) == 1
    held.pop().continue_()
    expect(page.get_by_role("cell", name="Phone", exact=True)).to_be_visible()
    expect(page.get_by_label("Item")).to_be_editable()
    assert not held


def test_a_refusal_stands_at_its_field_and_what_was_typed_stays(
    world: World, desk: Callable[[], Page], watch: Watch, axe: Axe
) -> None:
    watch.expect("409")
    at_the_locker(world)
    page = desk()
    page.get_by_label("Item").fill("Insulin \u202epump")
    page.get_by_label("Approval").fill("MED-2026-7")
    press(page, "Add")
    expect(page.locator(".field.bad")).to_contain_text("It turns the reading direction")
    expect(page.get_by_label("Item")).to_have_value("Insulin \u202epump")
    expect(page.get_by_label("Approval")).to_have_value("MED-2026-7")
    expect(page.get_by_text(GENERIC)).to_have_count(0)
    fits(page, axe, "locker-refused")
    page.get_by_label("Item").fill("Insulin pump")
    press(page, "Add")
    expect(page.get_by_role("cell", name="Insulin pump", exact=True)).to_be_visible()


def test_what_was_typed_and_not_added_outlives_another_act(
    world: World, desk: Callable[[], Page]
) -> None:
    at_the_locker(world)
    page = desk()
    page.get_by_role("button", name="Medical device").click()
    expect(page.get_by_label("Approval")).to_be_focused()
    page.keyboard.type("MED-2026-7")
    press(page, "Open again")
    expect(page.get_by_label("Item")).to_have_value("Medical device")
    expect(page.get_by_label("Approval")).to_have_value("MED-2026-7")
    press(page, "Add")
    expect(page.get_by_role("cell", name="Medical device", exact=True)).to_be_visible()
    page.reload()
    expect(page.get_by_label("Item")).to_have_value("")


def test_a_document_number_is_letters_and_digits(
    world: World, desk: Callable[[], Page], watch: Watch, axe: Axe
) -> None:
    watch.expect("409")
    visit_arrive(visit_id=world.visit.pk, actor=world.guard)
    page = desk()
    expect(page.get_by_text("No photo on file")).to_be_visible()
    page.get_by_label("Passport").check()
    page.get_by_label("Last four characters").fill("12<é")
    page.get_by_label("They match").check()
    press(page, "Record the check")
    expect(page.locator(".field.bad")).to_contain_text("letters A to Z and digits only")
    expect(page.get_by_label("Last four characters")).to_have_value("12<é")
    expect(page.get_by_label("They match")).to_be_checked()
    assert seen(page, page.get_by_label("Last four characters"))
    fits(page, axe, "document-refused")
    page.get_by_label("Last four characters").fill("12ab")
    press(page, "Record the check")
    assert world.again().steps.get(kind="identify").details["last_characters"] == "12AB"


def test_signing_without_a_signature_says_who_is_to_sign(
    world: World, desk: Callable[[], Page], watch: Watch, axe: Axe
) -> None:
    watch.expect("409")
    at_the_locker(world, shut=True, things=6)
    page = desk()
    press(page, "Sign and go on to badge")
    expect(page.get_by_role("alert")).to_contain_text("Both sign in their field")
    expect(page.get_by_text(GENERIC)).to_have_count(0)
    for pad in page.locator("[data-signature]").all():
        assert seen(page, pad)
    fits(page, axe, "locker-unsigned")


@pytest.mark.parametrize("things", [1, 2, 6])
def test_nothing_of_the_locker_step_lies_under_anything(
    world: World, desk: Callable[[], Page], axe: Axe, things: int
) -> None:
    at_the_locker(world, things=things)
    page = desk()
    for label in ("Item", "Mark or serial", "Approval, if it stays with the visitor"):
        assert seen(page, page.get_by_label(label)), label
    for button in page.locator(".usual .btn, .adding .btn, .next .btn").all():
        assert seen(page, button), button.inner_text()
    fits(page, axe, f"locker-{things}")
    world.locker("locker.shut")
    page.reload()
    for pad in page.locator("[data-signature]").all():
        assert seen(page, pad)
    for button in page.locator(".next .btn").all():
        assert seen(page, button), button.inner_text()
    page.get_by_text("Sign by keyboard").first.click()
    assert seen(page, page.get_by_label("Type your full name").first)
    fits(page, axe, f"locker-signing-{things}")


def test_without_a_link_the_desk_says_what_to_do_by_hand(
    world: World, desk: Callable[[], Page], watch: Watch, axe: Axe
) -> None:
    for words in ("ERR_INTERNET_DISCONNECTED", "htmx:sendError", "htmx:afterRequest"):
        watch.expect(words)
    page = desk()
    page.context.set_offline(True)
    expect(page.locator("[data-offline]")).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("^Lock screen"))).to_be_disabled()
    for name in ("Lockdown…", "Emergency…"):
        link = page.get_by_role("link", name=re.compile(name))
        expect(link).to_contain_text("Offline: by hand")
        link.click()
        by_hand = page.get_by_role("dialog", name="By hand, while there is no link")
        expect(by_hand).to_contain_text("Put a person at every door")
        fits(page, axe, "by-hand")
        by_hand.get_by_role("button", name="Close").click()
    expect(page.get_by_text("What you entered is still here")).to_have_count(0)
    page.context.set_offline(False)
    expect(page.get_by_role("button", name=re.compile("^Lock screen"))).to_be_enabled()
    page.get_by_role("link", name=re.compile("Lockdown…")).click()
    expect(page.get_by_role("heading", name="Declare a lockdown")).to_be_visible()


def test_long_words_push_nothing_out_of_the_desk(
    world: World, signed_in: SignedIn, desk: Callable[[], Page], axe: Axe
) -> None:
    at_the_locker(world)
    custody_item_add(
        visit_id=world.visit.pk,
        kind=LONG,
        mark=LONG + LONG[:20],
        stays_with_visitor=False,
        approval="",
        actor=world.guard,
    )
    booking = world.visit.booking
    booking.purpose = LONG * 3
    booking.save(update_fields=["purpose"])
    page = desk()
    off = page.get_by_role("button", name=re.compile("^Take off"))
    box, step = off.bounding_box(), page.locator(".step").bounding_box()
    assert box is not None
    assert step is not None
    assert box["x"] + box["width"] <= step["x"] + step["width"]
    assert not page.locator(".listed").evaluate("(list) => list.scrollWidth > list.clientWidth")
    fits(page, axe, "locker-long")
    for closed in (True, False):
        alarm = alarm_raise(
            facility=world.facility,
            gravity=Gravity.ACT,
            kind="door_held",
            subject="M2",
            message=f"Door {LONG}{LONG} held",
            actor=world.guard,
        )
        if closed:
            alarm_acknowledge(alarm_id=alarm.pk, actor=world.guard)
            alarm_close(alarm_id=alarm.pk, note=LONG * 3, actor=world.guard)
    for name, path, part in (
        ("long-alarms", "alarms/", ".work .table"),
        ("long-alarm", f"alarms/{alarm.pk}/", ".order"),
        ("long-inside", "inside/", ".queue"),
    ):
        page.goto(f"/desk/ml/{path}")
        wide, high = page.locator(part).evaluate(
            "(part) => [part.scrollWidth - part.clientWidth, part.scrollHeight - part.clientHeight]"
        )
        assert max(wide, high) <= 0, name
        fits(page, axe, name)


def test_long_words_of_a_visit_stay_in_its_page(
    world: World, desk: Callable[[], Page], axe: Axe
) -> None:
    booking = world.visit.booking
    booking.purpose = LONG * 3
    booking.save(update_fields=["purpose"])
    page = desk()
    assert not page.locator(".step").evaluate("(part) => part.scrollWidth > part.clientWidth")
    fits(page, axe, "visit-long")


def test_the_plan_of_wires_strikes_through_no_name(
    world: World, open_page: OpenPage, signed_in: SignedIn
) -> None:
    page = signed_in("e.hughes", "/desk/ml/shift/")
    struck = page.evaluate(
        """() => [...document.querySelectorAll('.plan:has(.wire) .room')]
          .filter((name) => getComputedStyle(name).stroke === 'rgba(0, 0, 0, 0)')
          .map((name) => name.textContent)"""
    )
    assert struck == []


def patient_after_one_silence(page: Page, milliseconds: int) -> None:
    """The press gets no answer within so long; what the page asks itself is given its time."""
    page.evaluate(
        """(milliseconds) => {
          htmx.config.timeout = milliseconds;
          const patient = () => { htmx.config.timeout = 20000; };
          document.addEventListener('htmx:timeout', patient, { once: true, capture: true });
        }""",
        milliseconds,
    )


def test_after_a_press_that_takes_too_long_the_page_looks_by_itself_and_sends_nothing_again(
    world: World, desk: Callable[[], Page], watch: Watch, axe: Axe
) -> None:
    for words in ("htmx:timeout", "htmx:afterRequest"):
        watch.expect(words)
    at_the_locker(world)
    page = desk()
    posts: list[Route] = []

    def answer_never(route: Route) -> None:
        if route.request.method != "POST":
            route.continue_()
            return
        posts.append(route)
        route.fetch(max_redirects=0)  # the server does it, and its answer comes too late

    page.route(f"**/desk/ml/visits/{world.visit.pk}/", answer_never)
    patient_after_one_silence(page, 2000)
    page.get_by_label("Item").fill("Phone")
    page.get_by_role("button", name=re.compile("^Add")).click()
    expect(page.get_by_role("cell", name="Phone", exact=True)).to_be_visible()
    expect(page.get_by_text("This page has looked again by itself")).to_be_visible()
    expect(page.get_by_text("What you pressed may be done all the same")).to_have_count(0)
    expect(page.locator("body")).to_have_attribute("data-link", "live")
    # What was typed is listed, so it is not there to be added once more.
    expect(page.get_by_label("Item")).to_have_value("")
    fits(page, axe, "looked-again")
    assert len(posts) == 1
    assert CustodyItem.objects.count() == 1


def test_what_was_typed_for_a_press_that_was_not_done_is_still_there(
    world: World, desk: Callable[[], Page], watch: Watch
) -> None:
    for words in ("htmx:timeout", "htmx:afterRequest"):
        watch.expect(words)
    at_the_locker(world)
    page = desk()
    page.route(
        f"**/desk/ml/visits/{world.visit.pk}/",
        lambda route: None if route.request.method == "POST" else route.continue_(),
    )
    patient_after_one_silence(page, 1000)
    page.get_by_label("Item").fill("Phone")
    page.get_by_role("button", name=re.compile("^Add")).click()
    expect(page.get_by_text("This page has looked again by itself")).to_be_visible()
    expect(page.get_by_label("Item")).to_have_value("Phone")
    assert not CustodyItem.objects.exists()


def test_while_the_server_answers_nothing_the_page_says_so_and_offers_to_load_it(
    desk: Callable[[], Page], watch: Watch, axe: Axe
) -> None:
    for words in ("htmx:timeout", "htmx:afterRequest"):
        watch.expect(words)
    page = desk()
    asked: list[str] = []

    def answer_never(route: Route) -> None:
        asked.append(route.request.method)

    page.route("**/desk/ml/**", answer_never)
    page.evaluate("htmx.config.timeout = 1000")
    page.get_by_role("button", name="Begin the check-in").click()
    note = page.get_by_text("What you pressed may be done all the same")
    expect(note).to_be_visible()
    expect(page.get_by_role("link", name="Load the page again")).to_be_visible()
    expect(page.locator("body")).to_have_attribute("data-link", "old")
    fits(page, axe, "no-answer")
    page.unroute("**/desk/ml/**")
    page.evaluate("htmx.config.timeout = 20000")
    expect(page.get_by_text("This page has looked again by itself")).to_be_visible()
    expect(note).to_have_count(0)
    assert asked.count("POST") == 1


def test_a_jammed_locker_is_given_up_for_the_next_one(
    world: World, desk: Callable[[], Page], axe: Axe
) -> None:
    identified(world)
    locker_assign(visit_id=world.visit.pk, actor=world.guard)
    locker_open_request(visit_id=world.visit.pk, actor=world.guard)
    world.locker("locker.jammed", last_order("locker_open"))
    page = desk()
    expect(page.locator(".next .btn.go")).to_have_text("Give up locker 01")
    expect(page.locator(".lockers [aria-current]")).to_have_text(re.compile("01.*jammed"))
    expect(page.locator(".lockers [aria-current]")).to_have_class("mine jammed")
    fits(page, axe, "locker-jammed")
    press(page, "Give up locker 01")
    press(page, "Give a locker")
    expect(page.get_by_role("heading", name="locker 02")).to_be_visible()
