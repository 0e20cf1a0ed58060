"""A door opened from inside without a badge: its gateway's own word holds the room's bytes.

The gateway, the ingester, the control process, the bastion and `ssh` are the real ones; what the
door's contact and handle say comes from the test.
"""

import select
import subprocess
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings

from access.models import Presence
from access.services.orders import door_reader
from access.services.zone_orders import zone_count_confirm
from hardware.decider import DoorRead, DoorVerdict, SnapshotView, ZoneView
from hardware.drivers.base import Signal
from hardware.gateway.centre import Status
from hardware.gateway.database import PostgresCentre
from hardware.gateway.uplink import Uplink
from hardware.models import Command, InboxEvent
from hardware.services.snapshot import control_signer
from scif.alarms.models import Alarm
from scif.facilities.models import Portal
from scif.kernel.clock import now
from scif.kernel.keys import KeyStore
from scif.runtime.child import wait_until
from scif.runtime.keys import make_gateway_key
from scif.runtime.postgres import Postgres
from terminals.models import Session
from tests.flows.laptop_site import PATIENCE, Site, laptop_site
from tests.flows.session_world import Room
from tests.gateway_rig import INSTALLED, Rig, SmallDecider, credential_of
from tests.zone_record import zone_record

NAME = "visitor"
AGO = timedelta(minutes=1)  # the gateway began before the test, so that its clock only goes on
HELD_SECONDS = 1.0

pytestmark = pytest.mark.ssh


@pytest.fixture
def site(tmp_path: Path, postgres: Postgres, seeded_database: str) -> Iterator[Site]:
    with laptop_site(tmp_path, postgres, seeded_database) as made:
        yield made


@dataclass
class OnVisit(SmallDecider):
    """Lets the visitor in on his visit."""

    visit: str

    def __post_init__(self) -> None:
        super().__init__()

    def door(
        self, read: DoorRead, snapshot: SnapshotView, zone: ZoneView, now: datetime
    ) -> DoorVerdict:
        verdict = super().door(read, snapshot, zone, now)
        return replace(verdict, basis="visit", basis_id=self.visit)


@dataclass
class Door:
    """The room's door at its gateway, whose links to the centre take a step when a test says so."""

    site: Site
    room: Room
    centre: PostgresCentre
    rig: Rig = field(init=False)
    portal: Portal = field(init=False)
    reader: str = field(init=False)
    uplink: Uplink = field(init=False)

    def __post_init__(self) -> None:
        world = self.room.store.world
        self.portal = Portal.objects.select_related("zone").get(zone__area=world.area)
        device = door_reader(self.portal)
        self.reader, code = device.code, device.bus.gateway.code
        self.rig = Rig(
            self.site.directory, code, signer=control_signer(settings.KEY_DIR),
            decider=OnVisit(str(world.visit.pk)),
        )  # fmt: skip
        self.rig.time.wall = now() - AGO
        installed = INSTALLED["device", "R1"]
        self.rig.records = {
            ("bus", "B1"): INSTALLED["bus", "B1"],
            ("device", self.reader): {**installed, "portal": self.portal.code},
            ("portal", self.portal.code): {
                **INSTALLED["portal", "D1"], "zone": self.portal.zone.code,
            },
            ("zone", self.portal.zone.code): zone_record(str(world.area.pk)),
        }  # fmt: skip
        self.rig.start(shut=False)
        self._leaf(opened=False)
        person = {"person_id": str(world.visit.person_id), "pin": ""}
        until = (now() + timedelta(hours=8)).isoformat()
        self.rig.tell("credential", credential_of(NAME), {**person, "until": until})
        signer = KeyStore(Path(settings.KEY_DIR)).signer(f"edge.{code}.ed25519")
        self.uplink = Uplink(self.rig.edge, self.centre, signer)

    def comes_in(self) -> None:
        """The visitor, by his badge."""
        self.rig.badge(NAME, self.reader)
        self._passes()

    def opened_from_inside(self) -> None:
        """Somebody presses the handle and opens; nobody has shown a badge."""
        for pressed in (True, False):
            self.rig.say(self.reader, Signal.INPUT, number=1, active=pressed)
            self.rig.run()
        self._passes()

    def obeys(self, command: Command) -> None:
        """The signed order reaches the gateway."""
        self._goes_on()
        self.rig.gateway.submit_command(command.envelope, bytes(command.signature).hex())
        self.rig.run()

    def tells(self) -> None:
        """What it wrote down goes to the inbox, and how it stands into its report."""
        while self.uplink.drain():
            pass
        gateway = self.rig.gateway
        self.centre.report(
            Status(gateway.config.code, self.rig.snapshot.version, self.rig.edge.seq, 0,
                   gateway.state())
        )  # fmt: skip

    def _passes(self) -> None:
        self._leaf(opened=True)
        self._leaf(opened=False)
        self.rig.run(6, step=0.5)

    def _leaf(self, *, opened: bool) -> None:
        self.rig.say(self.reader, Signal.INPUT, number=0, active=opened)
        self.rig.run()

    def _goes_on(self) -> None:
        """Until its clock shows what others show."""
        self.rig.run(max(0.0, (now() - self.rig.time.wall).total_seconds()), step=0.5)


