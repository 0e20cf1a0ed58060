"""A visitor in the room at a laptop that is issued to him, and what his session stands on."""

import hashlib
import json
import os
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.db import connection

from access.models import Badge, BadgeAssignment, BookingAttendee, ModelAsset, Visit
from hardware.models import Gateway
from scif.facilities.models import Facility, PolicyProfile, Zone
from scif.kernel.actor import Actor
from scif.kernel.clock import now
from scif.kernel.ids import reference
from scif.people.models import Person
from scif.runtime.places import make_places
from scif.runtime.postgres import Postgres
from terminals.models import EngagementTerms, Heartbeat, Session, Terminal
from terminals.services.session_sign_in import SignIn
from tests.flows.control_acts import session_ask, session_granted
from tests.flows.desk_world import make_world, person_named
from tests.flows.terminal_world import Store
from tests.flows.test_visit_desk import check_in

CONTROL = Actor.system("control")
BADGE = bytes.fromhex("00112233445566778899aabbccddeeff")
ADDRESS = "127.0.0.1"
WEIGHTS = 5_000_000_000  # one engagement: a million bytes


@dataclass
class Room:
    """The store's world with one laptop out, its holder inside."""

    store: Store
    terminal: Terminal
    pin: str
    badge: bytes = BADGE

    def beside(self, login: str, tag: str, **of: Any) -> "Room":
        """Another person in the room under the same booking, at a laptop of his own.

        ``of``: what is otherwise about him, such as his organisation.
        """
        person, booking = person_named(login), self.store.world.visit.booking
        Person.objects.filter(pk=person.pk).update(**of)
        BookingAttendee.objects.create(booking=booking, person=person)
        visit = Visit.objects.create(reference=reference("V"), booking=booking, person=person)
        store = Store(replace(self.store.world, visit=visit))
        room = _seated(store, tag, hashlib.sha256(login.encode()).digest()[:16])
        room.enters()
        return room

    def heard(self, *, certain: bool = True, silent: bool = False) -> None:
        """What the gateway says of the room's zone, and that it speaks."""
        gateway = Gateway.objects.get(facility=self.store.world.facility).code
        zone = Zone.objects.get(area=self.store.world.area).code
        cluster = Postgres(make_places(Path(os.environ["SCIF_VAR"])), durable=False)
        database = str(connection.settings_dict["NAME"])
        state = json.dumps({"zones": {zone: {"certain": certain}}})
        # As the gateway, which alone may; it commits, so that every room says it anew.
        with cluster.connect(f"scif_gateway_{gateway}", database) as own:
            own.execute(
                "INSERT INTO hardware_gatewaystatus (gateway, version, heard_at, edge_seq, state)"
                " VALUES (%s, 0, %s, 0, %s) ON CONFLICT (gateway) DO UPDATE"
                " SET heard_at = excluded.heard_at, state = excluded.state",
                # It is taken to go on speaking for as long as a test may last.
                [gateway, None if silent else now() + timedelta(hours=1), state],
            )

    def speaks(self) -> None:
        """The laptop's agent is heard, and taken to go on for as long as a test may last."""
        Heartbeat.objects.update_or_create(
            terminal=self.terminal,
            defaults={"begun": 0, "seq": 0, "heard_at": now() + timedelta(hours=1)},
        )

    def policy(self, **numbers: int | str | None) -> None:
        """Another policy for the facility, with these values; None leaves one out."""
        facility = Facility.objects.select_related("policy").get(pk=self.store.world.facility.pk)
        values = {key: each for key, each in facility.policy.values.items() if key not in numbers}
        values |= {
            key: {**facility.policy.values[key], "value": each}
            for key, each in numbers.items()
            if each is not None
        }
        other = PolicyProfile.objects.create(
            code=facility.policy.code, version=facility.policy.version + 100, title="Changed",
            values=values, published_at=now(),
        )  # fmt: skip
        Facility.objects.filter(pk=facility.pk).update(policy=other)

    def enters(self) -> None:
        """Through the door."""
        self.store.world.passes("presence.entered")

    def leaves(self) -> None:
        """Out again."""
        self.store.world.passes("presence.left")

    def agreed(self, port: int = 9101, **otherwise: Any) -> EngagementTerms:
        """Terms in force."""
        engagement = self.store.world.visit.booking.engagement
        return EngagementTerms.objects.create(
            **{
                "engagement": engagement,
                "harness_host": ADDRESS,
                "harness_port": port,
                "rate_bytes": 10**9,
                "burst_bytes": 10**9,
                "channels": 8,
                "proposed_by_id": self.store.colleague.person_id,
                "proposed_at": now(),
                "lab_approved_by": engagement.lab_approved_by,
                "facility_approved_by": engagement.facility_approved_by,
                "in_force_at": now(),
                **otherwise,
            }
        )

    def ask(self, **otherwise: Any) -> SignIn:
        """Badge and PIN at the laptop."""
        return session_ask(
            **{
                "terminal_id": self.terminal.pk,
                "credential": hashlib.sha256(self.badge).hexdigest(),
                "pin": self.pin,
                "source": ADDRESS,
                "proved": True,
                "actor": CONTROL,
                **otherwise,
            }
        )

    def session(self) -> Session:
        """One that runs."""
        asked = self.ask()
        session = asked.session
        assert session is not None, asked.objections
        return session_granted(session_id=session.pk, actor=CONTROL)

    def against(self, **otherwise: Any) -> list[str]:
        """The codes of what speaks against a session now."""
        return [each.code for each in self.ask(**otherwise).objections]


def _seated(store: Store, tag: str, badge: bytes) -> Room:
    pin = check_in(store.world)
    held = BadgeAssignment.objects.get(visit=store.world.again(), returned_at=None).badge
    Badge.objects.filter(pk=held.pk).update(number_sha256=hashlib.sha256(badge).hexdigest())
    room = Room(store, store.issued(store.stored(tag)), pin, badge)
    room.speaks()
    return room


def make_room(*, port: int = 9101, weights: int = WEIGHTS) -> Room:
    """Everything that a session needs, for a model of so many bytes."""
    store = Store(make_world())
    room = _seated(store, "LT-01", BADGE)
    room.enters()
    room.heard()
    room.agreed(port)
    asset = store.world.visit.booking.engagement.asset_id
    ModelAsset.objects.filter(pk=asset).update(weight_bytes=weights)
    store.world.again()
    return room
