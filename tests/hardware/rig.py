"""Simulators in a process of their own, a client of their control socket, and a driver to turn."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hardware.drivers.base import DeviceCommand, DeviceEvent, Driver, Signal, Verb

ROOT = Path(__file__).resolve().parents[2]


class Sim:
    """A running ``python -m hardware.simulators``."""

    def __init__(self, directory: Path, name: str) -> None:
        self.directory = directory
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.settimeout(5)
        self._socket.connect(str(directory / f"{name}.sock"))
        self._lines = self._socket.makefile("rb")

    def ask(self, do: str, **args: Any) -> dict[str, Any]:
        """One request, one answer, whatever it is."""
        self._socket.sendall(json.dumps({"do": do, **args}).encode() + b"\n")
        answer: dict[str, Any] = json.loads(self._lines.readline())
        return answer

    def do(self, verb: str, **args: Any) -> dict[str, Any]:
        """One request that must succeed."""
        answer = self.ask(verb, **args)
        assert answer["ok"], answer
        return answer

    def reader(self, name: str) -> dict[str, Any]:
        """How a reader stands."""
        return self._find("readers", name)

    def door(self, name: str) -> dict[str, Any]:
        """How a door stands."""
        return self._find("doors", name)

    def log(self, what: str) -> list[dict[str, Any]]:
        """Every remembered entry of one kind."""
        found: list[dict[str, Any]] = []
        since = 0
        while True:
            answer = self.do("log", since=since, what=what)
            found += answer["log"]
            if answer["last"] == since:
                return found
            since = answer["last"]

    def close(self) -> None:
        """Hang up."""
        self._lines.close()
        self._socket.close()

    def _find(self, kind: str, name: str) -> dict[str, Any]:
        for bus in self.do("state")["state"].values():
            if name in bus.get(kind, {}):
                found: dict[str, Any] = bus[kind][name]
                return found
        raise AssertionError(f"no {name} among the {kind}")


@contextmanager
def simulators(directory: Path, config: dict[str, Any]) -> Iterator[Sim]:
    """Start the simulators of ``config`` and stop them afterwards."""
    path = directory / "config.json"
    path.write_text(json.dumps(config), "utf-8")
    process = subprocess.Popen(
        [sys.executable, "-m", "hardware.simulators", str(path)],
        cwd=ROOT,
        env={**os.environ, "SCIF_SIM_DIR": str(directory)},
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        assert process.stdout.readline() == b"ready\n"
        sim = Sim(directory, config["name"])
        yield sim
        sim.close()
    finally:
        process.terminate()
        process.stdout.close()
        assert process.wait(5) == 0


PATIENCE = 20.0  # seconds; nothing waits for so long but a test that fails


class Turner:
    """Gives a driver its turns and keeps what it tells."""

    def __init__(self, driver: Driver) -> None:
        self.driver = driver
        self.events: list[DeviceEvent] = []

    def until(self, met: Callable[[], object], seconds: float = PATIENCE) -> None:
        """Turn until ``met``; fail after ``seconds``."""
        end = time.monotonic() + seconds
        while not met():
            assert time.monotonic() < end, f"not met in {seconds} s; heard {self.events[-12:]}"
            self.events += self.driver.turn(0.01)

    def fell(self) -> list[DeviceEvent]:
        """What went offline for a cause; a busy machine also makes a simulator answer late."""
        return [
            event
            for event in self.events
            if event.signal is Signal.OFFLINE and event.data["reason"] != "silent"
        ]

    def turn_for(self, seconds: float) -> None:
        """Turn for a while."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.events += self.driver.turn(0.01)

    def hear(self, signal: Signal, seconds: float = PATIENCE, **data: Any) -> DeviceEvent:
        """Turn until an event of this kind and data has come; take it out of ``events``."""

        def found() -> list[DeviceEvent]:
            return [
                event
                for event in self.events
                if event.signal is signal
                and all(
                    getattr(event, key, event.data.get(key)) == value for key, value in data.items()
                )
            ]

        self.until(found, seconds)
        event = found()[0]
        self.events.remove(event)
        return event

    def command(self, device: str, verb: Verb, command_id: str, **args: Any) -> bool:
        """Submit one command."""
        return self.driver.submit(DeviceCommand(device, verb, args, command_id))
