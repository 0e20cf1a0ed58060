"""What the simulators of one process share, and the requests that every one of them understands."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from hardware.simulators.cards import CardStore
from hardware.simulators.control import Answer, Refused, Request, Ring
from hardware.simulators.loop import Loop
from hardware.simulators.pty import PacedPty
from hardware.simulators.skew import Skew

LOG_ENTRIES = 2000  # in one answer; ``last`` says where to go on
Config = Mapping[str, Any]


class Terminals(Protocol):
    """What wires of doors end in: the relays and inputs of a reader or a board."""

    def closed(self, output: int) -> bool:
        """Whether a relay has pulled."""

    def sense(self, number: int, *, active: bool) -> None:
        """An input changes: a door contact, a button, a cover."""


@dataclass(frozen=True, slots=True)
class World:
    """``directory`` holds the ports' links, the control sockets and the cards.

    ``terminals`` are those of every bus by the device's name: the strike and the contact of a door
    may hang on different ones.
    """

    loop: Loop
    ring: Ring
    cards: CardStore
    directory: Path
    terminals: dict[str, Terminals] = field(default_factory=dict)

    def port(self, name: str) -> Path:
        """Where the host finds the port ``name``."""
        return self.directory / name


class Simulator(Protocol):
    """One simulated bus. Its class is called with its part of the configuration and the world."""

    name: str
    port: PacedPty

    def handle(self, request: Request) -> Answer | None:
        """Do what is asked and answer; None if it is not for this bus. May raise Refused."""

    def state(self) -> Answer:
        """All that an onlooker could see and measure."""

    def close(self) -> None:
        """Unplug and stop."""


class Desk:
    """Takes every request of a process: the common ones itself, the rest to the bus they mean."""

    def __init__(self, world: World, buses: list[Simulator], skew: Skew) -> None:
        self._world = world
        self._buses = buses
        self._skew = skew

    def handle(self, request: Request) -> Answer:
        """Answer one request; ``bus`` narrows it to one bus."""
        verb = request["do"]
        if verb == "state":
            state = {bus.name: {**bus.state(), **_line(bus.port)} for bus in self._buses}
            return {"state": state, "skew": self._skew.seconds}
        if verb == "log":
            return self._log(int(request.get("since", 0)), request.get("what"))
        if verb == "skew":
            self._skew.set(float(request["seconds"]))
            self._world.ring.add("asked", **request)
            return {}
        named = [bus for bus in self._buses if request.get("bus") in (None, bus.name)]
        if not named:
            raise Refused(f"no bus {request['bus']!r}")
        for bus in named:
            answer = bus.handle(request)
            if answer is not None:
                self._world.ring.add("asked", **{"bus": bus.name, **request})
                return answer
        if "bus" in request:
            return self._disturb(named[0].port, request)
        raise Refused(f"nothing here can {verb!r} that")

    def _log(self, since: int, what: str | None) -> Answer:
        entries = self._world.ring.since(since)[:LOG_ENTRIES]
        last = entries[-1]["n"] if entries else since
        return {"log": [entry for entry in entries if what in (None, entry["what"])], "last": last}

    def _disturb(self, port: PacedPty, request: Request) -> Answer:
        match request["do"]:
            case "unplug":
                port.unplug()
            case "replug":
                port.plug()
            case "stall":
                if not port.plugged:
                    raise Refused("there is no line to block: it is unplugged")
                port.stall(active=bool(request["active"]))
            case "noise":
                port.noise.update(_rates(request))
            case "loss":
                port.loss.update(_rates(request))
            case verb:
                raise Refused(f"a bus cannot {verb!r}")
        self._world.ring.add("asked", **request)
        return {}


def _line(port: PacedPty) -> dict[str, float | bool]:
    """How bad a line is, in its worse way."""
    noise, loss = max(port.noise.values()), max(port.loss.values())
    return {"noise": noise, "loss": loss, "stalled": port.stalled}


def _rates(request: Request) -> dict[str, float]:
    """The rate for both ways, or for the one ``way`` that is named."""
    rate, ways = float(request["rate"]), (request["way"],) if "way" in request else ("in", "out")
    if not 0 <= rate <= 1 or not {"in", "out"}.issuperset(ways):
        raise Refused("a rate lies between 0 and 1, a way is in or out")
    return dict.fromkeys(ways, rate)
