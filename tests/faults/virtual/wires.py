"""What hangs on the wires: readers, strikes with a timer of their own, leaves, contacts, handles.

A gateway that dies leaves all of it as it is, as real doors do.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from hardware.drivers.base import DeviceCommand, DeviceEvent, Signal, Traffic, Verb
from hardware.gateway.config import BusConfig
from tests.faults.virtual.place import BUSES, DOORS, READERS

CONTACT, HANDLE = 0, 1


@dataclass(slots=True)
class Door:
    """One door as it stands. ``free_until``: the strike holds no longer than to this moment."""

    code: str
    free_until: float = float("-inf")
    relock_told: bool = True
    open: bool = False
    moved_at: float = float("-inf")


@dataclass(frozen=True, slots=True)
class Pulse:
    """A strike was energised, or a command to do so came in and was lost behind the reader."""

    command_id: str
    door: str
    at: float
    done: bool


@dataclass
class Wires:
    """All devices. ``answer`` says what becomes of the next pulses: "ack", "silent" (done, no
    answer), "unsure" (done, and FAILED), "lost" (not done, and FAILED), "dead" (neither)."""

    monotonic: Callable[[], float]
    on_pulse: Callable[[Pulse], None] = lambda pulse: None
    answer: str = "ack"
    stutter: bool = False
    doors: dict[str, Door] = field(default_factory=lambda: {code: Door(code) for code in DOORS})
    online: set[str] = field(default_factory=lambda: set(READERS))
    attached: dict[str, "VirtualBus"] = field(default_factory=dict)
    pulses: list[Pulse] = field(default_factory=list)

    def make(self, config: BusConfig) -> "VirtualBus":
        """The driver of a bus for a gateway that starts."""
        bus = VirtualBus(config, self)
        self.attached[config.code] = bus
        return bus

    def detach(self) -> None:
        """The gateway is dead: nobody listens any more."""
        self.attached.clear()

    def heard(self, door: str) -> bool:
        """Whether an opening of this door would be heard now."""
        return self._outer(door) in self.online and _bus_of(door) in self.attached

    def say(self, reader: str, signal: Signal, command_id: str | None = None, **data: Any) -> None:
        """A device reports, if it is online and somebody listens."""
        bus = self.attached.get(_bus_of(READERS[reader][0]))
        if bus is not None and reader in self.online:
            bus.queue(reader, signal, command_id, **data)

    def move(self, door: str, *, opened: bool) -> None:
        """The leaf moves."""
        leaf = self.doors[door]
        leaf.open, leaf.moved_at = opened, self.monotonic()
        self.say(self._outer(door), Signal.INPUT, number=CONTACT, active=opened)

    def handle(self, door: str, *, pressed: bool) -> None:
        """The handle inside is pressed or let go."""
        self.say(self._outer(door), Signal.INPUT, number=HANDLE, active=pressed)

    def power(self, reader: str, *, on: bool) -> None:
        """A reader goes away or comes back; then it tells only what has changed."""
        if on == (reader in self.online):
            return
        bus = self.attached.get(_bus_of(READERS[reader][0]))
        if on:
            self.online.add(reader)
            if bus is not None:
                bus.came_back(reader)
        else:
            self.online.discard(reader)
            if bus is not None:
                bus.tell(reader, Signal.OFFLINE, reason="no_answer")

    def energise(self, door: str, command: DeviceCommand) -> None:
        """A pulse arrives at the reader."""
        now, tenths = self.monotonic(), int(command.args["tenths"])
        done = self.answer in {"ack", "silent", "unsure"}
        if done:
            leaf = self.doors[door]
            leaf.free_until = max(leaf.free_until, now + tenths / 10)
            leaf.relock_told = False
        pulse = Pulse(command.command_id, door, now, done)
        self.pulses.append(pulse)
        self.on_pulse(pulse)

    def free(self, door: str) -> bool:
        """Whether somebody outside could open it."""
        leaf = self.doors[door]
        return leaf.open or self.monotonic() < leaf.free_until

    def _outer(self, door: str) -> str:
        return f"R{door[1]}"


@dataclass
class VirtualBus:
    """A ``Driver``: one gateway's conversation with the devices of one bus."""

    config: BusConfig
    wires: Wires

    def __post_init__(self) -> None:
        self._events: list[DeviceEvent] = []
        self._told: dict[tuple[str, int], bool] = {}

    def open(self) -> None:
        """The devices that are there come online and tell how everything stands."""
        for device in self.config.devices:
            if device.code in self.wires.online:
                self.came_back(device.code)

    def turn(self, budget: float) -> Sequence[DeviceEvent]:
        """What has been said; a strike whose time is over says that it has locked."""
        for door in BUSES[self.config.code]:
            leaf, outer = self.wires.doors[door], f"R{door[1]}"
            if not leaf.relock_told and self.wires.monotonic() >= leaf.free_until:
                leaf.relock_told = True
                self.wires.say(outer, Signal.OUTPUT, number=0, active=False)
        said, self._events = self._events, []
        return said

    def submit(self, command: DeviceCommand) -> bool:
        """Take a command for a device that is online."""
        if command.device not in self.wires.online:
            return False
        if command.verb is not Verb.PULSE:
            return True
        self.wires.energise(READERS[command.device][0], command)
        match self.wires.answer:
            case "ack":
                self.queue(command.device, Signal.DELIVERED, command.command_id)
            case "unsure":
                self.queue(command.device, Signal.FAILED, command.command_id, reason="unanswered")
            case "lost":
                self.queue(command.device, Signal.FAILED, command.command_id, reason="not_sent")
        return True

    def traffic(self) -> Mapping[str, Traffic]:
        """This wire counts no frames."""
        return {}

    def close(self) -> None:
        """Release the port."""

    def came_back(self, reader: str) -> None:
        """A device is online; what it has not told yet, or what has changed, follows."""
        self.tell(reader, Signal.ONLINE, secure=True)
        door, side = READERS[reader]
        if side == "in":
            for number, active in ((CONTACT, self.wires.doors[door].open), (HANDLE, False)):
                if self._told.get((reader, number)) is not active:
                    self.queue(reader, Signal.INPUT, number=number, active=active)

    def queue(
        self, reader: str, signal: Signal, command_id: str | None = None, **data: Any
    ) -> None:
        """A report; a stuttering wire brings all but new badges and keys twice."""
        if signal is Signal.INPUT:
            self._told[reader, data["number"]] = data["active"]
        twice = self.wires.stutter and signal not in {Signal.CARD, Signal.KEYPAD}
        for _ in range(2 if twice else 1):
            self.tell(reader, signal, command_id, **data)

    def tell(self, reader: str, signal: Signal, command_id: str | None = None, **data: Any) -> None:
        """One event for the next turn."""
        at = self.wires.monotonic()
        self._events.append(DeviceEvent(reader, signal, at, data, command_id))


def _bus_of(door: str) -> str:
    return next(bus for bus, doors in BUSES.items() if door in doors)
