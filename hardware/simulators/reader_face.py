"""The face of a reader: one lamp, one buzzer, perhaps a line of text."""

from collections.abc import Callable

from hardware.simulators.control import Answer
from hardware.simulators.loop import Loop, Timer
from hardware.simulators.osdp_frames import Command

COLORS = ("black", "red", "green", "amber", "blue", "magenta", "cyan", "white")
TENTH = 0.1
LED_RECORD = 14
TEXT_HEAD = 6


class Face:
    """What the panel last told the reader to show, as SIA OSDP v2.2, 6.11 to 6.13 define it."""

    def __init__(self, loop: Loop, *, display: bool) -> None:
        self._loop = loop
        self._display = display
        self._timers: dict[str, Timer] = {}
        self._resting = "black"
        self.dark()

    def dark(self) -> None:
        """As without power."""
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()
        self._resting = self.led = "black"
        self.text = ""
        self.beeps = 0

    def capabilities(self) -> list[tuple[int, int, int]]:
        """Annex B: lamp, buzzer, text."""
        return [(4, 1, 1), (5, 1, 1)] + ([(6, 1, 1)] if self._display else [])

    def state(self) -> Answer:
        """What an onlooker sees, and how often it has beeped."""
        return {"led": self.led, "text": self.text, "beeps": self.beeps}

    def show(self, command: int, data: bytes) -> bool:
        """Obey LED, BUZ or TEXT; False if it cannot."""
        match command:
            case Command.LED:
                return self._lamp(data)
            case Command.BUZ:
                return self._buzz(data)
        return self._write(data)

    def _lamp(self, data: bytes) -> bool:
        if len(data) != LED_RECORD or data[1] or max(data[5], data[6], data[12]) >= len(COLORS):
            return False
        if data[9] == 1:
            self._resting = COLORS[data[12]]
            if "led" not in self._timers:
                self.led = self._resting
        if data[2] == 1:
            self._cancel("led")
            self.led = self._resting
        elif data[2] == 2:
            self.led = COLORS[data[5]]
            self._later("led", int.from_bytes(data[7:9], "little") * TENTH, self._rest)
        return True

    def _rest(self) -> None:
        self.led = self._resting

    def _buzz(self, data: bytes) -> bool:
        if len(data) != 5 or (data[1] != 1 and not data[2]):
            return False
        if data[1] != 1:
            self.beeps += data[4]
        return True

    def _write(self, data: bytes) -> bool:
        if not self._display or len(data) < TEXT_HEAD or len(data) != TEXT_HEAD + data[5]:
            return False
        self.text = data[TEXT_HEAD:].decode("ascii", "replace")
        self._cancel("text")
        if data[1] in (3, 4):
            self._later("text", float(data[2]), self._wipe)
        return True

    def _wipe(self) -> None:
        self.text = ""

    def _cancel(self, what: str) -> None:
        if what in self._timers:
            self._timers.pop(what).cancel()

    def _later(self, what: str, delay: float, then: Callable[[], None]) -> None:
        self._cancel(what)

        def due() -> None:
            self._timers.pop(what, None)
            then()

        self._timers[what] = self._loop.call_later(delay, due)
