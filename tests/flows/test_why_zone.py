"""Asking why, of the zone behind the door: who is under escort in it, and the interlock's doors."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from access.models import BookingAttendee, Duty, DutyRole, Presence, Visit
from access.selectors.why import Answer, Assumed, why
from access.services.projection import area_project, booking_project, facility_project
from hardware.decider import Outcome
from hardware.models import DoorState, Gateway
from hardware.services.installation import gateway_publish
from inspections.models import Sweep
from scif.console.selectors.why_words import explain
from scif.facilities.models import Portal, Zone
from scif.kernel.clock import now
from scif.kernel.ids import reference
from scif.people.models import Person
from tests.flows.desk_world import World, make_world, midday, person_named
from tests.flows.test_visit_desk import check_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded_world")]
HOUR = timedelta(hours=1)
OWN, OTHER = "M1", "M2"


@pytest.fixture(autouse=True)
def _noon() -> Iterator[None]:
    with midday():
        yield


@pytest.fixture
def world() -> World:
    """A visitor checked in at the desk, before a door that lets her in."""
    made = make_world()
    check_in(made)
    Sweep.objects.filter(area=made.area).delete()
    Sweep.objects.create(area=made.area, cause="test", due_since=now(), state="passed")
    facility_project(facility=made.facility)
    return made


def ask(world: World, at: datetime | None = None) -> Answer:
    portal = Portal.objects.get(zone__area=world.area)
    return why(world.visit.person, portal, at=at or now(), assumed=Assumed.BADGE_AND_PIN)


def codes(answer: Answer) -> set[str]:
    return {each.code for each in answer.speaks.decision.objections}


def assumed_of(answer: Answer) -> str:
    return " ".join(explain(answer).assumptions)


# The interlock


def interlocked(world: World) -> None:
    """The doors of the room and of the enclave are one group, and each has told that it is shut."""
    Portal.objects.filter(code__in=[OWN, OTHER]).update(interlock="trap")
    gateway_publish(gateway=Gateway.objects.get(facility=world.facility), actor=world.officer)
    for code in (OWN, OTHER):
        world.heard("door.closed", portal=code)


@pytest.mark.parametrize("opening", ["door.opened", "door.forced", "door.held"])
def test_an_open_door_of_the_interlock_keeps_this_one_shut(world: World, opening: str) -> None:
    interlocked(world)
    assert ask(world).speaks.decision.outcome is Outcome.GRANTED
    world.heard(opening, portal=OTHER)
    answer = ask(world)
    assert answer.speaks.decision.outcome is Outcome.REFUSED
    assert codes(answer) == {"interlock_not_shut"}
    assert OTHER in explain(answer).bases[0].reasons[0].what
    world.heard("door.closed", portal=OTHER)
    assert ask(world).speaks.decision.outcome is Outcome.GRANTED


def test_the_door_itself_may_stand_open(world: World) -> None:
    interlocked(world)
    world.heard("door.opened", portal=OWN)
    assert ask(world).speaks.decision.outcome is Outcome.GRANTED


def test_a_door_of_which_nobody_knows_is_not_shut(world: World) -> None:
    interlocked(world)
    DoorState.objects.filter(portal__code=OTHER).delete()
    assert codes(ask(world)) == {"interlock_not_shut"}


def test_a_door_without_a_contact_is_never_known_to_be_shut(world: World) -> None:
    Portal.objects.filter(code=OTHER).update(has_contact=False)
    interlocked(world)
    assert codes(ask(world)) == {"interlock_not_shut"}


def test_at_another_time_the_interlocks_doors_are_taken_as_shut(world: World) -> None:
    interlocked(world)
    world.heard("door.opened", portal=OTHER)
    answer = ask(world, now() + timedelta(minutes=20))
    assert answer.speaks.decision.outcome is Outcome.GRANTED
    assert "other doors of its interlock are taken as shut" in assumed_of(answer)
    assert "taken as shut" not in assumed_of(ask(world))


def test_a_door_of_no_interlock_says_nothing_of_one(world: World) -> None:
    world.heard("door.opened", portal=OTHER)
    answer = ask(world, now() + timedelta(minutes=20))
    assert answer.speaks.decision.outcome is Outcome.GRANTED
    assert "interlock" not in assumed_of(answer)


# Who is under escort inside


def escort() -> Person:
    return person_named("e.hughes")


def inside(world: World, person: Person, basis: str, visit: Visit | None = None) -> None:
    zone = Zone.objects.get(area=world.area)
    since = now() - HOUR
    Presence.objects.create(zone=zone, person=person, basis=basis, visit=visit, since=since)


def newcomer(world: World, name: str) -> Person:
    return Person.objects.create(name=name, organisation=world.visit.person.organisation)


def repairer_inside(world: World, name: str = "Mender", *, ends_at: datetime | None = None) -> None:
    """Somebody who repairs, let in an hour ago under the escort's eyes."""
    person = newcomer(world, name)
    Duty.objects.create(
        person=person,
        facility=world.facility,
        role=DutyRole.MAINTENANCE,
        starts_at=now() - 2 * HOUR,
        ends_at=ends_at or now() + HOUR,
        escort=escort(),
    )
    inside(world, person, "duty")


