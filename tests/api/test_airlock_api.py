"""The airlock over REST: the same answers as the services, scoped to who asks, and never bytes."""

from pathlib import Path
from uuid import uuid4

import pytest
from pytest_django import Settings
from rest_framework.test import APIClient

from scif.kernel.actor import Actor
from scif.people.models import User
from terminals.models import AirlockItem, EgressLedger
from tests.flows.airlock_world import TEXT, Airlock, make_airlock

pytestmark = pytest.mark.django_db


@pytest.fixture
def airlock(settings: Settings, tmp_path: Path) -> Airlock:
    settings.AIRLOCK_DIR = tmp_path
    return make_airlock()


def as_(who: Actor) -> APIClient:
    assert who.user_id is not None
    client = APIClient(enforce_csrf_checks=False)
    client.force_login(User.objects.get(pk=who.user_id))
    return client


def at(item: AirlockItem, act: str = "") -> str:
    return f"/api/v1/airlock/{item.pk}/{act}"


def test_two_approve_a_third_releases_and_the_bytes_are_debited(airlock: Airlock) -> None:
    item = airlock.sealed()
    said = {"version": str(airlock.version(item))}
    first = as_(airlock.lab).post(at(item, "approve/"), said)
    assert (first.status_code, first.json()["state"]) == (200, "sealed")
    early = as_(airlock.officer).post(at(item, "release/"))
    assert early.status_code == 409
    second = as_(airlock.officer).post(at(item, "approve/"), said)
    assert (second.status_code, second.json()["state"]) == (200, "checked")
    (version,) = second.json()["versions"]
    assert {check["side"] for check in version["checks"]} == {"lab", "facility"}
    released = as_(airlock.colleague).post(at(item, "release/"))
    assert (released.status_code, released.json()["state"]) == (200, "released")
    assert EgressLedger.objects.get().bytes == len(TEXT)


def test_its_author_sees_it_and_neither_approves_nor_releases(airlock: Airlock) -> None:
    item = airlock.checked()
    client = as_(airlock.author)
    assert client.get(at(item)).json()["state"] == "checked"
    said = {"version": str(airlock.version(item))}
    assert client.post(at(item, "approve/"), said).status_code in {403, 404, 409}
    assert client.post(at(item, "release/")).status_code in {403, 404}
    assert airlock.again(item).state == "checked"


def test_an_answer_holds_no_byte_of_what_is_kept(airlock: Airlock) -> None:
    item = airlock.sealed(b"a secret finding")
    for client in (as_(airlock.author), as_(airlock.lab), as_(airlock.officer)):
        answer = client.get(at(item))
        assert answer.status_code == 200
        assert b"a secret finding" not in answer.content
        assert set(answer.json()["versions"][0]) >= {"sha256", "bytes"}


def test_what_one_has_no_part_in_is_not_there(airlock: Airlock) -> None:
    item = airlock.sealed()
    said = {"version": str(airlock.version(item))}
    other = make_airlock("b7")
    for who in (other.author, other.officer, other.lab):
        client = as_(who)
        assert client.get("/api/v1/airlock/").json()["count"] == 0
        hidden, unknown = client.get(at(item)), client.get(f"/api/v1/airlock/{uuid4()}/")
        assert (hidden.status_code, hidden.content) == (404, unknown.content)
        for act in ("approve/", "refuse/", "release/", "appeal/"):
            assert client.post(at(item, act), said).status_code in {400, 404}, act
    assert not airlock.again(item).version.checks.exists()  # type: ignore[union-attr]  # it is sealed


def test_a_refusal_is_on_a_ground_of_the_closed_list_and_can_be_appealed(
    airlock: Airlock,
) -> None:
    airlock.body_named()
    item = airlock.sealed()
    said = {"version": str(airlock.version(item)), "verdict": "reject", "reason": "Line 3"}
    odd = as_(airlock.lab).post(at(item, "refuse/"), {**said, "ground": "embarrassing"})
    assert (odd.status_code, set(odd.json())) == (400, {"ground"})
    done = as_(airlock.lab).post(at(item, "refuse/"), {**said, "ground": "internals"})
    assert (done.status_code, done.json()["state"]) == (200, "rejected")
    (check,) = as_(airlock.author).get(at(item)).json()["versions"][0]["checks"]
    assert (check["ground"], check["reason"]) == ("internals", "Line 3")
    lodged = as_(airlock.author).post(at(item, "appeal/"), {"statement": "It does not"})
    assert (lodged.status_code, lodged.json()["state"]) == (200, "appealed")
    again = as_(airlock.author).post(at(item, "appeal/"), {"statement": "Still not"})
    assert again.status_code == 409


def test_an_approval_is_of_the_version_that_was_looked_at(airlock: Airlock) -> None:
    item = airlock.sealed()
    for version, status in ((str(uuid4()), {404, 409}), ("no version", {400})):
        answer = as_(airlock.lab).post(at(item, "approve/"), {"version": version})
        assert answer.status_code in status
    assert not airlock.again(item).version.checks.exists()  # type: ignore[union-attr]  # it is sealed


def test_a_list_is_searched_by_hash_and_by_what_waits(airlock: Airlock) -> None:
    item = airlock.sealed()
    client = as_(airlock.officer)
    digest = client.get(at(item)).json()["versions"][0]["sha256"]
    found = client.get("/api/v1/airlock/", {"q": digest}).json()
    assert [each["reference"] for each in found["results"]] == [item.reference]
    assert client.get("/api/v1/airlock/", {"q": "ab" * 32}).json()["count"] == 0
    assert client.get("/api/v1/airlock/", {"which": "ended"}).json()["count"] == 0
    assert client.get("/api/v1/airlock/", {"which": "open"}).json()["count"] == 1


def test_nobody_asks_without_signing_in(airlock: Airlock) -> None:
    item = airlock.sealed()
    assert APIClient().get(at(item)).status_code in {401, 403}
    assert APIClient().post(at(item, "release/")).status_code in {401, 403}
