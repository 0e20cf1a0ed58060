"""One child process: started, watched and stopped with everything that it started itself."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from scif.runtime.errors import CannotStart, explain_log, tail

_LAUNCH = str(Path(__file__).with_name("launch.py"))
_KEPT_LOG_BYTES = 5_000_000


@dataclass(frozen=True)
class ServerUser:
    """The unprivileged user that a server runs as when the supervisor is root."""

    uid: int
    gid: int


class Child:
    """A running program in a session of its own, so that its whole group can be ended.

    INVARIANT: the child dies with the *thread* that made it; make children in a thread that lives
    as long as they shall (the main one).
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        env: Mapping[str, str],
        log: Path,
        cwd: Path | None = None,
        user: ServerUser | None = None,
        death_signal: signal.Signals = signal.SIGKILL,
    ) -> None:
        """Start `command`; its output is appended to `log`. Raises OSError."""
        if log.exists() and log.stat().st_size > _KEPT_LOG_BYTES:
            log.replace(log.with_suffix(".log.1"))
        uid, gid = (str(user.uid), str(user.gid)) if user else ("-", "-")
        launcher = [sys.executable, "-I", "-S", _LAUNCH]
        with log.open("ab") as output:
            self.log, self.log_start = log, output.tell()
            self._popen = subprocess.Popen(  # noqa: S603  our own commands, no shell
                [*launcher, str(int(death_signal)), str(os.getpid()), uid, gid, *command],
                env=dict(env),
                cwd=cwd,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        self.pid = self._popen.pid

    def poll(self) -> int | None:
        """Give the exit status, or None while it runs; ends what a dead child left behind."""
        if self._popen.returncode is None:
            ended = os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            if ended is None:
                return None
            # Before it is reaped its number cannot be given to another group.
            self.send(signal.SIGKILL)
            self._popen.wait()
        return self._popen.returncode

    def send(self, number: signal.Signals, *, group: bool = True) -> None:
        """Send a signal to the child's whole group, or to the child alone."""
        with contextlib.suppress(ProcessLookupError):
            (os.killpg if group else os.kill)(self.pid, number)

    def stop(self, number: signal.Signals = signal.SIGTERM, seconds: float = 10) -> None:
        """Ask it to stop, wait `seconds`, then end its group by force."""
        if self.poll() is None:
            self.send(number, group=False)
            if not wait_until(lambda: self.poll() is not None, seconds):
                self.send(signal.SIGKILL)
                self._popen.wait()

    def why(self) -> str:
        """Say how an ended child ended: by which signal, else what the end of its log tells."""
        status = self.poll()
        if status is not None and status < 0:
            # What it wrote last was before, and is not the reason.
            return f"was killed by signal {-status}"
        return f"ended: {explain_log(self.output(), self.log)}"

    def output(self) -> str:
        """Give the end of what this child (not an earlier one) wrote to its log."""
        return tail(self.log, self.log_start)


def wait_until(condition: Callable[[], bool], seconds: float, pause: float = 0.02) -> bool:
    """Try `condition` until it holds; False after `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(pause)
    return True


def wait_ready(name: str, child: Child, ready: Callable[[], bool], seconds: float = 30) -> None:
    """Wait until a started child answers; raises CannotStart when it ends or never answers."""
    if not wait_until(lambda: child.poll() is not None or ready(), seconds):
        child.stop(seconds=1)
        raise CannotStart(f"{name} did not answer within {seconds:.0f} s; see {child.log}")
    if child.poll() is not None:
        raise CannotStart(f"{name} did not start: it {child.why()} ({child.log})")
