"""The owner of a bus: one thread that gives one driver its turns, hands it commands, hears it."""

import logging
import threading
from collections import deque
from collections.abc import Callable, Mapping

from hardware.drivers.base import (
    BUS_ANEW,
    DeviceCommand,
    DeviceEvent,
    Driver,
    Rekeyable,
    Signal,
    Traffic,
)
from hardware.gateway.config import BusConfig

logger = logging.getLogger(__name__)

# Between attempts at a driver that cannot be made or has failed: doubled at each that follows, so
# that what stays broken is tried for ever and fills neither log nor machine.
REBUILD_SECONDS, REBUILD_MOST = 2.0, 30.0
IDLE_SHARE = 0.5  # a turn that took less of its budget than this did not wait by itself


class BusOwner:
    """Owns the driver of one bus. All but ``submit`` and the properties run in one thread.

    INVARIANT: a command whose deadline has passed does not go onto the wire, and one that does not
    is answered with FAILED, so that its intent never stays open.
    """

    def __init__(
        self,
        config: BusConfig,
        make: Callable[[BusConfig], Driver],
        handle: Callable[[DeviceEvent], None],
        monotonic: Callable[[], float],
    ) -> None:
        self.config = config
        self.turned_at = monotonic()
        self._make = make
        self._handle = handle
        self._monotonic = monotonic
        self._driver: Driver | None = None
        self._retry_at = float("-inf")
        self._pause = REBUILD_SECONDS
        self._queue: deque[tuple[DeviceCommand, float]] = deque()
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._anew = ""
        self._rekeyed: BusConfig | None = None
        self._abandoned = False

    @property
    def up(self) -> bool:
        """Whether there is a driver at work."""
        return self._driver is not None

    def traffic(self) -> Mapping[str, Traffic]:
        """What the driver counts of its wire; nothing while there is none."""
        driver = self._driver
        return driver.traffic() if driver is not None else {}

    def submit(self, command: DeviceCommand, deadline: float) -> None:
        """Take a command from any thread; ``deadline`` is monotonic."""
        self._queue.append((command, deadline))
        self._wake.set()

    def turn(self, budget: float) -> int:
        """One turn: commands out, events in, and the commands that follow from them out at once."""
        self._rekey()
        if self._anew and self._driver is not None:
            self._fall(self._driver, self._anew)
            self._retry_at = float("-inf")  # nothing has failed
            self._pause = REBUILD_SECONDS
        self._anew = ""
        driver = self._open()
        if driver is None:
            self._answer_all("no_bus")
            self.turned_at = self._monotonic()
            return 0
        try:
            self._hand_over(driver)
            events = driver.turn(budget)
        except Exception:
            # The protocol forbids it; a driver that does it all the same is made anew.
            logger.exception("driver of bus %s failed", self.config.code)
            self._fall(driver)
            return 0
        for event in events:
            self._tell(event)
        if events:
            try:
                self._hand_over(driver)
            except Exception:
                logger.exception("driver of bus %s failed", self.config.code)
                self._fall(driver)
                return len(events)
        self._pause = REBUILD_SECONDS  # it was made, and it works
        self.turned_at = self._monotonic()
        return len(events)

    def begin_anew(self, reason: str) -> None:
        """Let the driver be made anew at the next turn; for any thread."""
        self._anew = reason
        self._wake.set()

    def rekey(self, config: BusConfig) -> None:
        """Take records that differ in keys alone, at the next turn; for any thread."""
        self._rekeyed = config
        self._wake.set()

    def abandon(self) -> None:
        """Give up on a turn that does not end: whatever it still says, nobody hears it.

        The port is taken from it, as far as the driver lets another thread do that.
        """
        self._answer_all("no_bus")
        self._abandoned = True
        self._stop.set()
        driver = self._driver
        if driver is not None:
            name = f"bus-{self.config.code}-abandoned"
            threading.Thread(target=self._close, args=(driver,), name=name, daemon=True).start()

    def start(self) -> None:
        """Give turns in a thread of its own."""
        self._thread = threading.Thread(target=self._run, name=f"bus-{self.config.code}")
        self._thread.daemon = True  # a wire that hangs must not keep the process from ending
        self._thread.start()

    def stop(self, timeout: float = 3.0) -> None:
        """End the thread and release the port."""
        self._stop.set()
        self._wake.set()
        if self._thread is None:
            self._release()
        else:
            self._thread.join(timeout)

    def _run(self) -> None:
        budget = self.config.turn_seconds
        while not self._stop.is_set():
            began = self._monotonic()
            busy = self.turn(budget)
            took = self._monotonic() - began
            if not busy and took < budget * IDLE_SHARE:
                self._wake.wait(budget - took)
            self._wake.clear()
        self._release()

    def _rekey(self) -> None:
        fresh, self._rekeyed = self._rekeyed, None
        if fresh is None:
            return
        before, self.config = self.config, fresh
        driver, moved = self._driver, before.rekeyed(fresh)
        if driver is None or moved == ():
            return
        try:
            taken = moved is not None and isinstance(driver, Rekeyable) and driver.rekey(moved)
        except Exception:
            logger.exception("driver of bus %s takes no keys", self.config.code)
            taken = False
        if not taken:
            self._anew = BUS_ANEW

    def _open(self) -> Driver | None:
        if self._driver is None and self._monotonic() >= self._retry_at:
            try:
                driver = self._make(self.config)
                driver.open()
            except Exception:
                logger.exception("driver of bus %s cannot be made", self.config.code)
                self._retry_later()
                self._all_offline("no_driver")
            else:
                self._driver = driver
        return self._driver

    def _fall(self, driver: Driver, reason: str = "driver_error") -> None:
        self._driver = None
        self._retry_later()
        self._close(driver)
        self._all_offline(reason)
        self.turned_at = self._monotonic()

    def _retry_later(self) -> None:
        self._retry_at = self._monotonic() + self._pause
        self._pause = min(2 * self._pause, REBUILD_MOST)

    def _close(self, driver: Driver) -> None:
        try:
            driver.close()
        except Exception:
            logger.exception("driver of bus %s cannot be closed", self.config.code)

    def _release(self) -> None:
        driver, self._driver = self._driver, None
        if driver is not None:
            driver.close()
        self._answer_all("no_bus")

    def _hand_over(self, driver: Driver) -> None:
        while self._queue:
            command, deadline = self._queue.popleft()
            if self._monotonic() > deadline:
                self._answer(command, "expired")
            elif not driver.submit(command):
                self._answer(command, "offline")

    def _answer_all(self, reason: str) -> None:
        while self._queue:
            self._answer(self._queue.popleft()[0], reason)

    def _answer(self, command: DeviceCommand, reason: str) -> None:
        if command.command_id:
            self._tell(self._event(command.device, Signal.FAILED, reason, command.command_id))

    def _all_offline(self, reason: str) -> None:
        for device in self.config.devices:
            self._tell(self._event(device.code, Signal.OFFLINE, reason))

    def _event(
        self, device: str, signal: Signal, reason: str, command_id: str | None = None
    ) -> DeviceEvent:
        return DeviceEvent(device, signal, self._monotonic(), {"reason": reason}, command_id)

    def _tell(self, event: DeviceEvent) -> None:
        if self._abandoned:
            return
        try:
            self._handle(event)
        except Exception:
            # One event that cannot be handled must not silence the bus.
            logger.exception("event %s of %s could not be handled", event.signal, event.device)
