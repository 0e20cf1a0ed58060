"""Target 2: the decision at a door, from a snapshot in memory, with few badges and with many.

A read is the whole of what the gateway asks: badge and PIN presented, records found and read, the
PIN verified, every rule asked. Badges are read in random order, the small and the large snapshot
by turns in one process, so that both see the same machine.
"""

import gc
import random
import time
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from access.decider import AccessDecider, pin_verifier
from access.rules import facts as f
from access.rules.decision import decide
from access.rules.labels import Label
from access.rules.policy_keys import KEYS
from access.rules.snapshot import (
    area_payload,
    credential_payload,
    entry_payload,
    facts_for_door,
    person_payload,
    policy_payload,
)
from access.rules.states import CredentialState
from hardware.decider import Direction, DoorRead, Outcome, ZoneView
from inspections.rules.states import AccreditationState, SweepState

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
KEY = bytes(32)
PIN = "4711"
FEW, MANY, MANY_SHORT = 1_000, 1_000_000, 200_000
READS, READS_SHORT = 100_000, 20_000
ROUND = 1_000
ROOM = Label("us", 2, frozenset({"HALYARD"}), frozenset(), "S")


class Memory:
    """Records by kind and key, as a gateway holds them."""

    version = 1
    heard_at = NOW

    def __init__(self, badges: int) -> None:
        self._records: dict[tuple[str, str], dict[str, Any]] = {}
        self._put("policy", "current", policy_payload(_policy()))
        self._put("area", "area", area_payload(_area()))
        self._put("portal", "D1", {"area": "area", "zone": "zone", "pin": True})
        person, basis = _person(), _basis()
        record = person_payload(person, entries=["0"], pin=None)
        entry = entry_payload(basis)
        for number in range(badges):
            key, entry_key = f"p{number}", f"e{number}"
            badge = f.CredentialFacts(f"S-{number}", CredentialState.ISSUED, key)
            self._put("credential", card(number), credential_payload(badge))
            pin = pin_verifier(KEY, key, PIN)
            self._put("person", key, {**record, "entries": [entry_key], "pin": pin})
            self._put("entry", entry_key, {**entry, "person": key})

    def _put(self, kind: str, key: str, payload: dict[str, Any]) -> None:
        self._records[kind, key] = payload

    def get(self, kind: str, key: str) -> dict[str, Any] | None:
        """One record, or None."""
        return self._records.get((kind, key))


def card(number: int) -> str:
    """The key of a badge's record."""
    return f"{number:064x}"


def measure(long: bool) -> list[dict[str, Any]]:  # noqa: FBT001  the benches' common signature
    """Rows ``{name, target, measured, unit, ok}`` for target 2; ``long`` uses the full counts."""
    many = MANY if long else MANY_SHORT
    reads = READS if long else READS_SHORT
    small, large = Memory(FEW), Memory(many)
    # A gateway freezes its snapshot out of the collector's sight in the same way.
    gc.collect()
    gc.freeze()
    try:
        few, lots = _by_turns(((small, FEW), (large, many)), reads)
        rules = _rules_alone(small, reads)
    finally:
        gc.unfreeze()
    p99_few, p99_many = _quantile(few, 0.99), _quantile(lots, 0.99)
    ratio = p99_many / p99_few
    slowest = max(p99_few, p99_many)
    return [
        {
            "name": f"decision p99, {many:,} badges to {FEW:,} badges",
            "target": 1.5,
            "measured": round(ratio, 2),
            "unit": "ratio",
            "ok": ratio <= 1.5,
        },
        {
            "name": f"door decision p99 with {many:,} badges (records, PIN, all rules)",
            "target": 25,
            "measured": round(slowest, 1),
            "unit": "µs",
            "ok": slowest <= 25,
        },
        {
            "name": "rules alone p99 (facts known)",
            "target": 25,
            "measured": round(_quantile(rules, 0.99), 1),
            "unit": "µs",
            "ok": _quantile(rules, 0.99) <= 25,
        },
        {
            "name": f"door decision p50 with {many:,} badges",
            "target": 25,
            "measured": round(_quantile(lots, 0.5), 1),
            "unit": "µs",
            "ok": _quantile(lots, 0.5) <= 25,
        },
    ]


def _by_turns(memories: tuple[tuple[Memory, int], ...], reads: int) -> list[list[float]]:
    """Times of reads in µs for each memory, taken in rounds by turns."""
    decider, view = AccessDecider(KEY), ZoneView("zone", 1, {}, certain=True)
    chance = random.Random(2)  # noqa: S311  a bench, no secret
    times: list[list[float]] = [[] for _ in memories]
    for _ in range(reads // ROUND):
        for taken, (memory, badges) in zip(times, memories, strict=True):
            cards = [card(chance.randrange(badges)) for _ in range(ROUND)]
            for number in cards:
                read = DoorRead("r", "D1", Direction.IN, number, PIN)
                begin = time.perf_counter_ns()
                verdict = decider.door(read, memory, view, NOW)
                taken.append((time.perf_counter_ns() - begin) / 1000)
                if verdict.outcome is not Outcome.GRANTED:
                    raise AssertionError(verdict)
    return times


def _rules_alone(memory: Memory, reads: int) -> list[float]:
    """Times in µs of the rules over facts that are known already."""
    view = ZoneView("zone", 1, {}, certain=True)
    read = DoorRead("r", "D1", Direction.IN, card(0), PIN)
    (facts,) = facts_for_door(read, memory, view, NOW, f.PinOutcome.RIGHT)
    times = []
    for _ in range(reads):
        begin = time.perf_counter_ns()
        decide(facts, f.Stage.DOOR)
        times.append((time.perf_counter_ns() - begin) / 1000)
    return times


def _quantile(times: list[float], share: float) -> float:
    return sorted(times)[int(len(times) * share)]


def _policy() -> f.PolicyFacts:
    return f.PolicyFacts("bench/1", {key: policy.entry() for key, policy in KEYS.items()})


def _area() -> f.AreaFacts:
    letter = f.AccreditationFacts(AccreditationState.ACCREDITED, "us", 2, date(2027, 1, 1))
    return f.AreaFacts(
        "area",
        ROOM,
        accreditation=letter,
        last_sweep=SweepState.PASSED,
        capacity=10,
        lockdown=False,
        exit_free=True,
    )


def _person() -> f.PersonFacts:
    return f.PersonFacts(
        "p",
        frozenset({"US"}),
        (f.Eligibility("us", 3, f.EligibilityStatus.FINAL, date(2027, 6, 1)),),
        (f.Indoctrination("us", "HALYARD", date(2026, 1, 1)),),
        (),
        f.Nda(date(2026, 1, 1), "w"),
    )


def _basis() -> f.Basis:
    window = f.Window(NOW - timedelta(hours=1), NOW + timedelta(hours=8))
    duty = f.DutyBasis("e", "p", frozenset({"area"}), window, post=f.DutyPost.GUARD)
    return replace(duty, path=frozenset({"lobby"}))
