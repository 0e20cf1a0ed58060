"""Booking: asked for, decided by another, cancelled, expired."""

import json
from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from access.events import BookingChanged, VisitChanged
from access.models import Booking, Eligibility, Engagement, Nda, NeedToKnow, Visit
from access.services.booking import booking_request
from access.services.booking_decision import booking_approve, booking_refuse
from access.services.booking_end import booking_cancel, bookings_expire_due
from access.services.refusals import BookingRefused
from scif.journal.models import Outbox
from scif.kernel import events
from scif.kernel.actor import Actor
from scif.kernel.clock import clock_set, now
from scif.kernel.errors import NotPermitted, Refused
from tests.flows.booking_world import World, actor, make_world
from tests.policies import policy_with

pytestmark = pytest.mark.django_db
BEAT = Actor.system("beat")


@pytest.fixture
def world() -> World:
    return make_world()


def kinds() -> list[str]:
    return [json.loads(row.header)["kind"] for row in Outbox.objects.order_by("id")]


def refused(code: str, world: World, **changes: object) -> Refused:
    with pytest.raises(Refused) as caught:
        booking_request(**world.ask(**changes))
    assert caught.value.code == code
    return caught.value


def reasons(world: World, **changes: object) -> dict[str, str]:
    with pytest.raises(BookingRefused) as caught:
        booking_request(**world.ask(**changes))
    return {reason.code: reason.what for reason in caught.value.reasons}


def test_a_member_asks_and_the_slot_is_held_with_its_changeover(world: World) -> None:
    booking = booking_request(**world.ask())
    booking.refresh_from_db()
    assert booking.state == "requested"
    assert booking.held.upper - booking.ends_at == timedelta(minutes=30)
    assert booking.policy_version == "ml/1"
    assert set(booking.attendees.values_list("person_id", flat=True)) == {
        world.lead.pk,
        world.member.pk,
    }
    assert kinds() == ["booking.requested"]


def test_the_change_is_published_in_its_transaction(world: World) -> None:
    told: list[object] = []
    events.subscribe(BookingChanged, told.append)
    events.subscribe(VisitChanged, told.append)
    booking = booking_request(**world.ask())
    booking_approve(booking_id=booking.pk, actor=actor(world.officer))
    assert BookingChanged(booking.pk) in told
    assert {VisitChanged(pk) for pk in Visit.objects.values_list("pk", flat=True)} <= set(told)


def test_a_taken_slot_is_refused_changeover_included(world: World) -> None:
    booking_request(**world.ask())
    refused("slot_taken", world, starts_at=world.at(12), ends_at=world.at(13))
    booking_request(**world.ask(starts_at=world.at(12.5), ends_at=world.at(13)))


def test_a_taken_slot_is_told_before_anything_about_the_team(world: World) -> None:
    booking_request(**world.ask())
    Engagement.objects.filter(pk=world.engagement.pk).update(state="suspended")
    refused("slot_taken", world)
    refused("not_admitted", world, starts_at=world.at(13), ends_at=world.at(14))


def test_the_database_refuses_an_overlap_too(world: World) -> None:
    booking = booking_request(**world.ask())
    copy = Booking.objects.get(pk=booking.pk)
    copy.pk, copy.reference = None, "B-COPY"
    copy._state.adding = True
    copy.id = Booking._meta.pk.get_default()
    with pytest.raises(IntegrityError, match="booking_slot_once"), transaction.atomic():
        copy.save(force_insert=True)


def test_a_stranger_finds_nothing_and_the_sponsor_cannot_book(world: World) -> None:
    with pytest.raises(world.engagement.DoesNotExist):
        booking_request(**world.ask(actor=actor(world.stranger)))
    with pytest.raises(NotPermitted):
        booking_request(**world.ask(actor=actor(world.discloser)))


def test_a_room_outside_the_engagement_is_not_there(world: World) -> None:
    other = make_world("b7")
    with pytest.raises(other.area.DoesNotExist):
        booking_request(**world.ask(area_id=other.area.pk))


def test_what_is_wrong_with_a_slot_is_said(world: World) -> None:
    refused("too_long", world, ends_at=world.at(18))
    refused("nobody", world, attendee_ids=[])
    for unnamed in (world.stranger.pk, uuid4()):
        told = refused("not_a_member", world, attendee_ids=[world.lead.pk, unnamed])
        assert world.stranger.name not in told.message
    assert "outside_hours" in reasons(world, starts_at=world.at(6), ends_at=world.at(9))
    assert "notice_too_short" in reasons(
        world, starts_at=world.at(9, -28), ends_at=world.at(12, -28)
    )
    assert "not_a_member" not in reasons(world, ends_at=world.at(8))
    world.area.bookable = False
    world.area.save()
    refused("not_bookable", world)


def test_a_policy_without_a_value_refuses(world: World) -> None:
    policy_with(world.facility, without=["booking_turnaround"])
    assert "booking_turnaround" in refused("policy_missing", world).message


def test_a_room_without_accreditation_cannot_be_booked(world: World) -> None:
    world.area.accreditations.update(state="suspended")
    assert set(reasons(world)) == {"not_accredited"}


