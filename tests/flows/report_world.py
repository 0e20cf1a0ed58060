"""A whole visit for paper: every kind of row of a visit's record, by the services that make it."""

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.db import transaction

from access.models import AccessKind, Badge, Engagement, NeedToKnow, Visit
from access.rules.states import VisitAction
from access.services.badge import badge_hand_over
from access.services.booking import booking_request
from access.services.booking_decision import booking_approve
from access.services.custody import locker_assign
from access.services.deposit import custody_item_add, deposit_sign, return_sign
from access.services.engagement import (
    engagement_approve_facility,
    engagement_approve_lab,
    engagement_draft,
    engagement_member_add,
    engagement_propose,
)
from access.services.leaving import search_record, visit_complete
from access.services.visit import visit_advance, visit_arrive, visit_identify
from hardware.gateway.edge_journal import EdgeEntry, entry_hash, moment
from hardware.gateway.seals import sealed
from hardware.models import Gateway, InboxEvent
from hardware.rules.inbox import GENESIS
from inspections.models import Sweep
from inspections.services.sweep import sweep_finish, sweep_start
from scif.facilities.models import Locker, LockerBank, Portal, Zone
from scif.journal.notes import Signer
from scif.journal.sequencing.sequencer import Sequencer
from scif.journal.sequencing.witness import Witness
from scif.kernel.canonical import canonical_json
from scif.kernel.clock import clock_set
from scif.kernel.keys import KeyStore
from scif.people.models import Citizenship, FacilityRole, Person
from scif.runtime.keys import make_keys
from scif.runtime.postgres import Postgres
from tests.flows.booking_world import World, actor, clear
from tests.roles import ingest

