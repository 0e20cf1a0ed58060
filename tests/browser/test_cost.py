"""The cost of a room in Chromium: figures follow the form, with and without script."""

import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from playwright.sync_api import Browser, Page

from access.models import CostScenario, Visit
from scif.kernel.clock import now
from scif.runtime.postgres import Postgres
from tests.browser.conftest import OpenPage, Watch, looks, too_wide
from tests.factories import Place, make_place
from tests.flows.journal_lab import Lab
from tests.flows.steps_told import steps_told

Axe = Callable[..., None]


@pytest.fixture
def place(
    committed_database: str,
    postgres: Postgres,
    role_connection: Callable[[str], psycopg.Connection[tuple[object, ...]]],
    tmp_path: Path,
) -> Place:
    made = make_place("own")
    at = now() - timedelta(days=2)
    kinds = ("arrive", "enter", "leave", "complete")
    visit = Visit.objects.get(pk=made.records["access.visit"].pk)
    lab = Lab(postgres, role_connection, tmp_path)
    steps_told(lab, visit, [(k, at + timedelta(minutes=n)) for n, k in enumerate(kinds)])
    return made


def sign_in(page: Page, place: Place, role: str = "officer") -> None:
    page.goto("/login/")
    page.get_by_label("Username").fill(place.users[role].username)
    page.get_by_label("Password").fill("a long password")
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/admin/")


def own_room(place: Place) -> CostScenario:
    return CostScenario.objects.get(pk=place.records["access.costscenario"].pk)


def photograph(page: Page, name: str) -> None:
    """Keep a picture for the eye where SCIF_PICTURES names a directory."""
    directory = os.environ.get("SCIF_PICTURES")
    if directory:
        page.screenshot(path=str(Path(directory) / f"{name}.png"), full_page=True)


def addresses(place: Place) -> dict[str, str]:
    scenario = place.records["access.costscenario"].pk
    return {
        "place": f"/admin/cost/at/{place.world.facility.pk}/",
        "scenario": f"/admin/cost/{scenario}/",
        "filled": f"/admin/cost/{scenario}/?fill=1&days=30",
        "copy": f"/admin/act/cost-copy/{scenario}/",
        "list": "/admin/access/costscenario/",
    }


def test_the_pages_are_accessible_and_fit(place: Place, open_page: OpenPage, axe: Axe) -> None:
    page = open_page()
    sign_in(page, place)
    for name, address in addresses(place).items():
        page.goto(address)
        photograph(page, f"cost-{name}")
        for table in page.locator("#figures summary").all():
            table.click()
        for look in looks(page):
            photograph(page, f"cost-{name}-open-{look}")
            axe(page)
            assert not too_wide(page), (name, look)


def test_figures_follow_what_is_typed_and_stay_until_it_is_saved(
    place: Place, open_page: OpenPage, axe: Axe, watch: Watch
) -> None:
    watch.expect("status of 422")
    page = open_page()
    sign_in(page, place)
    page.get_by_role("link", name="Cost of a room").first.click()
    page.get_by_role("link", name="Own room").first.click()
    page.get_by_text("USD 238 per audit-hour, of which the facility USD 90.").wait_for()
    page.wait_for_load_state()  # what is typed before the page's script is there changes nothing
    page.get_by_role("textbox", name="Seat hours in use", exact=True).fill("60")
    page.keyboard.press("Tab")
    page.get_by_text("USD 201 per audit-hour, of which the facility USD 53. Not saved.").wait_for()
    assert own_room(place).version == 1
    page.get_by_role("textbox", name="Seat hours in use", exact=True).fill("0")
    page.keyboard.press("Tab")
    page.get_by_text("Mend the form to see what it comes to").wait_for()
    page.get_by_role("button", name="Save the figures").click()
    page.get_by_role("alert").get_by_text("One thing to mend").wait_for()
    axe(page)
    page.get_by_role("textbox", name="Seat hours in use", exact=True).fill("60")
    page.get_by_role("button", name="Save the figures").click()
    page.get_by_text("Saved and journaled: Own room").wait_for()
    saved = own_room(place)
    assert (saved.version, saved.inputs["utilisation"]["value"]) == (2, "60")


def test_a_scenario_is_copied_under_another_name(place: Place, open_page: OpenPage) -> None:
    page = open_page()
    sign_in(page, place)
    page.goto(addresses(place)["scenario"])
    page.get_by_role("link", name="Copy the scenario").click()
    page.get_by_label("Name of the copy").fill("Own room, fewer guards")
    page.get_by_role("button", name="Copy the scenario").click()
    page.get_by_role("heading", name="Cost of a room").wait_for()
    page.wait_for_load_state()  # what is typed before the page's script is there changes nothing
    page.get_by_role("textbox", name="Guard posts manned at a time", exact=True).fill("1")
    page.keyboard.press("Tab")
    page.get_by_text("Own room, fewer guards: USD 206").wait_for()


def test_it_works_without_script(place: Place, browser: Browser, live_url: str) -> None:
    context = browser.new_context(java_script_enabled=False, base_url=live_url)
    page = context.new_page()
    sign_in(page, place)
    page.goto(addresses(place)["scenario"])
    page.get_by_role("textbox", name="Seat hours in use", exact=True).fill("60")
    page.get_by_role("button", name="Reckon again").last.click()
    page.get_by_text("USD 201 per audit-hour, of which the facility USD 53. Not saved.").wait_for()
    context.close()


def test_compliance_tries_and_does_not_save(place: Place, open_page: OpenPage) -> None:
    page = open_page()
    sign_in(page, place, "compliance")
    page.goto(addresses(place)["scenario"])
    page.get_by_text("Trying changes nothing on record; a facility officer saves.").wait_for()
    assert page.get_by_role("button", name="Save the figures").count() == 0
    page.get_by_role("textbox", name="Seat hours in use", exact=True).fill("60")
    page.keyboard.press("Tab")
    page.get_by_text("USD 201 per audit-hour").first.wait_for()
    assert CostScenario.objects.filter(version__gt=1).count() == 0