@pytest.fixture
def door(site: Site) -> Iterator[Door]:
    room = site.begin()
    site.start_ingester()
    room.policy(gateway_silent_seconds=3_600)  # it reports when the test says so
    room.leaves()
    gateway = door_reader(Portal.objects.get(zone__area=room.store.world.area)).bus.gateway.code
    make_gateway_key(Path(settings.KEY_DIR), gateway)

    def connect() -> object:
        return site.postgres.connect(f"scif_gateway_{gateway}", site.database)

    with closing(PostgresCentre(gateway, connect)) as centre:  # type: ignore[arg-type]  # rows of objects
        made = Door(site, room, centre)
        yield made
        made.rig.edge.close()


def state_becomes(state: str, why: str = "") -> None:
    found = Session.objects.filter(state=state, **({"why": why} if why else {}))
    assert wait_until(found.exists, PATIENCE), list(Session.objects.values("state", "why"))


def comes(ssh: "subprocess.Popen[bytes]", seconds: float) -> bool:
    """Whether anything comes within so many seconds."""
    assert ssh.stdout is not None
    return bool(select.select([ssh.stdout], [], [], seconds)[0])


def test_opened_from_inside_without_a_badge_it_holds_the_bytes_until_the_room_is_counted(
    door: Door,
) -> None:
    room, zone = door.room, door.portal.zone
    visit = room.store.world.visit
    door.comes_in()
    door.tells()
    assert wait_until(Presence.objects.filter(person=visit.person, zone=zone).exists, PATIENCE)
    ssh = door.site.connect(door.site.ask(room))
    assert ssh.stdin is not None
    assert ssh.stdout is not None
    ssh.stdin.write(b"echo\nhello\n")
    assert ssh.stdout.readline() == b"hello\n"

    door.opened_from_inside()
    door.tells()
    assert InboxEvent.objects.filter(kind="zone.uncertain", body__reason="unread").exists()
    state_becomes("paused", "presence_uncertain")
    doubted = Alarm.objects.filter(kind="zone_uncertain", subject=zone.code, closed_at=None)
    assert wait_until(doubted.exists, PATIENCE)
    ssh.stdin.write(b"held\n")
    assert not comes(ssh, HELD_SECONDS)

    guard = room.store.guard
    count = zone_count_confirm(zone_id=zone.pk, reason="Counted: he alone", actor=guard)
    door.obeys(count)
    assert not comes(ssh, 0)  # the order alone frees nobody: the gateway's word of it does
    door.tells()
    assert ssh.stdout.readline() == b"held\n"
    state_becomes("live")
    assert wait_until(lambda: not doubted.exists(), PATIENCE)
    assert not InboxEvent.objects.exclude(quarantine="").exists()
