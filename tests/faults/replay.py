"""Somebody on the RS-485 line records true frames and sends them again, both ways.

A relay stands between the product's OSDP driver and the virtual reader, each on a pseudo-terminal
of its own. Copies come at moments that the seed chooses; the session's MACs must make them nothing.
"""

import os
import random
import select
import tempfile
import threading
import time
import tty
from dataclasses import replace
from pathlib import Path

from hardware.drivers.base import Signal, Verb
from hardware.drivers.osdp import OsdpBus
from tests.bench.table import Row, row
from tests.hardware.osdp_rig import card_make, config, reader, world
from tests.hardware.rig import Sim, Turner, simulators

SHORT = 12  # polls and acknowledgements are shorter than what is worth repeating


class Relay:
    """Carries bytes between two ports, keeps long pieces, and sends copies when told."""

    def __init__(self, device: Path) -> None:
        self._ours, self._drivers = os.openpty()
        self._device = os.open(device, os.O_RDWR | os.O_NOCTTY)
        for end in (self._ours, self._drivers, self._device):
            tty.setraw(end)
        self.port = os.ttyname(self._drivers)
        self.kept: list[tuple[int, bytes]] = []
        self.sent = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def repeat(self, chance: random.Random) -> None:
        """Send one of the recorded pieces again."""
        if self.kept:
            to, piece = chance.choice(self.kept[-400:])
            os.write(to, piece)
            self.sent += 1

    def close(self) -> None:
        """Let go of everything."""
        self._stop.set()
        self._thread.join(5)
        for end in (self._ours, self._drivers, self._device):
            os.close(end)

    def _run(self) -> None:
        way = {self._ours: self._device, self._device: self._ours}
        while not self._stop.is_set():
            for end in select.select(list(way), [], [], 0.05)[0]:
                piece = os.read(end, 4096)
                os.write(way[end], piece)
                if len(piece) > SHORT:
                    self.kept.append((way[end], piece))


def play(chance: random.Random, long: bool) -> list[Row]:
    """Badges and pulses with copies between them; then a badge without any."""
    rounds = 60 if long else 15
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        card_make(directory)
        with simulators(directory, world(reader(1))) as sim:
            relay = Relay(directory / "ttyBUS")
            driver = OsdpBus(replace(config(directory, 1), path=relay.port))
            driver.open()
            try:
                return _play(sim, relay, Turner(driver), chance, rounds)
            finally:
                driver.close()
                relay.close()


def _play(sim: Sim, relay: Relay, turner: Turner, chance: random.Random, rounds: int) -> list[Row]:
    turner.hear(Signal.ONLINE, 10)
    for number in range(rounds):
        sim.do("tap", reader="R1", card="card-01")
        turner.turn_for(0.3)
        _pulse(turner, f"p{number}")
        turner.turn_for(0.3)
        for _ in range(chance.randint(1, 4)):
            relay.repeat(chance)
            turner.turn_for(chance.uniform(0, 0.1))
        turner.turn_for(0.2)
    # A copy may have cost the session: what the reader keeps for it comes when it is there again.
    _pulse(turner, "last")
    turner.turn_for(1)
    told = rounds + 1
    cards = sum(event.signal is Signal.CARD for event in turner.events)
    confirmed = sum(event.signal is Signal.DELIVERED for event in turner.events)
    opened = sum(entry["active"] for entry in sim.log("output"))
    locked = bool(sim.door("D1")["locked"])
    turner.events.clear()
    sim.do("tap", reader="R1", card="card-01")
    turner.hear(Signal.CARD, 5)
    return [
        row("frames sent again by somebody on the line", "≥ 1", relay.sent, "", ok=relay.sent > 0),
        row(f"badges heard, of {rounds} shown", str(rounds), cards, "badges", ok=cards == rounds),
        # Where the session ends between a pulse and its answer, only the reader knows of it.
        row(
            f"A2 strikes energised, of {told} told and {confirmed} confirmed",
            f"{confirmed} to {told}",
            opened,
            "",
            ok=0 < confirmed <= opened <= told,
        ),
        row(
            "A3 frames sent again: the door afterwards",
            "locked",
            "locked" if locked else "open",
            "",
            ok=locked,
        ),
        row("a badge is heard again afterwards", "yes", "yes", "", ok=True),
    ]


def _pulse(turner: Turner, name: str) -> None:
    """Tell the strike to open, once the driver trusts the reader, or trusts it again."""
    end = time.monotonic() + 10
    while not turner.command("R1", Verb.PULSE, name, output=0, tenths=1):
        if time.monotonic() > end:
            raise TimeoutError("the reader does not come back")
        turner.turn_for(0.2)
