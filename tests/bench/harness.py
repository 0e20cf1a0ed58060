"""The harness adapter: what it adds to a query, and caps under parallel requests.

A query with the adapter and one without are asked by turns, at two servers that both run; beside
them two durable appends to the same disk, which counting before and after the harness cannot do
without. The harness answers at once: beside a true model's time the rest would not be seen.
"""

import concurrent.futures
import http.client
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from terminals.harness.ledger import CapReached, Ledger
from terminals.harness.meters import Meter
from terminals.harness.policy import parse
from tests.bench.table import ROOT, Row, on_disk, row
from tests.harness.rig import ENGAGEMENT, running, stand_in_policy

CHANNELS = 8
MOST_TIMES = 2.0


def measure(long: bool) -> list[Row]:
    """Overhead, and overshoot over random budgets."""
    return [*_overhead(1000 if long else 300), *_overshoot(10_000 if long else 300)]


def _overhead(queries: int) -> list[Row]:
    with tempfile.TemporaryDirectory(dir=on_disk()) as name:
        folder = Path(name)
        with running(folder) as rig, _bare() as bare, (folder / "append").open("ab") as file:
            rig.push(stand_in_policy())
            counted = rig.connection()

            def append() -> None:
                for _ in range(2):
                    file.write(bytes(64))
                    file.flush()
                    os.fdatasync(file.fileno())

            kinds: dict[str, Callable[[], None]] = {
                "bare": lambda: _ask(bare),
                "counted": lambda: _ask(counted),
                "append": append,
            }
            for work in kinds.values():
                work()
            times: dict[str, list[float]] = {kind: [] for kind in kinds}
            for _ in range(queries):
                for kind, work in kinds.items():
                    begun = time.perf_counter()
                    work()
                    times[kind].append(time.perf_counter() - begun)
            counted.close()
    p50 = {kind: statistics.median(found) * 1000 for kind, found in times.items()}
    p99 = {kind: sorted(found)[int(len(found) * 0.99)] * 1000 for kind, found in times.items()}
    times_over = p50["counted"] / (p50["bare"] + p50["append"])
    return [
        row(
            "query through the harness adapter, p50, beside the harness and two durable appends",
            MOST_TIMES,
            round(times_over, 2),
            "times",
            ok=times_over <= MOST_TIMES,
        ),
        row(
            "query through the harness adapter, p50 / the harness alone",
            None,
            round(p50["counted"] / p50["bare"], 2),
            "times",
            ok=True,
        ),
        row("  with the adapter, p50", None, round(p50["counted"], 2), "ms", ok=True),
        row("  with the adapter, p99", None, round(p99["counted"], 2), "ms", ok=True),
        row("  the harness alone, p50", None, round(p50["bare"], 2), "ms", ok=True),
        row("  two durable appends, p50", None, round(p50["append"], 2), "ms", ok=True),
    ]


@contextmanager
def _bare() -> Iterator[http.client.HTTPConnection]:
    """The stand-in by itself, on the same kind of server."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.harness"], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    connection = http.client.HTTPConnection("127.0.0.1", int(process.stdout.readline()))
    try:
        yield connection
    finally:
        connection.close()
        process.terminate()
        process.wait()
        process.stdout.close()


def _ask(connection: http.client.HTTPConnection) -> None:
    connection.request("POST", "/v1/documents", b"{}", {"X-SCIF-Engagement": ENGAGEMENT})
    with connection.getresponse() as response:
        if response.status != 200:
            raise AssertionError(response.read())
        response.read()


def _overshoot(budgets: int) -> list[Row]:
    """Random caps, and channels that spend at once what they please."""
    chance = random.Random(1)
    over = lost = spent_whole = 0
    with tempfile.TemporaryDirectory(dir=on_disk()) as name:
        ledger = Ledger(Path(name) / "ledger.sqlite")
        with concurrent.futures.ThreadPoolExecutor(CHANNELS) as pool:
            for number in range(budgets):
                cap = chance.randrange(1, 1_000_000)
                text = json.dumps(
                    stand_in_policy(
                        ["outside_the_box"], engagement=f"E-{number}", caps={"bits": cap}
                    )
                )
                policy = parse(text)
                ledger.accept(policy, text)
                wishes = [
                    [chance.randrange(1, max(2, cap // 4)) for _ in range(6)]
                    for _ in range(CHANNELS)
                ]

                def channel(mine: list[int]) -> int:
                    given = 0
                    for bits in mine:
                        try:
                            ledger.charge(policy, {Meter.BITS: bits})  # noqa: B023  ended before the next
                        except CapReached:
                            continue
                        given += bits
                    return given

                given = sum(pool.map(channel, wishes))
                counted = ledger.spent(policy.engagement)[Meter.BITS]
                over += given > cap
                lost += counted != given
                spent_whole += given > cap * 0.9
        ledger.close()
    return [
        row(
            f"{budgets:,} random budgets x {CHANNELS} channels at once: overshot",
            0,
            over,
            "budgets",
            ok=not over,
        ),
        row("  counted otherwise than given", 0, lost, "budgets", ok=not lost),
        row("  more than nine tenths spent", None, spent_whole, "budgets", ok=True),
    ]


def _serve() -> None:
    import uvicorn

    from terminals.harness.listeners import listen
    from terminals.harness.stand_in.app import StandIn

    listener = listen(("127.0.0.1", 0))
    sys.stdout.write(f"{listener.getsockname()[1]}\n")
    sys.stdout.flush()
    config = uvicorn.Config(
        StandIn(seed=7, step_seconds=0),
        http="h11",
        ws="none",
        loop="asyncio",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
    )
    uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    _serve()
