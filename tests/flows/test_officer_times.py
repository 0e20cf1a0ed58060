"""Times on the officers' pages are those of the place, and the head of the page says which."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse

from hardware.models import Rewiring
from scif.alarms.models import Alarm, Gravity
from scif.facilities.models import Facility
from scif.kernel.clock import now
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


def officer(place: Place) -> Client:
    client = Client()
    client.force_login(place.users["officer"])
    return client


def page(place: Place) -> str:
    return officer(place).get(ALARMS).content.decode()


def far_too(place: Place) -> None:
    """Make the officer one of a second place as well, on another clock."""
    far = make_place("far").world.facility
    Facility.objects.filter(pk=far.pk).update(time_zone="Europe/London")
    role = FacilityRole.objects.filter(user=place.users["officer"]).get()
    FacilityRole.objects.create(
        user=role.user, facility=far, role=role.role, valid_from=role.valid_from
    )


def test_an_officer_of_one_place_reads_its_times(place: Place) -> None:
    shown = page(place)
    assert "12:30" in shown
    assert "times in America/New_York" in shown


def test_an_officer_of_places_far_apart_reads_utc(place: Place) -> None:
    far_too(place)
    shown = page(place)
    assert "16:30" in shown
    assert "times in UTC" in shown


def test_an_act_on_a_place_is_typed_on_its_own_clock(place: Place) -> None:
    """Three in the afternoon at the desk, though the officer has a second desk elsewhere."""
    far_too(place)
    facility = place.world.facility
    url = reverse("admin:act", args=["responder-appoint", facility.pk])
    client = officer(place)
    shown = client.get(url).content.decode()
    assert "Time of this page: America/New_York." in shown
    assert "times in America/New_York" in shown
    day = (now() + timedelta(days=30)).date()
    sent = {
        "person": str(place.world.lead.pk),
        "valid_until": f"{day}T15:00",
        "reason": "Fire brigade",
    }
    answer = client.post(url, sent)
    assert answer.status_code == 302, answer.content.decode()
    asked = Rewiring.objects.get(place_model="responder_appoint")
    local = datetime.combine(day, time(15), tzinfo=ZoneInfo("America/New_York"))
    assert datetime.fromisoformat(asked.after["valid_until"]) == local
