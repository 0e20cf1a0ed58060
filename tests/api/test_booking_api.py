"""Bookings over REST: the same answers as the services, scoped to who asks."""

from typing import Any
from uuid import uuid4

import pytest
from rest_framework.test import APIClient

from access.models import Eligibility
from access.services.booking import booking_request
from scif.people.models import Person
from tests.flows.booking_world import World, make_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return make_world()


def as_(person: Person) -> APIClient:
    client = APIClient(enforce_csrf_checks=False)
    client.force_login(person.user)
    return client


def said(world: World, **changes: Any) -> dict[str, Any]:
    return {
        "engagement": str(world.engagement.pk),
        "area": str(world.area.pk),
        "starts_at": world.at(9).isoformat(),
        "ends_at": world.at(12).isoformat(),
        "attendees": [str(world.lead.pk), str(world.member.pk)],
        "purpose": "Reading",
    } | changes


def test_a_member_asks_and_an_officer_approves(world: World) -> None:
    made = as_(world.lead).post("/api/v1/bookings/", said(world), format="json")
    assert made.status_code == 201, made.content
    url = f"/api/v1/bookings/{made.json()['id']}/"
    assert as_(world.member).get(url).json()["state"] == "requested"
    approved = as_(world.officer).post(f"{url}approve/")
    assert (approved.status_code, approved.json()["state"]) == (200, "approved")
    again = as_(world.officer).post(f"{url}approve/")
    assert (again.status_code, again.json()["code"]) == (409, "wrong_state")


def test_a_refusal_carries_its_reasons_in_the_askers_words(world: World) -> None:
    Eligibility.objects.filter(person=world.member).update(status="suspended")
    answer = as_(world.lead).post("/api/v1/bookings/", said(world), format="json")
    assert answer.status_code == 409
    assert [reason["code"] for reason in answer.json()["reasons"]] == ["member_held_up"]
    assert b"suspended" not in answer.content


def test_what_one_has_no_part_in_is_not_there(world: World) -> None:
    booking = booking_request(**world.ask())
    other = make_world("b7")
    for person in (world.stranger, other.lead, other.officer, world.discloser):
        client = as_(person)
        assert client.get("/api/v1/bookings/").json()["count"] == 0
        assert client.get(f"/api/v1/bookings/{booking.pk}/").status_code == 404
        for act in ("approve", "refuse", "cancel"):
            url = f"/api/v1/bookings/{booking.pk}/{act}/"
            assert client.post(url, {"reason": "x"}).status_code == 404
    unknown = as_(world.lead).get(f"/api/v1/bookings/{uuid4()}/")
    hidden = as_(world.stranger).get(f"/api/v1/bookings/{booking.pk}/")
    assert (unknown.status_code, unknown.content) == (404, hidden.content)


def test_attendees_neither_approve_nor_cancel(world: World) -> None:
    booking = booking_request(**world.ask())
    client = as_(world.member)
    assert client.post(f"/api/v1/bookings/{booking.pk}/approve/").status_code == 404
    assert client.post(f"/api/v1/bookings/{booking.pk}/cancel/").status_code == 403
    assert as_(world.lead).post(f"/api/v1/bookings/{booking.pk}/cancel/").status_code == 200


def test_a_malformed_request_says_which_field(world: World) -> None:
    answer = as_(world.lead).post(
        "/api/v1/bookings/", said(world, attendees=[], starts_at="soon"), format="json"
    )
    assert answer.status_code == 400
    assert set(answer.json()) == {"attendees", "starts_at"}


def test_nobody_asks_without_signing_in(world: World) -> None:
    assert APIClient().get("/api/v1/bookings/").status_code in {401, 403}
