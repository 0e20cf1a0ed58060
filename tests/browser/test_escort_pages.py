"""An escort in Chromium: chosen by an officer, shown to whom it concerns, on a telephone too."""

import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from access.models import Booking, Eligibility
from access.services.booking_decision import booking_approve
from scif.kernel.clock import now
from scif.people.models import FacilityRole
from tests.browser.conftest import looks, too_wide
from tests.browser.test_portal import SignedIn, signed_in
from tests.flows.booking_world import World, actor, clear, make_world

Axe = Callable[..., None]

__all__ = ["signed_in"]


@pytest.fixture
def world(committed_database: str) -> World:
    """The member is not cleared, and the facility's guard, who can escort him, is."""
    world = make_world()
    Eligibility.objects.filter(person=world.member).delete()
    clear(world.stranger, world.engagement.level, world.discloser, world.engagement)
    FacilityRole.objects.create(
        user=world.stranger.user,
        facility=world.facility,
        role="guard",
        valid_from=now() - timedelta(days=1),
    )
    return world


def fine(page: Page, axe: Axe, name: str) -> None:
    """No violation and nothing sideways in any look; a picture where SCREENSHOTS names a folder."""
    folder = os.environ.get("SCREENSHOTS")
    for look in looks(page):
        if folder:
            page.screenshot(path=Path(folder) / f"escort-{name}-{look}.png", full_page=True)
        axe(page)
        assert not too_wide(page), (name, look)


def test_an_officer_books_a_visitor_under_escort(
    world: World, signed_in: SignedIn, axe: Axe
) -> None:
    team = f"people={world.lead.pk}&people={world.member.pk}"
    page = signed_in(world.officer, f"/portal/slots/?week={world.day.date()}&{team}")
    expect(page.get_by_text("cannot be had by both")).to_have_count(0)
    page.get_by_text("Escort: 0 people under escort").click()
    page.get_by_label(world.member.name, exact=True).last.select_option(label=world.stranger.name)
    page.get_by_role("button", name="Show slots").click()
    expect(page.get_by_text("Escort: 1 person under escort")).to_be_visible()
    fine(page, axe, "slots")
    page.get_by_role("link", name="Go on with this slot").click()
    expect(page.get_by_text(f"escorted by {world.stranger.name}")).to_be_visible()
    page.get_by_label("What you will work on").fill("A look at the room")
    fine(page, axe, "request")
    page.get_by_role("button", name="Ask for the slot").click()
    page.wait_for_url("**/portal/visits/**")
    booking = Booking.objects.get()
    assert booking.attendees.get(person=world.member).escort == world.stranger

    inbox = signed_in(world.colleague, f"/admin/approvals/{booking.pk}/")
    expect(inbox.get_by_text(f"escorted by {world.stranger.name}")).to_be_visible()
    expect(inbox.get_by_text("due before whoever is escorted enters")).to_be_visible()
    fine(inbox, axe, "inbox")
    booking_approve(booking_id=booking.pk, actor=actor(world.colleague))

    own = signed_in(world.member, f"/portal/visits/{booking.pk}/")
    expect(own.get_by_text(f"You are escorted by {world.stranger.name}")).to_be_visible()
    fine(own, axe, "own")

    page.goto(f"/admin/access/booking/{booking.pk}/change/")
    page.get_by_role("link", name="Give a visitor an escort").click()
    expect(page.get_by_text(f"escorted by {world.stranger.name}")).to_be_visible()
    fine(page, axe, "act")

    desk = signed_in(world.stranger, f"/desk/{world.facility.code}/arrivals/")
    expect(desk.get_by_text(f"escorted by {world.stranger.name}")).to_be_visible()
    desk.get_by_role("link", name=f"Open {world.member.name}").click()
    expect(desk.get_by_text(f"escorted by {world.stranger.name}")).to_be_visible()
    desk.set_viewport_size({"width": 1280, "height": 800})
    axe(desk)


def test_an_inspector_is_appointed_at_the_screen(
    world: World, signed_in: SignedIn, axe: Axe
) -> None:
    page = signed_in(world.officer, f"/admin/act/duty-assign/{world.discloser.pk}/")
    page.get_by_label("inspector").check()
    page.get_by_label("Authority").fill("Cognizant security authority, letter 12")
    fine(page, axe, "duty")
