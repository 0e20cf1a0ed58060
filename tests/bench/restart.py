"""Target 11: a gateway is killed and another process takes its bus; orders that come too late.

The gateway and the looks at it are those of ``tests/faults/gateway.py``, which kills it at worse
moments; here it is killed at rest, and its successor starts at once. What a supervisor waits
before it starts one is its own setting and not in it.
"""

import time

from tests.bench.table import Row
from tests.faults.gateway import late, owned_again
from tests.faults.site import Site, site


def measure(long: bool) -> list[Row]:
    """Kill it again and again, then give it orders while it is dead."""
    with site() as gateway:
        away = [_kill(gateway) for _ in range(20 if long else 5)]
        return [owned_again(away), *late(gateway)]


def _kill(gateway: Site) -> float:
    """Seconds from the kill until the reader is online and secure under the next process."""
    begun = time.monotonic()
    gateway.kill()
    gateway.start()
    return time.monotonic() - begun
