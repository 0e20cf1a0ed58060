"""Sessions in which something goes wrong: an honest one, and what comes on top of it.

An intruder here is the auditor himself, somebody at his keys, or a program at his terminal. Each
begins at ``onset``, an hour or so into the day, and goes on to its end, but for the burst.
"""

import random
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import cache
from statistics import median

from tests.bench.scenarios.honest import SEGMENT, Session, honest
from tests.bench.scenarios.people import Auditor
from tests.bench.scenarios.tap import DOWN, UP, Packet

HOURS = 4.0
WINDOW = 300.0
HISTORY = 12  # sessions that a person has had before


def burst(auditor: Auditor, number: int) -> Session:
    """A few megabytes within minutes, in answers to one request after the other."""
    session, chance, packets = _begun(auditor, number, "burst")
    left, at = int(chance.lognormvariate(15.4, 0.5)), session.onset or 0.0  # about 5 MB
    rate = chance.uniform(15_000, 150_000)
    while left > 0:
        part = min(left, chance.randint(30_000, 120_000))
        packets.append((at, UP, 60))
        packets += _answer(at + 0.1, part, part / rate)
        at += part / rate + chance.uniform(0.3, 2.0)
        left -= part
    return replace(session, packets=packets)


def leak(auditor: Auditor, number: int, times: float = 3.0) -> Session:
    """On top of the work, ``times`` what this person takes in a median five minutes, trickling."""
    session, chance, packets = _begun(auditor, number, "leak")
    rate = times * own_rate(auditor) / WINDOW
    at = session.onset or 0.0
    while at < session.seconds:
        gap = 15 * chance.lognormvariate(0, 0.4)
        packets += [(at, UP, 40), *_answer(at + 0.2, int(rate * gap), 0.2)]
        at += gap
    return replace(session, packets=packets)


def off_hours(auditor: Auditor, number: int) -> Session:
    """An honest day's work, at night."""
    session = honest(auditor, number, HOURS)
    begins = random.Random(f"night {auditor.name} {number}").uniform(21, 27)
    return replace(session, begins=begins % 24, onset=0.0)


def scripted(auditor: Auditor, number: int) -> Session:
    """A program types a long text in, without a pause."""
    session, chance, packets = _begun(auditor, number, "scripted")
    return replace(session, packets=packets + list(_injected(session, chance, run=10_000)))


def commanded(auditor: Auditor, number: int) -> Session:
    """A program types command after command, and waits for each answer."""
    session, chance, packets = _begun(auditor, number, "commanded")
    return replace(session, packets=packets + list(_injected(session, chance, run=40)))


def scrape(auditor: Auditor, number: int) -> Session:
    """A program turns page after page, for a camera or a file; the person does nothing else."""
    session, chance, packets = _begun(auditor, number, "scrape", alone=True)
    period, jitter = chance.uniform(2, 9), chance.uniform(0.01, 0.1)
    page, at = auditor.page * chance.uniform(0.4, 1.1), session.onset or 0.0
    while at < session.seconds:
        packets += [(at, UP, 1), *_answer(at + 0.05, int(page * chance.uniform(0.9, 1.05)), 0.05)]
        at += period * chance.uniform(1 - jitter, 1 + jitter)
    return replace(session, packets=packets)


Scenario = Callable[[Auditor, int], Session]
SCENARIOS: dict[str, Scenario] = {
    "burst": burst,
    "leak of 3 medians": leak,
    "off-hours": off_hours,
    "scripted keys": scripted,
    "scrape": scrape,
}


@cache
def own_rate(auditor: Auditor) -> float:
    """Bytes that this person takes in a median five minutes in which anything comes at all."""
    found: list[int] = []
    for number in range(HISTORY):
        windows: dict[int, int] = {}
        for at, way, size in honest(auditor, number).packets:
            if way == DOWN:
                windows[int(at / WINDOW)] = windows.get(int(at / WINDOW), 0) + size
        found += windows.values()
    return float(median(found))


def _begun(
    auditor: Auditor, number: int, name: str, *, alone: bool = False
) -> tuple[Session, random.Random, list[Packet]]:
    """An honest session, chance, and its packets: up to the onset, or all of them."""
    session = honest(auditor, number, HOURS)
    chance = random.Random(f"{name} {auditor.name} {number}")
    onset = chance.uniform(2400, 5400)
    packets = [each for each in session.packets if not alone or each[0] < onset]
    return replace(session, onset=onset), chance, packets


def _answer(at: float, size: int, seconds: float) -> Iterable[Packet]:
    step = max(SEGMENT, size // 100)
    for begin in range(0, size, step):
        yield at + seconds * begin / size, DOWN, min(step, size - begin)


def _injected(session: Session, chance: random.Random, run: int) -> Iterable[Packet]:
    """A quarter of an hour of it."""
    gap, jitter = chance.uniform(0.03, 0.16), chance.uniform(0.02, 0.35)
    at = session.onset or 0.0
    ends, keys = at + 900, 0
    while at < ends:
        yield at, UP, 1
        if session.auditor.echo:
            yield at + 0.02, DOWN, 1
        at += gap * chance.uniform(1 - jitter, 1 + jitter)
        keys += 1
        if keys % run == 0:
            yield from _answer(at + 0.3, 200, 0.05)
            at += chance.uniform(1.0, 4.0)
