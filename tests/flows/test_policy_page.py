"""The policy at the screen: read as a table, changed by a form, confirmed by what changes."""

import json
import re
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from access.rules.policy_keys import KEYS
from access.services.policy import policy_publish
from access.services.rewiring import rewiring_confirm
from hardware.models import Rewiring
from scif.facilities.models import Facility, PolicyProfile
from scif.kernel.actor import Actor
from tests.factories import Place, make_place
from tests.flows.plant_world import second_officer
from tests.logins import signed_in
from tests.policies import policy_with

pytestmark = pytest.mark.django_db
CONFLICT, INVALID = 409, 422


@pytest.fixture
def place() -> Place:
    return make_place("own")


@pytest.fixture
def officer(place: Place) -> Client:
    return signed_in(place.users["officer"])


def profile_of(place: Place) -> PolicyProfile:
    return Facility.objects.select_related("policy").get(pk=place.world.facility.pk).policy


def confirmed(place: Place) -> PolicyProfile:
    """Another officer confirms what was asked for; gives what is in force then."""
    order = Rewiring.objects.get(kind="policy", state="requested")
    rewiring_confirm(rewiring_id=order.pk, actor=second_officer(place))
    return profile_of(place)


def address(profile: PolicyProfile) -> str:
    return reverse("admin:policy_publish", args=[profile.pk])


def page_of(client: Client, profile: PolicyProfile) -> str:
    url = reverse("admin:facilities_policyprofile_change", args=[profile.pk])
    return unescape(client.get(url).content.decode())


def typed(**changes: Any) -> dict[str, Any]:
    """The form as it is filled from the shipped defaults, with changes."""
    found: dict[str, Any] = {"reason": "Order 7"}
    for key, each in KEYS.items():
        value: Any = each.default
        if isinstance(value, bool):
            value = "yes" if value else "no"
        elif isinstance(value, dict) or key == "threat_levels":
            value = json.dumps(value)
        found[key] = value
    return found | changes


def row_of(page: str, key: str) -> str:
    """The row of the table that tells of a key."""
    found = re.search(rf"<tr><th scope=\"row\">[^\n]*{key}</small>.*?</tr>", page, re.DOTALL)
    assert found, key
    return found[0]


def test_every_value_stands_in_the_table_with_its_meaning(place: Place, officer: Client) -> None:
    page = page_of(officer, profile_of(place))
    for key, each in KEYS.items():
        assert each.meaning in row_of(page, key)
    assert "the same" in row_of(page, "entry_early")
    assert "Publish a new version…" in page


def test_what_differs_and_what_is_missing_is_told(place: Place, officer: Client) -> None:
    profile = policy_with(place.world.facility, without=["wall_silence"], entry_early=25)
    page = page_of(officer, profile)
    assert "Differs: 10" in row_of(page, "entry_early")
    assert "Missing: denies" in row_of(page, "wall_silence")
    assert "1 value is missing" in page


def test_nothing_is_published_before_it_is_confirmed(place: Place, officer: Client) -> None:
    profile = profile_of(place)
    form = typed(entry_early=25, uid_only_cards="yes", pair_bases=["roster", "visit"])
    answer = officer.post(address(profile), form)
    page = unescape(answer.content.decode())
    assert answer.status_code == 200
    assert "Publish version 2?" in page
    assert "3 values change" in page
    unit = KEYS["entry_early"].unit
    becomes = rf"<td[^>]*>10 {unit}</td><td[^>]*><b>25</b> {unit}</td>"
    assert re.search(becomes, row_of(page, "entry_early"))
    assert "milder" in row_of(page, "uid_only_cards")
    assert "stricter" in row_of(page, "pair_bases")
    assert "What a gateway works by" in page
    assert "escort_ratio</small>" not in page
    assert profile_of(place) == profile
    again = unescape(officer.post(address(profile), form | {"step": "form"}).content.decode())
    assert 'name="entry_early" value="25"' in again
    asked = officer.post(address(profile), form | {"step": "publish"})
    assert profile_of(place) == profile
    waits = unescape(officer.get(asked["Location"]).content.decode())
    words = f"Waits for another officer of {place.world.facility}: Publish the next version of"
    assert words in waits
    assert re.search(becomes, row_of(waits, "entry_early"))
    new = confirmed(place)
    assert new.version == 2
    assert new.values["entry_early"]["value"] == 25
    assert new.values["uid_only_cards"]["value"] is True
    assert set(new.values["pair_bases"]["value"]) == {"visit", "roster"}
    assert "Publish a new version…" not in page_of(officer, profile)
    assert "A newer version is published" in page_of(officer, profile)


