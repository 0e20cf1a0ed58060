"""The auditor books a slot through the portal; an officer approves it."""

import re
import urllib.parse
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from access.models import Booking, Engagement, Visit
from scif.facilities.models import Area
from scif.kernel.clock import now
from scif.people.models import Person
from scif.runtime.visit.play import Step
from scif.runtime.visit.scene import Scene, Unexpected, expect

LEAD = "i.carvalho"
OFFICER = "t.wierzba"
HOUR = timedelta(hours=1)
CREATED = 201
CONFLICT = 409
NOT_FOUND = 404
QUARTER_MINUTES = 15


def person_of(login: str) -> Person:
    """The person behind a demonstration login."""
    return Person.objects.get(user__username=login)


def ask(scene: Scene, login: str, title: str, area: str, ahead: timedelta) -> str:
    """Ask through the portal for a slot of an hour, the first quarter hour after ``ahead``; the
    address of the page that came back.
    """
    begins = now() + ahead
    begins += timedelta(minutes=QUARTER_MINUTES - begins.minute % QUARTER_MINUTES)
    begins = begins.replace(second=0, microsecond=0)
    start, room = begins.isoformat(), Area.objects.select_related("facility").get(code=area)
    zone = ZoneInfo(room.facility.time_zone)
    if begins.astimezone(zone).date() != (begins + HOUR).astimezone(zone).date():
        return ask_across_midnight(scene, login, title, room, begins)
    query = {
        "engagement": str(Engagement.objects.get(title=title).pk),
        "area": str(room.pk),
        "length": "60",
        "people": str(person_of(login).pk),
        "start": start,
    }
    path = f"/portal/slots/request/?{urllib.parse.urlencode(query)}"
    session = scene.person(login)
    form = session.get(path)
    offered = re.search(r'<option value="([^"]+)"[^>]*selected', form.text)
    expect(offered, "the portal offers the slot", form)
    said = {"start": start, "purpose": "Audit session, as agreed in the mandate"}
    page = session.post(path, {**form.hidden, **said})
    expect("/portal/visits/" in page.url, "the slot is asked for", page)
    return page.url


def ask_across_midnight(scene: Scene, login: str, title: str, room: Area, begins: datetime) -> str:
    """The portal shows one day at a time, so an hour across midnight is asked for over the API."""
    page = scene.person(login).post(
        "/api/v1/bookings/",
        {
            "engagement": str(Engagement.objects.get(title=title).pk),
            "area": str(room.pk),
            "starts_at": begins.isoformat(),
            "ends_at": (begins + HOUR).isoformat(),
            "attendees": [str(person_of(login).pk)],
            "purpose": "Audit session, as agreed in the mandate",
        },
    )
    expect(page.status == CREATED, "the slot is asked for", page)
    booking = Booking.objects.get(requester__user__username=login, starts_at=begins)
    return f"/portal/visits/{booking.pk}/"


def booked(url: str) -> Booking:
    """The booking whose page the portal shows."""
    found = re.search(r"/portal/visits/([0-9a-f-]{36})/", url)
    if found is None:
        raise Unexpected(f"expected: a booking's page; came: {url}")
    return Booking.objects.get(pk=found[1])


def request_slot(scene: Scene) -> None:
    """The auditor asks for an hour in the weight enclave under her mandate."""
    url = ask(scene, LEAD, "Audit of the H-4 weights", "ml-e", timedelta(minutes=1))
    booking = booked(url)
    expect(booking.state == "requested", "the booking waits for approval", booking.state)
    scene.facts["booking"] = str(booking.pk)


def requester_cannot_approve(scene: Scene) -> None:
    """Nobody approves his own request: to the auditor the officers' act is not there."""
    page = scene.person(LEAD).post(f"/api/v1/bookings/{scene.facts['booking']}/approve/", {})
    expect(page.status in {403, NOT_FOUND, CONFLICT}, "the requester cannot approve", page)
    state = Booking.objects.get(pk=scene.facts["booking"]).state
    expect(state == "requested", "the booking still waits", state)


def approve(scene: Scene) -> None:
    """The facility officer approves, with the evidence in sight."""
    page = scene.person(OFFICER).post(f"/api/v1/bookings/{scene.facts['booking']}/approve/", {})
    expect(page.status == 200, "the officer approves", page)
    visit = Visit.objects.get(booking_id=scene.facts["booking"])
    expect(visit.state == "expected", "the visitor is expected", visit.state)
    scene.facts["visit"] = str(visit.pk)


def overlap(scene: Scene) -> None:
    """Another member of the team finds the same slot taken."""
    booking = Booking.objects.get(pk=scene.facts["booking"])
    page = scene.person("y.demir").post(
        "/api/v1/bookings/",
        {
            "engagement": str(booking.engagement_id),
            "area": str(booking.area_id),
            "starts_at": booking.starts_at.isoformat(),
            "ends_at": booking.ends_at.isoformat(),
            "attendees": [str(person_of("y.demir").pk)],
            "purpose": "The same hour",
        },
    )
    expect(page.status == CONFLICT and "slot_taken" in page.text, "the slot is taken", page)


STEPS = [
    Step("booking", "Dr Carvalho books the weight enclave in the portal", request_slot),
    Step("booking", "A colleague finds the same hour taken", overlap),
    Step("approval", "She cannot approve her own request", requester_cannot_approve),
    Step("approval", "The officer approves it", approve),
]
