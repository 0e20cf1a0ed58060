"""A door leaf with a strike, a contact, a handle inside, and perhaps a closer."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from hardware.simulators.control import Answer, Refused, Request
from hardware.simulators.loop import Timer
from hardware.simulators.world import Config, Terminals, World

HANDLE_SECONDS = 0.5


class Door:
    """``strike``, ``contact`` and ``rex`` are [device, number of its output or input].

    The device is a reader or a board of any bus of the process. The contact is active while the
    door is open. The handle inside always opens: egress is mechanical, and the request-to-exit
    contact only tells of it. ``closer`` is the time in seconds after which the door falls shut by
    itself; without one it stays as it is left.
    """

    def __init__(self, config: Config, world: World) -> None:
        self.name: str = config["name"]
        self._world = world
        self._closer: float | None = config.get("closer")
        self._closing: Timer | None = None
        self.is_open = False
        self._strike = (str(config["strike"][0]), int(config["strike"][1]))
        self._contact = _wire(config.get("contact"))
        self._rex = _wire(config.get("rex"))

    @property
    def locked(self) -> bool:
        """Whether the strike holds."""
        device, number = self._strike
        return not self._at(device).closed(number)

    def push(self) -> Answer:
        """Try the door from outside."""
        if self.locked and not self.is_open:
            raise Refused(f"{self.name} is locked")
        return self._open()

    def force(self) -> Answer:
        """Break it open."""
        return self._open()

    def leave(self) -> Answer:
        """Press the handle inside."""
        self._press()
        return self._open()

    def press(self) -> Answer:
        """Press the handle inside and stay."""
        if self._rex is None:
            raise Refused(f"{self.name} tells of no handle")
        self._press()
        return {}

    def close(self) -> Answer:
        """Shut it."""
        if self._closing is not None:
            self._closing.cancel()
            self._closing = None
        self._move(is_open=False)
        return {}

    def state(self) -> Answer:
        """What an onlooker sees."""
        return {"open": self.is_open, "locked": self.locked}

    def _open(self) -> Answer:
        self._move(is_open=True)
        if self._closer is not None and self._closing is None:
            self._closing = self._world.loop.call_later(self._closer, self._fall_shut)
        return {}

    def _fall_shut(self) -> None:
        self._closing = None
        self._move(is_open=False)

    def _move(self, *, is_open: bool) -> None:
        self.is_open = is_open
        if self._contact is not None:
            device, number = self._contact
            self._at(device).sense(number, active=is_open)

    def _press(self) -> None:
        if self._rex is not None:
            device, number = self._rex
            wire = self._at(device)
            wire.sense(number, active=True)
            self._world.loop.call_later(HANDLE_SECONDS, lambda: wire.sense(number, active=False))

    def _at(self, device: str) -> Terminals:
        return self._world.terminals[device]


def doors_of(config: Config, world: World) -> dict[str, Door]:
    """The doors of a bus's configuration by their names."""
    return {part["name"]: Door(part, world) for part in config.get("doors", ())}


def door_act(doors: Mapping[str, Door], request: Request) -> Answer | None:
    """Do what people do at a door; None for a door that is not among them."""
    door = doors.get(request["door"])
    if door is None:
        return None
    acts: dict[str, Callable[[], Answer]] = {
        "push": door.push,
        "leave": door.leave,
        "press": door.press,
        "close": door.close,
        "force": door.force,
    }
    if request["do"] not in acts:
        raise Refused(f"a door cannot {request['do']!r}")
    return acts[request["do"]]()


def _wire(ends: Sequence[Any] | None) -> tuple[str, int] | None:
    return (str(ends[0]), int(ends[1])) if ends else None
