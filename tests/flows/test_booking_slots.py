"""Slots: what is free for a team, what is not, and that others are never more than taken."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from access.models import Eligibility, NeedToKnow
from access.selectors.slots import SlotFinder, SlotKind, choose
from access.services.booking import booking_request
from access.services.refusals import BookingRefused
from scif.facilities.models import ClosedDay
from scif.kernel.clock import now
from scif.kernel.errors import Refused
from scif.people.models import Person
from tests.flows.booking_world import World, actor, make_world
from tests.policies import policy_with

pytestmark = pytest.mark.django_db
HOURS = timedelta(hours=1)


@pytest.fixture
def world() -> World:
    return make_world()


def finder(world: World, hours: int = 3, **changes: Any) -> SlotFinder:
    given: dict[str, Any] = {
        "engagement": world.engagement,
        "area": world.area,
        "team": [world.lead.pk, world.member.pk],
        "length": hours * HOURS,
        "requester": world.lead.pk,
        "at": now(),
    }
    return SlotFinder(**(given | changes))


def spans(world: World, day: int = 0, hours: int = 3) -> list[tuple[str, float, float]]:
    """Kind, begin and end of each span, in local hours."""
    midnight = world.at(0, day)
    found = finder(world, hours).days((world.day + timedelta(days=day)).date(), 1)[0]
    return [
        (span.kind.value, (span.start - midnight) / HOURS, (span.end - midnight) / HOURS)
        for span in found.spans
    ]


def test_an_empty_day_is_free_and_a_weekend_closed(world: World) -> None:
    assert spans(world) == [("free", 8, 18)]
    assert spans(world, day=5) == []


def test_a_closed_day_says_what_closes_it(world: World) -> None:
    day = (world.day + timedelta(days=1)).date()
    ClosedDay.objects.create(
        facility=world.facility, name="Stocktaking", first_day=day, last_day=day
    )
    assert spans(world, day=1) == []
    assert [each.closed for each in finder(world).days(world.day.date(), 3)] == [
        "",
        "Stocktaking",
        "",
    ]
    with pytest.raises(BookingRefused) as refused:
        booking_request(**world.ask(starts_at=world.at(9, 1), ends_at=world.at(12, 1)))
    assert [reason.code for reason in refused.value.reasons] == ["closed_day"]


def test_what_is_taken_holds_its_changeover_and_needs_one_before_it(world: World) -> None:
    booking_request(**world.ask(starts_at=world.at(12), ends_at=world.at(14)))
    assert spans(world) == [
        ("free", 8, 11.5),
        ("changeover", 11.5, 12),
        ("taken", 12, 14.5),
        ("free", 14.5, 18),
    ]
    assert spans(world, hours=4) == [("short", 8, 12), ("taken", 12, 14.5), ("short", 14.5, 18)]


def test_two_bookings_of_others_back_to_back_are_one_time_that_is_taken(world: World) -> None:
    booking_request(**world.ask(starts_at=world.at(9), ends_at=world.at(10)))
    booking_request(**world.ask(starts_at=world.at(10.5), ends_at=world.at(12)))
    assert [span for span in spans(world) if span[0] == "taken"] == [("taken", 9, 12.5)]


def test_every_free_start_can_be_had(world: World) -> None:
    booking_request(**world.ask(starts_at=world.at(12), ends_at=world.at(14)))
    search = finder(world)
    for span in search.days(world.day.date(), 1)[0].free:
        starts = search.starts(span)
        for start in (starts[0], starts[-1]):
            booking = booking_request(**world.ask(starts_at=start, ends_at=start + 3 * HOURS))
            booking.attendees.all().delete()
            booking.delete()


def test_a_hold_that_has_ended_is_free_again(world: World) -> None:
    booking = booking_request(**world.ask())
    day = finder(world, at=booking.hold_until).days(world.day.date(), 1)[0]
    assert SlotKind.TAKEN not in {span.kind for span in day.spans}


def test_notice_is_kept_and_the_first_time_named(world: World) -> None:
    lead = int((world.at(10.1) - now()) / timedelta(minutes=1))
    world.area.facility.policy = policy_with(world.facility, booking_lead=lead)
    found = spans(world)
    assert [kind for kind, *_ in found] == ["soon", "free"]
    assert found[0][2] == found[1][1]
    assert found[1][1] >= 10
    search = finder(world)
    assert search.earliest(1) == [search.first]


def test_a_member_without_need_to_know_makes_the_day_part(world: World) -> None:
    NeedToKnow.objects.filter(person=world.member).update(valid_until=world.at(8, 1))
    assert spans(world) == [("free", 8, 18)]
    assert spans(world, day=1) == [("part", 8, 18)]
    day = finder(world).days((world.day + timedelta(days=1)).date(), 1)[0]
    check = day.spans[0].check
    assert check is not None
    assert check.held_up == [world.member.pk]


def test_an_unfit_room_is_closed_with_its_reason(world: World) -> None:
    world.area.accreditations.update(state="suspended")
    day = finder(world).days(world.day.date(), 1)[0]
    assert [span.kind for span in day.spans] == [SlotKind.CLOSED]
    check = day.spans[0].check
    assert check is not None
    assert [objection.code for objection in check.shared] == ["not_accredited"]


def test_a_chosen_slot_leaves_changeover_and_the_rest(world: World) -> None:
    search = finder(world)
    day = search.days(world.day.date(), 1)[0]
    shown = choose(day, world.at(12), 3 * HOURS, search.policy.turnaround)
    assert [span.kind.value for span in shown.spans] == [
        "free",
        "changeover",
        "chosen",
        "changeover",
        "short",
    ]
    assert shown.spans[0].end == world.at(11.5)


def test_a_summer_and_a_winter_day_open_at_the_same_local_hour(world: World) -> None:
    for days in (0, 140):
        found = finder(world).days((world.day + timedelta(days=days)).date(), 7)
        opened = [day.opens.astimezone(world.day.tzinfo).hour for day in found if day.opens]
        assert opened == [8] * 5


def test_a_missing_policy_value_refuses_the_search(world: World) -> None:
    world.area.facility.policy = policy_with(world.facility, without=["booking_hold"])
    with pytest.raises(Refused, match="booking_hold"):
        finder(world)


def test_what_the_search_calls_part_the_request_refuses(world: World) -> None:
    NeedToKnow.objects.filter(person=world.member).delete()
    with pytest.raises(BookingRefused):
        booking_request(**world.ask(actor=actor(world.lead)))


def told(reader: Person, world: World) -> str:
    """The slots of the week as somebody reads them."""
    client = Client()
    client.force_login(reader.user)
    asked = {
        "engagement": str(world.engagement.pk),
        "week": world.day.date().isoformat(),
        "people": [str(person.pk) for person in (world.lead, world.member)],
    }
    page = client.get("/portal/slots/", asked)
    return " ".join(slot["text"] for day in page.context["days"] for slot in day["slots"])


def test_an_officer_reads_who_needs_an_escort_and_a_teammate_whom_to_ask(world: World) -> None:
    Eligibility.objects.filter(person=world.member).delete()
    by_officer, by_lead = told(world.officer, world), told(world.lead, world)
    assert f"{world.member.name} enters under escort only: name one above." in by_officer
    assert "officer tells them" not in by_officer
    assert "They see why on their own page, or the facility's officer tells them." in by_lead
    assert world.member.name not in by_lead


def test_an_officer_reads_what_no_escort_mends(world: World) -> None:
    NeedToKnow.objects.filter(person=world.member).delete()
    assert f"{world.member.name} may not enter then:" in told(world.officer, world)
