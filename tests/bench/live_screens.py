"""`python -m tests.bench.live_screens PORT SCREENS ENTRIES IDLE`: the screens of ``live``.

Each entry has a noun of its own, and a noun that no region lists is its own topic: so a screen
that has heard all topics has missed no entry.
"""

import asyncio
import contextlib
import json
import random
import statistics
import sys
import time
from collections import Counter
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

MISSED = 20
PATIENCE = 15.0  # seconds until an entry counts as not heard


class Hall:
    """How many screens have heard each topic, and who waits for all of them to."""

    def __init__(self) -> None:
        self._heard: Counter[str] = Counter()
        self._waiting: dict[str, tuple[int, asyncio.Event]] = {}

    def hears(self, topic: str) -> None:
        """One more screen knows of it."""
        self._heard[topic] += 1
        if topic in self._waiting and self._heard[topic] >= self._waiting[topic][0]:
            self._waiting[topic][1].set()

    async def all_heard(self, topic: str, screens: int) -> None:
        """Wait for so many screens to know of it, but not for ever."""
        if self._heard[topic] < screens:
            self._waiting[topic] = screens, asyncio.Event()
            with contextlib.suppress(TimeoutError):  # the caller counts who has not
                await asyncio.wait_for(self._waiting[topic][1].wait(), PATIENCE)


class Screen:
    """A page's end of a live link, as static/js/live.js holds it."""

    def __init__(self, address: str, headers: dict[str, str], hall: Hall) -> None:
        self._address, self._headers, self._hall = address, headers, hall
        self.heard: dict[str, float] = {}
        self.position = -1
        self.silence = 0.0
        self.ended = False
        self._link: ClientConnection | None = None
        self.listening: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Link, and ask for what was missed."""
        link = await connect(self._address, additional_headers=self._headers, open_timeout=60)
        await link.send(json.dumps({"type": "resume", "after": self.position}))
        self.ended = False
        self._link, self.listening = link, asyncio.create_task(self._listen(link))

    async def break_off(self) -> None:
        """The network goes away: nobody says goodbye."""
        if self._link is not None and self.listening is not None:
            self._link.transport.abort()
            await self.listening

    async def close(self) -> None:
        """Close the page."""
        if self._link is not None and self.listening is not None:
            await self._link.close()
            await self.listening

    async def _listen(self, link: ClientConnection) -> None:
        last = time.perf_counter()
        with contextlib.suppress(ConnectionClosed):
            async for text in link:
                at = time.perf_counter()
                self.silence, last = max(self.silence, at - last), at
                message = json.loads(text)
                self.position = max(self.position, message["position"])
                for topic in message.get("topics", ()):
                    if topic not in self.heard:
                        self.heard[topic] = at
                        self._hall.hears(topic)
        self.ended = True


class Journal:
    """Writes entries of a facility, as a service does."""

    def __init__(self, facility: Any) -> None:
        self._facility = facility

    def write(self, noun: str) -> float:
        """One entry; gives when it was committed."""
        from django.db import transaction

        from scif.journal.services import append
        from scif.kernel.actor import Actor

        with transaction.atomic():
            append(
                kind=f"{noun}.written",
                actor=Actor.system("bench"),
                subject=self._facility,
                facility=self._facility.pk,
                body={},
            )
        return time.perf_counter()

    def settle(self) -> None:
        """Wait until all of them have their positions."""
        from scif.journal.services import settle

        settle(timeout_seconds=PATIENCE)


async def _pass(screens: list[Screen], seconds: float) -> None:
    """Let time pass, until a link ends."""
    links = [each.listening for each in screens if each.listening is not None]
    await asyncio.wait(links, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)


async def _play(
    screens: list[Screen], hall: Hall, journal: Journal, entries: int, idle: int
) -> dict[str, Any]:
    for start in range(0, len(screens), 10):
        await asyncio.gather(*(each.open() for each in screens[start : start + 10]))
    committed, chance = dict[str, float](), random.Random(9)
    for number in range(entries):
        topic = f"news{number}"
        committed[topic] = await asyncio.to_thread(journal.write, topic)
        await hall.all_heard(topic, len(screens))
        await _pass(screens, chance.uniform(0.05, 0.25))
    # An entry that a screen never heard is counted apart; it would make no time at all.
    times = sorted(
        (each.heard[topic] - at) * 1000
        for each in screens
        for topic, at in committed.items()
        if topic in each.heard
    )
    lost = sum(any(topic not in each.heard for each in screens) for topic in committed)

    away, missed = screens[::2], [f"missed{number}" for number in range(MISSED)]
    await asyncio.gather(*(each.break_off() for each in away))
    for topic in missed:
        await asyncio.to_thread(journal.write, topic)
    await asyncio.to_thread(journal.settle)
    begun = time.perf_counter()
    await asyncio.gather(*(each.open() for each in away))
    for topic in missed:
        await hall.all_heard(topic, len(screens))
    replayed = time.perf_counter() - begun

    for each in screens:
        each.silence = 0.0
    await _pass(screens, idle)
    found = {
        "p50": statistics.median(times),
        "p99": times[int(len(times) * 0.99)],
        "lost": lost,
        "away": len(away),
        "missed": len(missed),
        "gaps": sum(topic not in each.heard for each in screens for topic in missed),
        "replayed": round(replayed * 1000),
        "dropped": sum(each.ended for each in screens),
        "silence": round(max(each.silence for each in screens), 2),
    }
    await asyncio.gather(*(each.close() for each in screens))
    return found


def _main(port: int, count: int, entries: int, idle: int) -> dict[str, Any]:
    screens, hall, journal = screens_made(port, count)
    return asyncio.run(_play(screens, hall, journal, entries, idle))


def screens_made(port: int, count: int) -> tuple[list[Screen], Hall, Journal]:
    """So many screens of an officer, not linked yet, in a process that has no Django yet."""
    import django

    django.setup()
    from django.conf import settings
    from django.test import Client

    from tests.flows.booking_world import make_world

    world = make_world()
    officer = Client()
    officer.force_login(world.officer.user)
    session = officer.cookies[settings.SESSION_COOKIE_NAME].value
    headers = {
        "Cookie": f"{settings.SESSION_COOKIE_NAME}={session}",
        "Origin": f"http://127.0.0.1:{port}",
    }
    hall, address = Hall(), f"ws://127.0.0.1:{port}/ws/live/{world.facility.pk}/"
    return [Screen(address, headers, hall) for _ in range(count)], hall, Journal(world.facility)


if __name__ == "__main__":
    sys.stdout.write(json.dumps(_main(*map(int, sys.argv[1:]))) + "\n")
