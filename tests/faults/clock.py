"""The wall clock of a gateway is set: two days ahead, back by a day, a day behind, and right again.

A real process under libfaketime, which shows it another wall clock and leaves the monotonic one
alone, as somebody does who sets a machine's clock. Nobody tells the gateway the true time, since
there is no centre; and its area is one that may be entered by the gateway's own clock while it is
cut off, so that nothing but the doubt about that clock keeps the door shut. A visit that has ended
by the clock of two days ahead goes on by that of one day ahead, and one that has truly ended goes
on by that of a day behind: neither lets anybody in.
"""

import random
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

from access.rules import facts as f
from access.rules.policy_keys import KEYS
from access.rules.snapshot import (
    credential_payload,
    entry_payload,
    person_payload,
    policy_payload,
)
from access.rules.states import BookingState, CredentialState, EngagementState, VisitState
from scif.runtime.libraries import FAKETIME, faketime, install
from tests.bench.table import Row, row
from tests.faults.records import AREA, DAY, LABEL, PULSE_TENTHS, records
from tests.faults.site import Site, held, site
from tests.faults.virtual.acts import card, credential_of
from tests.hardware.osdp_rig import card_make

HOUR = timedelta(hours=1)
HELD_SECONDS = 10
GRACE_SECONDS = 2.0  # a strike's pulse and a turn of a busy machine
NOTICE_SECONDS = 8.0
AHEAD, BACK, BEHIND, RIGHT = 2 * DAY, DAY, -DAY, timedelta()
PATIENCE_TAPS, TAP_SECONDS = 6, 5.0
MINUTE = 60.0
COUNT = "uncertain_count_denies"
NOW, LAST = "card-02", "card-03"  # a visit of today and tomorrow, one that ended an hour ago
SERIALS = {"card-01": "S-01", NOW: "S-02", LAST: "S-03"}


def play(chance: random.Random, long: bool) -> list[Row]:
    """Badges at each time of the clock; a pulse and a held door while it is set."""
    if lacking := install([FAKETIME]):
        return [row(f"clock: {lacking}", "there", "missing", "", ok=False)]
    with tempfile.TemporaryDirectory() as name:
        clock = Clock(Path(name) / "clock")
        with site(_told(), clock.environment()) as gateway:
            for number, each in enumerate((NOW, LAST), 2):
                card_make(gateway.sim.directory, each, card(number))
            rows = Day(gateway, clock, chance).play()
        clock.set(RIGHT)
        with site(_told(), clock.environment()) as gateway:
            return rows + Day(gateway, clock, chance).play_hold()


