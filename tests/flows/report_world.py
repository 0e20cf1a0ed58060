"""A whole visit on paper: every kind of row that a visit's record shows, journaled and signed."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.db import transaction

from access.models import (
    AccessDecision,
    Badge,
    BadgeAssignment,
    Booking,
    CustodyItem,
    LockerAssignment,
    PresenceEvent,
    Signature,
    Visit,
    VisitStep,
)
from inspections.models import Sweep
from scif.facilities.models import Locker, LockerBank, Portal, Zone
from scif.journal.notes import Signer
from scif.journal.sequencing.sequencer import Sequencer
from scif.journal.sequencing.witness import Witness
from scif.journal.services import append
from scif.kernel.actor import Actor
from scif.kernel.keys import KeyStore
from scif.people.models import Citizenship, Person
from scif.runtime.keys import make_keys
from scif.runtime.postgres import Postgres
from tests.flows.booking_world import World, actor

GATEWAY = Actor.gateway("GW-T")
STROKES = {
    "kind": "drawn",
    "width": 300,
    "height": 140,
    "strokes": [
        [[22, 62], [34, 20], [50, 34], [34, 74], [44, 66], [66, 40], [72, 44], [66, 64], [90, 38]],
        [[112, 34], [118, 24], [114, 60], [142, 44], [150, 56], [210, 36], [276, 30]],
    ],
}


@contextmanager
def sequencing(postgres: Postgres, database: str, folder: Path) -> Iterator[None]:
    """A sequencer at work on a test's own database."""
    make_keys(settings.KEY_DIR)
    signer = Signer("test/journal", KeyStore(settings.KEY_DIR).signer("journal.ed25519"))
    stop = threading.Event()
    with postgres.connect("scif_sequencer", database) as connection:
        sequencer = Sequencer(connection, signer, Witness(folder, signer), published=None)

        def work() -> None:
            while not stop.wait(0.01):
                sequencer.move()
                sequencer.sign(at_once=True)

        thread = threading.Thread(target=work)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()


def empty_visit(world: World, person: Person | None = None) -> Visit:
    """A booked visit of which nothing has happened."""
    start, end = world.at(9), world.at(13)
    with transaction.atomic():
        booking = Booking.objects.create(
            reference=f"B-{uuid4().hex[:6].upper()}",
            area=world.area,
            engagement=world.engagement,
            requester=world.lead,
            starts_at=start,
            ends_at=end,
            held=(start, end),
            requested_at=start - timedelta(days=15),
            hold_until=start - timedelta(days=13),
            policy_version="ml/1",
            state="expired",
        )
        visit = Visit.objects.create(
            reference=f"V-{uuid4().hex[:6].upper()}", booking=booking, person=person or world.lead
        )
        _tell("booking.requested", booking, world, actor(world.lead), booking.requested_at)
    return visit


def full_visit(world: World) -> Visit:
    """A visit from booking to sweep, with one refusal."""
    visit = empty_visit(world)
    booking = visit.booking
    with transaction.atomic():
        Booking.objects.filter(pk=booking.pk).update(
            state="completed", decided_by=world.officer, decided_at=world.at(10, days=-12)
        )
        _tell("booking.approved", booking, world, actor(world.officer), world.at(10, days=-12))
        for country in ("PT", "BR"):
            Citizenship.objects.create(person=visit.person, country=country)
        _desk(world, visit)
        _doors(world, visit)
        _sweep(world, visit)
        Visit.objects.filter(pk=visit.pk).update(state="complete")
    visit.refresh_from_db()
    return visit


def _tell(kind: str, subject: Any, world: World, who: Actor, at: datetime, **body: Any) -> None:
    append(
        kind=kind,
        actor=who,
        subject=subject,
        facility=world.facility.pk,
        occurred_at=at,
        body=body,
    )


