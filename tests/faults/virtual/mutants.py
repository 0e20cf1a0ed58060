"""Gateways that break one rule each, put together through their seams, and who must notice.

Nothing is patched: a mutant is another decider, journal, driver or line, as one might be written by
mistake. An oracle that lets its mutant live is worth nothing.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from hardware.decider import Decider, Direction, DoorRead, DoorVerdict, Outcome, SnapshotView
from hardware.decider import ZoneView as View
from hardware.drivers.base import DeviceCommand, DeviceEvent, Driver, Signal, Traffic, Verb
from hardware.gateway.centre import CentreAway, Status
from hardware.gateway.edge_journal import Draft, EdgeEntry, StatePut
from hardware.gateway.seals import Sealed
from hardware.gateway.snapshot import Delta
from tests.faults.virtual.centre import VirtualCentre
from tests.faults.virtual.machine import FORGER, Around, FragileJournal, Seams
from tests.faults.virtual.oracles import (
    A1,
    A2,
    A3,
    EXIT,
    EXPIRED,
    FORCED,
    PINS,
    PRESENCE,
    SECOND_OPINION,
    TOLD,
)
from tests.faults.virtual.place import READERS
from tests.faults.virtual.wires import CONTACT, HANDLE

# The decision


class Forgiving(Around):
    """Forgets one objection: grants where nothing else is left, or asks for the PIN."""

    def __init__(self, decider: Decider, code: str) -> None:
        super().__init__(decider)
        self._code = code

    def door(
        self, read: DoorRead, snapshot: SnapshotView, zone: View, now: datetime
    ) -> DoorVerdict:
        verdict = super().door(read, snapshot, zone, now)
        codes = {each["code"] for each in verdict.objections}
        if verdict.outcome is not Outcome.REFUSED or codes != {self._code}:
            return verdict
        person = verdict.person_id or "v0"
        if read.pin is None and read.commanded_by is None:
            return replace(
                verdict, outcome=Outcome.PENDING, awaits="pin", objections=(), person_id=person
            )
        return replace(verdict, outcome=Outcome.GRANTED, objections=(), person_id=person)


class Misled(Around):
    """Decides rightly on a zone or a time that is not the true one."""

    def __init__(
        self,
        decider: Decider,
        view: Callable[[View], View] = lambda view: view,
        late: timedelta = timedelta(),
    ) -> None:
        super().__init__(decider)
        self._view, self._late = view, late

    def door(
        self, read: DoorRead, snapshot: SnapshotView, zone: View, now: datetime
    ) -> DoorVerdict:
        return super().door(read, snapshot, self._view(zone), now + self._late)


class Hasty(Around):
    """Does not wait for the PIN."""

    def door(
        self, read: DoorRead, snapshot: SnapshotView, zone: View, now: datetime
    ) -> DoorVerdict:
        verdict = super().door(read, snapshot, zone, now)
        if verdict.outcome is Outcome.PENDING:
            return replace(verdict, outcome=Outcome.GRANTED, awaits=None)
        return verdict


class Holding(Around):
    """Holds back who leaves without being counted inside."""

    def door(
        self, read: DoorRead, snapshot: SnapshotView, zone: View, now: datetime
    ) -> DoorVerdict:
        verdict = super().door(read, snapshot, zone, now)
        if read.direction is Direction.OUT:
            return replace(verdict, outcome=Outcome.REFUSED)
        return verdict


# The journal


class Lying(FragileJournal):
    """Says of intents that they are durable, and writes them with the next entry only."""

    _late: tuple[Any, ...] = ()

    def append(
        self, drafts: Sequence[Draft], puts: Sequence[StatePut] = (), *, needs_reserve: bool = False
    ) -> tuple[EdgeEntry, ...]:
        if needs_reserve:
            self._late += ((drafts, puts),)
            return ()
        waiting, self._late = self._late, ()
        for each, state in waiting:
            super().append(each, state)
        return super().append(drafts, puts)


class Boasting(FragileJournal):
    """Acknowledges entries that it then does not write."""

    _count = 0

    def append(
        self, drafts: Sequence[Draft], puts: Sequence[StatePut] = (), *, needs_reserve: bool = False
    ) -> tuple[EdgeEntry, ...]:
        self._count += 1
        if drafts and self._count % 50 == 0:
            phantom = EdgeEntry("g1", self.epoch, self.seq + 1, "phantom", "", None, "", "", "{}")
            self.accidents.acknowledged.append(phantom)
            return (phantom,)
        return super().append(drafts, puts, needs_reserve=needs_reserve)


def forgetful(kind: str) -> type[FragileJournal]:
    """A journal that has lost one kind of state after every restart."""

    class Forgetful(FragileJournal):
        def states(self, wanted: str) -> dict[str, Any]:
            return {} if wanted == kind else super().states(wanted)

    return Forgetful


# The wire


class Wrapped:
    """A driver around a driver."""

    def __init__(self, driver: Driver) -> None:
        self._driver = driver

    def open(self) -> None:
        self._driver.open()

    def turn(self, budget: float) -> Sequence[DeviceEvent]:
        return self._driver.turn(budget)

    def submit(self, command: DeviceCommand) -> bool:
        return self._driver.submit(command)

    def traffic(self) -> Mapping[str, Traffic]:
        return self._driver.traffic()

    def close(self) -> None:
        self._driver.close()


class Repeating(Wrapped):
    """Sends a pulse again whose answer it did not understand."""

    def __init__(self, driver: Driver) -> None:
        super().__init__(driver)
        self._sent: dict[str, DeviceCommand] = {}

    def submit(self, command: DeviceCommand) -> bool:
        if command.verb is Verb.PULSE:
            self._sent[command.command_id] = command
        return super().submit(command)

    def turn(self, budget: float) -> Sequence[DeviceEvent]:
        events = super().turn(budget)
        for event in events:
            if event.signal is Signal.FAILED and event.command_id in self._sent:
                super().submit(self._sent.pop(event.command_id))
        return events


class Deaf(Wrapped):
    """Does not hear contacts, or does not hear badges inside."""

    def __init__(self, driver: Driver, *, inside: bool) -> None:
        super().__init__(driver)
        self._inside = inside

    def turn(self, budget: float) -> Sequence[DeviceEvent]:
        return [event for event in super().turn(budget) if not self._lost(event)]

    def _lost(self, event: DeviceEvent) -> bool:
        if self._inside:
            return event.signal is Signal.CARD and READERS[event.device][1] == "out"
        return (
            event.signal is Signal.INPUT
            and event.data["number"] == CONTACT
            and bool(event.data["active"])
        )


class Lingering(Wrapped):
    """Says once more that the handle was pressed, when the door that it opened has shut."""

    def __init__(self, driver: Driver) -> None:
        super().__init__(driver)
        self._pressed: set[str] = set()

    def turn(self, budget: float) -> Sequence[DeviceEvent]:
        heard: list[DeviceEvent] = []
        for event in super().turn(budget):
            heard.append(event)
            if event.signal is not Signal.INPUT:
                continue
            number, active = event.data["number"], event.data["active"]
            if number == HANDLE and active:
                self._pressed.add(event.device)
            elif number == CONTACT and not active and event.device in self._pressed:
                self._pressed.discard(event.device)
                said = [{"number": HANDLE, "active": again} for again in (True, False)]
                heard += [replace(event, data=data) for data in said]
        return heard


# The line to the centre


class Line:
    """A line around a centre."""

    def __init__(self, centre: VirtualCentre) -> None:
        self.centre = centre

    def __getattr__(self, name: str) -> Any:
        return getattr(self.centre, name)


class Losing(Line):
    """Takes entries and loses some."""

    def insert(self, entries: Sequence[Sealed]) -> None:
        self.centre.insert([each for each in entries if each.entry.seq % 40])

    copy = insert


class Altering(Line):
    """What comes a second time is not what came first."""

    def insert(self, entries: Sequence[Sealed]) -> None:
        try:
            self.centre.insert(entries)
        except CentreAway:
            altered = [Sealed(replace(entry, body="{}"), seal) for entry, seal in entries]
            self.centre.insert(altered)

    copy = insert


class Dull(Line):
    """Brings no news after the first hundred, and says that there are none."""

    def deltas(self, gateway: str, version: int, limit: int) -> list[Delta]:
        found = self.centre.deltas(gateway, version, limit)
        return [delta for delta in found if delta.version <= 100]


class Flattering(Line):
    """Agrees with whatever time the gateway takes it to be."""

    def report(self, status: Status) -> datetime:
        self.centre.report(status)
        return self.centre.theirs()


class Pretending(Line):
    """Says that there are no news when it cannot know."""

    def deltas(self, gateway: str, version: int, limit: int) -> list[Delta]:
        try:
            self._last = self.centre.deltas(gateway, version, limit)
        except CentreAway:
            return self._last[-1:]
        return self._last

    def report(self, status: Status) -> datetime:
        return self.centre.now()


def forgives(code: str) -> Seams:
    """A gateway whose decision lacks one rule."""
    return Seams(decider=lambda decider: Forgiving(decider, code))


def misled(**how: Any) -> Seams:
    """A gateway whose decision looks at something else."""
    return Seams(decider=lambda decider: Misled(decider, **how))


# Each mutant, and the oracles of which one must object. What lets somebody in stops at the first
# look, the second opinion's; where nobody enters yet, that is the only one.
LETS_IN = frozenset({SECOND_OPINION, A2})
MUTANTS: dict[str, tuple[Seams, frozenset[str]]] = {
    "within_window is dropped": (forgives("after_window"), LETS_IN),
    "early entry is allowed": (forgives("before_window"), LETS_IN),
    "a badge that is lost still opens": (forgives("badge_not_active"), LETS_IN),
    "an unknown badge opens": (forgives("unknown_badge"), LETS_IN),
    "a booking that is not approved serves": (forgives("booking_not_approved"), LETS_IN),
    "whoever asks may approve": (forgives("approval_not_separate"), LETS_IN),
    "phones may come along": (forgives("belongings_not_locked"), LETS_IN),
    "a suspended clearance serves": (forgives("eligibility_suspended"), LETS_IN),
    "a lower clearance serves": (forgives("clearance_too_low"), LETS_IN),
    "who is not read in comes in": (forgives("not_read_in"), LETS_IN),
    "staff come at night": (forgives("outside_own_hours"), LETS_IN),
    "a recalled visit goes on": (forgives("visit_not_open"), LETS_IN),
    "a lockdown is ignored": (forgives("lockdown"), LETS_IN),
    "a room without accreditation is used": (forgives("not_accredited"), LETS_IN),
    "a room that is not swept is used": (forgives("not_swept"), LETS_IN),
    "a room can be overfull": (forgives("capacity_reached"), LETS_IN),
    "one may come by two doors at once": (forgives("entering_elsewhere"), LETS_IN),
    "a stale snapshot serves": (forgives("snapshot_stale"), LETS_IN),
    "any door will do": (forgives("wrong_portal"), LETS_IN),
    "any PIN will do": (forgives("pin_wrong"), LETS_IN),
    "no PIN is asked": (Seams(decider=Hasty), LETS_IN),
    "anti-passback is ignored": (
        misled(view=lambda view: replace(view, inside={})),
        LETS_IN,
    ),
    "doubt is ignored": (misled(view=lambda view: replace(view, certain=True)), LETS_IN),
    "the decision's clock is an hour slow": (misled(late=-timedelta(hours=1)), LETS_IN),
    "who leaves is held back": (Seams(decider=Holding), frozenset({EXIT})),
    "badges inside are not heard": (
        Seams(driver=lambda driver: Deaf(driver, inside=True)),
        frozenset({EXIT}),
    ),
    "the pulse comes before its intent": (Seams(journal=Lying), frozenset({A2})),
    "an unknown outcome is sent again": (Seams(driver=Repeating), frozenset({A2})),
    "an entry is acknowledged and not written": (Seams(journal=Boasting), frozenset({A1})),
    "entries are lost on the way": (Seams(centre=Losing), frozenset({A1})),
    "entries are altered when sent again": (Seams(centre=Altering), frozenset({A1})),
    "entries come under a stranger's seal": (Seams(sealer=FORGER), frozenset({A1})),
    "contacts are not heard": (
        Seams(driver=lambda driver: Deaf(driver, inside=False)),
        frozenset({PRESENCE}),
    ),
    "a request to exit outlives its opening": (Seams(driver=Lingering), frozenset({FORCED})),
    "a restart empties the rooms": (Seams(journal=forgetful("zone")), frozenset({PRESENCE})),
    "a restart ends the PIN lock-out": (
        Seams(journal=forgetful("pin_failures")),
        frozenset({PINS}),
    ),
    "a restart forgets which orders were obeyed": (
        Seams(journal=forgetful("nonce")),
        frozenset({A2}),
    ),
    "anybody may sign an order": (Seams(control=FORGER), frozenset({A2})),
    "a clock is believed that was set back": (
        Seams(centre=Flattering),
        frozenset({EXPIRED}),
    ),
    "a cut line counts as no news": (Seams(centre=Pretending), frozenset({A3})),
    "news do not arrive": (Seams(centre=Dull), frozenset({TOLD})),
}
