"""The broker killed under guards' screens: they link anew and resume, and miss no entry."""

import asyncio
import contextlib
import json
import random
import subprocess
import sys
from typing import IO, Any

from websockets.exceptions import WebSocketException

from tests.bench.live import live_site
from tests.bench.live_screens import Hall, Journal, Screen, screens_made
from tests.bench.server import server
from tests.bench.table import ROOT, Row, row

SCREENS = 20
ENTRIES, ENTRIES_LONG = 5, 20
AWAY, BACK = "while the broker is away", "once it is back"
WHEN = ("before", AWAY, BACK)
AGAIN_SECONDS = 0.3  # between two tries to link


def play(chance: random.Random, long: bool) -> list[Row]:
    """Entries before the broker's death, while it is away, and once it is back."""
    entries = ENTRIES_LONG if long else ENTRIES
    found: dict[str, list[dict[str, Any]]] = {}
    with server() as centre, live_site(centre) as site:
        screens = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.screens", str(site.port), str(SCREENS)],
            cwd=ROOT, env=site.environment, text=True, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )  # fmt: skip
        try:
            for when in WHEN:
                if when == AWAY:
                    site.kill_broker()
                elif when == BACK:
                    site.start_broker()
                found[when] = [
                    _asked(screens, f"entry{len(found)}n{number}") for number in range(entries)
                ]
            screens.communicate(timeout=30)  # that was all: they close
        finally:
            screens.kill()
            screens.wait()
    rows = []
    for when, each in found.items():
        missed = sum(SCREENS - one["heard"] for one in each)
        rows.append(
            row(
                f"entries {when}: not heard by some of {SCREENS} screens", 0, missed, "",
                ok=not missed,
            )
        )  # fmt: skip
    standing = found["once it is back"][-1]["linked"]
    rows.append(
        row("links that stand afterwards", str(SCREENS), standing, "", ok=standing == SCREENS)
    )
    return rows


def _asked(screens: "subprocess.Popen[str]", topic: str) -> dict[str, Any]:
    """One entry; how many have heard of it, and how many are linked."""
    assert screens.stdin is not None
    assert screens.stdout is not None
    screens.stdin.write(f"{topic}\n")
    screens.stdin.flush()
    return dict(json.loads(screens.stdout.readline()))


async def _sit(
    screens: list[Screen], hall: Hall, journal: Journal, told: IO[str], said: IO[str]
) -> None:
    """Each line is an entry to be written; the answer comes when all have heard of it."""
    over = asyncio.Event()
    sitting = [asyncio.create_task(_keep(each, over)) for each in screens]
    while topic := (await asyncio.to_thread(told.readline)).strip():
        await asyncio.to_thread(journal.write, topic)
        await hall.all_heard(topic, len(screens))
        heard = sum(topic in each.heard for each in screens)
        linked = sum(each.listening is not None and not each.ended for each in screens)
        said.write(json.dumps({"heard": heard, "linked": linked}) + "\n")
        said.flush()
    over.set()
    await asyncio.gather(*(each.close() for each in screens), *sitting)


async def _keep(screen: Screen, over: asyncio.Event) -> None:
    """Link anew whenever the link ends, as a page does (static/js/live.js)."""
    while not over.is_set():
        with contextlib.suppress(OSError, TimeoutError, WebSocketException):
            await screen.open()
            assert screen.listening is not None
            await screen.listening
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(over.wait(), AGAIN_SECONDS)


if __name__ == "__main__":
    asyncio.run(_sit(*screens_made(*map(int, sys.argv[1:])), sys.stdin, sys.stdout))
