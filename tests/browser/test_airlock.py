"""The airlock in Chromium: accessible on phone and desk, in both themes, to the end of the way."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client
from playwright.sync_api import Page, expect
from pytest_django import Settings

from scif.kernel.actor import Actor
from scif.people.models import User
from terminals.models import AirlockItem, Verdict
from terminals.services.airlock import airlock_reopen, airlock_take_out
from terminals.services.appeal import appeal_lodge
from tests.browser.conftest import OpenPage, looks, too_wide
from tests.flows.airlock_world import Airlock, login_of, make_airlock

Axe = Callable[..., None]
SignedIn = Callable[..., Page]
LIES = "Refusal rate 0.93\u202e\u200b\np\u0430ssword\n" + "<script>alert(1)</script>\n" + "x" * 90
CONTEXT = "Table 1 of the report"


@pytest.fixture
def airlock(committed_database: str, settings: Settings, tmp_path: Path) -> Airlock:
    settings.AIRLOCK_DIR = tmp_path
    return make_airlock()


@pytest.fixture
def signed_in(open_page: OpenPage, live_url: str) -> SignedIn:
    """Open a page as an actor."""

    def opened(who: Actor, address: str, **options: object) -> Page:
        client = Client()
        client.force_login(User.objects.get(username=login_of(who)))
        page = open_page(**options)
        session = client.cookies["sessionid"].value
        page.context.add_cookies([{"name": "sessionid", "value": session, "url": live_url}])
        page.goto(address)
        return page

    return opened


def second_version(airlock: Airlock) -> AirlockItem:
    """Sent back once; the second version lies."""
    item = airlock.refuse(airlock.sealed(), airlock.lab, Verdict.CHANGES)
    airlock_reopen(item_id=item.pk, actor=airlock.author)
    name = airlock.put_out(LIES.encode())
    airlock_take_out(item_id=item.pk, name=name, actor=airlock.author)
    return airlock.seal(item)


def test_every_page_is_accessible_and_never_goes_sideways(
    airlock: Airlock, signed_in: SignedIn, axe: Axe
) -> None:
    airlock.body_named()
    draft, item, rejected = (
        airlock.drafted(),
        second_version(airlock),
        airlock.refuse(airlock.sealed(), airlock.lab),
    )
    people = f"/portal/airlock/people/{airlock.world.engagement.pk}/"
    walks = {
        airlock.author: (
            "/portal/airlock/",
            "/portal/airlock/?q=nothing",
            "/portal/airlock/?which=ended",
            "/portal/airlock/new/export/",
            "/portal/airlock/new/intake/",
            f"/portal/airlock/{draft.pk}/",
            f"/portal/airlock/{item.pk}/",
            f"/portal/airlock/{rejected.pk}/",
        ),
        airlock.lab: (
            people,
            f"/portal/airlock/{item.pk}/review/",
            "/portal/use/",
            "/portal/use/?q=nothing",
            f"/portal/use/{airlock.world.engagement.pk}/",
        ),
        airlock.officer: (people, f"/portal/airlock/{airlock.intake().pk}/review/"),
    }
    appeal_lodge(item_id=rejected.pk, statement="Public since May", actor=airlock.author)
    walks[airlock.judges[0]] = (f"/portal/airlock/{rejected.pk}/review/",)
    for who, addresses in walks.items():
        page = signed_in(who, "/portal/airlock/")
        for address in addresses:
            response = page.goto(address)
            assert response
            assert response.status == 200, address
            for look in looks(page):
                axe(page)
                assert not too_wide(page), (address, look)


def test_from_the_harness_to_the_file_in_ones_hand(airlock: Airlock, signed_in: SignedIn) -> None:
    airlock.put_out(b"Refusal rate 0.93\n", "rates.txt")
    page = signed_in(airlock.author, "/portal/airlock/", width=1440)
    page.get_by_role("link", name="New export").click()
    page.get_by_label("Title").fill("Rates")
    page.get_by_role("button", name="Begin").click()
    page.get_by_label("File that the harness has put out").select_option("rates.txt")
    page.get_by_role("button", name="Take this file").click()
    expect(page.get_by_text("Taken from the harness.")).to_be_visible()
    # A letter that comes late moves what is being pressed.
    page.wait_for_load_state("networkidle")
    page.get_by_label("Context").fill(CONTEXT)
    page.get_by_role("button", name="Seal it").click()
    expect(page.get_by_text("Waiting for its checkers")).to_be_visible()
    item = AirlockItem.objects.get()
    for who in (airlock.lab, airlock.officer):
        looks = signed_in(who, f"/portal/airlock/{item.pk}/", width=1440)
        looks.get_by_role("link", name="Look at it").click()
        expect(looks.get_by_role("region", name="Content")).to_contain_text("Refusal rate 0.93")
        looks.get_by_role("button", name="Approve these bytes").click()
        looks.wait_for_url(f"**/portal/airlock/{item.pk}/")
    looks.get_by_role("link", name="Look at it").click()
    looks.get_by_role("button", name="Release it").click()
    page.reload()
    with page.expect_download() as saved:
        page.get_by_role("link", name="Save the file").click()
    assert saved.value.suggested_filename == f"{item.reference}-1.txt"
    assert Path(saved.value.path()).read_bytes() == b"Refusal rate 0.93\n"


def test_a_file_that_lies_is_shown_as_what_it_is(airlock: Airlock, signed_in: SignedIn) -> None:
    item = second_version(airlock)
    page = signed_in(airlock.lab, f"/portal/airlock/{item.pk}/review/", width=1440)
    content = page.get_by_role("region", name="Content")
    expect(content.locator("mark").first).to_have_text("U+202E RIGHT-TO-LEFT OVERRIDE")
    expect(content).to_contain_text("<script>alert(1)</script>")
    expect(page.get_by_text("1 sign turns the reading direction")).to_be_visible()
    expect(page.get_by_text("1 word mixes Latin letters")).to_be_visible()
    expect(page.get_by_role("region", name="Changes").locator("ins").first).to_contain_text(
        "Refusal rate 0.93"
    )
