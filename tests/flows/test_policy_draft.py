"""A new policy profile begins as a copy and a draft, is published once, and then governs."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client

from access.selectors.policy import policies_newest
from access.services.policy import policy_publish
from access.services.policy_ask import policy_publish_ask
from access.services.policy_draft import policy_copy
from scif.facilities.models import Facility, PolicyProfile
from scif.journal.models import Outbox
from scif.kernel.actor import Actor
from scif.kernel.errors import Refused
from tests.factories import Place, make_place
from tests.flows.plant_world import officer_of, second_officer
from tests.flows.test_policy_page import address, page_of, typed
from tests.logins import signed_in
from tests.policies import policy_with
from tests.two_officers import by_two

pytestmark = pytest.mark.django_db


@pytest.fixture
def place() -> Place:
    return make_place("own")


@pytest.fixture
def officer(place: Place) -> Actor:
    return officer_of(place)


@pytest.fixture
def client(place: Place) -> Client:
    return signed_in(place.users["officer"])


def source(place: Place) -> PolicyProfile:
    return Facility.objects.select_related("policy").get(pk=place.world.facility.pk).policy


def copied(place: Place, officer: Actor, **other: Any) -> PolicyProfile:
    said = {"code": "site-b", "title": "Site B", "reason": "A second site", **other}
    return policy_copy(profile_id=source(place).pk, actor=officer, **said)


def given_to_facility(place: Place, profile: PolicyProfile) -> None:
    with transaction.atomic():
        Facility.objects.filter(pk=place.world.facility.pk).update(policy=profile)


def test_a_copy_is_a_draft_that_governs_nothing(place: Place, officer: Actor) -> None:
    draft = copied(place, officer)
    assert (draft.label, draft.values, draft.published_at) == (
        "site-b/1",
        source(place).values,
        None,
    )
    assert draft not in policies_newest()
    with pytest.raises(IntegrityError):
        given_to_facility(place, draft)
    (entry,) = [row for row in Outbox.objects.all() if row.fields["kind"] == "policy.drafted"]
    assert "A second site" in str(entry.data)


def test_a_draft_is_published_itself_and_then_stays(place: Place, officer: Actor) -> None:
    draft = copied(place, officer)
    done = policy_publish(
        profile_id=draft.pk, changes={"booking_longest": 60}, reason="Short", actor=officer
    )
    assert (done.pk, done.version) == (draft.pk, 1)
    assert done.values["booking_longest"]["value"] == 60
    assert done in policies_newest()
    given_to_facility(place, done)
    with pytest.raises(IntegrityError), transaction.atomic():
        PolicyProfile.objects.filter(pk=done.pk).update(title="Other")
    by_two(
        policy_publish_ask,
        profile_id=done.pk,
        changes={"booking_longest": 90},
        reason="Longer",
        actor=officer,
        other=second_officer(place),
    )
    assert source(place).label == "site-b/2"


def test_a_draft_needs_no_change_to_be_published_and_takes_no_fault(
    place: Place, officer: Actor
) -> None:
    policy_with(place.world.facility, pin_max_digits=3)
    faulty = copied(place, officer)
    with pytest.raises(Refused):
        policy_publish(profile_id=faulty.pk, changes={}, reason="As it is", actor=officer)
    whole = {"pin_max_digits": 12}
    assert policy_publish(
        profile_id=faulty.pk, changes=whole, reason="Mended", actor=officer
    ).published_at
    policy_with(place.world.facility, pin_max_digits=12)
    as_it_is = copied(place, officer, code="site-c")
    done = policy_publish(profile_id=as_it_is.pk, changes={}, reason="As it is", actor=officer)
    assert done.published_at is not None


def test_a_draft_stays_what_it_is_of_and_is_not_deleted(place: Place, officer: Actor) -> None:
    draft = copied(place, officer)
    for change in ({"code": "other"}, {"version": 2}):
        with pytest.raises(IntegrityError), transaction.atomic():
            PolicyProfile.objects.filter(pk=draft.pk).update(**change)
    with pytest.raises(IntegrityError), transaction.atomic():
        PolicyProfile.objects.filter(pk=draft.pk).delete()


@pytest.mark.parametrize("code", ["site-b", "SITE-B"])
def test_a_code_is_given_once(place: Place, officer: Actor, code: str) -> None:
    copied(place, officer)
    with pytest.raises(Refused) as refused:
        copied(place, officer, code=code)
    assert refused.value.code == "code_taken"
    with pytest.raises(ValidationError):
        copied(place, officer, code="no code")


def test_only_an_officer_makes_one(place: Place) -> None:
    user = place.users["guard"]
    with pytest.raises(PolicyProfile.DoesNotExist):
        copied(place, Actor.user(user.pk, user.person_id))


def test_an_officer_copies_and_publishes_at_the_screen(place: Place, client: Client) -> None:
    old = source(place)
    assert "Copy as a new profile" in page_of(client, old)
    act = f"/admin/act/policy-copy/{old.pk}/"
    said = {"code": "site-b", "title": "Site B", "reason": "A second site"}
    assert client.post(act, {**said, "code": "no code"}).status_code == 422
    assert client.post(act, {**said, "code": old.code}).status_code == 409
    done = client.post(act, said)
    draft = PolicyProfile.objects.get(code="site-b")
    assert done["Location"].endswith(f"/{draft.pk}/change/")
    shown = page_of(client, draft)
    assert "no facility can be given it until it is published" in shown
    assert "Publish the draft…" in shown
    facility = f"/admin/facilities/facility/{place.world.facility.pk}/change/"
    assert str(draft.pk) not in client.get(facility).content.decode()
    form = typed()
    review = client.post(address(draft), {**form, "step": "review"})
    assert "Publish version 1?" in review.content.decode()
    assert client.post(address(draft), {**form, "step": "publish"}).status_code == 302
    draft.refresh_from_db()
    assert draft.published_at is not None
    assert str(draft.pk) in client.get(facility).content.decode()
