"""Doors, zones and the edge journal under any order of events (performance-facts: A1, A2, A3)."""

import json
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from hardware.drivers.base import Signal, Verb
from tests.gateway_rig import Rig, credential_of
from tests.unit.test_edge_journal import check_chain

PEOPLE = ("ann", "bob", "cy")
PIN = "1234"
NAMES = st.sampled_from((*PEOPLE, "stranger"))


class Doors(RuleBasedStateMachine):
    """Anything that people, wires, disks and centres can do, in any order."""

    @initialize()
    def begin(self) -> None:
        self.directory = tempfile.TemporaryDirectory()
        self.rig = Rig(Path(self.directory.name))
        self.rig.start()
        self.rig.admit("ann", pin=PIN)
        self.rig.admit("bob")
        self.rig.admit("cy", hours=1)
        self.acknowledged: dict[int, str] = {}
        self.buses: list[Any] = []

    @rule(name=NAMES)
    def badge_outside(self, name: str) -> None:
        self.rig.badge(name)

    @rule(name=NAMES)
    def badge_inside(self, name: str) -> None:
        before = len(self.rig.bus.told)
        self.rig.badge(name, "R1X")
        if self.rig.bus.online:
            new = self.rig.bus.told[before:]
            assert [c.verb for c in new].count(Verb.PULSE) == 1, "leaving is never refused"

    @rule(digits=st.sampled_from([f"{PIN}#", "12", "34#", "0000#", "*", "#"]))
    def type_keys(self, digits: str) -> None:
        self.rig.keys(digits)

    @rule(opened=st.booleans())
    def move_the_leaf(self, opened: bool) -> None:
        self.rig.contact(opened=opened)

    @rule(active=st.booleans())
    def press_the_handle(self, active: bool) -> None:
        self.rig.rex(active=active)

    @rule(seconds=st.sampled_from([0.1, 1, 3, 6, 30]))
    def wait(self, seconds: float) -> None:
        self.rig.run(seconds, step=0.5)

    @rule(answers=st.booleans(), online=st.booleans())
    def change_the_wire(self, answers: bool, online: bool) -> None:
        self.rig.bus.answers, self.rig.bus.online = answers, online

    @rule(reason=st.sampled_from(["unanswered", "not_sent", "refused"]))
    def answer_late(self, reason: str) -> None:
        for pulse in self.rig.bus.pulses[-2:]:
            self.rig.say(pulse.device, Signal.FAILED, pulse.command_id, reason=reason)
            self.rig.say(pulse.device, Signal.DELIVERED, pulse.command_id)
        self.rig.run()

    @rule(breaks=st.booleans())
    def break_the_decider(self, breaks: bool) -> None:
        self.rig.decider.breaks = breaks

    @rule(full=st.booleans())
    def fill_the_disk(self, full: bool) -> None:
        values = {"edge_capacity_mb": 1, "edge_reserve_mb": 2} if full else {}
        self.rig.tell("policy", "current", {"values": values})

    @rule(name=st.sampled_from(PEOPLE))
    def revoke(self, name: str) -> None:
        self.rig.tell("credential", credential_of(name), None)

    @rule(name=st.sampled_from(PEOPLE))
    def order_an_unlock(self, name: str) -> None:
        self.rig.order("unlock", "D1", {"person_id": f"person-{name}"})

    @rule(hours=st.sampled_from([-3, 3]))
    def turn_the_clock(self, hours: int) -> None:
        self.rig.time.wall += timedelta(hours=hours)

    @rule()
    def kill_and_restart(self) -> None:
        inside = set(self.rig.gateway.plant.zones["Z1"].inside)
        durable = not self.rig.gateway.recorder.waiting
        self.buses.append(self.rig.bus)
        self.rig.crash()
        self.rig.start()
        if durable:
            assert set(self.rig.gateway.plant.zones["Z1"].inside) == inside

    @invariant()
    def a1_what_was_acknowledged_is_in_the_journal_and_contiguous(self) -> None:
        entries = self.rig.entries()
        check_chain(entries)
        for entry in entries:
            assert self.acknowledged.setdefault(entry.seq, entry.hash) == entry.hash
        assert len(self.acknowledged) == len(entries)

    @invariant()
    def a2_each_pulse_stands_on_one_durable_grant(self) -> None:
        reads = {body["read_id"]: body for body in self.rig.events("door.read")}
        commands = {body["command_id"]: body for body in self.rig.events("door.command")}
        pulses = [p for bus in (*self.buses, self.rig.bus) for p in bus.pulses]
        ids = [pulse.command_id for pulse in pulses]
        assert len(ids) == len(set(ids)), "a command went to the wire twice"
        used = []
        for command_id in ids:
            command = commands[command_id]
            read = reads[command["read_id"]]
            assert read["outcome"] == "granted"
            used.append(read["read_id"])
            if read["direction"] == "in":
                # A3: nothing uncertain pulses from outside.
                assert read["person_id"]
                assert not read["objections"]
        assert len(used) == len(set(used)), "one read opened the door twice"

    @invariant()
    def the_zone_is_what_its_events_say(self) -> None:
        if self.rig.gateway.recorder.waiting:
            return
        inside: set[str] = set()
        for entry in self.rig.entries():
            if entry.kind.startswith("presence."):
                body = json.loads(entry.body)
                change = inside.add if entry.kind == "presence.entered" else inside.discard
                change(body["person_id"])
        assert set(self.rig.gateway.plant.zones["Z1"].inside) == inside

    def teardown(self) -> None:
        self.rig.crash()
        self.directory.cleanup()


TestDoors = Doors.TestCase
TestDoors.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)
