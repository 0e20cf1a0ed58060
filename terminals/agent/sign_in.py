"""The one program on a laptop's screen: badge, PIN, session; and again after each blanking.

    python3 -m terminals.agent.sign_in /etc/terminal/sign_in.json

The badge is read by a reader that types its number as a keyboard, or is typed: hexadecimal digits,
then Enter; so is the PIN. Neither is shown. INVARIANT: nothing here knows one right PIN from
another, and a laptop that is locked, or whose agent is silent, shows that it is and who can help,
and nothing else.
"""

import argparse
import json
import signal
import subprocess
import sys
from dataclasses import dataclass
from gettext import gettext as _
from pathlib import Path
from typing import Any

from terminals.agent.asking import Refused, ask_session, ask_word
from terminals.agent.screen import Answer, Screen
from terminals.agent.session import Place, Session

TITLE = _("Secure reading terminal")
LOCKED = _("Locked")
LOCKED_HELP = _("Please see the guard; from outside, call the facility.")
BADGE = _("Hold your badge to the reader. What is read or typed is not shown.")
PIN = _("Now type your PIN, then Enter.")
WAIT = _("One moment.")
NO_BADGE = _("That was no badge. Please try again.")
# What is not reached does not say where the laptop is out for.
NO_ANSWER = _("There is no answer. Please see the guard; from outside, call the facility.")
LOOK_SECONDS = 1.0


@dataclass(frozen=True)
class Config:
    """``/etc/terminal/sign_in.json``: paths of the image, addresses of the installation.

    ``patience``: seconds within which a PIN follows its badge.
    """

    window: str
    centre: str
    pinned: str
    known_hosts: str
    directory: str
    port: int
    console: list[str]
    patience: int

    @classmethod
    def read(cls, path: Path) -> "Config":
        """Read the file; what is missing or unknown stops the program."""
        return cls(**json.loads(path.read_text(encoding="utf-8")))


class SignIn:
    """Page after page, for ever."""

    def __init__(self, config: Config, screen: Screen) -> None:
        self._config, self._screen = config, screen
        self._window = Path(config.window)
        self._place = Place(
            Path(config.directory), Path(config.known_hosts), config.port, config.console
        )

    def run(self) -> None:
        """Until the laptop is switched off."""
        said = ""
        while True:
            if ask_word(self._window).still:
                self._locked()
                said = ""
            said = self._turn(said)

    def _locked(self) -> None:
        self._screen.page(LOCKED, "", LOCKED_HELP)
        while ask_word(self._window).still:
            self._screen.heard(LOOK_SECONDS)

    def _turn(self, said: str) -> str:
        """One person's turn; gives what the next page says above its question."""
        typed = self._typed(BADGE, said)
        if typed is None:
            return ""
        badge = badge_of(typed)
        if badge is None:
            return NO_BADGE
        pin = self._typed(PIN, "", self._config.patience)
        if pin is None:
            return ""
        self._screen.page(TITLE, "", WAIT)
        try:
            access = ask_session(
                self._window, self._config.centre, Path(self._config.pinned),
                badge=badge, pin=pin, key=self._place.fresh_key(),
            )  # fmt: skip
            return Session(self._place, access, self._window, self._screen).run()
        except Refused as refused:
            return str(refused) or NO_ANSWER
        except (OSError, ValueError, KeyError, TypeError, subprocess.SubprocessError):
            return NO_ANSWER
        finally:
            self._place.wipe()

    def _typed(self, question: str, said: str, seconds: int | None = None) -> str | None:
        """A line, unseen; None where the laptop is locked meanwhile or nobody types in time."""
        self._screen.page(TITLE, "", *([said, ""] if said else []), question)
        answer, left = Answer(), seconds
        while left is None or left > 0:
            keys = self._screen.heard(LOOK_SECONDS)
            line = answer.take(keys)
            if line is not None:
                return line
            if not keys:
                left = None if left is None else left - 1
                if ask_word(self._window).still:
                    return None
        return None


def badge_of(typed: str) -> bytes | None:
    """The badge's number of what a reader or a person typed; None where it is none."""
    plain = "".join(each for each in typed if each not in " :-")
    try:
        return bytes.fromhex(plain) or None
    except ValueError:
        return None


def main() -> None:
    """Own the terminal that this process was started on."""
    parser = argparse.ArgumentParser(description="Sign-in program of a locked-down laptop")
    parser.add_argument("config", type=Path)
    config = Config.read(parser.parse_args().config)
    signal.signal(signal.SIGTERM, _end)
    with Screen() as screen:
        SignIn(config, screen).run()


def _end(number: int, frame: Any) -> None:
    sys.exit(0)


if __name__ == "__main__":
    main()
