"""What must hold, looked at from outside after every step. Each oracle has a name."""

import json
from collections import Counter
from copy import deepcopy
from typing import Any

from hardware.decider import Direction
from hardware.gateway.edge_journal import EdgeEntry, entry_hash
from hardware.rules.inbox import GENESIS
from tests.faults.virtual.machine import Seen
from tests.faults.virtual.place import DOORS, READERS, Area
from tests.faults.virtual.rules import Asked, Known, Tries, opinion
from tests.faults.virtual.wires import Pulse
from tests.faults.virtual.world import LIVE_SECONDS, Grant, World

SECOND_OPINION = "decision = second opinion"
A1, A2, A3 = "A1 journal", "A2 pulse", "A3 locked"
EXIT, PRESENCE, PINS, EXPIRED, TOLD = "A3 way out", "presence", "PIN lock-out", "expired", "told"
FORCED = "forced"
NAMES = (A1, A2, A3, EXIT, FORCED, PRESENCE, PINS, EXPIRED, TOLD, SECOND_OPINION)
OLDEST, SLACK = 900.0, 15.0


class Broken(AssertionError):
    """An oracle objects."""

    def __init__(self, oracle: str, said: str) -> None:
        super().__init__(f"{oracle}: {said}")
        self.oracle = oracle