def test_the_same_words_in_another_order_are_no_change(place: Place, officer: Client) -> None:
    words = profile_of(place).values["pair_bases"]["value"]
    profile = policy_with(place.world.facility, pair_bases=words[::-1])
    answer = officer.post(address(profile), typed())
    assert answer.status_code == INVALID
    assert "Nothing would change." in answer.content.decode()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"entry_early": -1}, "greater than or equal to 0"),
        ({"entry_early": "1.5"}, "whole number"),
        ({"entry_early": ""}, "required"),
        ({"entry_early": "9" * 5000}, "whole number"),
        ({"uid_only_cards": "perhaps"}, "valid choice"),
        ({"anti_passback": "harsh"}, "valid choice"),
        ({"pair_bases": ["emergency"]}, "valid choice"),
        ({"laa_rank": '{"us": "2"}'}, "A rank for each scheme"),
        ({"laa_rank": "us: 2"}, "valid JSON"),
        ({"laa_rank": '{"us": ' + "9" * 5000 + "}"}, "valid JSON"),
        ({"laa_rank": "[" * 9000}, "valid JSON"),
        ({"laa_rank": "[" * 30_000}, "valid JSON"),
        ({"threat_levels": "[]"}, "at least one level"),
        ({"threat_levels": "null"}, "required"),
        ({"pin_digits": 13}, "may not be above"),
        ({"reason": ""}, "required"),
        ({}, "Nothing would change."),
    ],
)
def test_what_does_not_fit_is_refused_at_its_field(
    place: Place, officer: Client, changes: dict[str, Any], words: str
) -> None:
    profile = profile_of(place)
    for step in ("review", "publish"):
        answer = officer.post(address(profile), typed(step=step) | changes)
        assert answer.status_code == INVALID
        assert words in unescape(answer.content.decode())
    assert profile_of(place) == profile


def test_a_missing_value_is_proposed_as_shipped_and_may_stay_missing(
    place: Place, officer: Client
) -> None:
    lacking = ["wall_silence", "uid_only_cards", "pair_bases", "laa_rank", "anti_passback"]
    profile = policy_with(place.world.facility, without=lacking)
    form = unescape(officer.get(address(profile)).content.decode())
    assert "Missing: denies. The shipped default is proposed." in form
    assert 'name="wall_silence" value="5"' in form
    left = {"uid_only_cards": "", "pair_bases": [], "laa_rank": "", "anti_passback": ""}
    answer = officer.post(address(profile), typed(step="publish", **left))
    assert answer.status_code == 302
    values = confirmed(place).values
    assert values["wall_silence"]["value"] == 5
    assert not set(left) & set(values)


def test_who_comes_second_is_told(place: Place, officer: Client) -> None:
    profile = profile_of(place)
    policy_publish(
        profile_id=profile.pk, changes={"entry_early": 9}, reason="A", actor=Actor.system("test")
    )
    answer = officer.post(address(profile), typed(entry_early=25, step="publish"))
    assert answer.status_code == CONFLICT
    assert "published a newer version meanwhile" in answer.content.decode()
    assert profile_of(place).values["entry_early"]["value"] == 9


def test_a_profile_of_another_place_is_refused_in_words(place: Place, officer: Client) -> None:
    far = make_place("far")
    answer = officer.post(address(profile_of(far)), typed(entry_early=25, step="publish"))
    assert answer.status_code == CONFLICT
    page = answer.content.decode()
    assert "where you hold no such right" in page
    assert far.world.facility.name not in page
    assert profile_of(far).version == 1


def test_compliance_reads_and_does_not_publish(place: Place) -> None:
    client = signed_in(place.users["compliance"])
    profile = profile_of(place)
    assert "Publish a new version" not in page_of(client, profile)
    assert client.post(address(profile), typed(entry_early=25)).status_code == 404


def test_a_page_that_was_open_before_brings_no_older_version_back(
    place: Place, officer: Client
) -> None:
    facility, old = place.world.facility, profile_of(place)
    form = {
        "code": facility.code,
        "name": "Renamed",
        "time_zone": facility.time_zone,
        "marking": facility.marking_id,
        "currency": facility.currency,
        "policy": old.pk,
    }
    new = policy_publish(
        profile_id=old.pk, changes={"entry_early": 9}, reason="A", actor=Actor.system("test")
    )
    url = reverse("admin:facilities_facility_change", args=[facility.pk])
    edition = officer.get(url).context["adminform"].form.initial["edition"]
    form["edition"] = edition
    assert officer.post(url, form).status_code == 200, "the form is shown again"
    assert profile_of(place) == new
    assert officer.post(url, form | {"policy": new.pk}).status_code == 302
    assert Facility.objects.get(pk=facility.pk).name == "Renamed"
