"""What the tests of locker board and desk reader share: a simulator process, a driver in turns."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hardware.drivers.base import DeviceCommand, DeviceEvent, Driver, Signal, Verb
from hardware.simulators.cards import CardStore

PATIENCE = 20.0  # seconds until a test gives up; nothing waits that long when all is well


class Simulation:
    """A simulator process of its own, and its control socket."""

    def __init__(self, directory: Path, buses: list[dict[str, Any]]) -> None:
        self.directory = directory
        self.cards = CardStore(directory / "cards")
        config = directory / "simulation.json"
        config.write_text(json.dumps({"name": "simulation", "buses": buses}))
        self._process = subprocess.Popen(
            [sys.executable, "-m", "hardware.simulators", str(config)],
            env={**os.environ, "SCIF_SIM_DIR": str(directory)},
        )
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(PATIENCE)
        until(self._connected)
        self._lines = self._socket.makefile("rwb")

    def _connected(self) -> bool:
        assert self._process.poll() is None, "the simulator ended"
        try:
            self._socket.connect(str(self.directory / "simulation.sock"))
        except (FileNotFoundError, ConnectionRefusedError):
            return False
        return True

    def try_ask(self, do: str, **arguments: Any) -> dict[str, Any]:
        """The answer, whatever it is."""
        self._lines.write(json.dumps({"do": do, **arguments}).encode() + b"\n")
        self._lines.flush()
        answer: dict[str, Any] = json.loads(self._lines.readline())
        return answer

    def ask(self, do: str, **arguments: Any) -> dict[str, Any]:
        """The answer, which must be ok."""
        answer = self.try_ask(do, **arguments)
        assert answer["ok"], answer
        return answer

    def state(self, bus: str) -> dict[str, Any]:
        """What an onlooker sees of one bus."""
        state: dict[str, Any] = self.ask("state")["state"][bus]
        return state

    def end(self) -> None:
        """Stop the process."""
        self._lines.close()
        self._socket.close()
        self._process.terminate()
        assert self._process.wait(PATIENCE) == 0


@contextmanager
def simulation(directory: Path, *buses: dict[str, Any]) -> Iterator[Simulation]:
    """A simulation that ends with the test."""
    running = Simulation(directory, list(buses))
    try:
        yield running
    finally:
        running.end()


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
