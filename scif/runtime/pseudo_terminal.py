"""A program on a terminal of its own, with somebody at its keyboard who reads its screen."""

import os
import pty
import re
import select
import subprocess
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

ROWS, COLUMNS = 30, 100
CHUNK = 65_536
END_SECONDS = 10.0
_CLEARED = "\x1b[2J"
_ORDER = re.compile(r"\x1b(?:\[[0-9;]*[A-Za-z]|[78])")


class PseudoTerminal:
    """The program runs until :meth:`close`; what it writes is read only while somebody waits."""

    def __init__(
        self, command: Sequence[str], *, env: Mapping[str, str], cwd: Path, log: Path
    ) -> None:
        """Start it; what it says beside its screen is appended to ``log``."""
        self._master, slave = pty.openpty()
        termios.tcsetwinsize(slave, (ROWS, COLUMNS))
        with log.open("ab") as errors:
            self._process = subprocess.Popen(  # noqa: S603  our own commands, no shell
                list(command), env=dict(env), cwd=cwd,
                stdin=slave, stdout=slave, stderr=errors, start_new_session=True,
            )  # fmt: skip
        os.close(slave)
        self.written = ""  # all of it, orders to the terminal included
        self._typed_at = 0

    @property
    def pid(self) -> int:
        """The program's process."""
        return self._process.pid

    @property
    def shown(self) -> str:
        """What stands on the screen: the words since it was cleared last."""
        return _ORDER.sub("", self.written.rpartition(_CLEARED)[2])

    @property
    def since_typed(self) -> str:
        """What was written since somebody typed last."""
        return _ORDER.sub("", self.written[self._typed_at :])

    def type(self, keys: str) -> None:
        """At the keyboard; ``\\r`` is Enter."""
        self._typed_at = len(self.written)
        os.write(self._master, keys.encode())

    def shows(self, words: str, seconds: float) -> bool:
        """Wait until the words are on the screen; whether they came within so many seconds."""
        return self._comes(lambda: words in self.shown, seconds)

    def answers(self, words: str, seconds: float) -> bool:
        """The same for words that follow what was typed last."""
        return self._comes(lambda: words in self.since_typed, seconds)

    def _comes(self, there: Callable[[], bool], seconds: float) -> bool:
        until = time.monotonic() + seconds
        while not there():
            left = until - time.monotonic()
            if left <= 0 or not self._read(left):
                return there()
        return True

    def close(self) -> None:
        """Switch it off."""
        self._process.terminate()
        with suppress(subprocess.TimeoutExpired):
            # It clears the screen as it ends, which somebody must take from it.
            while self._read(END_SECONDS):
                continue
            self._process.wait(END_SECONDS)
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        os.close(self._master)

    def _read(self, seconds: float) -> bool:
        ready, _w, _x = select.select([self._master], [], [], seconds)
        if not ready:
            return False
        try:
            data = os.read(self._master, CHUNK)
        except OSError:  # the other end is closed
            return False
        self.written += data.decode(errors="replace")
        return bool(data)
