"""A change: another time in the place of a booking, or nothing at all."""

import json
from uuid import uuid4

import pytest
from django.test import Client

from access.models import Booking
from access.services.booking import booking_request
from access.services.booking_change import booking_change
from access.services.booking_decision import booking_approve
from scif.journal.models import Outbox
from scif.kernel.errors import NotPermitted, Refused
from tests.flows.booking_world import World, actor, make_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return make_world()


def change(world: World, booking: Booking, start: float, end: float, **changes: object) -> Booking:
    asked = world.ask(starts_at=world.at(start), ends_at=world.at(end), **changes)
    del asked["engagement_id"]
    return booking_change(booking_id=booking.pk, **asked)


def state_of(booking: Booking) -> str:
    return Booking.objects.get(pk=booking.pk).state


def test_the_new_slot_may_overlap_the_old_one(world: World) -> None:
    old = booking_request(**world.ask())
    new = change(world, old, 10, 13)
    assert (state_of(old), state_of(new)) == ("cancelled", "requested")
    assert new.engagement_id == old.engagement_id
    last = [json.loads(row.header)["kind"] for row in Outbox.objects.order_by("id")][-3:]
    assert last == ["booking.cancelled", "booking.requested", "booking.changed"]


def test_an_approved_booking_is_decided_anew(world: World) -> None:
    old = booking_request(**world.ask())
    booking_approve(booking_id=old.pk, actor=actor(world.officer))
    new = change(world, old, 14, 16)
    assert not new.visits.exists()
    assert set(old.visits.values_list("state", flat=True)) == {"cancelled"}


def test_a_refused_change_leaves_everything_as_it_was(world: World) -> None:
    booking_request(**world.ask(starts_at=world.at(14), ends_at=world.at(16)))
    old = booking_request(**world.ask())
    booking_approve(booking_id=old.pk, actor=actor(world.officer))
    with pytest.raises(Refused) as caught:
        change(world, old, 14, 15)
    assert caught.value.code == "slot_taken"
    assert state_of(old) == "approved"
    assert set(old.visits.values_list("state", flat=True)) == {"expected"}
    assert not Outbox.objects.filter(header__contains="booking.cancelled").exists()


def test_who_only_comes_along_changes_nothing(world: World) -> None:
    old = booking_request(**world.ask())
    with pytest.raises(NotPermitted):
        change(world, old, 14, 16, actor=actor(world.member))
    assert state_of(old) == "requested"


def test_the_portal_offers_the_old_hours_too_and_keeps_the_words(world: World) -> None:
    old = booking_request(**world.ask(purpose="Second half of the logs"))
    browser = Client()
    browser.force_login(world.lead.user)
    shown = browser.get(f"/portal/visits/{old.pk}/").content.decode()
    query = shown.split("/portal/slots/?", 1)[1].split('"', 1)[0].replace("&amp;", "&")
    assert f"instead={old.pk}" in query
    start = world.at(10).isoformat().replace("+", "%2B")
    ask = f"/portal/slots/request/?{query}&start={start}"
    page = browser.get(ask).content.decode()
    assert old.reference in page
    assert "Second half of the logs" in page
    fields = {
        "start": world.at(10).isoformat(),
        "purpose": "Second half of the logs",
        "booking_id": str(uuid4()),
    }
    assert browser.post(ask, fields).status_code == 302
    assert state_of(old) == "cancelled"
    assert Booking.objects.get(state="requested").starts_at == world.at(10)


def asking(world: World) -> str:
    start = world.at(9).isoformat().replace("+", "%2B")
    people = f"people={world.lead.pk}&people={world.member.pk}"
    where = f"engagement={world.engagement.pk}&area={world.area.pk}&length=180"
    return f"/portal/slots/request/?{where}&{people}&start={start}"


def test_a_form_that_is_sent_twice_asks_for_one_slot(world: World) -> None:
    browser = Client()
    browser.force_login(world.lead.user)
    fields = {"start": world.at(9).isoformat(), "purpose": "Reading", "booking_id": str(uuid4())}
    first, second = (browser.post(asking(world), fields) for _ in range(2))
    assert first["Location"] == second["Location"]
    assert Booking.objects.count() == 1
    # Under way at the same time: the service itself knows what was asked for.
    again = booking_request(**world.ask(new_id=Booking.objects.get().pk))
    assert again.pk == Booking.objects.get().pk
    changed = change(world, again, 14, 16, new_id=uuid4())
    assert change(world, again, 14, 16, new_id=changed.pk).pk == changed.pk


def test_a_change_that_is_sent_twice_leads_to_the_same_visit(world: World) -> None:
    booking = booking_request(**world.ask())
    browser = Client()
    browser.force_login(world.lead.user)
    later = world.at(14).isoformat()
    start = world.at(9).isoformat().replace("+", "%2B")
    address = asking(world).replace(start, later.replace("+", "%2B"))
    fields = {"start": later, "purpose": "Reading", "booking_id": str(uuid4())}
    first, second = (browser.post(f"{address}&instead={booking.pk}", fields) for _ in range(2))
    assert first["Location"] == second["Location"]
    assert state_of(booking) == "cancelled"
    assert Booking.objects.count() == 2


def test_nobody_takes_anothers_booking_by_its_number(world: World) -> None:
    booking = booking_request(**world.ask())
    other = world.ask(new_id=booking.pk, starts_at=world.at(14), ends_at=world.at(16))
    assert booking_request(**other | {"actor": actor(world.member)}).pk != booking.pk
    assert state_of(booking) == "requested"


def test_an_unfit_text_is_said_at_its_field(world: World) -> None:
    browser = Client()
    browser.force_login(world.lead.user)
    fields = {
        "start": world.at(9).isoformat(),
        "purpose": "Reading \u202ebackwards",
        "booking_id": str(uuid4()),
    }
    form = browser.post(asking(world), fields).context["form"]
    assert list(form.errors) == ["purpose"]


def test_a_stranger_learns_nothing_of_a_booking_by_changing_it(world: World) -> None:
    old = booking_request(**world.ask())
    browser = Client()
    browser.force_login(world.stranger.user)
    other = f"/portal/slots/?instead={old.pk}"
    unknown = "/portal/slots/?instead=00000000-0000-4000-8000-000000000000"
    assert browser.get(other).status_code == browser.get(unknown).status_code == 404
