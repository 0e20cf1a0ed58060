"""The database stopped for a minute: doors decide on, and everything arrives once afterwards."""

import json
import random
import threading
import time

from access.rules import facts as f
from access.rules.policy_keys import KEYS
from access.rules.snapshot import policy_payload
from tests.bench.manned import Manned, manned
from tests.bench.server import Server, server
from tests.bench.table import Row, row
from tests.faults.site import held

AWAY_SECONDS = 60
OLDEST_SECONDS = 5  # what a snapshot may be old in the second outage


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
        promises = held("database away", gateway.process.gateway.edge.after(0, 10**7), len(pulses))
        too_old = _too_old(centre, gateway)
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
        *promises,
        *too_old,
    ]


def _too_old(centre: Server, gateway: Manned) -> list[Row]:
    """The database away for longer than a snapshot may be old: the door stays shut meanwhile."""
    strike, snapshot = gateway.buses["B1"], gateway.process.gateway.snapshot
    values = {key: value.entry() for key, value in KEYS.items()}
    values["snapshot_age"] = {**values["snapshot_age"], "value": OLDEST_SECONDS}
    gateway.tell(("policy", "current"), policy_payload(f.PolicyFacts("faults/2", values)))
    gateway.until(lambda: snapshot.version == gateway.version, "no new policy")
    opened = len(strike.told)
    gateway.badge()
    gateway.until(lambda: len(strike.told) == opened + 1, "shut with a fresh snapshot")
    centre.stop()
    before, heard = gateway.process.gateway.edge.seq, snapshot.heard_at
    threading.Event().wait(OLDEST_SECONDS + 1)
    badges = 5
    for _ in range(badges):
        gateway.badge()
    opened += 1
    meanwhile = len(strike.told) - opened
    reads = [
        json.loads(entry.body)
        for entry in gateway.process.gateway.edge.after(before, 1000)
        if entry.kind == "door.read"
    ]
    stale = sum({"snapshot_stale"} == {each["code"] for each in b["objections"]} for b in reads)
    centre.start()
    gateway.until(lambda: snapshot.heard_at != heard, "not heard again")
    gateway.badge()
    gateway.until(lambda: len(strike.told) > opened + meanwhile, "shut when it is back")
    after = len(strike.told) - opened - meanwhile
    what = f"database away for longer than a snapshot may be old ({OLDEST_SECONDS} s)"
    return [
        row(f"A3 {what}: pulses of {badges} badges", 0, meanwhile, "pulses", ok=not meanwhile),
        row("  refused as snapshot_stale", str(badges), stale, "reads", ok=stale == badges),
        row("  a badge opens when it is back", "1", after, "pulses", ok=after == 1),
    ]
