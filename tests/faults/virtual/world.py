"""The world: time, people in rooms, the gateway's lives, and how all of it looks from outside."""

import logging
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from hardware.drivers.base import Signal
from tests.faults.virtual.centre import VirtualCentre
from tests.faults.virtual.machine import CONTROL, SEALER, Accidents, Killed, Machine, Seams, Seen
from tests.faults.virtual.place import DOORS, START, Area, Permit, Person, installation
from tests.faults.virtual.wires import Pulse, Wires

LIVE_SECONDS = 9.0  # longer than any grant lives at a door
SMALL_STEP, LEAP = 1.0, 600.0
VISITORS = tuple(f"v{number}" for number in range(16))
STAFF, GUARDS, SWEEPERS = ("s0", "s1", "s2"), ("g0", "g1"), ("w0",)
AREAS = (Area("A", 7), Area("B", 6, trusted=True))


@dataclass(slots=True)
class Shown:
    """What lies before a reader: a card, and the keys typed since. ``used``: it opened a door."""

    credential: str
    at: float
    typed: str = ""
    used: bool = False


@dataclass(slots=True)
class Sent:
    """An order as it was sent; ``genuine`` ones may open their door once, until ``deadline``."""

    person: str
    door: str
    deadline: datetime
    genuine: bool
    used: bool = False


@dataclass(slots=True)
class Grant:
    """A door was told to open for somebody."""

    person: str | None
    door: str
    outwards: bool
    at: float
    passed: bool = False


@dataclass
class World:
    """Everything. ``on_seen`` and ``on_pulse`` are the oracles' ears."""

    directory: Path
    seams: Seams = field(default_factory=Seams)
    on_seen: Callable[[Seen], None] = lambda seen: None
    on_pulse: Callable[[Pulse], None] = lambda pulse: None
    on_death: Callable[[], None] = lambda: None

    def __post_init__(self) -> None:
        logging.disable(logging.CRITICAL)
        self.true, self.steady, self.skew = START, 1000.0, timedelta()
        self.accidents = Accidents()
        self.wires = Wires(lambda: self.steady, self._pulsed)
        self.centre = VirtualCentre(CONTROL, SEALER.public_key(), lambda: self.true, self.clock)
        self.shown: dict[str, Shown] = {}
        self.sent: dict[str, Sent] = {}
        self.grants: list[Grant] = []
        self.inside: dict[str, set[str]] = {"ZA": set(), "ZB": set()}
        self.excused: dict[str, set[str]] = {"ZA": set(), "ZB": set()}
        self.excuses: Counter[str] = Counter()
        self.exits: list[tuple[str, int]] = []  # badges shown inside: their door, its pulses
        self.torn: list[str] = []  # doors that were forced, and nothing explained it
        self.down_seconds = 1.0  # how long the next death lasts
        self.deaths = 0
        self.visit_seconds = 0.0
        self.visits: dict[str, str] = {}  # each visitor's visit under way
        self.planned: dict[str, str] = {}  # each visitor's next visit
        self.badges: dict[str, str] = {}  # each person's badge, by its card's SHA-256
        self.numbers: dict[str, bytes] = {}  # what the card with this SHA-256 says
        self.lost: list[str] = []
        self.envelopes: list[tuple[bytes, bytes]] = []
        self.cards = self.orders = self.bookings = 0
        self._populate()
        self._begin()

    # Time

    def clock(self) -> datetime:
        """What the gateway's clock shows."""
        return self.true + self.skew

    def run(self, seconds: float = 0.0) -> None:
        """Let time pass: step by step while something is going on at a door, then at a leap."""
        self.machine.turn()
        self._talk()
        while seconds > 0:
            last = max(
                *(grant.at for grant in self.grants[-1:]),
                *(shown.at for shown in self.shown.values()),
                0.0,
                0.0,
            )
            passed = min(seconds, SMALL_STEP if self.steady - last < LIVE_SECONDS else LEAP)
            self.true += timedelta(seconds=passed)
            self.steady += passed
            self.visit_seconds += passed * len(self.visits)
            seconds -= passed
            self.machine.turn()
            if passed > SMALL_STEP or seconds <= 0:
                self._talk()

    def _talk(self) -> None:
        self.machine.talk()
        self.machine.turn()

    # The process

    def die(self, seconds: float) -> None:
        """The gateway's process dies now and comes back after a while."""
        self.deaths += 1
        self.on_death()
        self.machine.die()
        self.wires.detach()
        self.accidents.fuse = -1
        self.true += timedelta(seconds=seconds)
        self.steady += seconds
        self.visit_seconds += seconds * len(self.visits)
        self._begin()
        for door in DOORS:
            if self.wires.doors[door].open:
                self.wires.move(door, opened=False)
        self.run(1)

    def _begin(self) -> None:
        while True:
            try:
                self.machine = Machine(
                    self.directory,
                    self.seams,
                    self.accidents,
                    self.wires.make,
                    self.centre,
                    lambda seen: self.on_seen(seen),
                    self.clock,
                    lambda: self.steady,
                )
                self.machine.gateway.start()
                self.machine.turn()
                self._talk()
            except Killed:
                self.machine.die()
                self.wires.detach()
                continue
            return

    # People

    def person(self, name: str) -> Person:
        """Somebody as the centre knows him."""
        found = self.centre.things["person", name]
        assert isinstance(found, Person)
        return found

    def zone_of(self, name: str) -> str | None:
        """Where somebody is."""
        return next((zone for zone, people in self.inside.items() if name in people), None)

    def live(self, door: str) -> list[Grant]:
        """Grants at this door that an opening may belong to."""
        return [grant for grant in self._live() if grant.door == door]

    def locked(self, door: str) -> bool:
        """Whether this door is shut and nobody was let through for a while, in or out by badge."""
        leaf = self.wires.doors[door]
        lately = any(g.door == door and self.steady - g.at < LIVE_SECONDS for g in self.grants)
        return not (leaf.open or lately or self.steady - leaf.moved_at < 1)

    def excuse(self, person: str | None, door: str, why: str) -> None:
        """No sensor could have told the gateway about this person's passage."""
        if person is not None:
            self.excused[DOORS[door][0]].add(person)
            self.excuses[why] += 1

    def say(self, reader: str, signal: Signal, **data: Any) -> None:
        """A reader reports, and everything that follows happens."""
        self.wires.say(reader, signal, **data)
        self.machine.turn()

    def _live(self) -> list[Grant]:
        return [
            grant
            for grant in self.grants[-16:]
            if self.steady - grant.at < LIVE_SECONDS and not grant.passed
        ]

    def _pulsed(self, pulse: Pulse) -> None:
        self.accidents.burn("wire")
        self.on_pulse(pulse)

    def _populate(self) -> None:
        for key, record in installation().items():
            self.centre.install(key, record)
        for area in AREAS:
            self.centre.put(area)
        year = timedelta(days=365)
        for number, name in enumerate((*VISITORS, *STAFF, *GUARDS, *SWEEPERS)):
            self.centre.put(Person(name, str(100_000 + 7919 * number)))
        for name in (*STAFF, *GUARDS, *SWEEPERS):
            kind = "roster" if name in STAFF else "duty"
            post = "sweeper" if name in SWEEPERS else "guard"
            for area in AREAS:
                permit = Permit(
                    f"{kind}-{name}-{area.id}",
                    name,
                    kind,
                    area.id,
                    START - year,
                    START + year,
                    post=post,
                )
                self.centre.put(permit)
