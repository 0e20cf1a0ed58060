"""People in the officers' admin, in Chromium: a file looked at, a clearance revoked at its row."""

from collections.abc import Callable

import pytest
from playwright.sync_api import FilePayload, Page

from access.models import Eligibility
from scif.people.models import Person
from tests.browser.conftest import OpenPage, too_wide
from tests.browser.test_officer import photograph, sign_in
from tests.factories import Place, make_place

Axe = Callable[..., None]
# The acts whose box meets the words of a heading, which are narrower than the heading's own box.
_COVERED = """() => {
  const heads = [...document.querySelectorAll("#content h1, #content > h2")].flatMap((each) => {
    const words = document.createRange();
    words.selectNodeContents(each);
    return [...words.getClientRects()];
  });
  const meets = (a, b) =>
    a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
  return [...document.querySelectorAll(".object-tools a")]
    .filter((act) => heads.some((head) => meets(head, act.getBoundingClientRect())))
    .map((act) => act.textContent);
}"""
HEAD = "name;title;organisation;email;citizenships\n"


@pytest.fixture
def place(committed_database: str) -> Place:
    return make_place("own")


def choose(page: Page, content: str) -> None:
    page.goto("/admin/people/person/")
    page.get_by_role("link", name="Import people…").click()
    file: FilePayload = {
        "name": "people.csv",
        "mimeType": "text/csv",
        "buffer": content.encode(),
    }
    page.get_by_label("File").set_input_files(file)
    page.get_by_role("button", name="Look at the file").click()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1440])
def test_a_file_is_looked_at_mended_and_imported(
    place: Place, open_page: OpenPage, axe: Axe, width: int, theme: str
) -> None:
    known = place.world.lead
    known.email = "known@northgate.example"
    known.save()
    organisation = known.organisation.name
    page = open_page(width=width, theme=theme)
    sign_in(page, place, "officer")
    good = f"Ada New;Dr;{organisation};ada@northgate.example;PT BR\n"
    old = f"Amara;;{organisation};known@northgate.example;GB\n"
    bad = f"=Bob;;{organisation};bob@northgate.example;England\n"
    choose(page, HEAD + good + old + bad)
    page.get_by_text("1 new, 1 already known, 1 faulty").wait_for()
    photograph(page, f"people-faulty-{width}-{theme}")
    axe(page)
    assert not too_wide(page)
    assert page.get_by_role("button", name="Import 1 person").is_disabled()
    choose(page, HEAD + good + old)
    page.get_by_text("1 new, 1 already known, 0 faulty").wait_for()
    photograph(page, f"people-looked-at-{width}-{theme}")
    axe(page)
    assert not Person.objects.filter(email="ada@northgate.example").exists()
    page.get_by_role("button", name="Import 1 person").click()
    page.get_by_text("1 person entered.").wait_for()
    page.get_by_role("link", name="Ada New").click()
    page.get_by_role("region", name="Citizenships").get_by_text("BR").wait_for()
    photograph(page, f"people-new-{width}-{theme}")
    axe(page)
    assert not too_wide(page)


def test_a_clearance_is_revoked_from_the_person_s_page_in_two_clicks(
    place: Place, open_page: OpenPage
) -> None:
    held = place.records["access.eligibility"]
    page = open_page()
    sign_in(page, place, "officer")
    page.goto(f"/admin/people/person/{place.world.lead.pk}/change/")
    page.get_by_role("region", name="Clearances").get_by_role("link", name="Revoke").click()
    page.get_by_label("Reason").fill("Letter 4 of the authority")
    page.get_by_role("button", name="Revoke the clearance").click()
    page.get_by_role("region", name="Clearances").get_by_text("Revoked").wait_for()
    assert Eligibility.objects.get(pk=held.pk).status == "revoked"


@pytest.mark.parametrize("width", [768, 1024, 1440])
@pytest.mark.parametrize(
    "address",
    [
        "/admin/people/person/{people.person}/change/",
        "/admin/facilities/facility/{facilities.facility}/change/",
    ],
)
def test_no_act_lies_over_the_heading(
    place: Place, open_page: OpenPage, width: int, address: str
) -> None:
    page = open_page(width=width)
    sign_in(page, place, "officer")
    for label, record in place.records.items():
        address = address.replace(f"{{{label}}}", str(record.pk))
    page.goto(address)
    assert page.locator(".object-tools a").count()
    assert page.evaluate(_COVERED) == []
