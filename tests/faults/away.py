"""The database stopped for a minute: doors decide on, and everything arrives once afterwards."""

import random
import threading
import time

from tests.bench.manned import manned
from tests.bench.server import server
from tests.bench.table import Row, row

AWAY_SECONDS = 60


def play(chance: random.Random, long: bool) -> list[Row]:
    """Badges before, while and after PostgreSQL is stopped with SIGQUIT, at the seed's moments."""
    with server() as centre, manned(centre) as gateway:
        strike, pause = gateway.buses["B1"], threading.Event()
        shown = {"before": 0, "away": 0, "after": 0}

        def badges(when: str, seconds: float) -> None:
            end = time.monotonic() + seconds
            while time.monotonic() < end:
                gateway.badge()
                shown[when] += 1
                pause.wait(chance.uniform(0.05, 0.4))

        badges("before", 2)
        centre.stop()
        badges("away", AWAY_SECONDS)
        waiting = gateway.waiting()
        centre.start()
        begun = time.monotonic()
        badges("after", 2)
        gateway.until(gateway.drained, "the edge journal is not drained")
        drained = time.monotonic() - begun
        gateway.until(lambda: len(strike.told) >= sum(shown.values()), "pulses missing")
        # A door goes on locking itself while one looks: what was written by now is compared.
        journal = gateway.journal()
        last, _hash = journal[-1]
        gateway.until(lambda: gateway.process.gateway.drained() >= last, "entries do not arrive")
        inbox = [entry for entry in gateway.inbox() if entry[0] <= last]
        pulses = [command for _, command, _ in strike.told]
    wanted = sum(shown.values())
    return [
        row(
            f"PostgreSQL away for {AWAY_SECONDS} s: badges shown meanwhile that opened",
            str(shown["away"]),
            len(pulses) - shown["before"] - shown["after"],
            "pulses",
            ok=len(pulses) == wanted,
        ),
        row(
            "A1 entries at the edge and not in the inbox, or the other way round",
            0,
            len(set(journal) ^ set(inbox)),
            "entries",
            ok=journal == inbox,
        ),
        row("A1 entries that waited for it", None, waiting, "entries", ok=True),
        row("  sent, after it was back, within", None, round(drained, 1), "s", ok=True),
        row(
            "A2 commands told twice",
            0,
            len(pulses) - len(set(pulses)),
            "pulses",
            ok=len(pulses) == len(set(pulses)),
        ),
    ]