def _desk(world: World, visit: Visit) -> None:
    guard = world.officer
    bank = LockerBank.objects.create(
        facility=world.facility, code="lk-t", name="Lobby lockers", columns=4
    )
    locker = Locker.objects.create(bank=bank, number="07", lock=6)
    assignment = LockerAssignment.objects.create(
        visit=visit,
        locker=locker,
        state="returned",
        assigned_at=world.at(9.1),
        opened_at=world.at(9.15),
        shut_confirmed_at=world.at(9.2),
        released_at=world.at(13.1),
    )
    for kind, mark in (("Phone, Pixel 8", "…7FA2 91"), ("Watch, Garmin", "…61C0 03")):
        CustodyItem.objects.create(
            assignment=assignment, kind=kind, mark=mark, returned_at=world.at(13.1)
        )
    CustodyItem.objects.create(
        assignment=assignment, kind="Insulin pump", stays_with_visitor=True, approval="MED-0012"
    )
    for purpose, at in (("deposit", world.at(9.2)), ("return", world.at(13.1))):
        for party, signer in (("visitor", visit.person), ("guard", guard)):
            Signature.objects.create(
                assignment=assignment,
                purpose=purpose,
                signer=signer,
                party=party,
                strokes=STROKES,
                signed_at=at,
            )
            _tell(f"{purpose}.signed", assignment, world, actor(guard), at, party=party)
    badge = Badge.objects.create(facility=world.facility, code="V-21", kind="visitor")
    BadgeAssignment.objects.create(
        badge=badge,
        person=visit.person,
        visit=visit,
        issued_at=world.at(9.22),
        returned_at=world.at(13.12),
    )
    _tell("badge.issued", badge, world, actor(guard), world.at(9.22), visit=visit.reference)
    _tell("badge.issued", badge, world, actor(guard), world.at(9.22), visit="V-ANOTHER")
    for kind, hour, details in (
        ("arrive", 9.1, {}),
        (
            "identify",
            9.13,
            {"document": "passport", "last_characters": "4417", "photo_matches": True},
        ),
        ("deposit", 9.2, {"locker": "lk-t-07", "items": 2, "staying": 1}),
        ("issue_badge", 9.22, {"badge": "V-21"}),
        ("enter", 9.26, {"zone": "zone-t"}),
        ("leave", 13.05, {"zone": "zone-t"}),
        ("search", 13.08, {"clear": True, "items": [], "remarks": "Bag and pockets"}),
        ("return", 13.12, {}),
        ("complete", 13.3, {}),
    ):
        VisitStep.objects.create(
            visit=visit, kind=kind, at=world.at(hour), by=guard, details=details
        )
        _tell("visit.stepped", visit, world, actor(guard), world.at(hour), step=kind)


def _doors(world: World, visit: Visit) -> None:
    zone = Zone.objects.create(area=world.area, code="zone-t", name="Reading room A")
    door = Portal.objects.create(
        zone=zone, code="D-T2", name="Reading room", pulse_tenths=30, held_seconds=30
    )
    refused = [
        {
            "code": "belongings",
            "message": "The belongings are not deposited.",
            "remedy": "",
            "who": "guard",
            "guard": "Take the phone first.",
        },
        {
            "code": "revoked",
            "message": "Badge V-18 is of an earlier visit.",
            "remedy": "",
            "who": "guard",
            "guard": "Take the badge.",
        },
    ]
    for number, (hour, direction, why) in enumerate(
        ((9.19, "in", refused), (9.26, "in", []), (13.05, "out", []))
    ):
        at, read_id = world.at(hour), f"read-t-{number}"
        AccessDecision.objects.create(
            read_id=read_id,
            portal=door,
            direction=direction,
            person=visit.person,
            visit=visit,
            badge="V-21" if number else "V-18",
            basis="visit",
            outcome="refused" if why else "granted",
            objections=why,
            obligations=["announce_medical_device"] if number == 1 else [],
            policy_version="ml/1",
            snapshot_version=7,
            occurred_at=at,
            gateway="GW-T",
            opened_at=None if why else at + timedelta(seconds=2),
            relocked_at=None if why else at + timedelta(seconds=5),
        )
        subject = ("gateway", "GW-T")
        _tell("door.read", subject, world, GATEWAY, at, read_id=read_id, badge="V-21")
        _tell("door.read", subject, world, GATEWAY, at, read_id=f"other-{number}", badge="S-03")
        if not why:
            PresenceEvent.objects.create(
                zone=zone,
                person=visit.person,
                visit=visit,
                direction=direction,
                basis="visit",
                read_id=read_id,
                occurred_at=at + timedelta(seconds=3),
            )


def _sweep(world: World, visit: Visit) -> None:
    sweep = Sweep.objects.create(
        area=world.area,
        state="passed",
        cause=visit.reference,
        due_since=world.at(13.08),
        sweeper=world.officer,
        second=world.colleague,
        started_at=world.at(13.2),
        ended_at=world.at(13.3),
        seals=["7714-201", "7714-202"],
    )
    _tell("sweep.passed", sweep, world, actor(world.officer), world.at(13.3), items=[])
