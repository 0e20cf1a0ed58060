"""A zone with two doors under any order of reads, openings, exits, corrections and restarts.

Whatever the order: nobody is inside twice, nor more than have a place; nobody is let into a
two-person zone alone; of an interlock's doors one at a time lets people in; leaving is never
refused; and who is left alone is called for.
"""

import json
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from access.rules import facts as f
from hardware.drivers.base import Verb
from tests.zone_rig import LOBBY, ZoneRig

DOORS = ("D1", "D2")
PEOPLE = ("ann", "bob", "ivy", "gil", "gus")
ESCORTED = {"person-gil", "person-gus"}
CAPACITY = 3
FOR_EVER = 300  # seconds; a passage lasts less than ten
NAMES = st.sampled_from(PEOPLE)
AT = st.sampled_from(DOORS)


class Crowd(RuleBasedStateMachine):
    """Rostered staff, an inspector, and two whom ann escorts, one at a time."""

    @initialize(
        two_person=st.booleans(),
        first=st.booleans(),
        passback=st.sampled_from(["hard", "soft", "timed"]),
        interlock=st.booleans(),
    )
    def begin(self, *, two_person: bool, first: bool, passback: str, interlock: bool) -> None:
        self.two_person, self.first = two_person, first
        self.passback, self.interlock = passback, interlock
        self.directory = tempfile.TemporaryDirectory()
        group = {"interlock": "trap" if interlock else ""}
        self.rig = ZoneRig(
            Path(self.directory.name),
            area=replace(LOBBY, capacity=CAPACITY, two_person=two_person),
            zone_order={"anti_passback": passback, "first_person_in": first, "minimum": 2},
            doors=dict.fromkeys(DOORS, group),
            values={"escort_ratio": 1, "uncertain_count_denies": False},
        )
        self.rig.start()
        for name in ("ann", "bob"):
            self.rig.come(name)
        self.rig.come("ivy", f.InspectionBasis)
        for name in ("gil", "gus"):
            self.rig.come(name, f.InspectionBasis, escort="person-ann")
        self.open: set[str] = set()
        self.asked: dict[str, float] = {}
        # Whose way in is granted where, by what was seen from outside.
        self.way_in: dict[str, str] = {}

    @rule(name=NAMES, door=AT)
    def badge_outside(self, name: str, door: str) -> None:
        zone, person = self.rig.zone, f"person-{name}"
        before = zone.view()
        blocked = self.other(door) in self.open
        seen, pulses = len(self.rig.events("door.read")), len(self.rig.bus.pulses)
        outcome = self.rig.show(name, door)
        if outcome != "granted":
            return
        granted = [r for r in self.rig.events("door.read")[seen:] if r["outcome"] == "granted"]
        people = {read["person_id"] for read in granted}
        assert person in people
        assert not [who for who in people if self.way_in.get(who, door) != door], "two ways in"
        if self.rig.bus.online:
            self.way_in |= dict.fromkeys(people, door)
        places = {*before.inside, *self.way_in, *people}
        assert len(places) <= CAPACITY, "more than have a place"
        assert len(self.rig.bus.pulses) - pulses <= 1, "one pulse, however many enter on it"
        staying = before.inside.keys() - before.going - people
        if self.two_person:
            pair = (staying | people) - ESCORTED
            assert len(pair) >= 2, "let in alone"
        if self.first and not staying - ESCORTED:
            assert people - ESCORTED - {"person-ivy"}, "nobody who opens the zone is there"
        if self.passback == "hard":
            assert not people & before.inside.keys(), "inside already"
        for each in people & ESCORTED:
            assert "person-ann" in staying
            others = {**before.inside, **before.coming}.keys() & ESCORTED - {each}
            assert not others, "more than the escort may take"
        if self.interlock:
            assert not blocked, "two doors of the interlock"

    @rule(name=NAMES, door=AT)
    def badge_inside(self, name: str, door: str) -> None:
        before = len(self.rig.bus.told)
        self.way_in.pop(f"person-{name}", None)
        assert self.rig.show(name, door, out=True) == "granted", "leaving is never refused"
        if self.rig.bus.online:
            new = [command.verb for command in self.rig.bus.told[before:]]
            assert new.count(Verb.PULSE) == 1

    @rule(door=AT)
    def go_through(self, door: str) -> None:
        if door not in self.open:
            self.leaf(door, opened=True)
        self.leaf(door, opened=False)

    @rule(first=NAMES, second=NAMES, last=AT)
    def badge_at_both_doors(self, first: str, second: str, last: str) -> None:
        self.badge_outside(first, self.other(last))
        self.badge_outside(second, last)
        self.go_through(self.other(last))
        self.go_through(last)

    @rule(first=NAMES, second=NAMES, door=AT)
    def enter_two(self, first: str, second: str, door: str) -> None:
        self.badge_outside(first, door)
        self.badge_outside(second, door)
        self.go_through(door)
        self.wait(8)

    @rule(out=NAMES, entering=NAMES, door=AT)
    def enter_while_another_leaves(self, out: str, entering: str, door: str) -> None:
        self.badge_inside(out, self.other(door))
        self.badge_outside(entering, door)
        self.go_through(self.other(door))
        self.go_through(door)

    @rule(door=AT, opened=st.booleans())
    def move_the_leaf(self, door: str, *, opened: bool) -> None:
        self.leaf(door, opened=opened)

    @rule(seconds=st.sampled_from([8, 30]))
    def wait(self, seconds: float) -> None:
        self.rig.run(seconds, step=0.5)
        self.way_in.clear()
        self.rig.snapshot.heard(self.rig.time.clock())

    @rule(online=st.sampled_from([True, True, False]), answers=st.booleans())
    def change_the_wire(self, *, online: bool, answers: bool) -> None:
        self.rig.bus.online, self.rig.bus.answers = online, answers

    @rule(name=NAMES)
    def mark_out(self, name: str) -> None:
        args = {"person_id": f"person-{name}", "zone_version": self.rig.zone.version}
        self.rig.order("zone_mark_out", "Z1", args)

    @rule(name=st.sampled_from(["ann", "bob"]), back=st.booleans())
    def withdraw_or_give_back(self, name: str, *, back: bool) -> None:
        self.rig.come(name) if back else self.rig.withdraw(name)

    @rule()
    def kill_and_restart(self) -> None:
        inside = dict(self.rig.zone.inside)
        self.rig.crash()
        self.rig.start(shut=False)
        self.way_in.clear()
        for door in DOORS:
            self.leaf(door, opened=door in self.open)
        assert self.rig.zone.inside == inside

    @invariant()
    def the_zone_is_what_its_events_say_and_nobody_is_in_it_twice(self) -> None:
        inside: set[str] = set()
        for body in self.presence():
            person = body["person_id"]
            if body["kind"] == "presence.left":
                inside.discard(person)
                continue
            assert self.passback != "hard" or person not in inside, "inside twice"
            inside.add(person)
        assert set(self.rig.zone.inside) == inside
        assert len(inside) <= CAPACITY

    @invariant()
    def who_is_alone_is_called_for(self) -> None:
        self.rig.run()  # a zone is looked at once a tick: the next one sees what happened last
        inside = self.rig.zone.inside
        pair = inside.keys() - ESCORTED
        alone = self.two_person and bool(inside) and len(pair) < 2
        assert ("two_person_broken" in self.rig.zone.concerns) == alone
        lost = sorted(inside.keys() & ESCORTED) if "person-ann" not in inside else []
        named = self.rig.zone.concerns.get("escort_lost", {"people": []})["people"]
        assert named == lost

    @invariant()
    def nobody_is_reserved_for_ever(self) -> None:
        view = self.rig.zone.view()
        for person in {*view.coming, *view.going}:
            self.asked.setdefault(person, self.rig.time.monotonic())
        for person in self.asked.keys() - view.coming.keys() - view.going:
            del self.asked[person]
        assert all(self.rig.time.monotonic() - at < FOR_EVER for at in self.asked.values())

    def other(self, door: str) -> str:
        return DOORS[1 - DOORS.index(door)]

    def leaf(self, door: str, *, opened: bool) -> None:
        (self.open.add if opened else self.open.discard)(door)
        if opened:
            self.way_in = {who: at for who, at in self.way_in.items() if at != door}
        self.rig.leaf(door, opened=opened)

    def presence(self) -> list[dict[str, Any]]:
        entries = [e for e in self.rig.entries() if e.kind.startswith("presence.")]
        return [{**json.loads(entry.body), "kind": entry.kind} for entry in entries]

    def teardown(self) -> None:
        self.rig.crash()
        self.directory.cleanup()


TestCrowd = Crowd.TestCase
TestCrowd.settings = settings(max_examples=40, stateful_step_count=20, deadline=None)
