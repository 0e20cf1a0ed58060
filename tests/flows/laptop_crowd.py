"""The people of the bench of the control plane: a visitor and many who are as he is."""

import hashlib
import os
import statistics
import tempfile
import threading
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from subprocess import Popen
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.db.models import Model

from access.models import BadgeAssignment, BookingAttendee, EngagementMember, Pin
from access.rules.pin import pin_verifier
from access.services.lockdown import lockdown_declare
from hardware.gateway.edge_journal import Draft, EdgeJournal
from hardware.gateway.seals import sealed
from hardware.models import InboxEvent
from scif.facilities.models import Zone
from scif.kernel.clock import now
from scif.kernel.ids import reference
from scif.kernel.keys import KeyStore
from scif.runtime.child import wait_until
from scif.runtime.places import make_places
from scif.runtime.postgres import Postgres
from terminals.models import (
    EngagementTerms,
    HandOver,
    Session,
    SessionRequest,
    Terminal,
    TerminalCustody,
)
from terminals.services.custody import hand_over_sign
from terminals.services.follow import CHANNEL
from tests.bastion.crowd import yields
from tests.flows.laptop_site import PATIENCE, Site, laptop_site
from tests.flows.session_world import Room
from tests.flows.test_visit_desk import STROKES

PIN = "4711"
RATE = 20_000  # bytes a second for each session
# What a person stands on: each is copied for the next one.
GROUNDS = ("citizenships", "eligibilities", "indoctrinations", "needs_to_know", "ndas")


class Streaming:
    """A laptop's `ssh` that reads as fast as it can; when did the last byte come?"""

    def __init__(self, ssh: "Popen[bytes]") -> None:
        self.last = 0.0
        self._ssh = ssh
        self._flows = threading.Event()
        self._thread = threading.Thread(target=self._read, daemon=True)
        yields(ssh.pid)
        assert ssh.stdin is not None
        ssh.stdin.write(b"pour 1000000000000\n")
        self._thread.start()
        assert self._flows.wait(PATIENCE)

    def _read(self) -> None:
        assert self._ssh.stdout is not None
        while self._ssh.stdout.read(65_536):
            self.last = time.monotonic()
            self._flows.set()

    def ended(self) -> None:
        """Until nothing can come any more."""
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive()


class Orders:
    """When each grant was first ordered to end, as the tap before the bastion saw it."""

    def __init__(self, tap: "Popen[str]") -> None:
        self._tap = tap
        self._at: dict[str, float] = {}
        self._news = threading.Condition()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self._tap.stdout is not None
        for line in self._tap.stdout:
            grant, at = line.split()
            with self._news:
                self._at.setdefault(grant, float(at))
                self._news.notify_all()

    def of(self, grant: str) -> float:
        """Wait for that order."""
        with self._news:
            assert self._news.wait_for(lambda: grant in self._at, PATIENCE)
            return self._at[grant]


class Told:
    """Hears what the control process hears, at the same moment."""

    def __init__(self, postgres: Postgres, database: str) -> None:
        self._connection = postgres.connect("scif_web", database)
        self._connection.execute(f"LISTEN {CHANNEL}")

    def next(self) -> float:
        """When the next word came."""
        for _ in self._connection.notifies(timeout=PATIENCE, stop_after=1):
            return time.monotonic()
        raise TimeoutError("nobody was told")

    def forget(self) -> None:
        """What was told so far."""
        for _ in self._connection.notifies(timeout=0.2):
            pass


