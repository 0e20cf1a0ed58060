"""Parties that may not meet: booked apart, kept apart at the desk, and none the wiser."""

from datetime import timedelta
from typing import Any

import pytest
from psycopg.types.range import TimestamptzRange

from access.models import Booking, BookingAttendee, ConflictWall, WallKind
from access.selectors.facts import area_facts
from access.selectors.facts_person import person_facts
from access.selectors.slots import SlotFinder
from access.selectors.wall import parties_inside
from access.services.booking import booking_request
from access.services.booking_decision import booking_approve
from access.services.projection import facility_project
from access.services.roster import roster_add
from access.services.wall import wall_end, wall_raise
from hardware.models import SnapshotDelta
from scif.facilities.models import Area
from scif.kernel.actor import Actor
from scif.kernel.clock import now
from scif.kernel.errors import Refused
from scif.people.models import Organisation, Person
from tests.flows import desk_world
from tests.flows.booking_world import World, actor, make_world

pytestmark = pytest.mark.django_db
HOURS = timedelta(hours=1)


@pytest.fixture
def world() -> World:
    return make_world()


@pytest.fixture
def rival(world: World) -> Person:
    party = Organisation.objects.create(name="Rival", kind="auditor", country="GB")
    return Person.objects.create(name="Rita Rival", organisation=party)


def room(world: World, **more: Any) -> Area:
    return Area.objects.create(
        facility=world.facility, code="other", name="Other room", capacity=2, **more
    )


def booked(world: World, who: Person, area: Area, start: float, end: float) -> Booking:
    begin, finish = world.at(start), world.at(end)
    booking = Booking.objects.create(
        reference="B-RIVAL",
        area=area,
        engagement=world.engagement,
        requester=who,
        state="requested",
        starts_at=begin,
        ends_at=finish,
        held=TimestamptzRange(begin, finish + HOURS / 2),
        requested_at=now(),
        hold_until=now() + timedelta(days=2),
        policy_version="x/1",
    )
    BookingAttendee.objects.create(booking=booking, person=who)
    return booking


def keep_apart(world: World, rival: Person, kind: WallKind, **changes: Any) -> ConflictWall:
    given: dict[str, Any] = {
        "facility_id": world.facility.pk,
        "party_ids": (rival.organisation_id, world.lead.organisation_id),
        "kind": kind,
        "reason": "They compete",
        "approver_id": world.colleague.pk,
        "valid_from": now().date(),
        "valid_until": None,
        "actor": actor(world.officer),
    }
    return wall_raise(**given | changes)


def refusal(world: World, **changes: Any) -> tuple[str, str, str]:
    with pytest.raises(Refused) as refused:
        booking_request(**world.ask(**changes))
    return refused.value.code, refused.value.message, refused.value.remedy


def spans(world: World) -> list[tuple[str, float, float]]:
    finder = SlotFinder(
        engagement=world.engagement,
        area=world.area,
        team=[world.lead.pk, world.member.pk],
        length=3 * HOURS,
        requester=world.lead.pk,
        at=now(),
    )
    midnight = world.at(0)
    return [
        (span.kind.value, (span.start - midnight) / HOURS, (span.end - midnight) / HOURS)
        for span in finder.days(world.day.date(), 1)[0].spans
    ]


def test_a_day_is_taken_while_the_other_party_has_it(world: World, rival: Person) -> None:
    booked(world, rival, room(world), 14, 15)
    assert spans(world) == [("free", 8, 18)]
    wall = keep_apart(world, rival, WallKind.DAY)
    assert spans(world) == [("taken", 8, 18)]
    assert refusal(world)[0] == "slot_taken"
    booking_request(**world.ask(starts_at=world.at(9, 1), ends_at=world.at(12, 1)))
    wall_end(wall_id=wall.pk, reason="The tender is over", actor=actor(world.officer))
    assert spans(world) == [("free", 8, 18)]


