"""Which devices answer, and who is told what they report."""

import logging
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from hardware.drivers.base import BUS_ANEW, DeviceEvent, Signal
from hardware.gateway.config import DeviceConfig
from hardware.gateway.edge_journal import Draft
from hardware.gateway.recorder import Recorder
from hardware.gateway.traffic import LastHour
from hardware.kinds import POWER, TAMPER

logger = logging.getLogger(__name__)
# The drivers' words for a device that is no longer who it was set up to be.
INSECURE = frozenset({"wrong_key", "not_secure"})
STUCK = "bus_stuck"
OF_ITSELF = (
    ("device.tamper", Signal.TAMPER, TAMPER),
    ("device.power", Signal.POWER, POWER),
)


class Listener(Protocol):
    """A portal, a locker bank, a card desk."""

    def heard(self, event: DeviceEvent) -> None:
        """One of its devices reports."""

    def tick(self) -> None:
        """Time has passed."""


class Several:
    """All that hang on one device; each knows which of its wires are its own."""

    def __init__(self, parts: Sequence[Listener]) -> None:
        self._parts = parts

    def heard(self, event: DeviceEvent) -> None:
        """Tell every one of them, though one fails."""
        failed: Exception | None = None
        for part in self._parts:
            try:
                part.heard(event)
            except Exception as error:
                failed = error
        if failed is not None:
            raise failed

    def tick(self) -> None:
        """Each has its own time."""


@dataclass(slots=True)
class Presence:
    """What is known of a device. ``down``: its bus takes no turns, whatever it said before.

    ``away_since`` is when it was first missed, by the clock that nobody sets.
    """

    online: bool = False
    secure: bool = False
    down: bool = False
    met: bool = False  # whether it has answered in this run
    away_since: float | None = None

    def missed(self, monotonic: float) -> None:
        """It does not answer; told again, it is away since the first time."""
        if self.away_since is None:
            self.away_since = monotonic

    def back(self, monotonic: float) -> dict[str, int]:
        """It answers: for how many milliseconds it did not, where that was seen in this run."""
        since, self.away_since = self.away_since, None
        return {} if since is None else {"away_ms": round((monotonic - since) * 1000)}


