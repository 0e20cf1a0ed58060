"""The bastion under attack and in trouble: hostile clients, frozen ones, races for the last byte, a
control plane that falls silent, and a bastion that is killed.
"""

import asyncio
import random
import signal
import tempfile
import time
from pathlib import Path

from scif.runtime.libraries import SSH, install
from terminals.bastion.wire import Scope
from tests.bastion.crowd import streams
from tests.bastion.hostile import CASES
from tests.bastion.hostile_case import succeeds
from tests.bastion.overshoot import CHANNELS
from tests.bastion.overshoot import play as overshoot
from tests.bastion.process import spawned
from tests.bastion.relay import Relay
from tests.bastion.rig import rig
from tests.bench.table import Row, row

LEAST_CASES = 40
SILENCE, MOST_SILENCE = 5.0, 5.2
LEASE = 100_000


def play(chance: random.Random, long: bool) -> list[Row]:
    """Everything on loopback, with stock clients."""
    if lacking := install([SSH]):
        return [row(f"bastion: {lacking}", "there", "missing", "", ok=False)]
    with tempfile.TemporaryDirectory() as directory:
        place = Path(directory)
        return [
            *asyncio.run(_hostile(place / "hostile")),
            *asyncio.run(_frozen(place / "frozen", 20 if long else 8)),
            *asyncio.run(_races(place / "races", chance, 10_000 if long else 150)),
            *asyncio.run(_kills(place / "kills", chance, 1_000 if long else 20)),
            *asyncio.run(_silence(place / "silence", 10 if long else 2)),
        ]


async def _hostile(place: Path) -> list[Row]:
    refused = passed = 0
    for number, case in enumerate(CASES):
        for guarded in (True, False):
            here = place / f"{number}-{guarded}"
            here.mkdir(parents=True)
            got = await succeeds(case, here, guarded=guarded)
            refused += guarded and not got
            passed += got and not guarded
    count = len(CASES)
    return [
        row(
            "bastion: hostile cases refused",
            f"all, at least {LEAST_CASES}",
            f"{refused} of {count}",
            "cases",
            ok=refused == count >= LEAST_CASES,
        ),
        row(
            "  the same that pass once the guard is taken away",
            str(count),
            passed,
            "cases",
            ok=passed == count,
        ),
    ]


async def _frozen(place: Path, count: int) -> list[Row]:
    """Half of the clients are stopped while it pours to all; what comes after the lock?"""
    place.mkdir()
    async with spawned(place, lease=10_000_000, report_seconds=0.3) as made:
        await made.start()
        async with Relay(made.port) as relay:
            made.via = relay.port
            held = await streams(made, count, rate=4_000_000)
            frozen = held[: count // 2]
            for stream in frozen:
                stream.laptop.process.send_signal(signal.SIGSTOP)
            await made.stalled([stream.grant_id for stream in frozen])
            await made.link.lock(Scope.ALL, "", "lockdown")
            before = relay.arrived()
            for stream in frozen:
                stream.laptop.process.send_signal(signal.SIGCONT)
            for stream in held:
                await stream.ended()
            late = relay.arrived() - before
        await made.stop()
    return [
        row(
            f"bastion: bytes after the lock, {count} streams, half of the clients frozen",
            0,
            late,
            "B",
            ok=late == 0,
        )
    ]


async def _races(place: Path, chance: random.Random, count: int) -> list[Row]:
    place.mkdir()
    async with rig(place, {"lease": 20_000}) as made:
        found = await overshoot(made, seed=chance.randrange(2**32), count=count)
    return [
        row(
            f"bastion: {found.budgets} random budgets, {CHANNELS} channels: beyond the limit",
            0,
            found.overshoot,
            "B",
            ok=not found.overshoot,
        ),
        row("  counted bytes that did not arrive", 0, found.short, "B", ok=not found.short),
    ]


async def _kills(place: Path, chance: random.Random, count: int) -> list[Row]:
    """What was delivered over all lives is at most what the ledger holds after each."""
    place.mkdir()
    under, most_over = 0, 0
    async with spawned(place, lease=LEASE) as made:
        for _ in range(count):
            await made.start()
            before = made.total
            delivered = await made.delivered_until_killed(chance.randrange(1, 3_000_000))
            made.total = made.ledger()["engagement:e-1"]
            under += before + delivered > made.total
            most_over = max(most_over, made.total - before - delivered)
    return [
        row(f"bastion: {count} x kill -9: bytes under-counted", 0, under, "times", ok=not under),
        row(
            "  over-counted at most: a promise, and what was under way",
            None,
            most_over,
            "B",
            ok=True,
        ),
    ]


async def _silence(place: Path, count: int) -> list[Row]:
    place.mkdir()
    worst = 0.0
    async with spawned(place, silence=SILENCE) as made:
        await made.start()
        for _ in range(count):
            held = await streams(made, 5, rate=40_000)
            made.unlink()
            begun = time.monotonic()
            for stream in held:
                await stream.ended()
            worst = max(worst, *(stream.last - begun for stream in held))
            made.relink()
            await made.link.up.wait()
        await made.stop()
    return [
        row(
            f"bastion: control plane silent ({SILENCE:.0f} s) → the last byte of all, worst",
            MOST_SILENCE,
            round(worst, 2),
            "s",
            ok=worst <= MOST_SILENCE,
        )
    ]
