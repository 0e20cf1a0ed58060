"""The officers' admin in Chromium: policy kept, accessible, nothing sideways, and its acts work."""

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from access.models import Badge, Booking
from access.services.projection import facility_project
from access.services.rewiring import rewiring_confirm
from hardware.models import Gateway, Rewiring
from hardware.services.installation import gateway_publish
from scif.alarms.models import Alarm
from scif.kernel.actor import Actor
from tests.browser.conftest import OpenPage, Watch, looks, too_wide
from tests.factories import Place, make_place
from tests.flows.plant_world import second_officer
from tests.policies import policy_with

Axe = Callable[..., None]
PAGES = {
    "dashboard": "/admin/?due=90",
    "inbox": "/admin/approvals/",
    "list": "/admin/access/accessdecision/?q=nwosu&outcome=refused",
    "empty": "/admin/access/booking/?q=nothing",
    "decision": "/admin/access/accessdecision/{access.accessdecision}/change/",
    "edit": "/admin/facilities/portal/{facilities.portal}/change/",
    "act": "/admin/act/badge-lost/{access.badge}/",
    "letter": "/admin/act/letter-record/{facilities.area}/",
    "why": "/admin/why/",
    "why-mend": "/admin/why/?person=nobody&portal={facilities.portal}",
    "why-answer": "/admin/why/{people.person}/{facilities.portal}/",
    "person": "/admin/people/person/{people.person}/change/",
    "person-add": "/admin/people/person/add/",
    "people": "/admin/people/person/",
    "people-import": "/admin/people/import/",
    "facility": "/admin/facilities/facility/{facilities.facility}/change/",
    "grant": "/admin/act/clearance-grant/{people.person}/",
    "roster": "/admin/act/roster-add/{people.person}/",
    "journal": "/admin/journal/entry/",
    "hardware": "/admin/hardware/state/",
    "password": "/account/password/",
    "add": "/admin/facilities/area/add/",
    "policy": "/admin/facilities/policyprofile/{facilities.policyprofile}/change/",
    "policy-form": "/admin/policy/{facilities.policyprofile}/publish/",
    "policy-copy": "/admin/act/policy-copy/{facilities.policyprofile}/",
    "rewiring": "/admin/hardware/rewiring/{hardware.rewiring}/change/",
    "rewiring-confirm": "/admin/act/rewiring-confirm/{hardware.rewiring}/",
    "device": "/admin/hardware/device/{hardware.device}/change/",
    "device-change": "/admin/act/device-change/{hardware.device}/",
    "hand-over": "/admin/act/zone-hand-over/{facilities.zone}/",
    "role-add": "/admin/people/facilityrole/add/",
    "panel-end": "/admin/act/panel-end/{facilities.area}/",
    "history": "/admin/history/access.booking/{access.booking}/",
}
CALM = [{"code": "calm", "name": "Calm", "demands": []}]


@pytest.fixture
def place(committed_database: str) -> Place:
    """A facility with one record of everything, and another one beside it."""
    make_place("far")
    return make_place("own")


def sign_in(page: Page, place: Place, role: str) -> None:
    page.goto("/login/")
    page.get_by_label("Username").fill(place.users[role].username)
    page.get_by_label("Password").fill("a long password")
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/admin/")


def address(name: str, place: Place) -> str:
    found = PAGES[name]
    for label, record in place.records.items():
        found = found.replace(f"{{{label}}}", str(record.pk))
    return found


def photograph(page: Page, name: str) -> None:
    """Keep a picture for the eye where SCIF_PICTURES names a directory."""
    directory = os.environ.get("SCIF_PICTURES")
    if directory:
        page.screenshot(path=str(Path(directory) / f"{name}.png"), full_page=True)


def test_pages_are_accessible_and_fit(
    place: Place, open_page: OpenPage, axe: Axe, watch: Watch
) -> None:
    watch.expect("status of 422")
    page = open_page()
    sign_in(page, place, "officer")
    for name in PAGES:
        response = page.goto(address(name, place))
        assert response
        assert response.status == (422 if name.endswith("-mend") else 200), name
        for look in looks(page):
            photograph(page, f"officer-{name}-{look}")
            axe(page)
            assert not too_wide(page), (name, look)


