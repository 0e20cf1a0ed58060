"""Random orders of what doors, desk, officers and laptop do, through the services and the database,
up to the sign-in; may a session begin then?

The services' word is held against what happened, told here a second time from the events alone:
``tests/unit/session_life.py`` does the same with the rules by themselves.
"""

import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from django.db import transaction

from access.models import Lockdown
from access.services.badge_end import badge_revoke
from access.services.clearance import (
    indoctrination_debrief,
    indoctrination_record,
    need_to_know_grant,
    need_to_know_revoke,
)
from access.services.engagement import engagement_resume, engagement_suspend
from access.services.lockdown import lockdown_declare, lockdown_lift
from scif.facilities.models import Compartment
from scif.kernel.actor import Actor
from scif.kernel.clock import clock_set, now
from scif.kernel.errors import Refused
from terminals.models import EngagementTerms
from terminals.services.attestation import attestation_answer, attestation_ask
from terminals.services.heartbeat import terminal_hear
from terminals.services.image import boot_image_withdraw
from terminals.services.lock import terminal_lock, terminal_unlock
from tests.flows.control_acts import session_granted
from tests.flows.desk_world import actor_named
from tests.flows.session_world import CONTROL, Room, make_room
from tests.quotes import Tpm, tpmt

LENGTH = 24
STEP = timedelta(minutes=4)
QUOTE_HOLDS, SILENCE = timedelta(minutes=15), timedelta(seconds=30)  # of the shipped policy
AGENT = Actor.system("terminal agent")


@dataclass
class Told:
    """What has happened, as somebody would tell it who watched all of it."""

    now: datetime
    inside: bool = True
    certain: bool = True
    badge: bool = True
    beside: bool = True
    read_in: bool = True
    need: bool = True
    lockdown: bool = False
    laptop: str = "issued"
    image: bool = True
    mandate: bool = True
    attested_at: datetime | None = None
    heard_at: datetime | None = None

    def grounds(self, ends_at: datetime) -> dict[str, bool]:
        """What a session stands on, and whether it holds."""
        quote, heard = self.attested_at, self.heard_at
        return {
            "presence": self.inside and self.certain,
            "badge": self.badge,
            "second person": self.beside,
            "read-in": self.read_in,
            "need to know": self.need,
            "no lockdown": not self.lockdown,
            "attestation": quote is not None and self.now - quote <= QUOTE_HOLDS,
            "heartbeat": heard is not None and self.now - heard <= SILENCE,
            "laptop": self.laptop == "issued",
            "image": self.image,
            "mandate": self.mandate,
            "window": self.now < ends_at,
        }


@dataclass
class Life:
    """A visitor at a laptop in the room, another one beside him, and what happens to them."""

    room: Room
    other: Room
    compartment: Compartment
    told: Told
    looks: int = 0

    def clock(self) -> datetime:
        """Later at every look, so that what follows another thing is later than that."""
        self.looks += 1
        return self.told.now + timedelta(microseconds=self.looks)


def _inside(life: Life, room: Room, name: str, *, comes: bool) -> None:
    if getattr(life.told, name) is not comes:
        (room.enters if comes else room.leaves)()
        setattr(life.told, name, comes)


def _counted(life: Life, *, certain: bool) -> None:
    life.room.heard(certain=certain)
    life.told.certain = certain


def _badge_revoked(life: Life) -> None:
    held = life.room.store.world.visit.badges.filter(returned_at=None).get()
    badge_revoke(badge_id=held.badge_id, reason="Odd", actor=life.room.store.first)
    life.told.badge = False


def _lockdown(life: Life) -> None:
    world = life.room.store.world
    lockdown_declare(
        facility_id=world.facility.pk, area_id=world.area.pk, reason="Smoke", actor=world.guard
    )
    life.told.lockdown = True


def _lifted(life: Life) -> None:
    for standing in Lockdown.objects.filter(area=life.room.store.world.area, lifted_at=None):
        for officer in (life.room.store.first, life.room.store.second):
            if lockdown_lift(lockdown_id=standing.pk, reason="Over", actor=officer).lifted_at:
                break
    life.told.lockdown = False


