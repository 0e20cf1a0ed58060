"""A door leaf with a strike, a contact, a handle inside, and perhaps a closer."""

from hardware.simulators.control import Answer, Refused
from hardware.simulators.loop import Timer
from hardware.simulators.reader import Reader
from hardware.simulators.world import Config, World

HANDLE_SECONDS = 0.5


class Door:
    """``strike``, ``contact`` and ``rex`` are [reader, number of the output or input].

    The contact is active while the door is open. The handle inside always opens: egress is
    mechanical, and the request-to-exit contact only tells of it. ``closer`` is the time in seconds
    after which the door falls shut by itself; without one it stays as it is left.
    """

    def __init__(self, config: Config, readers: dict[str, Reader], world: World) -> None:
        self.name: str = config["name"]
        self._world = world
        self._closer: float | None = config.get("closer")
        self._closing: Timer | None = None
        self.is_open = False
        self._strike = (readers[config["strike"][0]], int(config["strike"][1]))
        self._contact = (readers[config["contact"][0]], int(config["contact"][1]))
        rex = config.get("rex")
        self._rex = (readers[rex[0]], int(rex[1])) if rex else None

    @property
    def locked(self) -> bool:
        """Whether the strike holds."""
        reader, number = self._strike
        return not reader.outputs[number].active

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
        if self._rex is not None:
            reader, number = self._rex
            reader.sense(number, active=True)
            self._world.loop.call_later(HANDLE_SECONDS, lambda: reader.sense(number, active=False))
        return self._open()

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
        reader, number = self._contact
        reader.sense(number, active=is_open)