LISTS = {
    "rewirings": "/admin/hardware/rewiring/",
    "devices": "/admin/hardware/device/",
    "buses": "/admin/hardware/bus/",
    "alarms": "/admin/alarms/alarm/",
    "commands": "/admin/hardware/command/",
    "badges": "/admin/access/badge/",
    "decisions": "/admin/access/accessdecision/",
    "journal": "/admin/journal/entry/",
}
UNREAD = """() => [...document.querySelectorAll('#result_list tbody :is(th, td)')].filter(
  (cell) => !cell.dataset.label || cell.scrollWidth > cell.clientWidth + 1).length"""


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_list_on_a_phone_is_read_without_scrolling_sideways(
    place: Place, open_page: OpenPage, axe: Axe, theme: str
) -> None:
    page = open_page(width=360, theme=theme)
    sign_in(page, place, "officer")
    for name, url in LISTS.items():
        page.goto(url)
        assert not too_wide(page), name
        results = page.locator(".results")
        if results.count():
            wide = results.evaluate("(list) => list.scrollWidth - list.clientWidth")
            assert (wide, page.evaluate(UNREAD)) == (0, 0), name
        axe(page)
    page.goto(PAGES["hardware"])
    tables = page.locator(".scroll")
    assert tables.count()
    assert not any(
        table.evaluate("(each) => each.scrollWidth - each.clientWidth") for table in tables.all()
    )


def test_why_was_this_person_refused_in_three_clicks(
    place: Place, open_page: OpenPage, axe: Axe
) -> None:
    page = open_page()
    sign_in(page, place, "officer")
    page.get_by_role("link", name="Door decisions").click()
    page.wait_for_url("**/accessdecision/")
    page.locator("#searchbar").fill("Amara")
    page.keyboard.press("Enter")
    page.wait_for_url("**q=Amara**")
    page.get_by_text("The room is not swept.").wait_for()
    page.locator("#result_list tbody th a").first.click()
    page.get_by_text("Sweep it.").wait_for()
    page.get_by_text("sweepers", exact=True).wait_for()
    axe(page)


@pytest.mark.parametrize(("width", "theme"), [(360, "dark"), (1440, "light")])
def test_would_they_get_in_from_a_refused_read(
    place: Place, open_page: OpenPage, axe: Axe, width: int, theme: str
) -> None:
    facility = place.world.facility
    gateway_publish(gateway=Gateway.objects.get(facility=facility), actor=Actor.system("test"))
    facility_project(facility=facility)
    page = open_page(width=width, theme=theme)
    sign_in(page, place, "officer")
    page.goto(address("decision", place))
    page.get_by_role("link", name="Would they get in?").last.click()
    page.get_by_text("would not open for Amara Nwosu").wait_for()
    page.get_by_text("Visit V-OWN").wait_for()
    assert page.get_by_text("Who can: ").count() > 2
    assert page.get_by_text("Cut off for more than").is_visible()
    page.get_by_text("checks met").first.click()
    photograph(page, f"officer-why-reasons-{width}-{theme}")
    axe(page)
    assert not too_wide(page)


def test_a_refusal_needs_a_reason_and_the_team_reads_it(place: Place, open_page: OpenPage) -> None:
    page = open_page()
    sign_in(page, place, "officer")
    page.get_by_role("link", name="Approvals").first.click()
    page.get_by_text("Refuse…").click()
    page.get_by_label("Why, in words that the team reads").fill("The room is closed that day.")
    page.get_by_role("button", name="Refuse the request").click()
    page.get_by_text("W-OWN is refused.").wait_for()
    place.waiting.refresh_from_db()
    assert place.waiting.state == "refused"
    assert place.waiting.reason == "The room is closed that day."


@pytest.mark.parametrize("width", [360, 1440])
def test_what_is_asked_for_is_read_whole(place: Place, open_page: OpenPage, width: int) -> None:
    Booking.objects.filter(state="requested").update(purpose="Looong" * 33)
    page = open_page(width=width, height=900)
    sign_in(page, place, "officer")
    page.goto("/admin/approvals/")
    page.locator(".inbox .list li a").first.click()
    page.get_by_text("LooongLooong").wait_for()
    assert not too_wide(page)
    assert not page.locator(".evidence").evaluate("(part) => part.scrollWidth > part.clientWidth")
    photograph(page, f"approval-long-{width}")