class Clock:
    """How far the wall clock of a process is off; the process reads it at each look."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.set(RIGHT)

    def set(self, off: timedelta) -> None:
        """Set it; a reader sees the old time or the new one."""
        fresh = self._path.with_suffix(".fresh")
        fresh.write_text(f"{off.total_seconds():+.0f}\n", "ascii")
        fresh.replace(self._path)
        self.off = off

    def environment(self) -> dict[str, str]:
        """What makes a process go by it."""
        return {
            "LD_PRELOAD": str(faketime()),
            "FAKETIME_TIMESTAMP_FILE": str(self._path),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "NO_FAKE_STAT": "1",
        }


class Day:
    """One course of it. ``shown`` are the badges that were read, in their order."""

    def __init__(self, gateway: Site, clock: Clock, chance: random.Random) -> None:
        self._gateway = gateway
        self._clock = clock
        self._chance = chance
        self._shown: list[str] = []
        self._noticed: list[float] = []

    def play(self) -> list[Row]:
        """From a clock that is right to one that is right again."""
        gateway = self._gateway
        journal = gateway.journal()
        self._show("card-01", NOW, LAST)
        opened = gateway.pulses()
        pulse = self._set_in_a_pulse(AHEAD)
        rows = self._refused("two days ahead")
        self._set(BACK)
        hold = self._hold_of_then()
        rows += self._refused("back by a day")
        self._set(BEHIND)
        rows += [*self._refused("a day behind"), self._order_of_yesterday()]
        self._set(RIGHT)
        rows += self._refused("right again and not confirmed")
        promises = gateway.held("clock set", journal)
        return [
            _same(
                "clock right, a guard, a visit and one that has ended: opened", 2, opened, "pulses"
            ),
            *self._jumps(),
            _most("A3 set ahead in mid-pulse: the pulse", PULSE_TENTHS / 10 + GRACE_SECONDS, pulse),
            hold,
            *rows,
            *self._order(),
            *promises,
        ]

    def play_hold(self) -> list[Row]:
        """A door is held by order while the clock is right, and the clock is set meanwhile."""
        gateway = self._gateway
        # A hold is short: its order is not to lie in a queue that nobody reads yet.
        gateway.send(b"no order")
        gateway.until(lambda: gateway.bodies("command.refused"))
        journal = gateway.journal()
        held_for = self._set_while_held(BEHIND)
        gateway.settle()
        # The hold energised the strike once, by two people's order and no badge.
        promises = held(
            "clock set while a door is held",
            gateway.journal(),
            gateway.pulses() - 1,
            before=journal,
            locked=_locked(gateway),
        )
        what = f"A3 set back by a day: a door held for {HELD_SECONDS} s → locked"
        return [_most(what, HELD_SECONDS + GRACE_SECONDS, held_for), *promises]

    # What is done

    def _show(self, *cards: str) -> None:
        """Hold badges to the reader, one after the other; each is read before the next."""
        for each in cards:
            before = self._gateway.last()
            for _ in range(PATIENCE_TAPS):  # a reader that begins anew forgets a badge
                self._gateway.tap(each)
                with suppress(TimeoutError):
                    self._gateway.until(
                        lambda: self._gateway.bodies("door.read", after=before),  # noqa: B023  called before the loop goes on
                        seconds=TAP_SECONDS,
                    )
                    break
            self._shown.append(SERIALS[each])
            self._gateway.settle()

    def _set(self, off: timedelta) -> None:
        """Set the clock, and wait until the gateway has seen it."""
        before, begun = self._gateway.last(), time.monotonic()
        self._clock.set(off)
        self._gateway.until(lambda: self._gateway.bodies("clock.jumped", after=before))
        self._noticed.append(time.monotonic() - begun)

    def _set_in_a_pulse(self, off: timedelta) -> float:
        """Seconds that a strike was energised in which the clock is set."""
        before = self._gateway.pulses()
        self._gateway.tap()
        self._gateway.until(lambda: self._gateway.pulses() > before, step=0.005)
        self._shown.append(SERIALS["card-01"])
        self._gateway.wait(self._chance.uniform(0, PULSE_TENTHS / 20))
        self._set(off)
        self._gateway.settle()
        on, ended = self._gateway.sim.log("output")[-2:]
        return float(ended["at"] - on["at"])

    def _set_while_held(self, off: timedelta) -> float:
        """Seconds from an order of two people to hold the door until it is locked again."""
        begun = time.monotonic()
        self._hold()
        self._gateway.until(lambda: not _locked(self._gateway))
        self._gateway.wait(self._chance.uniform(0, 1))
        self._set(off)
        self._gateway.until(lambda: _locked(self._gateway))
        took = time.monotonic() - begun
        self._gateway.until(lambda: self._gateway.bodies("door.hold_ended"))
        return took

    def _hold(self) -> None:
        """Order by two people to hold the door, of the time that the gateway's clock shows."""
        people = {"requested_by": "guard", "confirmed_by": "officer"}
        shown = datetime.now(UTC) + self._clock.off
        until = {"until": (shown + timedelta(seconds=HELD_SECONDS)).isoformat()}
        self._gateway.send(self._envelope(shown, verb="door_hold", args={**until, **people}))

    def _hold_of_then(self) -> Row:
        """An order of that day to hold the door, kept back until the clock shows its time."""
        before = self._gateway.last()
        self._hold()
        self._gateway.until(lambda: self._gateway.bodies("command.failed", after=before))
        (failed,) = self._gateway.bodies("command.failed", after=before)
        why = failed["reason"]
        what = "A3 an order to hold the door, of the time that was set: refused as"
        return row(what, "clock_off", why, "", ok=why == "clock_off")

    def _envelope(self, issued: datetime, **more: Any) -> bytes:
        deadline = (issued + timedelta(seconds=60)).isoformat()
        return self._gateway.envelope(issued_at=issued.isoformat(), deadline=deadline, **more)

    # What is seen

    def _refused(self, when: str) -> list[Row]:
        """Show every badge: none may open."""
        before, pulses = self._gateway.last(), self._gateway.pulses()
        self._show("card-01", NOW, LAST)
        opened = self._gateway.pulses() - pulses
        reads = self._gateway.bodies("door.read", after=before)
        off = sum("clock_off" in {each["code"] for each in body["objections"]} for body in reads)
        return [
            _same(f"A3 {when}: badges that opened", 0, opened, "pulses"),
            _same(f"  {when}: refused as clock_off, of {len(reads)}", len(reads), off, "reads"),
        ]

    def _order_of_yesterday(self) -> Row:
        """An order that was kept back for a day, now that it is yesterday again."""
        before, pulses = self._gateway.last(), self._gateway.pulses()
        self._gateway.send(self._envelope(datetime.now(UTC) - DAY))
        self._gateway.until(
            lambda: any(
                kind in {"command.refused", "command.failed", "door.acknowledged"}
                for _, kind, _ in self._gateway.entries(after=before)
            )
        )
        self._gateway.settle()
        opened = self._gateway.pulses() - pulses
        return _same("A2 an order of yesterday, kept back: carried out", 0, opened, "pulses")

    def _jumps(self) -> list[Row]:
        wanted = [AHEAD, BACK - AHEAD, BEHIND - BACK, RIGHT - BEHIND]
        found = [body["jump_ms"] / 1000 for body in self._gateway.bodies("clock.jumped")]
        told = len(found) == len(wanted) and all(
            abs(got - each.total_seconds()) < MINUTE
            for got, each in zip(found, wanted, strict=True)
        )
        return [
            row(
                "clock set four times: clock.jumped in the journal, and by how much",
                "yes",
                "yes" if told else f"{found}",
                "",
                ok=told,
            ),
            _most("  clock set → in the journal, worst", NOTICE_SECONDS, max(self._noticed)),
        ]

    def _order(self) -> list[Row]:
        """The order of the entries is that of their numbers, whatever time stands in them."""
        read = [str(body["badge"]) for body in self._gateway.bodies("door.read") if body["badge"]]
        right = read == self._shown
        times = [datetime.fromisoformat(entry.occurred_at) for entry in self._gateway.journal()]
        back = sum(later < earlier for earlier, later in pairwise(times))
        return [
            row(
                f"A1 {len(self._shown)} badges read, by their numbers in the order of showing",
                "yes",
                "yes" if right else f"{read}",
                "",
                ok=right,
            ),
            row(
                "  entries with a time before that of the one ahead",
                "≥ 2",
                back,
                "entries",
                ok=back >= 2,
            ),
        ]


