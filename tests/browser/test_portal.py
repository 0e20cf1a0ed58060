"""The auditor's portal in Chromium: on a phone and on a desk, by keyboard, without a mouse."""

import os
import re
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest
from django.test import Client
from playwright.sync_api import Page, expect

from access.models import Booking, Eligibility, Nda, NeedToKnow
from access.services.booking import booking_request
from access.services.booking_decision import booking_approve
from scif.people.models import Person
from tests.browser.conftest import OpenPage, Watch, looks, too_wide
from tests.flows.booking_world import World, actor, make_world

Axe = Callable[..., None]
SignedIn = Callable[..., Page]


@pytest.fixture
def world(committed_database: str) -> World:
    return make_world()


@pytest.fixture
def signed_in(open_page: OpenPage, live_url: str) -> SignedIn:
    """Open a page as a person."""

    def opened(person: Person, address: str, **options: object) -> Page:
        client = Client()
        client.force_login(person.user)
        page = open_page(**options)
        session = client.cookies["sessionid"].value
        page.context.add_cookies([{"name": "sessionid", "value": session, "url": live_url}])
        page.goto(address)
        return page

    return opened


def approved(world: World) -> Booking:
    booking = booking_request(**world.ask())
    return booking_approve(booking_id=booking.pk, actor=actor(world.officer))


def test_every_page_is_accessible_and_never_goes_sideways(
    world: World, signed_in: SignedIn, axe: Axe
) -> None:
    booking = approved(world)
    Nda.objects.filter(person=world.lead).delete()
    page = signed_in(world.lead, "/portal/")
    for address in (
        "/portal/",
        "/portal/?which=past",
        f"/portal/visits/{booking.pk}/",
        f"/portal/visits/{booking.pk}/cancel/",
        "/portal/slots/",
        f"/portal/slots/?week={world.day.date()}",
        f"/portal/slots/?instead={booking.pk}",
        "/portal/engagements/",
        f"/portal/engagements/{world.engagement.pk}/",
        "/portal/rooms/",
        "/portal/me/",
    ):
        response = page.goto(address)
        assert response
        assert response.status == 200, address
        for look in looks(page):
            axe(page)
            assert not too_wide(page), (address, look)


def test_what_a_search_finds_is_said_whole_on_a_telephone(
    world: World, signed_in: SignedIn
) -> None:
    page = signed_in(world.lead, "/portal/", width=360)
    field = page.get_by_role("searchbox", name="Reference, room or engagement")
    expect(field).to_be_visible()
    expect(field).not_to_have_attribute("placeholder", re.compile("."))
    hint = page.get_by_text("Reference, room or engagement", exact=True)
    expect(hint).to_be_visible()
    assert hint.evaluate("(hint) => hint.getBoundingClientRect().right <= innerWidth")


def test_a_visit_is_changed_and_the_old_slot_is_kept_until_then(
    world: World, signed_in: SignedIn, axe: Axe
) -> None:
    booking = approved(world)
    page = signed_in(world.lead, f"/portal/visits/{booking.pk}/", width=360)
    page.get_by_role("link", name="Change…").click()
    expect(page.get_by_text(f"You are changing {booking.reference}")).to_be_visible()
    page.get_by_role("button", name="Show slots").click()
    expect(page.get_by_text(f"You are changing {booking.reference}")).to_be_visible()
    page.get_by_role("link", name="Go on").first.click()
    axe(page)
    assert Booking.objects.get(pk=booking.pk).state == "approved"
    page.get_by_role("button", name="Change to this slot").click()
    expect(page.get_by_text("Changed. The new slot is held for you")).to_be_visible()
    assert Booking.objects.get(pk=booking.pk).state == "cancelled"


def test_a_slot_is_found_and_asked_for_by_keyboard_alone(
    world: World, signed_in: SignedIn, watch: Watch
) -> None:
    watch.expect("status of 422")
    page = signed_in(world.lead, "/portal/slots/", width=360)

    def press(link: str) -> None:
        """Go to a control with the tab key, as somebody without a mouse would."""
        for _ in range(80):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.textContent").strip().startswith(link):
                page.keyboard.press("Enter")
                return
        pytest.fail(f"{link} cannot be reached by keyboard")

    press("Go on with this slot")
    page.wait_for_url("**/portal/slots/request/**")
    page.go_back()
    shown = page.get_by_role("link", name="Go on with this slot")
    shown.focus()
    # The bar at the bottom lies over nothing that has the focus.
    assert page.evaluate(
        "document.activeElement.getBoundingClientRect().bottom"
        " <= document.querySelector('.stick').getBoundingClientRect().top"
    )
    shown.press("Enter")
    page.wait_for_url("**/portal/slots/request/**")
    press("Ask for the slot")
    expect(page.get_by_role("alert")).to_contain_text("Say in one line what you will work on")
    page.get_by_role("alert").get_by_role("link").press("Enter")
    page.keyboard.type("Reading the evaluation report")
    page.keyboard.press("Enter")
    page.wait_for_url("**/portal/visits/**")
    expect(page.get_by_text("Waiting for the facility")).to_be_visible()
    assert Booking.objects.get().purpose == "Reading the evaluation report"