def _issued(life: Life) -> None:
    """Back from its return: inspected, put away, over the counter again."""
    store, terminal = life.room.store, life.room.terminal
    if life.told.laptop == "returned":
        with transaction.atomic():
            store.put_away(terminal)
            store.issued(terminal)
        life.told.laptop, life.told.attested_at = "issued", life.told.now


def _returned(life: Life) -> None:
    if life.told.laptop == "issued":
        life.room.store.returned(life.room.terminal)
        life.told.laptop = "returned"


def _locked(life: Life) -> None:
    if life.told.laptop == "issued":
        store = life.room.store
        terminal_lock(terminal_id=life.room.terminal.pk, reason="Odd", actor=store.guard)
        life.told.laptop = "locked"


def _unlocked(life: Life) -> None:
    if life.told.laptop == "locked":
        store = life.room.store
        terminal_unlock(terminal_id=life.room.terminal.pk, reason="Seen", actor=store.first)
        life.told.laptop = "issued"


def _attested(life: Life) -> None:
    life.room.store.attested(life.room.terminal)
    life.told.attested_at = life.told.now if life.told.image else None


def _quote_refused(life: Life) -> None:
    """Somebody else's key has signed it."""
    asked = attestation_ask(terminal_id=life.room.terminal.pk, actor=life.room.store.guard)
    quote = Tpm().quote(bytes.fromhex(asked.nonce))
    attestation_answer(
        attestation_id=asked.pk, quote=quote.attest, signature=quote.signature,
        actor=life.room.store.guard,
    )  # fmt: skip
    life.told.attested_at = None


def _image_withdrawn(life: Life) -> None:
    image = life.room.terminal.image_id
    boot_image_withdraw(image_id=image, reason="A flaw", actor=life.room.store.first)
    life.told.image = False


def _heartbeat(life: Life) -> None:
    terminal, key = life.room.terminal, life.room.store.tpms[life.room.terminal.pk].secret
    said = {
        "terminal": str(terminal.pk), "begun": 1, "seq": life.looks + 1, "events": [],
        "answer": None,
    }  # fmt: skip
    body = json.dumps(said).encode()
    signature = tpmt(key.sign(body, ec.ECDSA(hashes.SHA256())))
    terminal_hear(terminal_id=terminal.pk, body=body, signature=signature, actor=AGENT)
    life.told.heard_at = life.told.now


def _debriefed(life: Life) -> None:
    if not life.told.read_in:
        return
    person = life.room.store.world.visit.person
    held = person.indoctrinations.get(compartment=life.compartment, debriefed_on=None)
    indoctrination_debrief(
        indoctrination_id=held.pk, debriefed_on=now().date(), actor=life.room.store.first
    )
    life.told.read_in = False


def _read_in(life: Life) -> None:
    if not life.told.read_in:
        briefer = life.room.store.second.person_id
        assert briefer is not None
        indoctrination_record(
            person_id=life.room.store.world.visit.person_id, compartment_id=life.compartment.pk,
            briefed_by_id=briefer, briefed_on=now().date(), actor=CONTROL,
        )  # fmt: skip
        life.told.read_in = True


def _need_revoked(life: Life) -> None:
    if not life.told.need:
        return
    visit = life.room.store.world.visit
    engagement = visit.booking.engagement
    held = visit.person.needs_to_know.get(engagement=engagement, valid_until__gt=now())
    discloser = actor_named(engagement.sponsor.officer.user.username)
    need_to_know_revoke(need_to_know_id=held.pk, reason="Done", actor=discloser)
    life.told.need = False


def _need_granted(life: Life) -> None:
    if not life.told.need:
        visit = life.room.store.world.visit
        engagement = visit.booking.engagement
        need_to_know_grant(
            person_id=visit.person_id, engagement_id=engagement.pk, valid_from=now(),
            valid_until=now() + timedelta(days=1),
            actor=actor_named(engagement.sponsor.officer.user.username),
        )  # fmt: skip
        life.told.need = True


def _mandate(life: Life, *, holds: bool) -> None:
    if life.told.mandate is not holds:
        step = engagement_resume if holds else engagement_suspend
        engagement = life.room.store.world.visit.booking.engagement_id
        step(engagement_id=engagement, reason="Scope", actor=life.room.store.first)
        life.told.mandate = holds


