"""The machine room: whole processes of a demonstration that somebody takes away, for a while.

The bench asks over a socket that the installation's user alone may open. The words are few, only
the supervisor signals anything, and each fault ends by itself: the page that asks needs the
database, and could not ask for its return. What is done is real. A process is killed as a crash
would end it, and a disk that is full is the kernel's refusal of everything that a gateway writes.

Only `make demo` has a supervisor, so an installation has nothing of this.
"""

import resource
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hardware.simulators.client import SimulatorClient, SimulatorError
from hardware.simulators.control import Answer, ControlServer, Refused, Request
from hardware.simulators.loop import Loop, Timer
from scif.runtime.supervisor import Supervisor

# Servers that may be kept away, and what is killed to see it come back at once.
SERVERS = frozenset({"postgres", "valkey"})
WATCHED = frozenset({"sequencer", "ingester"})
GATEWAY = "gateway."
LONGEST = 60.0  # seconds that anything is away, and that a disk is full
# Whoever asks by a page gets its answer before the page's own database goes.
ANSWERED = 0.5


@dataclass(frozen=True, slots=True)
class _Full:
    """A process that may not write, until a moment of the loop's clock."""

    pid: int
    end: Timer


@dataclass
class MachineRoom:
    """Serves the socket at ``path`` with each :meth:`look`, in the supervisor's thread.

    ``simulators`` is where the virtual devices have their sockets.
    """

    supervisor: Supervisor
    path: Path
    simulators: Path
    _loop: Loop = field(default_factory=Loop)
    _full: dict[str, _Full] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Open the socket. Raises OSError."""
        self._server = ControlServer(self._loop, self.path, self._asked)

    def look(self) -> None:
        """Answer who asks, and do what is due."""
        self._loop.look()

    def close(self) -> None:
        """Nobody is answered any more."""
        self._server.close()

    def _asked(self, request: Request) -> Answer:
        match dict(request):
            case {"do": "state"}:
                return {"machines": self._states()}
            case {"do": "away", "name": str(name), "seconds": float() | int() as seconds}:
                self._require(name, SERVERS)
                away, tap = _bounded(seconds), request.get("tap")
                if tap is not None:
                    self._tap_later(ANSWERED + away / 2, **tap)
                self._soon(name, away=away)
            case {"do": "kill", "name": str(name)}:
                self._require(name, WATCHED | self._gateways())
                self._soon(name)
            case {"do": "fill", "name": str(name), "seconds": float() | int() as seconds}:
                self._require(name, self._gateways())
                self._fill(name, _bounded(seconds))
            case {"do": "free", "name": str(name)}:
                self._require(name, self._gateways())
                self._free(name)
            case _:
                raise Refused("this is not done here")
        return {}

    def _states(self) -> Mapping[str, Mapping[str, Any]]:
        """Of each machine: in how many seconds it is back, and for how long its disk is full."""
        names = SERVERS | WATCHED | self._gateways()
        return {
            name: {"back_in": self.supervisor.back_in(name), "full_for": self._full_for(name)}
            for name in self.supervisor.names()
            if name in names
        }

    def _full_for(self, name: str) -> float | None:
        full, child = self._full.get(name), self.supervisor.child(name)
        # One that was killed meanwhile is another process now, and was never limited.
        if full is None or child is None or child.pid != full.pid:
            return None
        return max(0.0, full.end.at - self._loop.now())

    def _gateways(self) -> frozenset[str]:
        return frozenset(name for name in self.supervisor.names() if name.startswith(GATEWAY))

    def _require(self, name: str, allowed: frozenset[str]) -> None:
        if name not in allowed:
            raise Refused("this is not done to that process")
        if self.supervisor.child(name) is None:
            raise Refused("it is away already")

    def _soon(self, name: str, away: float = 0) -> None:
        def end() -> None:
            with suppress(LookupError):  # it has ended by itself, and is started again all the same
                self.supervisor.kill(name, away=away)

        self._loop.call_later(ANSWERED, end)

    def _tap_later(self, seconds: float, *, gateway: str, reader: str, card: str) -> None:
        """Hold a badge to a reader while no page can be asked to."""
        if f"{GATEWAY}{gateway}" not in self._gateways():
            raise Refused("there is no such gateway")
        devices = SimulatorClient(self.simulators, gateway)

        def tap() -> None:
            with suppress(SimulatorError):  # there is no such reader or card, or no devices now
                devices.ask("tap", reader=reader, card=card)

        self._loop.call_later(seconds, tap)

    def _fill(self, name: str, seconds: float) -> None:
        """No file of this process takes another byte until then, as on a disk that is full."""
        child = self.supervisor.child(name)
        if child is None:
            raise Refused("it is away already")
        self._free(name)
        longest_file(child.pid, 0)

        def free() -> None:
            with suppress(Refused):  # it has just ended
                self._free(name)

        self._full[name] = _Full(child.pid, self._loop.call_later(seconds, free))

    def _free(self, name: str) -> None:
        limited = self._full_for(name) is not None
        full = self._full.pop(name, None)
        if full is None:
            return
        full.end.cancel()
        if limited:
            longest_file(full.pid, None)


def _bounded(seconds: float) -> float:
    if not 0 < seconds <= LONGEST:
        raise Refused(f"for {LONGEST:.0f} s at the most")
    return float(seconds)


def longest_file(pid: int, size: int | None) -> None:
    """Limit how far a process may write into any file; None: as far as the system lets it.

    Raises Refused where the system does not do that.
    """
    if sys.platform != "linux":
        raise Refused("only Linux limits another process's files")
    try:
        _soft, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (hard if size is None else size, hard))
    except (ProcessLookupError, PermissionError) as error:
        raise Refused(str(error)) from error
