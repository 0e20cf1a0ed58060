"""What a card says at the desk reader: through the chip, libnfc and libfreefare, to the driver.

The C libraries are not instrumented, and each card takes as long as a card takes; so this target
tries few inputs, each of which ends with an honest card that must be read.
"""

import atexit
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hardware.drivers.base import DeviceEvent, Signal
from hardware.drivers.desfire_keys import AID, FILE, KeyNumber, card_key
from hardware.drivers.nfc import DeskReader, DeskTiming
from hardware.simulators.cards import Application, CardFile, CardStore
from hardware.simulators.control import ControlServer, Ring
from hardware.simulators.loop import Loop
from hardware.simulators.pn532 import Pn532
from hardware.simulators.world import Desk, World

Target = Callable[[bytes], None]
MASTER, RIGHTS = bytes(range(16)), 0x12F0
NUMBERS = {"honest": bytes(range(16)), "liar": bytes(range(16, 32))}
TIMING = DeskTiming(silence=1.0, first_pause=0.02, longest_pause=0.1)
LOOK, PATIENCE = 0.3, 20.0  # seconds
TRUTH = 0x80  # an answer whose first byte is below that is left as it is


class Place:
    """A desk reader of the product on a chip that this process plays in a thread."""

    def __init__(self, directory: Path) -> None:
        loop = Loop()
        self._cards = CardStore(directory / "cards")
        world = World(loop, Ring(loop), self._cards, directory)
        chip = Pn532({"name": "desk", "port": "desk"}, world)
        self._client = _control(world, chip)
        threading.Thread(target=loop.run, daemon=True).start()
        for name, number in NUMBERS.items():
            card = self._cards.create(name)
            keys = [card_key(MASTER, key, card.uid) for key in KeyNumber]
            card.applications[AID] = Application(keys, files={FILE: CardFile(number, 3, RIGHTS)})
            self._cards.save(name, card)
        port = str(directory / "desk")
        self.driver = DeskReader(device="desk", port=port, nfc_master=MASTER, timing=TIMING)
        self.driver.open()
        atexit.register(self.driver.close)
        self.wait(Signal.ONLINE)

    def do(self, verb: str, **args: Any) -> None:
        """Ask the chip for something."""
        self._client(verb, **args)

    def hear(self, seconds: float) -> list[DeviceEvent]:
        """What the driver tells for a while, or until it has told of a card."""
        heard: list[DeviceEvent] = []
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            heard += self.driver.turn(0.02)
            if any(event.signal is Signal.CARD_PRESENT for event in heard):
                break
        return heard

    def wait(self, signal: Signal, **data: Any) -> None:
        """Turn until that is told; anything else of a card may be told before."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            for event in self.driver.turn(0.02):
                if event.signal is signal and data.items() <= event.data.items():
                    return
        raise AssertionError(f"never told: {signal} {data}")


def _control(world: World, chip: Pn532) -> Callable[..., Any]:
    from hardware.simulators.client import SimulatorClient
    from hardware.simulators.skew import Skew

    desk = Desk(world, [chip], Skew(world.directory, "desk"))
    ControlServer(world.loop, world.directory / "desk.sock", desk.handle)
    return SimulatorClient(world.directory, "desk").ask


def card_target() -> Target:
    """A card that lies in its answers; then one that does not."""
    place = Place(Path(tempfile.mkdtemp(prefix="desk-")))

    def one(data: bytes) -> None:
        place.do("lie", lies=lies_of(data), again=bool(data and data[0] & 1))
        place.do("place", card="liar")
        for event in place.hear(LOOK):
            assert event.data.get("number") in (None, NUMBERS["liar"])
        place.do("lie", lies=[])
        place.do("remove")
        place.do("place", card="honest")
        place.wait(Signal.CARD_PRESENT, number=NUMBERS["honest"])
        # That it is gone is not waited for: libnfc takes longer for it than for all the rest.
        place.do("remove")

    return one


def lies_of(data: bytes) -> list[dict[str, Any] | None]:
    """Of any bytes, what becomes of up to eight answers: kind, bytes kept, then what is laid on."""
    lies: list[dict[str, Any] | None] = []
    while data and len(lies) < 8:
        kind, data = data[0], data[1:]
        if kind < TRUTH or len(data) < 2:
            lies.append(None)
            continue
        keep, size, data = data[0], data[1] & 0x3F, data[2:]
        said, data = data[:size].hex(), data[size:]
        lies.append({"keep": keep, "add" if kind & 0x40 else "flip": said})
    return lies
