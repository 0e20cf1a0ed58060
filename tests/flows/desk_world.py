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

from access.models import (
    AccessKind,
    Badge,
    BadgeKind,
    Booking,
    BookingAttendee,
    Engagement,
    EngagementMember,
    ModelAsset,
    NeedToKnow,
    Sponsor,
    Visit,
)
from hardware.models import Command, Gateway
from hardware.services.ingest import EdgeEvent
from inspections.models import Accreditation
from scif.console.demo.seed import seed
from scif.facilities.models import Area, Facility, Level, Zone
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

    def again(self) -> Visit:
        """The visit as it stands now."""
        self.visit = Visit.objects.get(pk=self.visit.pk)
        return self.visit


def make_world(facility: str = "ml", area: str = "ml-r", visitor: str = "i.carvalho") -> World:
    """Seed the demonstration and expect one visitor now, with everything in order."""
    seed()
    at = now()
    place = Facility.objects.get(code=facility)
    room = Area.objects.get(code=area)
    # Open at any hour: a test runs when it runs.
    always = ["00:00", "23:59:59.999999"]
    room.hours = dict.fromkeys(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), always)
    room.save(update_fields=["hours"])
    Accreditation.objects.create(
        area=room,
        state="accredited",
        official="Accrediting official",
        letter=f"Letter {area}",
        level=Level.objects.filter(scheme=room.level.scheme).latest("rank"),
        issued_on=at.date() - timedelta(days=30),
    )
    booking = make_booking(room, visitor)
    Badge.objects.create(facility=place, code="V-21", kind=BadgeKind.VISITOR)
    Badge.objects.create(facility=place, code="V-22", kind=BadgeKind.VISITOR)
    visit = Visit.objects.create(
        reference=reference("V"), booking=booking, person=person_named(visitor)
    )
    return World(
        place,
        room,
        visit,
        actor_named("e.hughes" if facility == "ml" else "m.okafor"),
        actor_named("p.ngata" if facility == "ml" else "h.marsh"),
        actor_named("m.okafor" if facility == "ml" else "e.hughes"),
    )


def make_booking(room: Area, visitor: str) -> Booking:
    """An approved booking of an hour from now on, under a mandate of two approvals."""
    at = now()
    person = person_named(visitor)
    sponsor = Sponsor.objects.select_related("organisation").get(
        officer__user__username="k.solberg"
    )
    officer = person_named("h.marsh")
    asset = ModelAsset.objects.create(
        sponsor=sponsor, code=reference("a").lower(), name="Halden H-4"
    )
    engagement = Engagement.objects.create(
        reference=reference("E"),
        title="Audit of Halden H-4",
        sponsor=sponsor,
        organisation=person.organisation,
        kind=AccessKind.GREY_BOX,
        asset=asset,
        level=room.level,
        state="active",
        valid_from=at - timedelta(days=10),
        valid_until=at + timedelta(days=90),
        lab_approved_by=sponsor.officer,
        facility_approved_by=officer,
    )
    engagement.areas.add(room)
    EngagementMember.objects.create(engagement=engagement, person=person, lead=True)
    NeedToKnow.objects.create(
        person=person,
        engagement=engagement,
        grantor=sponsor.officer,
        valid_from=at - timedelta(days=10),
        valid_until=at + timedelta(days=90),
    )
    end = at + timedelta(hours=1)
    booking = Booking.objects.create(
        reference=reference("B"),
        area=room,
        engagement=engagement,
        requester=person,
        state="approved",
        starts_at=at - timedelta(minutes=5),
        ends_at=end,
        held=DateTimeTZRange(at - timedelta(minutes=5), end + timedelta(minutes=30)),
        requested_at=at - timedelta(days=2),
        hold_until=at,
        decided_by=officer,
        decided_at=at - timedelta(days=1),
        policy_version=room.facility.policy.label,
    )
    BookingAttendee.objects.create(booking=booking, person=person)
    return booking


def person_named(login: str) -> Person:
    """A person of the demonstration, by login."""
    return Person.objects.get(user__username=login)


def actor_named(login: str) -> Actor:
    """A user of the demonstration as the actor of a service."""
    user = User.objects.get(username=login)
    return Actor.user(user.pk, user.person_id)