def _told() -> Mapping[tuple[str, str], dict[str, Any]]:
    """Two visitors: one may come for thirty hours more, the other might until an hour ago."""
    now = datetime.now(UTC)
    windows = {2: f.Window(now - DAY, now + 30 * HOUR), 3: f.Window(now - 2 * DAY, now - HOUR)}
    found: dict[tuple[str, str], dict[str, Any]] = {}
    values = {key: value.entry() for key, value in KEYS.items()}
    # A pulse that nobody used leaves a doubt about who is inside, which is no part of this fault.
    values[COUNT] = {**values[COUNT], "value": False}
    found["policy", "current"] = policy_payload(f.PolicyFacts("faults/1", values))
    found["area", AREA] = {**records()["area", AREA], "offline_rule": f.OfflineRule.ENFORCE.value}
    for number, window in windows.items():
        who, visit = f"p{number}", f"v{number}"
        found["person", who] = person_payload(_person(who, now), entries=[visit], pin=None)
        found["entry", visit] = entry_payload(_visit(visit, who, window, now))
        badge = f.CredentialFacts(SERIALS[f"card-0{number}"], CredentialState.ISSUED, who, visit)
        found["credential", credential_of(number)] = credential_payload(badge)
    return found


def _person(who: str, now: datetime) -> f.PersonFacts:
    return f.PersonFacts(
        who,
        frozenset({"US"}),
        (f.Eligibility("us", 3, f.EligibilityStatus.FINAL, (now + 100 * DAY).date()),),
        (),
        (f.NeedToKnow("mandate", "discloser", "lab", now - 100 * DAY, now + 100 * DAY),),
        f.Nda((now - 100 * DAY).date(), "witness"),
    )


def _visit(visit: str, who: str, window: f.Window, now: datetime) -> f.VisitBasis:
    own = frozenset({who})
    return f.VisitBasis(
        visit,
        who,
        frozenset({AREA}),
        window,
        state=VisitState.BADGED,
        booking=f.BookingFacts(BookingState.APPROVED, who, "chief", own, 1),
        engagement=f.EngagementFacts(
            "mandate",
            EngagementState.ACTIVE,
            f.Window(now - 100 * DAY, now + 100 * DAY),
            "lab",
            "weights",
            frozenset({AREA}),
            own,
            "discloser",
            "chief",
        ),
        session_label=LABEL,
        identity_checked=True,
        belongings=f.Belongings(shut=True, signed_by_visitor=True, signed_by_guard=True),
        badge_issued=True,
    )


def _locked(gateway: Site) -> bool:
    return bool(gateway.sim.door("D1")["locked"])


def _same(name: str, wanted: int, got: int, unit: str) -> Row:
    return row(name, str(wanted), got, unit, ok=got == wanted)


def _most(name: str, limit: float, seconds: float) -> Row:
    return row(name, limit, round(seconds, 2), "s", ok=seconds <= limit)