def test_the_list_of_the_team_closes_as_the_focus_goes_on(
    world: World, signed_in: SignedIn
) -> None:
    page = signed_in(world.lead, "/portal/slots/", width=1440)
    team = page.locator(".pick details")
    team.locator("summary").press("Enter")
    expect(team).to_have_attribute("open", "")
    page.get_by_role("button", name="Show slots").focus()
    expect(team).not_to_have_attribute("open", "")


def test_other_parties_are_taken_and_nothing_more(world: World, signed_in: SignedIn) -> None:
    from tests.flows.booking_world import next_monday

    other = make_world("b7")
    other.engagement.areas.set([world.area])
    world.facility.roles.create(
        user=other.officer.user, role="officer", valid_from=other.engagement.valid_from
    )
    booking = booking_request(**other.ask(area_id=world.area.pk))
    page = signed_in(world.lead, f"/portal/slots/?week={next_monday().date()}")
    expect(page.get_by_text("Taken", exact=True)).to_have_count(1)
    text = page.content()
    for secret in (booking.reference, other.engagement.reference, other.lead.name, str(booking.pk)):
        assert secret not in text


def test_a_member_held_up_is_counted_not_explained(world: World, signed_in: SignedIn) -> None:
    Eligibility.objects.filter(person=world.member).update(status="suspended")
    page = signed_in(world.lead, f"/portal/slots/?week={world.day.date()}")
    expect(page.get_by_text("cannot be had by both of your team at once")).to_be_visible()
    both = f"people={world.lead.pk}&people={world.member.pk}"
    page = signed_in(world.lead, f"/portal/slots/?week={world.day.date()}&{both}")
    expect(page.get_by_text("They see why on their own page").first).to_be_visible()
    assert "suspended" not in page.content().lower()
    own = signed_in(world.member, f"/portal/engagements/{world.engagement.pk}/")
    expect(own.get_by_text("Ask your security officer")).to_be_visible()


def test_a_visit_is_cancelled_in_two_steps(world: World, signed_in: SignedIn) -> None:
    booking = approved(world)
    page = signed_in(world.lead, f"/portal/visits/{booking.pk}/", width=360)
    visit = booking.visits.get(person=world.lead)
    expect(page.get_by_role("img", name=f"Code of visit {visit.reference}")).to_be_visible()
    page.get_by_role("link", name="Cancel visit").click()
    expect(page.get_by_text("The visits of 2 people end")).to_be_visible()
    page.get_by_role("button", name="Cancel the visit").click()
    expect(page.get_by_text("The slot is free for others").first).to_be_visible()
    booking.refresh_from_db()
    assert booking.state == "cancelled"


def test_what_one_has_no_part_in_is_not_there(
    world: World, signed_in: SignedIn, watch: Watch
) -> None:
    watch.expect("status of 404")
    booking = approved(world)
    page = signed_in(world.stranger, "/portal/")
    expect(page.get_by_text("No visits are coming.")).to_be_visible()
    for address in (
        f"/portal/visits/{booking.pk}/",
        f"/portal/visits/{booking.pk}/cancel/",
        f"/portal/visits/{uuid4()}/",
        f"/portal/engagements/{world.engagement.pk}/",
        f"/portal/slots/?engagement={world.engagement.pk}",
        "/portal/slots/?engagement=nonsense",
    ):
        response = page.goto(address)
        assert response
        assert response.status == 404, address


@pytest.mark.parametrize("width", [360, 1440])
def test_the_discloser_grants_need_to_know(
    world: World, signed_in: SignedIn, axe: Axe, width: int
) -> None:
    NeedToKnow.objects.filter(person=world.lead).delete()
    page = signed_in(world.discloser, f"/portal/engagements/{world.engagement.pk}/", width=width)
    page.get_by_role("link", name="Need to know…").click()
    day = world.day.date()
    page.get_by_label("Member").select_option(label=world.lead.name)
    page.get_by_label("From").fill(day.isoformat())
    page.get_by_label("Until").fill(day.isoformat())
    page.get_by_role("button", name="Grant need to know").click()
    page.get_by_text("Granted.").wait_for()
    axe(page)
    assert not too_wide(page)
    folder = os.environ.get("SCREENSHOTS")
    if folder:
        page.screenshot(path=Path(folder) / f"portal-need-{width}.png", full_page=True)
    assert NeedToKnow.objects.filter(person=world.lead).exists()
