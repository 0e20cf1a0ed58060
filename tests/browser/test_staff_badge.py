"""An officer gives a badge and a PIN at the person's page, in Chromium."""

from collections.abc import Callable

import pytest

from access.models import Badge, Pin
from hardware.models import Bus, Command, Device, DeviceKind
from scif.people.models import Person
from tests.browser.conftest import OpenPage, too_wide
from tests.browser.test_officer import photograph, sign_in
from tests.factories import Place, make_place

Axe = Callable[..., None]


@pytest.fixture
def place(committed_database: str) -> Place:
    place = make_place("own")
    facility = place.world.facility
    bus = Bus.objects.get(gateway__facility=facility)
    Device.objects.create(bus=bus, code="own-n1", kind=DeviceKind.DESK_READER, address=5)
    Badge.objects.create(facility=facility, code="S-01", kind="staff")
    return place


@pytest.mark.parametrize("width", [360, 1440])
def test_a_badge_is_ordered_and_a_pin_is_typed(
    place: Place, open_page: OpenPage, axe: Axe, width: int
) -> None:
    person: Person = place.world.officer
    page = open_page(width=width)
    sign_in(page, place, "officer")
    page.goto(f"/admin/people/person/{person.pk}/change/")
    page.get_by_role("link", name="Issue a badge").click()
    page.get_by_label("Printed number of the badge").select_option(index=1)
    axe(page)
    assert not too_wide(page)
    page.get_by_role("button", name="Issue a badge").click()
    badges = page.get_by_role("region", name="Badges")
    badges.get_by_text("Being encoded").wait_for()
    photograph(page, f"badge-ordered-{width}")
    axe(page)
    assert not too_wide(page)
    # The page fetches itself again while it waits.
    Command.objects.filter(verb="card_encode").update(state="failed")
    badges.get_by_text("wrote no card").wait_for()
    page.get_by_role("link", name="Set a PIN").click()
    page.get_by_label("Facility").select_option(index=1)
    page.get_by_label("Passport").check()
    page.get_by_label("Last four characters").fill("12AB")
    for label, typed in (("PIN", "508231"), ("Second PIN, if wanted", "774102")):
        again = "PIN, once more" if label == "PIN" else "Second PIN, once more"
        page.get_by_label(label, exact=True).fill(typed)
        page.get_by_label(again, exact=True).fill(typed)
    axe(page)
    assert not too_wide(page)
    photograph(page, f"pin-typed-{width}")
    page.get_by_role("button", name="Set a PIN").click()
    page.get_by_text("PIN at").wait_for()
    assert Pin.objects.get(person=person).duress_verifier