def test_a_room_within_the_room_is_taken_like_any_other(world: World, rival: Person) -> None:
    booked(world, rival, room(world, parent=world.area), 12, 14)
    keep_apart(world, rival, WallKind.ROOM)
    assert [each for each in spans(world) if each[0] == "taken"] == [("taken", 12, 14.5)]
    walled = refusal(world, starts_at=world.at(11), ends_at=world.at(13))
    booking_request(**world.ask(starts_at=world.at(15), ends_at=world.at(17)))
    plain = refusal(world, starts_at=world.at(16), ends_at=world.at(17))
    assert walled == plain, "nobody can tell a wall from a booking"


def test_rooms_apart_are_no_one_room(world: World, rival: Person) -> None:
    booked(world, rival, room(world), 9, 12)
    keep_apart(world, rival, WallKind.ROOM)
    assert booking_request(**world.ask()).state == "requested"


def test_a_wall_that_is_over_or_to_come_keeps_nobody_apart(world: World, rival: Person) -> None:
    booked(world, rival, room(world), 9, 12)
    later = world.day.date() + timedelta(days=1)
    keep_apart(world, rival, WallKind.DAY, valid_from=later)
    assert booking_request(**world.ask()).state == "requested"


def test_a_wall_raised_after_the_request_stops_its_approval(world: World, rival: Person) -> None:
    booking = booking_request(**world.ask())
    booked(world, rival, room(world), 14, 15)
    keep_apart(world, rival, WallKind.DAY)
    with pytest.raises(Refused) as refused:
        booking_approve(booking_id=booking.pk, actor=actor(world.officer))
    assert refused.value.code == "kept_apart"


def test_a_wall_names_two_parties_and_another_person(world: World, rival: Person) -> None:
    own = (rival.organisation_id, rival.organisation_id)
    with pytest.raises(Refused, match="different"):
        keep_apart(world, rival, WallKind.DAY, party_ids=own)
    with pytest.raises(Refused) as refused:
        keep_apart(world, rival, WallKind.DAY, approver_id=world.officer.pk)
    assert refused.value.code == "same_person"
    with pytest.raises(Refused) as refused:
        keep_apart(world, rival, WallKind.DAY, approver_id=world.lead.pk)
    assert refused.value.code == "may_not_decide"


def test_who_comes_second_is_kept_out_at_the_desk_and_at_the_door() -> None:
    """The doors learn that a party has come, by its entering, and of nobody's name."""
    with desk_world.midday():
        world = desk_world.make_world()
        facility_project(facility=world.facility)
        party = Organisation.objects.create(name="Rival", kind="auditor", country="GB")
        rival = Person.objects.create(name="Rita Rival", organisation=party)
        roster_add(
            person_id=rival.pk,
            area_id=world.area.pk,
            sponsor_id=desk_world.person_named("h.marsh").pk,
            valid_from=now(),
            review_due=now() + timedelta(days=9),
            actor=Actor.system("seed"),
        )
        wall_raise(
            facility_id=world.facility.pk,
            party_ids=(party.pk, world.visit.person.organisation_id),
            kind=WallKind.DAY,
            reason="They compete",
            approver_id=desk_world.person_named("h.marsh").pk,
            valid_from=now().date(),
            valid_until=None,
            actor=world.officer,
        )

        def told() -> dict[str, Any]:
            rows = SnapshotDelta.objects.filter(kind="person", key=str(rival.pk))
            return dict(rows.order_by("-version")[0].payload or {})

        assert [wall["met"] for wall in told()["walls"]] == [[]]
        world.passes("presence.entered")
        assert [wall["met"] for wall in told()["walls"]] == [[now().date().isoformat()]]
        own = str(world.visit.person.organisation_id)
        assert parties_inside(world.area, rival.pk) == (own,)
        assert area_facts(world.area).lockdown is False
        assert person_facts([rival.pk], world.facility)[rival.pk].party == str(party.pk)