class Oracles:
    """All of them, over one world."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.checked: Counter[str] = Counter()
        self.kinds: Counter[str] = Counter()
        self._broken: list[Broken] = []
        self._known, self._version = Known(), 0
        self._seen: dict[str, Seen] = {}
        self._last: dict[str, Seen] = {}
        self._reads: dict[str, dict[str, Any]] = {}
        self._commands: dict[str, dict[str, Any]] = {}
        self._hashes: list[str] = []
        self._forced: set[str] = set()  # since the last look
        self._used_commands: set[str] = set()
        self._used_reads: set[str] = set()
        self._tries: dict[str, Tries] = {}
        self._durable: dict[str, Tries] = {}  # as they stood when nothing waited for the disk
        self._locked_out: set[str] = set()
        world.on_seen, world.on_pulse, world.on_death = self.seen, self.pulsed, self.died

    def after(self) -> None:
        """Look at everything; raises Broken, the first objection first."""
        self._journal()
        for door, pulses in self.world.exits:
            self._hold(EXIT, pulses == 1, f"a badge inside {door} gave {pulses} pulses")
        self.world.exits.clear()
        self._torn()
        self._presence()
        self._news()
        if not self.world.machine.gateway.recorder.waiting:
            self._durable = deepcopy(self._tries)
        if self._broken:
            raise self._broken[0]

    def last(self) -> None:
        """At the end: everything that is in the edge journal has arrived, once."""
        centre, edge = self.world.centre, self.world.machine.edge
        arrived = sorted(seq for _, seq in centre.inbox)
        self._hold(A1, arrived == list(range(1, edge.seq + 1)), "the inbox has gaps")
        self._hold(A1, not centre.altered, "an entry came twice and was not the same")
        same = all(self._hashes[seq - 1] == e.hash for (_, seq), e in centre.inbox.items())
        self._hold(A1, same, "the inbox does not hold what the journal holds")
        self._hold(A1, not centre.unsealed, "entries came that the gateway has not sealed")
        if self._broken:
            raise self._broken[0]

    # The decision

    def seen(self, seen: Seen) -> None:
        """The decision was asked: what does the second opinion say?"""
        read = seen.read
        self._seen[read.read_id] = self._last[read.portal] = seen
        if read.direction is Direction.OUT:
            self._hold(EXIT, seen.verdict.outcome == "granted", "the decision holds who leaves")
            return
        wanted = opinion(self._knows(seen.version), self._asked(seen))
        got = seen.verdict.outcome.value
        why = [each.get("code") for each in seen.verdict.objections]
        self._hold(
            SECOND_OPINION,
            got == wanted,
            f"{read.portal} {seen.verdict.person_id}: {got} {why}, not {wanted}",
        )
        if read.pin is not None:
            self._typed(seen)

    def died(self) -> None:
        """The gateway died. What waited for its disk is forgotten; meanwhile no PIN opened."""
        if self.world.machine.gateway.recorder.waiting:
            self._tries = deepcopy(self._durable)

    def pulsed(self, pulse: Pulse) -> None:
        """A strike is energised at this very moment: on whose account?"""
        self._journal()
        once = pulse.command_id not in self._used_commands
        self._hold(A2, once, "a command went to the wire twice")
        self._used_commands.add(pulse.command_id)
        command = self._commands.get(pulse.command_id)
        if command is None or command["portal"] != pulse.door:
            # INVARIANT of the way out: it does not wait for a disk.
            waits = self.world.machine.gateway.recorder.waiting or self.world.accidents.disk_full
            last = self._last.get(pulse.door)
            outwards = last is not None and last.read.direction is Direction.OUT
            self._hold(A2, bool(waits) and outwards, "a pulse without its durable intent")
            if last is not None:
                self._granted(pulse, last)
            return
        read = self._reads[command["read_id"]]
        seen = self._seen.get(command["read_id"])
        fresh = command["read_id"] not in self._used_reads
        self._hold(A2, fresh, "one read opened a door twice")
        self._used_reads.add(command["read_id"])
        self._hold(A2, read["outcome"] == "granted", "a pulse on a read that was not granted")
        self._hold(A2, seen is not None, "a pulse on a read that nobody decided")
        if seen is None:
            return
        self._granted(pulse, seen)
        if seen.read.direction is Direction.IN:
            self._entry(pulse, seen)

    def _granted(self, pulse: Pulse, seen: Seen) -> None:
        person, now = seen.verdict.person_id, self.world.steady
        outwards = seen.read.direction is Direction.OUT
        self.world.grants.append(Grant(person, pulse.door, outwards, now))
        if self.world.wires.doors[pulse.door].open:
            self.world.excuse(person, pulse.door, "granted while the door stood open")

    def _entry(self, pulse: Pulse, seen: Seen) -> None:
        """Somebody outside is let in: by what was shown, by the rules, in truth."""
        world, read, person = self.world, seen.read, seen.verdict.person_id or ""
        open_to = read.read_id not in self._locked_out
        self._hold(PINS, open_to, f"{person} got in while locked out")
        agreed = opinion(self._knows(seen.version), self._asked(seen)) == "granted"
        self._hold(A2, agreed, f"the second opinion does not let {person} in")
        if read.commanded_by is not None:
            self._ordered(pulse, person)
        else:
            self._shown(seen)
        area = world.centre.things["area", DOORS[pulse.door][1]]
        assert isinstance(area, Area)
        away = (world.true - world.centre.spoke_at).total_seconds()
        young = area.trusted or away <= OLDEST + SLACK
        self._hold(A3, young, f"{away:.0f} s without news, and let in")
        ends = [
            each.end
            for each in self._knows(seen.version).permits.get(person, ())
            if each.area == area.id
        ]
        late = min((world.true - end).total_seconds() for end in ends) if ends else 0.0
        self._hold(EXPIRED, late <= SLACK, f"{person}'s permit ended {late:.0f} s ago")

    def _shown(self, seen: Seen) -> None:
        read = seen.read
        readers = [r for r, (door, side) in READERS.items() if (door, side) == (read.portal, "in")]
        shown = self.world.shown.get(readers[0])
        same = shown is not None and shown.credential == read.credential and not shown.used
        self._hold(A2, same, "the door opened and nobody showed a badge for it")
        if shown is not None:
            right = shown.typed.rsplit("*", 1)[-1].rstrip("#") == read.pin
            self._hold(A2, right, "another PIN than the one that was typed")
            shown.used = True

    def _ordered(self, pulse: Pulse, person: str) -> None:
        sent = self.world.sent.get(pulse.command_id)
        good = (
            sent is not None
            and sent.genuine
            and (sent.person, sent.door)
            == (
                person,
                pulse.door,
            )
        )
        self._hold(A2, good, "the door obeyed an order that nobody gave")
        if sent is not None:
            self._hold(A2, not sent.used, "an order was obeyed twice")
            sent.used = True
            self._hold(A2, self.world.true <= sent.deadline, "an order was obeyed too late")

    def _typed(self, seen: Seen) -> None:
        credential = seen.read.credential or ""
        known = self._knows(seen.version)
        badge = known.things.get(("credential", credential))
        person = getattr(badge, "person", "")
        if getattr(badge, "state", "") != "issued" or not known.permits.get(person):
            return
        tries = self._tries.setdefault(credential, Tries())
        right = seen.read.pin == getattr(known.things["person", person], "pin", None)
        granted = seen.verdict.outcome == "granted"
        if granted and tries.locked(seen.now, self.world.steady):
            # The gateway must still refuse what the decision granted: a pulse would show it.
            self._locked_out.add(seen.read.read_id)
        if granted or not right:
            tries.typed(right, seen.now, self.world.steady)

    # The journal

    def _journal(self) -> None:
        edge = self.world.machine.edge
        self.checked[A1] += 1
        for entry in edge.after(len(self._hashes), 100_000):
            self._link(entry)
        for entry in self.world.accidents.acknowledged:
            there = entry.seq <= len(self._hashes) and self._hashes[entry.seq - 1] == entry.hash
            self._hold(A1, there, f"acknowledged entry {entry.seq} is not in the journal")
        self.world.accidents.acknowledged.clear()

    def _link(self, entry: EdgeEntry) -> None:
        last = self._hashes[-1] if self._hashes else GENESIS
        digest = entry_hash(
            gateway=entry.gateway,
            epoch=entry.epoch,
            seq=entry.seq,
            kind=entry.kind,
            occurred_at=entry.occurred_at,
            clock_offset_ms=entry.clock_offset_ms,
            prev_hash=last,
            body=entry.body.encode(),
        )
        whole = (entry.seq, entry.prev_hash, entry.hash) == (len(self._hashes) + 1, last, digest)
        self._hold(A1, whole, f"the chain breaks at entry {entry.seq}")
        self._hashes.append(entry.hash)
        self.kinds[entry.kind] += 1
        if entry.kind == "door.read":
            body = json.loads(entry.body)
            self._reads[body["read_id"]] = body
        elif entry.kind == "door.forced":
            self._forced.add(json.loads(entry.body)["portal"])
        elif entry.kind == "door.command":
            body = json.loads(entry.body)
            self._commands[body["command_id"]] = body

    # Presence and news

    def _torn(self) -> None:
        """A locked door that was torn open is a forced one, whoever left by it before."""
        written = not self.world.machine.gateway.recorder.waiting
        for door in self.world.torn:
            told = door in self._forced or not written
            self._hold(FORCED, told, f"{door} was torn open, and nobody says so")
        self.world.torn.clear()
        self._forced.clear()

    def _presence(self) -> None:
        world = self.world
        moving = any(world.steady - g.at < LIVE_SECONDS for g in world.grants[-8:])
        if moving or any(door.open for door in world.wires.doors.values()):
            return
        for code, zone in world.machine.gateway.plant.zones.items():
            wrong = world.inside[code] ^ set(zone.inside)
            world.excused[code] &= wrong
            if zone.certain:
                unexcused = wrong - world.excused[code]
                self._hold(PRESENCE, not unexcused, f"{code} is wrong about {sorted(unexcused)}")

    def _news(self) -> None:
        world = self.world
        if world.centre.up and not world.accidents.disk_full:
            version = world.machine.snapshot.version
            newest = world.centre.version
            self._hold(TOLD, version == newest, f"connected, and at {version} of {newest}")

    # Small things

    def _asked(self, seen: Seen) -> Asked:
        read, zone = seen.read, seen.zone
        return Asked(
            read.credential,
            read.person_id if read.commanded_by else None,
            read.pin,
            read.portal,
            DOORS[read.portal][1],
            zone.inside,
            {person: each.portal for person, each in zone.coming.items()},
            zone.certain,
            seen.now,
            seen.heard_at,
        )

    def _knows(self, version: int) -> Known:
        if version < self._version:
            self._known, self._version = Known(), 0
        self.world.centre.teach(self._known, self._version, version)
        self._version = version
        return self._known

    def _hold(self, oracle: str, holds: bool, said: str) -> None:
        self.checked[oracle] += 1
        if not holds:
            self._broken.append(Broken(oracle, said))
