"""A facility with a visitor on his way to the desk, and the word of its devices."""

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from access.models import Booking, BookingAttendee, Engagement, Visit
from hardware.models import Command, Gateway
from hardware.services.ingest import EdgeEvent
from scif.console.demo.seed import seed
from scif.facilities.models import Area, Facility, Zone
from scif.kernel.actor import Actor
from scif.kernel.clock import clock_set, now
from scif.kernel.events import publish
from scif.kernel.ids import reference
from scif.people.models import Person, User


@contextmanager
def midday() -> Iterator[None]:
    """Let it be noon today at the reading room, so that no window of a test crosses midnight."""
    noon = datetime.now(ZoneInfo("Europe/London")).replace(hour=12, minute=0)
    with clock_set(lambda: noon.astimezone(UTC)):
        yield


@dataclass
class World:
    """The reading room with one visit expected, and who works there."""

    facility: Facility
    area: Area
    visit: Visit
    guard: Actor
    officer: Actor
    stranger: Actor
    seq: int = 0

    def heard(self, kind: str, **body: Any) -> None:
        """An event of the facility's gateway, applied as the ingester applies it."""
        self.seq += 1
        gateway = Gateway.objects.select_related("facility").get(facility=self.facility)
        with transaction.atomic():
            publish(EdgeEvent(gateway, kind, now(), self.seq, body))

    def answer(self, command: Command, kind: str, **body: Any) -> None:
        """What a device did about an order."""
        self.heard(kind, command_id=str(command.pk), **body)
        self.heard("command.done", command_id=str(command.pk), verb=command.verb)

    def locker(self, kind: str, command: Command | None = None) -> None:
        """The board's word for the first locker."""
        held = self.visit.lockers.latest("assigned_at").locker
        body: Mapping[str, Any] = {"bank": held.bank.code, "lock": held.lock}
        if command is None:
            self.heard(kind, command_id=None, **body)
        else:
            self.answer(command, kind, **body)

    def encoded(self, command: Command) -> str:
        """The desk reader wrote a number; gives its digest."""
        digest = hashlib.sha256(command.pk.bytes).hexdigest()
        self.answer(
            command, "card.encoded", device=command.target, uid="04A1B2", number_sha256=digest
        )
        return digest

    def passes(self, kind: str) -> None:
        """The visitor goes through the door of the area, as its zone's owner reports."""
        zone = Zone.objects.get(area=self.area)
        self.heard(
            kind,
            person_id=str(self.visit.person_id),
            zone=zone.code,
            portal=zone.portals.get().code,
            read_id=reference("R"),
            basis="visit",
            basis_id=str(self.visit.pk),
            zone_version=1,
        )

    def move(self, by: timedelta) -> None:
        """The booking is put off, or brought forward."""
        booking = self.visit.booking
        booking.starts_at += by
        booking.ends_at += by
        booking.save(update_fields=["starts_at", "ends_at"])

    def again(self) -> Visit:
        """The visit as it stands now."""
        self.visit = Visit.objects.get(pk=self.visit.pk)
        return self.visit


def make_world(facility: str = "ml", visitor: str = "a.nwosu") -> World:
    """Seed the demonstration and expect one visitor now, in its first area under a mandate."""
    seed(history=False)
    place = Facility.objects.get(code=facility)
    room = Area.objects.get(code="ml-r" if facility == "ml" else "b7-a")
    # Open at any hour: a test runs when it runs.
    always = ["00:00", "23:59:59.999999"]
    room.hours = dict.fromkeys(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), always)
    room.save(update_fields=["hours"])
    person = person_named(visitor)
    visit = Visit.objects.create(
        reference=reference("V"), booking=make_booking(room, person), person=person
    )
    guard, officer, stranger = (
        ("e.hughes", "p.ngata", "m.okafor")
        if facility == "ml"
        else ("m.okafor", "h.marsh", "e.hughes")
    )
    return World(
        place, room, visit, actor_named(guard), actor_named(officer), actor_named(stranger)
    )


def make_booking(room: Area, visitor: Person) -> Booking:
    """An approved booking of an hour from now on, under the visitor's mandate for the area."""
    at = now()
    start, end = at - timedelta(minutes=5), at + timedelta(hours=1)
    booking = Booking.objects.create(
        reference=reference("B"),
        area=room,
        engagement=Engagement.objects.get(areas=room, members__person=visitor),
        requester=visitor,
        state="approved",
        starts_at=start,
        ends_at=end,
        held=DateTimeTZRange(start, end + timedelta(minutes=30)),
        requested_at=at - timedelta(days=2),
        hold_until=at,
        decided_by=person_named("h.marsh"),
        decided_at=at - timedelta(days=1),
        policy_version=room.facility.policy.label,
    )
    BookingAttendee.objects.create(booking=booking, person=visitor)
    return booking


def person_named(login: str) -> Person:
    """A person of the demonstration, by login."""
    return Person.objects.get(user__username=login)


def actor_named(login: str) -> Actor:
    """A user of the demonstration as the actor of a service."""
    user = User.objects.get(username=login)
    return Actor.user(user.pk, user.person_id)