def test_an_approval_expects_the_visitors(place: Place, open_page: OpenPage) -> None:
    page = open_page()
    sign_in(page, place, "officer")
    page.goto("/admin/approvals/")
    page.get_by_role("button", name="Approve for 2 people").click()
    page.get_by_text("W-OWN is approved.").wait_for()
    place.waiting.refresh_from_db()
    assert place.waiting.state == "approved"
    assert place.waiting.visits.filter(state="expected").count() == 2


def test_compliance_looks_on(place: Place, open_page: OpenPage, axe: Axe) -> None:
    page = open_page()
    sign_in(page, place, "compliance")
    page.goto("/admin/approvals/")
    assert page.get_by_role("button", name="Approve").is_disabled()
    assert page.get_by_text("a facility officer decides").first.is_visible()
    axe(page)


def test_a_lost_badge_is_recorded_from_its_page(place: Place, open_page: OpenPage) -> None:
    page = open_page()
    sign_in(page, place, "officer")
    page.goto(f"/admin/access/badge/{place.records['access.badge'].pk}/change/")
    page.get_by_role("link", name="Record the badge as lost…").click()
    page.get_by_label("Reason").fill("Left on the train, told by telephone.")
    page.get_by_role("button", name="Record the badge as lost").click()
    page.get_by_text("Done and journaled").wait_for()
    assert Badge.objects.get(pk=place.records["access.badge"].pk).state == "lost"
    assert Alarm.objects.filter(kind="badge_lost", closed_at=None).exists()


@pytest.mark.parametrize(("width", "theme"), [(360, "dark"), (1440, "light")])
def test_a_new_version_of_the_policy_shows_what_changes_before_it_is_published(
    place: Place, open_page: OpenPage, axe: Axe, watch: Watch, width: int, theme: str
) -> None:
    watch.expect("status of 422")
    facility = place.world.facility
    policy_with(facility, without=["wall_silence", "device_blip_seconds"], threat_levels=CALM)
    page = open_page(width=width, theme=theme)
    sign_in(page, place, "officer")
    page.goto(f"/admin/facilities/policyprofile/{facility.policy_id}/change/")
    page.get_by_text("Missing: denies").first.wait_for()
    photograph(page, f"policy-lacks-{width}-{theme}")
    axe(page)
    page.get_by_role("link", name="Publish a new version…").click()
    page.get_by_label("How long before its start a visit may pass the door").fill("-1")
    page.get_by_label("Reason").fill("Order 7 of the security officer.")
    page.get_by_role("button", name="See what changes").click()
    page.locator(".summary").wait_for()
    photograph(page, f"policy-refused-{width}-{theme}")
    axe(page)
    page.get_by_label("How long before its start a visit may pass the door").fill("25")
    page.get_by_role("button", name="See what changes").click()
    page.get_by_text("3 values change").wait_for()
    photograph(page, f"policy-review-{width}-{theme}")
    axe(page)
    assert not too_wide(page)
    page.get_by_role("button", name="Ask for version 3").click()
    page.get_by_text(re.compile("officer of .+: Publish the next version of")).wait_for()
    photograph(page, f"policy-asked-{width}-{theme}")
    axe(page)
    assert not too_wide(page)
    order = Rewiring.objects.get(kind="policy")
    page.goto(f"/admin/act/rewiring-confirm/{order.pk}/")
    page.get_by_role("cell", name="25").wait_for()
    photograph(page, f"policy-confirm-{width}-{theme}")
    axe(page)
    assert not too_wide(page)
    rewiring_confirm(rewiring_id=order.pk, actor=second_officer(place))
    facility.refresh_from_db()
    page.goto(f"/admin/facilities/policyprofile/{facility.policy_id}/change/")
    page.get_by_text("Differs: 10").wait_for()
    assert facility.policy.version == 3
    assert facility.policy.values["entry_early"]["value"] == 25
    assert facility.policy.values["wall_silence"]["value"] == 5
