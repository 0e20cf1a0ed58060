"""Random orders of events: is a laptop's session ever granted without what it stands on?"""

import random

from tests.bench.table import Row, row
from tests.unit.session_life import play as lives


def play(chance: random.Random, long: bool) -> list[Row]:
    """Each order is 40 events of doors, desk, officers and laptop; then somebody signs in."""
    found = lives(chance, 100_000 if long else 10_000)
    what = f"{found.orders:,} random orders of events: sessions granted without"
    return [
        row(
            f"{what} presence, read-in, attestation, badge or laptop",
            0,
            len(found.lacked),
            "sessions",
            ok=not found.lacked,
        ),
        row("  sessions granted", "≥ 1", found.granted, "sessions", ok=found.granted > 0),
    ]
