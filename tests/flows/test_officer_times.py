"""Times on the officers' pages are those of the place, and the head of the page says which."""

from datetime import UTC, datetime

import pytest
from django.test import Client

from scif.alarms.models import Alarm, Gravity
from scif.facilities.models import Facility
from scif.people.models import FacilityRole
from tests.factories import Place, make_place

pytestmark = pytest.mark.django_db
ALARMS = "/admin/alarms/alarm/"


@pytest.fixture
def place() -> Place:
    made = make_place("own")
    Facility.objects.filter(pk=made.world.facility.pk).update(time_zone="America/New_York")
    Alarm.objects.create(
        facility=made.world.facility,
        gravity=Gravity.NOTE,
        kind="note",
        subject="own",
        message="A note",
        raised_at=datetime(2026, 7, 1, 16, 30, tzinfo=UTC),
        raised_last_at=datetime(2026, 7, 1, 16, 30, tzinfo=UTC),
    )
    return made


def page(place: Place) -> str:
    client = Client()
    client.force_login(place.users["officer"])
    return client.get(ALARMS).content.decode()


def test_an_officer_of_one_place_reads_its_times(place: Place) -> None:
    shown = page(place)
    assert "12:30" in shown
    assert "times in America/New_York" in shown


def test_an_officer_of_places_far_apart_reads_utc(place: Place) -> None:
    far = make_place("far").world.facility
    Facility.objects.filter(pk=far.pk).update(time_zone="Europe/London")
    role = FacilityRole.objects.filter(user=place.users["officer"]).get()
    FacilityRole.objects.create(
        user=role.user, facility=far, role=role.role, valid_from=role.valid_from
    )
    shown = page(place)
    assert "16:30" in shown
    assert "times in UTC" in shown
