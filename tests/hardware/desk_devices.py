"""What the tests of locker board and desk reader share beside the rig: a driver and its owner."""

import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hardware.drivers.base import DeviceCommand, DeviceEvent, Driver, Signal, Verb
from hardware.simulators.cards import CardStore
from tests.hardware.rig import Sim, simulators

PATIENCE = 20.0  # seconds until a test gives up; nothing waits that long when all is well


@contextmanager
def simulation(directory: Path, *buses: dict[str, Any]) -> Iterator[Sim]:
    """A simulator process with these buses, that ends with the test."""
    with simulators(directory, {"name": "simulation", "buses": list(buses)}) as running:
        yield running


def cards(sim: Sim) -> CardStore:
    """The virtual cards of a simulation."""
    return CardStore(sim.directory / "cards")


def state(sim: Sim, bus: str) -> dict[str, Any]:
    """What an onlooker sees of one bus."""
    seen: dict[str, Any] = sim.do("state")["state"][bus]
    return seen


def until(done: Callable[[], bool], patience: float = PATIENCE) -> None:
    """Poll ``done`` until it is true; fail after ``patience`` seconds."""
    pause = socket.socketpair()
    with pause[0], pause[1]:
        pause[0].settimeout(0.01)
        deadline = time.monotonic() + patience
        while not done():
            assert time.monotonic() < deadline, "it did not happen in time"
            try:
                pause[0].recv(1)
            except TimeoutError:
                continue


class Owner:
    """Gives a driver its turns, as a bus owner does, and remembers what it reported."""

    def __init__(self, driver: Driver) -> None:
        self.driver = driver
        self.heard: list[DeviceEvent] = []
        self._commands = 0
        self.longest_turn = 0.0

    def turn(self, budget: float = 0.02) -> None:
        """One turn."""
        begun = time.monotonic()
        self.heard += self.driver.turn(budget)
        self.longest_turn = max(self.longest_turn, time.monotonic() - begun - budget)

    def wait_for(
        self, signal: Signal, *, after: int = 0, command: str | None = None, **data: Any
    ) -> DeviceEvent:
        """Turn until an event comes (from number ``after`` on) that matches; give it."""
        deadline = time.monotonic() + PATIENCE
        seen = after
        while True:
            while seen < len(self.heard):
                event = self.heard[seen]
                seen += 1
                if event.signal is signal and _matches(event, command, data):
                    return event
            assert time.monotonic() < deadline, f"no {signal} {data} in {self.heard[after:]}"
            self.turn()

    def quiet_for(self, seconds: float) -> list[DeviceEvent]:
        """Turn for a while; what came."""
        before, end = len(self.heard), time.monotonic() + seconds
        while time.monotonic() < end:
            self.turn()
        return self.heard[before:]

    def order(self, verb: Verb, **arguments: Any) -> str:
        """Submit a command that must be taken; its id."""
        self._commands += 1
        command_id = f"command-{self._commands}"
        assert self.driver.submit(
            DeviceCommand(device="under-test", verb=verb, args=arguments, command_id=command_id)
        )
        return command_id


def _matches(event: DeviceEvent, command: str | None, data: Mapping[str, Any]) -> bool:
    if command is not None and event.command_id != command:
        return False
    return all(event.data.get(name) == value for name, value in data.items())
