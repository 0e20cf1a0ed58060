"""Starts processes stage by stage, restarts what dies, and stops all in the reverse order."""

import contextlib
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from scif.runtime.child import Child
from scif.runtime.errors import CannotStart, explain_os_error

_GUARDIAN = str(Path(__file__).with_name("guardian.py"))
_PAUSE = 0.05
# Seconds before a restart: doubled at each failure, forgotten after a minute without one.
_FIRST_BACKOFF, _LONGEST_BACKOFF, _STEADY = 0.5, 30.0, 60.0
# A process that ends so often before it ever served ends the start; one without a check of its
# own has served when it has run for five seconds.
_ATTEMPTS, _SERVED = 3, 5.0


class Interrupted(Exception):
    """Somebody asked to stop (Ctrl-C, SIGTERM, a closed terminal)."""


@dataclass(frozen=True)
class Process:
    """What the supervisor runs."""

    name: str
    # What the person at the terminal reads.
    title: str
    start: Callable[[], Child]
    # Whether it serves yet; without a check it is ready as soon as it runs.
    ready: Callable[[Child], bool] | None = None
    # It does one thing and ends; ready when it has ended with status 0.
    once: bool = False
    ready_seconds: float = 60
    stop_signal: signal.Signals = signal.SIGTERM
    stop_seconds: float = 10
    # What the guardian sends after a kill of the supervisor.
    death_signal: signal.Signals = signal.SIGKILL


@dataclass
class _Entry:
    process: Process
    child: Child | None = None
    started_at: float = 0
    is_ready: bool = False
    has_served: bool = False
    failures: int = 0
    retry_at: float = 0
    # Somebody takes it away on purpose: until then it is not started again.
    away_until: float | None = None


