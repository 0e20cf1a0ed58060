"""Sixty people at laptops leave a room, one by one, and come back and are locked down, all at once:
how soon does the last byte of each come?

Real are the ingester, the control process, the bastion, the laptops' `ssh` and a durable
PostgreSQL with a database role for each. The harness pours to all; the gateway's word that one has
left is written into its inbox, sealed. Receipt is when the database tells: a second listener beside
the control process hears it at the same moment. A tap before the bastion's control socket tells
what the control process took from what bastion, clients and the machine did.
"""

import json
import subprocess
import sys
from typing import Any

from scif.runtime.keys import make_gateway_key, make_keys
from scif.runtime.libraries import SSH, install
from tests.bench.server import server
from tests.bench.table import ROOT, Row, row

PEOPLE = 60
GATEWAY = "ml"  # of the demonstration's first facility
# A lockdown has the limit of the whole way from a door: it too is somebody's act that comes through
# the database, and a revocation has no more until every door refuses. All are ordered at once.
MOST_MS, MOST_SECONDS = 50, 1.0


def measure(long: bool) -> list[Row]:
    """In a process of its own, which plays the room."""
    if lacking := install([SSH]):
        return [row(f"control plane: {lacking}", "there", "missing", "", ok=False)]
    with server() as centre:
        make_keys(centre.places.keys)
        make_gateway_key(centre.places.keys, GATEWAY)
        centre.postgres.gateway_role(GATEWAY)
        done = subprocess.run(
            [sys.executable, "-m", "tests.bench.control", str(PEOPLE)],
            cwd=ROOT,
            env=centre.environment("scif_web"),
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        raise RuntimeError(done.stderr[-800:])
    return _rows(json.loads(done.stdout.splitlines()[-1]))


def _rows(found: dict[str, Any]) -> list[Row]:
    told, door, locked = (sorted(found[what]) for what in ("told", "door", "lockdown"))
    p99 = _at(told, 0.99)
    parts = []
    for name, times in (
        ("told → the order is on the bastion's socket", sorted(found["ordered"])),
        ("order on the socket → last byte", sorted(found["cut"])),
    ):
        parts += [
            row(f"  {name}, p99", None, round(_at(times, 0.99) * 1000, 1), "ms", ok=True),
            row("    median", None, round(_at(times, 0.5) * 1000, 1), "ms", ok=True),
        ]
    return [
        row(
            f"control plane: badge-out told → last byte, p99 of {len(told)} sessions that stream",
            MOST_MS,
            round(p99 * 1000, 1),
            "ms",
            ok=p99 * 1000 <= MOST_MS,
        ),
        row("  median", None, round(told[len(told) // 2] * 1000, 1), "ms", ok=True),
        *parts,
        row(
            "control plane: the gateway's word in the inbox → last byte, worst",
            MOST_SECONDS,
            round(door[-1], 2),
            "s",
            ok=door[-1] <= MOST_SECONDS,
        ),
        row("  median", None, round(door[len(door) // 2], 3), "s", ok=True),
        row(
            f"control plane: lockdown committed → last byte of all {len(locked)} of the area",
            MOST_SECONDS,
            round(locked[-1], 2),
            "s",
            ok=locked[-1] <= MOST_SECONDS,
        ),
        row("  median", None, round(_at(locked, 0.5), 3), "s", ok=True),
        row("  seconds that a sign-in took, median", None, found["sign_in"], "s", ok=True),
    ]


def _at(times: list[float], share: float) -> float:
    return times[min(len(times) - 1, int(len(times) * share))]


def _play(people: int) -> None:
    import django

    django.setup()
    from tests.flows.laptop_crowd import play

    sys.stdout.write(json.dumps(play(people, GATEWAY)) + "\n")


if __name__ == "__main__":
    _play(int(sys.argv[1]))