class Devices:
    """Hears every device event, keeps who is there, and passes it on to whose device it is."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._known: dict[str, Presence] = {}
        self._routes: Mapping[str, tuple[DeviceConfig, Listener | None]] = {}
        self._lock = threading.Lock()
        self._late: dict[str, tuple[float, list[Draft]]] = {}
        self.traffic = LastHour()

    def route(self, routes: Mapping[str, tuple[DeviceConfig, Listener | None]]) -> None:
        """Set whose device each is; devices that are gone are forgotten."""
        with self._lock:
            self._routes = dict(routes)
            self._known = {code: p for code, p in self._known.items() if code in routes}
            self._late = {code: late for code, late in self._late.items() if code in routes}

    def heard(self, event: DeviceEvent) -> None:
        """Take one event; those of unknown devices mean nothing."""
        route = self._routes.get(event.device)
        if route is None:
            return
        config, listener = route
        drafts = self._noted(config, event)
        trusted = self._trusted(config, event)
        if trusted:
            drafts += _of_itself(config, event)
        if drafts:
            self._recorder.fact(drafts)
        if listener is not None and trusted:
            listener.heard(event)

    def stuck(self, codes: Iterable[str], monotonic: float) -> None:
        """A bus takes no turns: its devices do not answer, whatever they said last."""
        for code in codes:
            with self._lock:
                known = self._known.setdefault(code, Presence())
                known.down = True
                known.missed(monotonic)
            self._recorder.fact([Draft("device.offline", {"device": code, "reason": STUCK})])
            self._pass_on(DeviceEvent(code, Signal.OFFLINE, monotonic, {"reason": STUCK}))

    def unstuck(self, codes: Iterable[str], monotonic: float) -> None:
        """The bus takes turns again; devices that never went offline are there again."""
        for code in codes:
            with self._lock:
                known = self._known.setdefault(code, Presence())
                known.down = False
                online, secure = known.online, known.secure
                away = known.back(monotonic) if online else {}
            if online:
                body = {"device": code, "secure": secure, "reason": "bus_recovered", **away}
                self._recorder.fact([Draft("device.online", body)])
                self._pass_on(DeviceEvent(code, Signal.ONLINE, monotonic, {"secure": secure}))

    def begun_anew(self, codes: Iterable[str], monotonic: float) -> None:
        """Their bus begins anew with other records: until they answer again nobody hears them."""
        with self._lock:
            there = [code for code in codes if (known := self._known.get(code)) and known.online]
        for code in there:
            self.heard(DeviceEvent(code, Signal.OFFLINE, monotonic, {"reason": BUS_ANEW}))

    def tick(self, monotonic: float, grace: float) -> None:
        """Say of devices that are new here, or whose bus began anew, that they do not answer."""
        with self._lock:
            due = [code for code, (at, _) in self._late.items() if monotonic - at > grace]
            drafts = [draft for code in due for draft in self._late.pop(code)[1]]
        if drafts:
            self._recorder.fact(drafts)

    def state(self) -> dict[str, dict[str, Any]]:
        """Who answers now and how well, for the status report."""
        with self._lock:
            known = sorted(self._known.items())
        return {
            code: {
                "online": p.online and not p.down,
                "secure": p.secure,
                **self.traffic.of(code),
            }
            for code, p in known
        }

    def _noted(self, config: DeviceConfig, event: DeviceEvent) -> list[Draft]:
        code = config.code
        with self._lock:
            known = self._known.setdefault(code, Presence())
            match event.signal:
                case Signal.KEYED:
                    body = {"device": code, "fingerprint": str(event.data["fingerprint"])}
                    return [Draft("device.keyed", body)]
                case Signal.ONLINE:
                    self._late.pop(code, None)
                    known.online, known.secure = True, bool(event.data.get("secure"))
                    known.met = True
                    if config.scbk is not None and not known.secure:
                        return [
                            Draft("device.insecure", {"device": code, "reason": "clear_session"})
                        ]
                    away = known.back(event.monotonic)
                    return [
                        Draft("device.online", {"device": code, "secure": known.secure, **away})
                    ]
                case Signal.OFFLINE:
                    known.online = known.secure = False
                    known.missed(event.monotonic)
                    reason = str(event.data.get("reason", ""))
                    body = {"device": code, "reason": reason}
                    drafts = [Draft("device.offline", body)]
                    if reason in INSECURE:
                        self._late.pop(code, None)
                        drafts.append(Draft("device.insecure", body))
                    elif not known.met:
                        # It may still be in the session of the run before; no alarm for that.
                        self._late.setdefault(code, (event.monotonic, drafts))
                        return []
                    elif reason == BUS_ANEW:
                        # No fault of its own: an alarm only if it does not come back soon.
                        gone = Draft("device.offline", {"device": code, "reason": "silent"})
                        self._late.setdefault(code, (event.monotonic, [gone]))
                    return drafts
        return []

    def _trusted(self, config: DeviceConfig, event: DeviceEvent) -> bool:
        """INVARIANT: a device that has a key is believed only within its secure session.

        That it is offline, what became of a command, and that it has proven to hold the key that
        it was offered, comes from the driver and is believed.
        """
        if config.scbk is None or event.signal in (
            Signal.OFFLINE,
            Signal.DELIVERED,
            Signal.FAILED,
            Signal.KEYED,
        ):
            return True
        with self._lock:
            known = self._known.get(config.code)
            return known is not None and known.secure

    def _pass_on(self, event: DeviceEvent) -> None:
        route: tuple[Any, Listener | None] | None = self._routes.get(event.device)
        if route is not None and route[1] is not None:
            route[1].heard(event)


def _of_itself(config: DeviceConfig, event: DeviceEvent) -> list[Draft]:
    """What a device says of its own cover and supply: by its protocol, or by an input."""
    number = event.data.get("number")
    wired = event.signal is Signal.INPUT and number is not None
    kinds = [
        kind
        for kind, signal, option in OF_ITSELF
        if event.signal is signal or (wired and config.options.get(option) == number)
    ]
    body = {"device": config.code, "active": bool(event.data.get("active"))}
    return [Draft(kind, body) for kind in kinds]