@dataclass
class Supervisor:
    """Runs processes as children of the thread that calls it (the main thread).

    `report` is told what happens, a line at a time. `lock` is the installation's open lock file,
    which the guardian inherits. `beside` is done with each look at the processes.
    """

    report: Callable[[str], None]
    lock: int
    beside: Callable[[], None] = lambda: None
    _stages: list[list[_Entry]] = field(default_factory=list)
    _guardian: subprocess.Popen[str] | None = None
    _requests: int = 0

    @property
    def is_stopping(self) -> bool:
        """Whether somebody has asked to stop."""
        return self._requests > 0

    @contextlib.contextmanager
    def signals(self) -> Iterator[None]:
        """Take SIGINT, SIGTERM and SIGHUP as a wish to stop; a second one stops by force."""
        numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        before = {number: signal.signal(number, self._on_signal) for number in numbers}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def bring_up(self, processes: Sequence[Process]) -> None:
        """Start a stage in parallel, and return when every process of it is ready.

        Raises CannotStart when one cannot be brought up, Interrupted on a wish to stop.
        """
        stage = [_Entry(process) for process in processes]
        self._stages.append(stage)
        while not all(entry.is_ready for entry in stage):
            self._tick()

    def keep(self, until: Callable[[], bool]) -> None:
        """Keep everything running until a condition holds. Raises Interrupted."""
        while not until():
            self._tick()

    def stop(self) -> None:
        """Stop the stages, last first, each in parallel; nothing runs afterwards."""
        for stage in reversed(self._stages):
            running = [entry for entry in stage if entry.child and entry.child.poll() is None]
            for entry in running:
                self._child(entry).send(entry.process.stop_signal, group=False)
            asked = time.monotonic()
            while running:
                late = time.monotonic() - asked
                for entry in running:
                    if late > entry.process.stop_seconds or self._requests > 1:
                        self._child(entry).send(signal.SIGKILL)
                for entry in [entry for entry in running if self._child(entry).poll() is not None]:
                    self._tell_guardian(f"-{self._child(entry).pid}")
                    running.remove(entry)
                time.sleep(_PAUSE)
        self._stages.clear()
        if self._guardian and self._guardian.stdin:
            with contextlib.suppress(BrokenPipeError):
                self._guardian.stdin.close()
            self._guardian.wait()
            self._guardian = None

    def child(self, name: str) -> Child | None:
        """Give the running child of that name."""
        for entry in self._entries():
            if entry.process.name == name and entry.child and entry.child.poll() is None:
                return entry.child
        return None

    def names(self) -> list[str]:
        """Everything that is kept running, in the order of the start."""
        return [entry.process.name for entry in self._entries() if not entry.process.once]

    def kill(self, name: str, *, away: float = 0) -> None:
        """End a process as its own failure would; it is started again, after `away` seconds.

        Raises LookupError where none of that name runs.
        """
        for entry in self._entries():
            if entry.process.name == name and entry.child and entry.child.poll() is None:
                entry.away_until = time.monotonic() + away if away else None
                entry.child.send(entry.process.death_signal)
                return
        raise LookupError(name)

    def back_in(self, name: str) -> float | None:
        """In how many seconds a process that is away is started again; None while it runs."""
        for entry in self._entries():
            if entry.process.name == name and entry.child is None:
                return max(0.0, entry.retry_at - time.monotonic())
        return None

    def _tick(self) -> None:
        """Look once at every process."""
        if self._requests:
            raise Interrupted
        self._guard()
        self.beside()
        for entry in self._entries():
            if entry.child is None:
                if time.monotonic() >= entry.retry_at and not (
                    entry.process.once and entry.is_ready
                ):
                    self._start(entry)
            elif entry.child.poll() is not None:
                self._ended(entry)
            elif not entry.is_ready:
                self._check_ready(entry)
            else:
                age = time.monotonic() - entry.started_at
                entry.has_served = entry.has_served or age > _SERVED
                entry.failures = entry.failures if age < _STEADY else 0
        time.sleep(_PAUSE)

    def _start(self, entry: _Entry) -> None:
        process = entry.process
        try:
            entry.child = process.start()
        except OSError as error:
            raise CannotStart(f"{process.title}: {explain_os_error(error)}") from error
        entry.started_at = time.monotonic()
        self._tell_guardian(f"+{entry.child.pid} {int(process.death_signal)}")

    def _check_ready(self, entry: _Entry) -> None:
        process, child = entry.process, self._child(entry)
        if process.once or (process.ready and not process.ready(child)):
            if time.monotonic() - entry.started_at > process.ready_seconds:
                raise CannotStart(
                    f"{process.title} did not answer within {process.ready_seconds:.0f} s; "
                    f"see {child.log}"
                )
            return
        entry.is_ready = True
        entry.has_served = process.ready is not None
        self.report(f"{process.title} {'ready' if process.ready else 'started'}")

    def _ended(self, entry: _Entry) -> None:
        process, child = entry.process, self._child(entry)
        self._tell_guardian(f"-{child.pid}")
        entry.child = None
        if process.once and child.poll() == 0:
            entry.is_ready = True
            self.report(f"{process.title} done")
            return
        if entry.away_until is not None:
            entry.retry_at, entry.away_until = entry.away_until, None
            entry.is_ready = False
            pause = max(0.0, entry.retry_at - time.monotonic())
            self.report(f"{process.title} was taken away; starting it again in {pause:.0f} s")
            return
        entry.failures += 1
        reason = f"{process.title} {child.why()} (log: {child.log})"
        if process.once or (not entry.has_served and entry.failures >= _ATTEMPTS):
            raise CannotStart(reason)
        pause = min(_FIRST_BACKOFF * 2 ** (entry.failures - 1), _LONGEST_BACKOFF)
        entry.retry_at = time.monotonic() + pause
        entry.is_ready = False
        self.report(f"{reason}; starting it again in {pause:g} s")

    def _guard(self) -> None:
        """Have a guardian, told of everything that runs."""
        if self._guardian and self._guardian.poll() is None:
            return
        # What runs is told with the start itself: a kill just after it finds a guardian that knows.
        running = [
            f"{entry.child.pid}:{int(entry.process.death_signal)}"
            for entry in self._entries()
            if entry.child
        ]
        self._guardian = subprocess.Popen(  # noqa: S603  our own script, no shell
            [sys.executable, "-I", "-S", _GUARDIAN, str(self.lock), *running],
            stdin=subprocess.PIPE,
            text=True,
            bufsize=1,
            start_new_session=True,
            pass_fds=(self.lock,),
        )

    def _tell_guardian(self, line: str) -> None:
        if self._guardian and self._guardian.stdin:
            # A dead one is replaced, and told everything, at the next look.
            with contextlib.suppress(BrokenPipeError):
                self._guardian.stdin.write(f"{line}\n")

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self._requests += 1

    def _entries(self) -> list[_Entry]:
        return [entry for stage in self._stages for entry in stage]

    @staticmethod
    def _child(entry: _Entry) -> Child:
        if entry.child is None:
            raise RuntimeError(f"{entry.process.name} does not run")
        return entry.child
