"""Target 8: fifty clients ask for one slot at the same moment, again and again.

The clients are threads of one process with a connection each, which call the product's service on a
durable PostgreSQL. That nothing overlaps is also proved by ``tests/concurrency``.
"""

import json
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import pairwise
from threading import Barrier

from tests.bench.server import server
from tests.bench.table import ROOT, Row, row

CLIENTS = 50
STORMS, STORMS_LONG = 3, 20
MOST_SECONDS = 1.0


def measure(long: bool) -> list[Row]:
    """Storms in a process of their own."""
    storms = STORMS_LONG if long else STORMS
    with server() as centre:
        done = subprocess.run(
            [sys.executable, "-m", "tests.bench.booking", str(storms)],
            cwd=ROOT,
            env=centre.environment("scif_web"),
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        raise RuntimeError(done.stderr[-500:])
    found = json.loads(done.stdout.splitlines()[-1])
    return [
        row(
            f"{storms} storms of {CLIENTS} clients on one slot, slowest answer (target 8)",
            MOST_SECONDS,
            round(found["slowest"], 2),
            "s",
            ok=found["slowest"] <= MOST_SECONDS,
        ),
        row("  p50 of the answers", None, round(found["p50"] * 1000), "ms", ok=True),
        row("overlaps (target 8)", 0, found["overlaps"], "bookings", ok=not found["overlaps"]),
        row(
            "answers that are neither a slot nor a refusal, deadlocks included (target 8)",
            0,
            found["errors"],
            "answers",
            ok=not found["errors"],
        ),
        row(
            "slots that somebody got (target 8)",
            str(storms),
            found["held"],
            "slots",
            ok=found["held"] == storms,
        ),
    ]


def _main(storms: int) -> dict[str, float]:
    import django

    django.setup()
    from django.db import DatabaseError, connection

    from access.models import Booking
    from access.services.booking import booking_request
    from scif.kernel.errors import Refused
    from tests.flows.booking_world import World, make_world

    def ask(world: World, barrier: Barrier, day: timedelta) -> tuple[str, float]:
        try:
            connection.ensure_connection()
            barrier.wait()
            begun = time.perf_counter()
            try:
                starts, ends = world.at(9) + day, world.at(12) + day
                booking_request(**world.ask(starts_at=starts, ends_at=ends))
            except Refused as refusal:
                return refusal.code, time.perf_counter() - begun
            except DatabaseError as error:
                return f"error {error}", time.perf_counter() - begun
            return "held", time.perf_counter() - begun
        finally:
            connection.close()

    world, answers = make_world(), list[tuple[str, float]]()
    # A web process has answered before: what is made at the first request is not the storm's.
    booking_request(**world.ask(starts_at=world.at(13), ends_at=world.at(14)))
    for storm in range(storms):
        barrier, day = Barrier(CLIENTS), timedelta(days=7 * storm)
        with ThreadPoolExecutor(CLIENTS) as clients:
            answers += clients.map(lambda _: ask(world, barrier, day), range(CLIENTS))  # noqa: B023  called at once
    held = sorted((each.held.lower, each.held.upper) for each in Booking.objects.all())
    times = sorted(seconds for _, seconds in answers)
    said = [code for code, _ in answers]
    return {
        "slowest": times[-1],
        "p50": times[len(times) // 2],
        "overlaps": sum(first[1] > second[0] for first, second in pairwise(held)),
        "held": said.count("held"),
        "errors": sum(code not in {"held", "slot_taken"} for code in said),
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(_main(int(sys.argv[1]))) + "\n")