def test_the_lead_learns_that_a_member_is_held_up_never_why(world: World) -> None:
    Eligibility.objects.filter(person=world.member).update(status="suspended")
    told = reasons(world)
    assert set(told) == {"member_held_up"}
    assert "Mei Tanaka" in told["member_held_up"]
    assert "clearance" not in told["member_held_up"]
    own = reasons(world, actor=actor(world.member))
    assert "security" in own["eligibility_suspended"]
    full = reasons(world, actor=actor(world.officer))
    assert "is suspended" in full["eligibility_suspended"]


def test_need_to_know_is_needed_and_the_agreement_awaited(world: World) -> None:
    Nda.objects.filter(person=world.member).delete()
    booking_request(**world.ask())
    NeedToKnow.objects.filter(person=world.lead).delete()
    told = reasons(world, starts_at=world.at(14), ends_at=world.at(15))
    assert set(told) == {"need_to_know_missing"}


def test_another_officer_approves_and_each_attendee_is_expected(world: World) -> None:
    booking = booking_request(**world.ask())
    booking_approve(booking_id=booking.pk, actor=actor(world.officer))
    booking.refresh_from_db()
    assert (booking.state, booking.decided_by) == ("approved", world.officer)
    assert [visit.state for visit in booking.visits.all()] == ["expected", "expected"]
    assert kinds() == ["booking.requested", "booking.approved"] + ["visit.expected"] * 2


def test_the_requester_cannot_approve_in_the_service_nor_in_the_database(world: World) -> None:
    booking = booking_request(**world.ask(actor=actor(world.officer)))
    with pytest.raises(Refused, match="cannot decide"):
        booking_approve(booking_id=booking.pk, actor=actor(world.officer))
    for decided_by in (world.officer.pk, None):
        with pytest.raises(IntegrityError, match="booking_decided_by"), transaction.atomic():
            Booking.objects.filter(pk=booking.pk).update(state="approved", decided_by=decided_by)


def test_approval_decides_anew(world: World) -> None:
    booking = booking_request(**world.ask())
    Eligibility.objects.filter(person=world.member).update(status="revoked")
    with pytest.raises(BookingRefused) as caught:
        booking_approve(booking_id=booking.pk, actor=actor(world.officer))
    assert "eligibility_revoked" in {reason.code for reason in caught.value.reasons}
    booking.refresh_from_db()
    assert booking.state == "requested"


def test_members_do_not_approve_and_other_facilities_see_nothing(world: World) -> None:
    booking = booking_request(**world.ask())
    for person in (world.lead, make_world("b7").officer):
        with pytest.raises(Booking.DoesNotExist):
            booking_approve(booking_id=booking.pk, actor=actor(person))


def test_a_refusal_needs_a_reason_and_frees_the_slot(world: World) -> None:
    booking = booking_request(**world.ask())
    with pytest.raises(Refused, match="Say why"):
        booking_refuse(booking_id=booking.pk, reason=" ", actor=actor(world.officer))
    booking_refuse(booking_id=booking.pk, reason="Room is used", actor=actor(world.officer))
    booking_request(**world.ask())
    with pytest.raises(Refused, match="refused"):
        booking_approve(booking_id=booking.pk, actor=actor(world.officer))


def test_cancelling_frees_the_slot_until_somebody_has_arrived(world: World) -> None:
    booking = booking_request(**world.ask())
    booking_approve(booking_id=booking.pk, actor=actor(world.officer))
    with pytest.raises(NotPermitted):
        booking_cancel(booking_id=booking.pk, actor=actor(world.member))
    Visit.objects.filter(booking=booking, person=world.lead).update(state="arrived")
    with pytest.raises(Refused, match="arrived"):
        booking_cancel(booking_id=booking.pk, actor=actor(world.lead))
    Visit.objects.filter(booking=booking).update(state="expected")
    booking_cancel(booking_id=booking.pk, reason="Ill", actor=actor(world.lead))
    assert {visit.state for visit in booking.visits.all()} == {"cancelled"}
    booking_request(**world.ask())


def test_an_undecided_request_gives_its_slot_back_once(world: World) -> None:
    booking = booking_request(**world.ask())
    assert bookings_expire_due(actor=BEAT) == 0
    with clock_set(lambda: booking.hold_until):
        with pytest.raises(Refused, match="hold has ended"):
            booking_approve(booking_id=booking.pk, actor=actor(world.officer))
        assert bookings_expire_due(actor=BEAT) == 1
        assert bookings_expire_due(actor=BEAT) == 0
    booking.refresh_from_db()
    assert booking.state == "expired"


def test_a_new_request_takes_an_overdue_slot_without_waiting_for_beat(world: World) -> None:
    first = booking_request(**world.ask())
    with clock_set(lambda: first.hold_until):
        booking_request(**world.ask(actor=actor(world.member)))
    first.refresh_from_db()
    assert first.state == "expired"


def test_a_booking_to_which_nobody_came_expires_after_its_end(world: World) -> None:
    booking = booking_request(**world.ask())
    booking_approve(booking_id=booking.pk, actor=actor(world.officer))
    with clock_set(lambda: booking.ends_at):
        assert bookings_expire_due(actor=BEAT) == 1
    assert {visit.state for visit in booking.visits.all()} == {"cancelled"}


def test_a_lapsed_clearance_is_looked_at_for_the_day_of_the_visit(world: World) -> None:
    Eligibility.objects.filter(person=world.lead).update(review_due=now().date())
    assert "review_overdue" in reasons(world)
    Eligibility.objects.filter(person=world.lead).update(review_due=date(2099, 1, 1))
    booking_request(**world.ask())