def visitor_inside(world: World) -> None:
    """Another visitor of the booking, under the same escort."""
    person, booking = newcomer(world, "Guest"), world.visit.booking
    BookingAttendee.objects.create(booking=booking, person=person, escort=escort())
    visit = Visit.objects.create(
        reference=reference("V"), booking=booking, person=person, state="inside"
    )
    inside(world, person, "visit", visit)


def under_escort(world: World) -> None:
    """The visitor at the door comes under escort, and her escort is inside."""
    world.visit.booking.attendees.update(escort=escort())
    booking_project(booking_id=world.visit.booking_id)
    inside(world, escort(), "escort")


def test_an_escort_with_as_many_as_he_may_have_takes_no_other(world: World) -> None:
    under_escort(world)
    visitor_inside(world)
    limit = world.facility.policy.values["escort_ratio"]["value"]
    for number in range(limit - 2):
        repairer_inside(world, f"Mender {number}")
    answer = ask(world)
    assert answer.speaks.decision.outcome is Outcome.GRANTED, codes(answer)
    repairer_inside(world)
    answer = ask(world)
    assert answer.speaks.decision.outcome is Outcome.REFUSED
    assert codes(answer) == {"escort_ratio"}


def test_who_stays_beyond_his_shift_is_under_escort_still(world: World) -> None:
    under_escort(world)
    for number in range(world.facility.policy.values["escort_ratio"]["value"]):
        repairer_inside(world, f"Mender {number}", ends_at=now() - timedelta(minutes=5))
    assert codes(ask(world)) == {"escort_ratio"}


def two_persons(world: World) -> None:
    world.area.two_person = True
    world.area.save(update_fields=["two_person"])
    area_project(area_id=world.area.pk)


def test_somebody_under_escort_is_no_second_person(world: World) -> None:
    two_persons(world)
    visitor_inside(world)
    repairer_inside(world)
    answer = ask(world)
    assert answer.speaks.decision.outcome is Outcome.PENDING
    assert answer.speaks.decision.awaits == "second_person"
    inside(world, escort(), "escort")
    assert ask(world).speaks.decision.outcome is Outcome.GRANTED


def test_an_escort_and_his_charge_are_no_pair_for_another(world: World) -> None:
    two_persons(world)
    under_escort(world)
    repairer_inside(world)
    answer = ask(world)
    assert answer.speaks.decision.outcome is Outcome.REFUSED
    assert codes(answer) == {"pair_absent"}


def test_what_is_assumed_of_others_is_said(world: World) -> None:
    told = assumed_of(ask(world))
    assert "Nobody else is on the way in or out" in told
    assert "nobody waits for a second person" in told
