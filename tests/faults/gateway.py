"""`kill -9` of a gateway between badge, intent and answer; orders that come too late."""

import random
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from hardware.gateway.policy import GatewayPolicy
from tests.bench.table import Row, row
from tests.faults.site import PATIENCE, Site, site

HOLD_PULSE = GatewayPolicy().hold_pulse_tenths / 10  # seconds


def play(chance: random.Random, long: bool) -> list[Row]:
    """Kill the gateway at moments that the seed chooses, and start it again each time."""
    kills = 40 if long else 8
    away: list[float] = []
    too_many = unjournaled = resent = opened = 0
    with site() as gateway:
        for _ in range(kills):
            before, pulses = gateway.last(), gateway.pulses()
            gateway.tap()
            if chance.random() < 0.7:
                gateway.until(lambda: gateway.bodies("door.command", after=before), step=0.001)  # noqa: B023  called at once
            gateway.wait(chance.uniform(0, 0.05))
            gateway.kill()
            begun = time.monotonic()
            gateway.settle()
            given = gateway.pulses() - pulses
            commands = len(gateway.bodies("door.command", after=before))
            opened += given > 0
            too_many += max(0, given - 1)
            unjournaled += max(0, given - commands)
            settled, left = time.monotonic() - begun, gateway.last()
            away.append(gateway.start())
            gateway.wait(0.5)
            # A reader keeps a badge that nobody asked for, and the new process may decide it.
            fresh = len(gateway.bodies("door.command", after=left))
            resent += max(0, gateway.pulses() - pulses - given - fresh)
            assert settled < PATIENCE
        gateway.until(lambda: not _open(gateway), seconds=20)
        return [
            row(
                f"of {kills} kills, after the door was told to open", None, opened, "kills", ok=True
            ),
            row(
                f"A2 {kills} x kill -9 of a gateway: second pulses of a command",
                0,
                too_many,
                "pulses",
                ok=not too_many,
            ),
            row("A2 pulses without a durable intent", 0, unjournaled, "pulses", ok=not unjournaled),
            row("A2 commands sent again after the restart", 0, resent, "pulses", ok=not resent),
            row(
                "commands whose end is not in the journal",
                0,
                len(_open(gateway)),
                "commands",
                ok=not _open(gateway),
            ),
            owned_again(away),
            _contiguous(gateway),
            *late(gateway),
            *_held(gateway),
        ]


def owned_again(away: Sequence[float]) -> Row:
    """How long it took, at the worst, until a gateway that was killed had its bus again."""
    return row(
        f"gateway started again → its reader online and secure, worst of {len(away)} (target 11)",
        "≤ 5",
        round(max(away), 1),
        "s",
        ok=max(away) <= 5,
    )


def _open(gateway: Site) -> set[str]:
    """Commands to strikes of which neither an answer nor a failure is known."""
    ended = {
        body["command_id"]
        for kind in ("door.acknowledged", "command.failed")
        for body in gateway.bodies(kind)
    }
    return {body["command_id"] for body in gateway.bodies("door.command")} - ended


def _contiguous(gateway: Site) -> Row:
    numbers = [seq for seq, _, _ in gateway.entries()]
    gaps = sum(number != place for place, number in enumerate(numbers, 1))
    return row("A1 gaps in the edge journal's sequence", 0, gaps, "gaps", ok=not gaps)


def late(gateway: Site) -> list[Row]:
    """Orders given while the gateway is dead, whose deadline passes before it is back."""
    before, pulses = gateway.last(), gateway.pulses()
    gateway.kill()
    for _ in range(3):
        deadline = datetime.now(UTC) + timedelta(seconds=1)
        gateway.send(gateway.envelope(deadline=deadline.isoformat()))
    gateway.wait(1)
    gateway.start()
    gateway.until(lambda: len(gateway.bodies("command.refused", after=before)) == 3)
    gateway.settle()
    late = gateway.pulses() - pulses
    reasons = {body["reason"] for body in gateway.bodies("command.refused", after=before)}
    return [
        row("late commands executed (target 11)", 0, late, "pulses", ok=not late),
        row(
            "late commands, reason in the journal",
            "expired",
            ", ".join(sorted(reasons)),
            "",
            ok=reasons == {"expired"},
        ),
    ]


def _held(gateway: Site) -> list[Row]:
    """Two people hold the door open and the gateway dies; then it is back, and one ends it."""
    until = datetime.now(UTC) + timedelta(minutes=5)
    people = {"requested_by": "guard", "confirmed_by": "officer"}
    gateway.send(gateway.envelope(verb="door_hold", args={"until": until.isoformat(), **people}))
    gateway.until(lambda: not _locked(gateway))
    gateway.wait(HOLD_PULSE / 2 + 1)  # its timer has been armed again by now
    gateway.wait(HOLD_PULSE / 2)
    held = not _locked(gateway)
    gateway.kill()
    begun = time.monotonic()
    gateway.until(lambda: _locked(gateway))
    took = time.monotonic() - begun
    gateway.start()
    gateway.until(lambda: not _locked(gateway))
    gateway.send(gateway.envelope(verb="door_release", args={"of": "door_hold"}))
    gateway.until(lambda: _locked(gateway))
    return [
        row(
            "a door held by two people stays open over its strike's own timer",
            "yes",
            "yes" if held else "no",
            "",
            ok=held,
        ),
        row(
            "A3 kill -9 of the gateway of a held door → locked",
            f"≤ {HOLD_PULSE + 1}",
            round(took, 1),
            "s",
            ok=took <= HOLD_PULSE + 1,
        ),
    ]


def _locked(gateway: Site) -> bool:
    return bool(gateway.sim.door("D1")["locked"])
