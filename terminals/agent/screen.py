"""The one screen of a laptop: a page of words, or a session below one line of state.

It owns the terminal: keys come as bytes, none of them means anything to the system, and what is
shown of a session is text. INVARIANT: no byte of a session reaches the screen as an order to it.
"""

import codecs
import os
import select
import termios
import tty
from contextlib import suppress
from types import TracebackType

CLEAR = "\x1b[r\x1b[0m\x1b[2J\x1b[3J\x1b[H"  # margins, colours, screen, what was scrolled off, home
SHOWN = frozenset("\r\n\t\b\a")
ENTER, ERASE = b"\r\n", b"\b\x7f"
LONGEST = 200  # keys of an answer


class Screen:
    """A terminal as two file descriptors; a context, which leaves it as it was, and empty."""

    def __init__(self, keys: int = 0, out: int = 1) -> None:
        self.keys = keys
        self._out = out
        self._before = termios.tcgetattr(keys)
        self._text = codecs.getincrementaldecoder("utf-8")("replace")
        self._state = ""

    def __enter__(self) -> "Screen":
        tty.setraw(self.keys)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with suppress(OSError, termios.error):  # a terminal that is gone shows nothing
            self._write(CLEAR)
            termios.tcsetattr(self.keys, termios.TCSAFLUSH, self._before)

    @property
    def size(self) -> tuple[int, int]:
        """Rows and columns that a session has, below the line of state."""
        columns, rows = os.get_terminal_size(self._out)
        return max(1, rows - 1), columns

    def page(self, *lines: str) -> None:
        """Nothing but these lines; keys that were typed before it are forgotten."""
        termios.tcflush(self.keys, termios.TCIFLUSH)
        self._write(CLEAR + "".join(f"\r\n   {plain(line)}" for line in lines))

    def heard(self, seconds: float) -> bytes:
        """The keys that come within so many seconds; none where none come."""
        ready, _, _ = select.select([self.keys], [], [], seconds)
        return self.read() if ready else b""

    def read(self) -> bytes:
        """The keys that are there. Raises ``EOFError`` where the terminal is gone."""
        try:
            keys = os.read(self.keys, LONGEST)
        except OSError as error:
            raise EOFError from error
        if not keys:
            raise EOFError
        return keys

    def frame(self) -> None:
        """An empty screen for a session: it scrolls below the line of state."""
        termios.tcflush(self.keys, termios.TCIFLUSH)
        self._text.reset()
        self._state = ""
        self._write(f"{CLEAR}\x1b[2;{self.size[0] + 1}r\x1b[2;1H")

    def state(self, words: str) -> None:
        """The line of state."""
        if words != self._state:
            self._state = words
            shown = plain(words)[: self.size[1]]
            self._write(f"\x1b7\x1b[1;1H\x1b[7m{shown}\x1b[0m\x1b[K\x1b8")

    def notice(self, words: str) -> None:
        """A line of the laptop's own amid what the session shows."""
        self._write(f"\r\n\x1b[7m {plain(words)} \x1b[0m\r\n")

    def show(self, data: bytes) -> None:
        """What the session's program says, as text."""
        self._write(plain(self._text.decode(data)))

    def _write(self, text: str) -> None:
        data = text.encode()
        while data:
            data = data[os.write(self._out, data) :]


def plain(text: str) -> str:
    """What of a text can be shown; orders to a terminal are not."""
    return "".join(each for each in text if each.isprintable() or each in SHOWN)


class Answer:
    """A line that is typed unseen, key by key; an empty one is none."""

    def __init__(self) -> None:
        self._typed = bytearray()

    def take(self, keys: bytes) -> str | None:
        """The line once Enter has come; keys after it are forgotten."""
        for key in keys:
            if key in ENTER and self._typed:
                return self._typed.decode("ascii", "replace")
            if key in ERASE:
                del self._typed[-1:]
            elif key not in ENTER and len(self._typed) < LONGEST:
                self._typed.append(key)
        return None
