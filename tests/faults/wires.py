"""A serial line pulled, put back and disturbed; a broker that dies: nothing opens by itself."""

import random
import time

from tests.bench.table import Row, row
from tests.faults.site import Site, site

OFFLINE_SECONDS = 8


def play(chance: random.Random, long: bool) -> list[Row]:
    """Pull the line for times that the seed chooses, then disturb it, then kill the broker."""
    rounds = 10 if long else 3
    with site() as gateway:
        journal, before = gateway.journal(), gateway.pulses()
        noticed = [_pull(gateway, chance) for _ in range(rounds)]
        released = gateway.pulses() - before
        before = gateway.pulses()
        _disturb(gateway, chance, seconds=10 if long else 3)
        invented = gateway.pulses() - before
        after_noise = _opens(gateway)
        gateway.broker.stop()
        without_broker = _opens(gateway)
        promises = gateway.held("line pulled, noise, no broker", journal)
    worst = round(max(noticed), 2)
    return [
        row(
            "line pulled → offline in the journal, worst",
            OFFLINE_SECONDS,
            worst,
            "s",
            ok=worst <= OFFLINE_SECONDS,
        ),
        row(f"A3 pulses on {rounds} returns of the line", 0, released, "pulses", ok=not released),
        row("A2 pulses by a noisy line without a badge", 0, invented, "pulses", ok=not invented),
        row("a badge opens again after the noise", "1", after_noise, "pulses", ok=after_noise == 1),
        row(
            "a badge opens with broker and database away",
            "1",
            without_broker,
            "pulses",
            ok=without_broker == 1,
        ),
        *promises,
    ]


def _pull(gateway: Site, chance: random.Random) -> float:
    """Seconds until it is in the journal; a badge is shown meanwhile, and the line comes back."""
    before, begun = gateway.last(), time.monotonic()
    gateway.sim.do("unplug", bus="bus")
    gateway.until(lambda: gateway.bodies("device.offline", after=before), step=0.005)
    noticed = time.monotonic() - begun
    gateway.tap()
    # Longer than a reader keeps a badge that nobody asked for.
    gateway.wait(chance.uniform(2.5, 4))
    before = gateway.last()
    gateway.sim.do("replug", bus="bus")
    gateway.until(lambda: gateway.bodies("device.online", after=before))
    gateway.settle()
    return noticed


def _disturb(gateway: Site, chance: random.Random, seconds: float) -> None:
    """Flip bits both ways."""
    gateway.sim.do("noise", bus="bus", rate=chance.uniform(0.002, 0.02))
    gateway.wait(seconds)
    gateway.sim.do("noise", bus="bus", rate=0)
    gateway.wait(3)
    gateway.settle()


def _opens(gateway: Site) -> int:
    """How many pulses a badge gives."""
    before = gateway.pulses()
    gateway.tap()
    gateway.until(lambda: gateway.pulses() > before, seconds=30)
    gateway.settle()
    return gateway.pulses() - before
