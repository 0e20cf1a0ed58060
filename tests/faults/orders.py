"""Random orders of events: is a laptop's session ever granted without what it stands on?

Many over the pure rules; fewer through the services and the database, up to the sign-in as the
control process calls it. Both are held against what happened, told a second time from the events.
"""

import json
import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

from scif.runtime.keys import make_gateway_key, make_keys
from tests.bench.server import server
from tests.bench.table import ROOT, Row, row
from tests.unit.session_life import play as lives

GATEWAY = "ml"  # of the demonstration's first facility
GROUNDS = "presence, read-in, attestation, badge or laptop"


def play(chance: random.Random, long: bool) -> list[Row]:
    """Each order is events of doors, desk, officers and laptop; then somebody signs in."""
    found = lives(chance, 100_000 if long else 10_000)
    return [
        *_rows(f"{found.orders:,} random orders of events", len(found.lacked), found.granted),
        *_through_the_services(chance.randrange(2**32), 1_000 if long else 300),
    ]


def _rows(what: str, lacked: int, granted: int) -> list[Row]:
    return [
        row(f"{what}: sessions granted without {GROUNDS}", 0, lacked, "sessions", ok=not lacked),
        row("  sessions granted", "≥ 1", granted, "sessions", ok=granted > 0),
    ]


def _through_the_services(seed: int, orders: int) -> list[Row]:
    """In a process of its own, which lives them, and then its mutants."""
    with server() as centre:
        make_keys(centre.places.keys)
        make_gateway_key(centre.places.keys, GATEWAY)
        centre.postgres.gateway_role(GATEWAY)
        with centre.postgres.connect(database="scif") as admin:
            # So that one connection plays web and control process (tests/roles.py).
            admin.execute("GRANT scif_control TO scif_ingester WITH INHERIT FALSE, SET TRUE")
        done = subprocess.run(
            [sys.executable, "-m", "tests.faults.orders", str(seed), str(orders)],
            cwd=ROOT,
            env=centre.environment("scif_ingester"),
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        raise RuntimeError(done.stderr[-800:])
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    alive = [name for name, by in found["mutants"].items() if not by]
    return [
        *_rows(
            f"{found['orders']:,} random orders through services and database",
            len(found["lacked"]),
            found["granted"],
        ),
        row(
            f"  {len(found['mutants'])} mutants, each with one rule broken: not caught",
            0,
            ", ".join(alive) or 0,
            "mutants",
            ok=not alive,
        ),
    ]


def _live(seed: int, orders: int) -> dict[str, Any]:
    import django

    django.setup()
    from django.db import connection

    from scif.runtime.places import make_places
    from scif.runtime.postgres import Postgres
    from tests.flows.session_mutants import MUTANTS, caught
    from tests.flows.session_orders import make_orders_world
    from tests.flows.session_orders import play as through
    from tests.flows.terminal_world import ticking

    connection.settings_dict["OPTIONS"]["options"] = "-c role=scif_web"
    postgres = Postgres(make_places(Path(os.environ["SCIF_VAR"])))
    with ticking():
        world = make_orders_world()
    found = through(world, random.Random(seed), orders)
    mutants = {name: caught(world, postgres, name) for name in MUTANTS}
    return {
        "orders": found.orders, "granted": found.granted, "lacked": found.lacked,
        "mutants": mutants,
    }  # fmt: skip


if __name__ == "__main__":
    sys.stdout.write(json.dumps(_live(int(sys.argv[1]), int(sys.argv[2]))) + "\n")