STROKES = {
    "kind": "drawn",
    "width": 300,
    "height": 140,
    "strokes": [
        [
            [22.5, 62],
            [34, 20],
            [50, 34],
            [34, 74],
            [44, 66],
            [66, 40],
            [72, 44],
            [66, 64],
            [90, 38],
        ],
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


@contextmanager
def at(then: datetime) -> Iterator[None]:
    """Let it be a moment of the visit's day."""
    with clock_set(lambda: then):
        yield


def mandate(world: World) -> Engagement:
    """The audit's mandate, from draft to both approvals; the world's own was never journaled."""
    old = world.engagement
    if old.reference != f"ENG-{world.facility.code.upper()}":
        return old
    FacilityRole.objects.filter(facility=world.facility).update(valid_from=world.at(9, days=-60))
    officer = actor(world.officer)
    with at(world.at(9, days=-30)):
        drafted = engagement_draft(
            title="Audit of H-4",
            asset_id=old.asset_id,
            organisation_id=old.organisation_id,
            kind=AccessKind.GREY_BOX,
            level_id=old.level_id,
            area_ids=[world.area.pk],
            valid_from=world.at(9, days=-30),
            valid_until=world.at(9, days=200),
            actor=officer,
        )
        for person in (world.lead, world.member):
            engagement_member_add(
                engagement_id=drafted.pk,
                person_id=person.pk,
                lead=person == world.lead,
                actor=officer,
            )
            _admit(world, person, drafted)
        engagement_propose(engagement_id=drafted.pk, actor=officer)
        engagement_approve_lab(engagement_id=drafted.pk, actor=actor(world.discloser))
    with at(world.at(9, days=-29)):
        world.engagement = engagement_approve_facility(
            engagement_id=drafted.pk, actor=actor(world.colleague)
        )
    return world.engagement


def _admit(world: World, person: Person, under: Engagement) -> None:
    """Give a person what the mandate asks for and he has not."""
    if not person.eligibilities.exists():
        clear(person, under.level, world.discloser, under)
    NeedToKnow.objects.create(
        person=person,
        engagement=under,
        grantor=world.discloser,
        valid_from=world.at(0, days=-60),
        valid_until=world.at(0, days=200),
    )


def empty_visit(world: World, person: Person | None = None) -> Visit:
    """A booked visit of which nothing has happened."""
    under = mandate(world)
    visitor = person or world.lead
    if not under.members.filter(person=visitor).exists():
        engagement_member_add(
            engagement_id=under.pk, person_id=visitor.pk, actor=actor(world.officer)
        )
        _admit(world, visitor, under)
    start = world.day + timedelta(days=7 * under.bookings.count())
    with at(world.at(9, days=-13)):
        booking = booking_request(
            **world.ask(
                engagement_id=under.pk,
                starts_at=start + timedelta(hours=9),
                ends_at=start + timedelta(hours=13),
                attendee_ids=[visitor.pk],
            )
        )
    with at(world.at(10, days=-12)):
        booking_approve(booking_id=booking.pk, actor=actor(world.officer))
    return Visit.objects.get(booking=booking)


class Gate:
    """The facility's gateway: what it reports goes through the inbox, as from the wire."""

    def __init__(self, world: World) -> None:
        self.gateway = Gateway.objects.create(
            code=f"gw-{world.facility.code}", facility=world.facility
        )
        self.seq, self.last = 0, GENESIS
        self.signer = Ed25519PrivateKey.generate()

    def heard(self, kind: str, when: datetime, **body: Any) -> None:
        """One event, sealed, applied and journaled."""
        self.seq += 1
        ((entry, seal),) = sealed([self._entry(kind, when, body)], self.signer)
        InboxEvent.objects.create(
            gateway=entry.gateway,
            epoch=entry.epoch,
            seq=entry.seq,
            kind=entry.kind,
            occurred_at=datetime.fromisoformat(entry.occurred_at),
            prev_hash=entry.prev_hash,
            hash=entry.hash,
            body=json.loads(entry.body),
            seal=seal,
        )
        assert ingest(key_of=lambda _code: self.signer.public_key()) == 1
        row = InboxEvent.objects.get(gateway=self.gateway.code, seq=self.seq)
        assert row.quarantine == "", row.quarantine

    def _entry(self, kind: str, when: datetime, body: Mapping[str, Any]) -> EdgeEntry:
        text = canonical_json(body)
        digest = entry_hash(
            gateway=self.gateway.code,
            epoch=1,
            seq=self.seq,
            kind=kind,
            occurred_at=moment(when),
            clock_offset_ms=None,
            prev_hash=self.last,
            body=text,
        )
        row = (1, self.seq, kind, moment(when), None, self.last, digest, text.decode())
        self.last = digest
        return EdgeEntry(self.gateway.code, *row)


def full_visit(world: World) -> Visit:
    """A visit from booking to sweep, with one refusal."""
    for country in ("PT", "BR"):
        Citizenship.objects.get_or_create(person=world.lead, country=country)
    # Whoever guards the desk in these tests is the officer, under a second role.
    for person, name in ((world.officer, "guard"), (world.colleague, "sweeper")):
        FacilityRole.objects.get_or_create(
            user=person.user,
            facility=world.facility,
            role=name,
            valid_from=world.at(9, days=-60),
        )
    visit = empty_visit(world)
    gate = Gate(world)
    zone = Zone.objects.create(area=world.area, code="zone-t", name="Reading room A")
    Portal.objects.create(
        zone=zone, code="D-T2", name="Reading room", pulse_tenths=30, held_seconds=30
    )
    _check_in(world, visit, gate)
    _doors(world, visit, gate)
    _leave(world, visit, gate)
    visit.refresh_from_db()
    return visit


def _locker(world: World, visit: Visit, gate: Gate, hour: float) -> None:
    held = visit.lockers.get().locker
    where = {"bank": held.bank.code, "lock": held.lock, "command_id": str(uuid4())}
    gate.heard("locker.opened", world.at(hour), **where)


def _shut(world: World, visit: Visit, gate: Gate, hour: float) -> None:
    held = visit.lockers.get().locker
    gate.heard("locker.shut", world.at(hour), bank=held.bank.code, lock=held.lock)


def _check_in(world: World, visit: Visit, gate: Gate) -> None:
    guard = actor(world.officer)
    bank = LockerBank.objects.create(
        facility=world.facility, code="lk-t", name="Lobby lockers", columns=4
    )
    Locker.objects.create(bank=bank, number="07", lock=6)
    with at(world.at(9.1)):
        visit_arrive(visit_id=visit.pk, actor=guard)
    with at(world.at(9.13)):
        visit_identify(
            visit_id=visit.pk,
            document="passport",
            last_characters="4417",
            photo_matches=True,
            actor=guard,
        )
        locker_assign(visit_id=visit.pk, actor=guard)
    _locker(world, visit, gate, 9.15)
    for kind, mark, approval in (
        ("Phone, Pixel 8", "…7FA2 91", ""),
        ("Watch, Garmin", "…61C0 03", ""),
        ("Insulin pump", "", "MED-0012"),
    ):
        with at(world.at(9.16)):
            custody_item_add(
                visit_id=visit.pk,
                kind=kind,
                mark=mark,
                stays_with_visitor=bool(approval),
                approval=approval,
                actor=guard,
            )
    _shut(world, visit, gate, 9.17)
    for party, hour in (("visitor", 9.18), ("guard", 9.2)):
        with at(world.at(hour)):
            deposit_sign(visit_id=visit.pk, party=party, strokes=STROKES, actor=guard)
    badge = Badge.objects.create(facility=world.facility, code="V-21", kind="visitor")
    with at(world.at(9.22)), transaction.atomic():
        visit.refresh_from_db()
        badge_hand_over(badge=badge, visit=visit, at=world.at(9.22), actor=guard)
        visit_advance(
            visit=visit, action=VisitAction.ISSUE_BADGE, actor=guard, details={"badge": "V-21"}
        )


REFUSED: list[Mapping[str, str]] = [
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


def _doors(world: World, visit: Visit, gate: Gate) -> None:
    for number, (hour, direction, why) in enumerate(
        ((9.19, "in", REFUSED), (9.26, "in", []), (13.05, "out", []))
    ):
        then, read_id = world.at(hour), f"read-t-{number}"
        _read(world, visit, gate, number, hour, direction, list(why))
        _someone_else(world, gate, number, then + timedelta(seconds=9))
        if why:
            continue
        opened, passed = then + timedelta(seconds=2), then + timedelta(seconds=3)
        beside = f"{read_id}-beside"  # somebody goes through with the visitor, on a read of his own
        both = [read_id, beside]
        gate.heard("door.opened", opened, portal="D-T2", read_id=beside, read_ids=both)
        kind = "presence.entered" if direction == "in" else "presence.left"
        gate.heard(
            kind,
            passed,
            portal="D-T2",
            read_id=read_id,
            zone="zone-t",
            person_id=str(visit.person_id),
            basis="visit",
            basis_id=str(visit.pk),
        )
        gate.heard("door.relocked", then + timedelta(seconds=5), portal="D-T2", read_id=read_id)
        if direction == "in":
            _concerns(world, visit, gate)


def _concerns(world: World, visit: Visit, gate: Gate) -> None:
    """Three about the visitor, of which his going out ends the second; one about another person.

    The third is a doubt about the count, which ends as the room is counted.
    """
    mine, other = [str(visit.person_id)], [str(world.member.pk)]
    for hour, kind, concern, people in (
        (10.0, "zone.concern", "escort_lost", mine),
        (10.05, "zone.mended", "escort_lost", mine),
        (11.0, "zone.concern", "two_person_broken", mine),
        (11.05, "zone.overdue", "two_person_broken", mine),
        (11.1, "zone.uncertain", "", mine),
        (11.2, "zone.counted", "", mine),
        (12.0, "zone.concern", "escort_unfit", other),
    ):
        then = world.at(hour)
        told = {"concern": concern} if concern else {"portal": "D-T2", "reason": "unread"}
        gate.heard(kind, then, zone="zone-t", zone_version=3, people=people, **told)


def _read(
    world: World, visit: Visit, gate: Gate, number: int, hour: float, way: str, why: list[Any]
) -> None:
    gate.heard(
        "door.read",
        world.at(hour),
        read_id=f"read-t-{number}",
        portal="D-T2",
        direction=way,
        badge="V-21" if number else "V-18",
        person_id=str(visit.person_id),
        basis="visit",
        basis_id=str(visit.pk),
        outcome="refused" if why else "granted",
        objections=why,
        obligations=["announce_medical_device"] if number == 1 else [],
        policy_version="ml/1",
        snapshot_version=7,
    )


def _someone_else(world: World, gate: Gate, number: int, then: datetime) -> None:
    gate.heard(
        "door.read",
        then,
        read_id=f"other-{number}",
        portal="D-T2",
        direction="in",
        badge="V-ANOTHER",
        person_id=str(world.member.pk),
        basis="roster",
        basis_id=str(uuid4()),
        outcome="granted",
        objections=[],
        obligations=[],
        policy_version="ml/1",
        snapshot_version=7,
    )


def _leave(world: World, visit: Visit, gate: Gate) -> None:
    guard = actor(world.officer)
    world.area.swept_after_use = True
    world.area.save()
    with at(world.at(13.08)):
        search_record(
            visit_id=visit.pk, clear=True, items=[], remarks="Bag and pockets", actor=guard
        )
    _locker(world, visit, gate, 13.09)
    _shut(world, visit, gate, 13.1)
    for party, hour in (("visitor", 13.11), ("guard", 13.12)):
        with at(world.at(hour)):
            return_sign(visit_id=visit.pk, party=party, strokes=STROKES, actor=guard)
    with at(world.at(13.13)), transaction.atomic():
        held = visit.badges.get()
        held.returned_at = world.at(13.13)
        held.save()
        visit.refresh_from_db()
    with at(world.at(13.15)):
        visit_complete(visit_id=visit.pk, actor=guard)
    sweep = Sweep.objects.get(cause=visit.reference)
    with at(world.at(13.2)):
        sweep_start(sweep_id=sweep.pk, second_id=world.colleague.pk, actor=guard)
    with at(world.at(13.3)):
        sweep_finish(
            sweep_id=sweep.pk,
            passed=True,
            items_found=[],
            seals=["7714-201", "7714-202"],
            actor=guard,
        )