def _time(life: Life) -> None:
    """Time passes, and the room's gateway goes on speaking."""
    life.told.now += STEP
    life.room.heard(certain=life.told.certain)


# What can be done once only: a second time is refused, and nothing has happened.
EVENTS: dict[str, Callable[[Life], None]] = {
    "enters": lambda life: _inside(life, life.room, "inside", comes=True),
    "leaves": lambda life: _inside(life, life.room, "inside", comes=False),
    "another enters": lambda life: _inside(life, life.other, "beside", comes=True),
    "another leaves": lambda life: _inside(life, life.other, "beside", comes=False),
    "doubt": lambda life: _counted(life, certain=False),
    "counted": lambda life: _counted(life, certain=True),
    "lockdown": _lockdown,
    "lifted": _lifted,
    "issued": _issued,
    "returned": _returned,
    "locked": _locked,
    "unlocked": _unlocked,
    "attested": _attested,
    "quote refused": _quote_refused,
    "heartbeat": _heartbeat,
    "read in": _read_in,
    "need granted": _need_granted,
    "need revoked": _need_revoked,
    "suspended": lambda life: _mandate(life, holds=False),
    "resumed": lambda life: _mandate(life, holds=True),
    "time": _time,
    "debriefed": _debriefed,
    "badge revoked": _badge_revoked,
    "image withdrawn": _image_withdrawn,
}
# What makes a grant comes more often than what spoils it; what nothing mends is rare.
HELPFUL = ("enters", "another enters", "counted", "lifted", "issued", "unlocked", "attested",
           "heartbeat", "read in", "need granted", "resumed")  # fmt: skip
FINAL = ("badge revoked", "image withdrawn")
WEIGHTS = {name: 9 if name in HELPFUL else 1 if name in FINAL else 2 for name in EVENTS}
BEGUN = ("attested", "heartbeat")


@dataclass
class World:
    """The room in which all lives are lived, as it is before each."""

    room: Room
    other: Room
    compartment: Compartment
    at: datetime
    ends_at: datetime


def make_orders_world() -> World:
    """A session needs a read-in there, and a second person; the visitor has both."""
    room = make_room()
    EngagementTerms.objects.filter(ended_at=None).update(ended_at=now())
    room.agreed(two_persons=True)
    other = room.beside("m.tanaka", "LT-02")
    visit, area = room.store.world.visit, room.store.world.area
    compartment = Compartment.objects.filter(scheme=visit.booking.engagement.level.scheme).first()
    assert compartment is not None
    for closed in (area, visit.booking.engagement):
        closed.compartments.add(compartment)
    briefer = room.store.second.person_id
    assert briefer is not None
    visit.person.indoctrinations.create(
        compartment=compartment, briefed_by_id=briefer, briefed_on=now().date()
    )
    return World(room, other, compartment, now(), visit.booking.ends_at)


def live(world: World, names: Sequence[str]) -> list[str] | None:
    """One life: these events in their order, then badge and PIN. None where no session begins,
    else what it lacks of what it must stand on. Nothing of it is left.
    """
    life = Life(world.room, world.other, world.compartment, Told(world.at))
    with clock_set(life.clock):
        world.room.heard(certain=True)
        with transaction.atomic():
            granted = _granted(life, names)
            transaction.set_rollback(True)
    if not granted:
        return None
    return [name for name, holds in life.told.grounds(world.ends_at).items() if not holds]


def _granted(life: Life, names: Sequence[str]) -> bool:
    """Whether his session begins after all that."""
    for name in (*BEGUN, *names):
        with suppress(Refused), transaction.atomic():
            EVENTS[name](life)
    session = life.room.ask().session
    if session is not None:
        session_granted(session_id=session.pk, actor=CONTROL)
    return session is not None


@dataclass
class Played:
    """``granted`` of the orders, and what the grants ``lacked`` that should not have been."""

    orders: int = 0
    granted: int = 0
    lacked: list[str] = field(default_factory=list)


def play(world: World, chance: Random, orders: int) -> Played:
    """So many lives of random events."""
    found = Played()
    for _ in range(orders):
        names = chance.choices([*WEIGHTS], weights=[*WEIGHTS.values()], k=LENGTH)
        lacked = live(world, names)
        found.orders += 1
        if lacked is not None:
            found.granted += 1
            found.lacked += lacked
    return found