def play(people: int, gateway: str) -> dict[str, Any]:
    """Everybody signs in; then one after the other leaves. All come back and sign in again; then
    the room is locked down. Times in seconds.
    """
    postgres = Postgres(make_places(Path(os.environ["SCIF_VAR"])), durable=True)
    database = str(connection.settings_dict["NAME"])
    with tempfile.TemporaryDirectory() as directory, ExitStack() as stack:
        place = Path(directory)
        site = stack.enter_context(laptop_site(place, postgres, database))
        site.silence, site.tapped = 5.0, True
        room = site.begin()
        site.start_ingester()
        EngagementTerms.objects.filter(ended_at=None).update(ended_at=now())
        room.agreed(site.harness, rate_bytes=RATE, burst_bytes=RATE // 50)
        rooms = [_beside(room, number) for number in range(people)]
        orders = Orders(site.processes["tap"])
        took: list[float] = []
        streams = [_streams(site, each, took) for each in rooms]
        told = Told(postgres, database)
        edge = EdgeJournal(place / "edge.sqlite", gateway, lambda: datetime.now(UTC))
        stack.callback(edge.close)
        found: dict[str, Any] = {"told": [], "door": [], "ordered": [], "cut": []}
        for each, (grant, stream) in zip(rooms, streams, strict=True):
            told.forget()
            begun = time.monotonic()
            _leaves(each, edge, gateway)
            received = told.next()
            stream.ended()
            ordered = orders.of(grant)
            found["told"].append(max(0.0, stream.last - received))
            found["ordered"].append(max(0.0, ordered - received))
            found["cut"].append(max(0.0, stream.last - ordered))
            found["door"].append(max(0.0, stream.last - begun))
        for each in rooms:
            each.enters()
        found["lockdown"] = _locked_down(room, [_streams(site, each, took) for each in rooms])
        return {**found, "sign_in": round(statistics.median(took), 2)}


def _streams(site: Site, room: Room, took: list[float]) -> tuple[str, Streaming]:
    """Somebody signs in and lets it pour: his grant and his laptop."""
    begun = time.monotonic()
    answer = site.ask(room)
    took.append(time.monotonic() - begun)
    if "login" not in answer:
        last = SessionRequest.objects.latest("at")
        raise RuntimeError(f"{[one['message'] for one in last.objections]}")
    return answer["login"], Streaming(site.connect(answer))


def _locked_down(room: Room, streams: Sequence[tuple[str, Streaming]]) -> list[float]:
    """How long after the commit of the room's lockdown each one's last byte came."""
    world = room.store.world
    lockdown_declare(
        facility_id=world.facility.pk, area_id=world.area.pk, reason="Smoke", actor=world.guard
    )
    committed = time.monotonic()
    for _grant, stream in streams:
        stream.ended()
    why = Session.objects.filter(grant_id__in=[grant for grant, _stream in streams])
    assert wait_until(
        lambda: set(why.values_list("state", "why")) == {("ended", "lockdown")}, PATIENCE
    )
    return [max(0.0, stream.last - committed) for _grant, stream in streams]


def _leaves(room: Room, edge: EdgeJournal, gateway: str) -> None:
    """The gateway's word that he went out, as it writes and sends it."""
    world = room.store.world
    zone = Zone.objects.get(area=world.area)
    body = {
        "person_id": str(world.visit.person_id), "zone": zone.code,
        "portal": zone.portals.get().code, "read_id": reference("R"), "basis": "visit",
        "basis_id": str(world.visit.pk), "zone_version": 1,
    }  # fmt: skip
    edge.append([Draft("presence.left", body)])
    signer = KeyStore(Path(settings.KEY_DIR)).signer(f"edge.{gateway}.ed25519")
    for each in sealed(edge.after(edge.seq - 1, 1), signer):
        entry = each.entry
        InboxEvent.objects.create(
            gateway=entry.gateway, epoch=entry.epoch, seq=entry.seq, kind=entry.kind,
            occurred_at=datetime.fromisoformat(entry.occurred_at), prev_hash=entry.prev_hash,
            hash=entry.hash, body=body, seal=each.seal,
        )  # fmt: skip


def _beside(room: Room, number: int) -> Room:
    """Another person, as the visitor is, inside at a laptop of his own."""
    visit = room.store.world.visit
    person = _copy(visit.person, name=f"Visitor {number}")
    for name in GROUNDS:
        for each in getattr(visit.person, name).all():
            _copy(each, person=person)
    engagement = visit.booking.engagement
    EngagementMember.objects.create(engagement=engagement, person=person)
    BookingAttendee.objects.create(booking=visit.booking, person=person)
    own = _copy(visit, person=person, reference=reference("V"))
    for step in visit.steps.all():  # but that he has brought nothing: lockers are few
        deposits = step.kind == "deposit"
        _copy(step, visit=own, **({"details": {"none_declared": True}} if deposits else {}))
    held = BadgeAssignment.objects.get(visit=visit, returned_at=None)
    number_on_it = hashlib.sha256(str(number).encode()).digest()[:16]
    badge = _copy(
        held.badge, code=f"C-{number}", number_sha256=hashlib.sha256(number_on_it).hexdigest()
    )
    _copy(held, badge=badge, person=person, visit=own)
    key = KeyStore(Path(settings.KEY_DIR)).secret("pin.hmac")
    known = Pin.objects.get(person=visit.person, facility=room.store.world.facility)
    _copy(known, person=person, verifier=pin_verifier(key, str(person.pk), PIN))
    store = replace(room.store, world=replace(room.store.world, visit=own))
    terminal = store.stored(f"LT-{number + 100}")
    custody = TerminalCustody.objects.create(
        terminal=terminal, visit=own, person=person, issued_by=person, issued_at=now()
    )
    hand_over_sign(custody, HandOver.ISSUE, person.pk, STROKES, now())
    Terminal.objects.filter(pk=terminal.pk).update(state="issued")
    beside = Room(store, store.again(terminal), PIN, number_on_it)
    beside.enters()
    beside.speaks()
    return beside


def _copy(record: Any, **otherwise: Any) -> Any:
    """Another row that is as this one but for its identifier and what is named."""
    model: type[Model] = type(record)
    copied = model.objects.get(pk=record.pk)  # type: ignore[attr-defined]  # every model has them
    copied.pk = UUID(bytes=os.urandom(16), version=4)
    copied._state.adding = True
    for name, value in otherwise.items():
        setattr(copied, name, value)
    copied.save(force_insert=True)
    return copied
