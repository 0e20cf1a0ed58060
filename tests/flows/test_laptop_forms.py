"""The officers' forms of terms and places: what they begin with; a place's week as a table."""

import re
from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import reverse

from access.models import Engagement
from scif.console.selectors.policy_profile import missing_words
from scif.people.models import User
from terminals.models import EngagementTerms
from tests.flows.offsite_world import make_outside
from tests.flows.terminal_world import ticking
from tests.policies import policy_with

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded_world")]


@pytest.fixture(autouse=True)
def _noon() -> Iterator[None]:
    with ticking():
        yield


@pytest.fixture
def officer() -> Client:
    client = Client()
    client.force_login(User.objects.get(username="p.ngata"))
    return client


def shown(officer: Client, act: str, engagement: Engagement) -> str:
    return officer.get(reverse("admin:act", args=[act, engagement.pk])).content.decode()


def value(page: str, name: str) -> str:
    """What stands in an input of one line."""
    tag = page.partition(f'name="{name}"')[2].partition(">")[0]
    return tag.partition('value="')[2].partition('"')[0]


def test_terms_begin_with_those_in_force_or_what_the_policy_proposes(officer: Client) -> None:
    outside = make_outside(out=False)
    engagement = outside.place.engagement
    terms = EngagementTerms.objects.get(engagement=engagement, ended_at=None)
    page = shown(officer, "terms-propose", engagement)
    assert value(page, "harness_host") == terms.harness_host
    assert value(page, "rate_bytes") == str(terms.rate_bytes)
    assert ">null<" not in page.replace("\n", "")
    EngagementTerms.objects.filter(pk=terms.pk).update(ended_at=terms.proposed_at)
    policy_with(outside.facility, terms_rate_bytes=12_345, terms_channels=3)
    page = shown(officer, "terms-propose", engagement)
    assert (value(page, "rate_bytes"), value(page, "channels")) == ("12345", "3")
    assert value(page, "harness_host") == ""
    policy_with(outside.facility, without=["terms_rate_bytes"])
    page = shown(officer, "terms-propose", engagement)
    assert (value(page, "rate_bytes"), value(page, "channels")) == ("", "3")


def test_a_place_begins_with_the_room_s_hours_and_the_policy_s_ceiling(officer: Client) -> None:
    outside = make_outside(out=False)
    engagement = outside.place.engagement
    area = engagement.areas.earliest("name")
    area.hours = {"mon": ["07:30", "18:15"]}
    area.save(update_fields=["hours"])
    policy_with(outside.facility, offsite_ceiling=2)
    page = shown(officer, "place-register", engagement)
    assert (value(page, "hours_mon_from"), value(page, "hours_mon_to")) == ("07:30", "18:15")
    closed = page.partition('name="hours_mon_closed"')[2].partition(">")[0]
    assert "checked" not in closed
    assert '<option value="2" selected>' in page


def test_the_week_of_a_place_is_a_table(officer: Client) -> None:
    place = make_outside(out=False).place
    page = officer.get(
        reverse("admin:terminals_registeredplace_change", args=[place.pk])
    ).content.decode()
    assert '<table class="hours">' in page
    week = r'<th scope="row">Mon\w* to Sun\w*</th><td>08:00</td><td>20:00</td>'
    assert re.search(week, page)
    assert "{&#x27;" not in page
    assert "&quot;mon&quot;" not in page


def test_what_a_missing_value_means_is_true_of_its_key() -> None:
    assert missing_words("activity_session_days") == "Missing: what is older is kept"
    assert missing_words("terms_channels") == "Missing: the form proposes nothing"
    assert missing_words("offsite_ceiling") == "Missing: denies"


def test_the_breadcrumb_says_what_the_navigation_says(officer: Client) -> None:
    page = officer.get(reverse("admin:terminals_anomaly_changelist")).content.decode()
    crumbs = page.partition('<div class="breadcrumbs">')[2].partition("</div>")[0]
    assert "Laptops" in crumbs
    assert "Terminals" not in page
    assert ">Anomalies" in page
    assert "Odd activity" not in page


def test_terms_that_came_into_force_meanwhile_do_not_lose_their_policy(officer: Client) -> None:
    outside = make_outside(out=False)
    engagement = outside.place.engagement
    sent = {
        "harness_host": "h-4.lab.example", "harness_port": "9101", "egress_bytes": "1000000",
        "rate_bytes": "1000", "burst_bytes": "1000", "channels": "2",
    }  # fmt: skip
    address = reverse("admin:act", args=["terms-propose", engagement.pk])
    answer = officer.post(address, sent)
    assert answer.status_code == 422
    assert "come into force since this form was opened" in answer.content.decode()
    holds = EngagementTerms.objects.get(engagement=engagement, ended_at=None)
    assert officer.post(address, {**sent, "begun": str(holds.pk)}).status_code == 302
