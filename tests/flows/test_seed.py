"""The demonstration's world is made by the services that everybody uses, and made once."""

from collections.abc import Iterator

import pytest
from django.core.management import call_command

from access.models import (
    Booking,
    Visit,
)
from access.selectors.people import people_of
from access.selectors.schemes import schemes_used
from hardware.models import SnapshotDelta
from scif.console.demo.coming import coming_seed
from scif.console.demo.history_visit import actor_of
from scif.console.selectors.due import due_items, within
from scif.facilities.models import Facility
from scif.kernel.clock import now
from scif.people.models import Person
from tests.flows.desk_world import midday

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded_world")]


@pytest.fixture(autouse=True)
def _noon() -> Iterator[None]:
    with midday():
        yield


def test_the_seed_makes_two_facilities_and_some_forty_people() -> None:
    assert Facility.objects.count() == 2
    assert Person.objects.count() >= 40
    assert {d.gateway for d in SnapshotDelta.objects.all()} == {"b7", "ml"}


def test_a_second_seed_changes_nothing() -> None:
    before = Person.objects.count()
    call_command("seed_demo", history=False)
    assert Person.objects.count() == before


def test_something_lies_ahead_and_the_enclave_stays_free() -> None:
    approved, *waiting = coming_seed()
    assert Visit.objects.get(state="expected").booking == approved
    assert {booking.state for booking in waiting} == {"requested"}
    ahead = Booking.objects.filter(starts_at__gt=now())
    assert ahead.count() == 3
    assert not ahead.filter(area__code="ml-e").exists()
    officer = actor_of("h.marsh")
    due = within(due_items(officer, now().date()), now().date(), "30")
    words = " ".join(item.what for item in due)
    for what in ("Accreditation letter", "Review of clearance", "Roster review"):
        assert what in words
    assert all(item.day > now().date() for item in due)


def test_the_university_s_officer_sees_nobody_of_building_7() -> None:
    university = actor_of("p.ngata")
    both = actor_of("h.marsh")
    known = set(people_of(university, "people.view_person").values_list("name", flat=True))
    assert {"Emrys Hughes", "Amara Nwosu", "Kari Solberg", "Helen Marsh"} <= known
    assert not {"Michael Okafor", "Daniel Osei", "James Adeyemi"} & known
    assert people_of(both, "people.view_person").count() == Person.objects.count()
    used = schemes_used(university, "access.change_clearance")
    assert set(used.values_list("code", flat=True)) == {"ai"}
