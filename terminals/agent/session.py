"""A session as the person at the laptop has it: stock ``ssh``, the console, one line of state.

``ssh`` forwards one port of the loopback address to the harness; the console, a program of its
own on a terminal of its own, speaks to that port and to nothing else.
"""

import os
import pty
import select
import shutil
import signal
import subprocess
import termios
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from gettext import gettext as _
from pathlib import Path

from terminals.agent.asking import Access, Question, Word
from terminals.agent.screen import Screen

TICK_SECONDS = 1.0  # the agent hears that often
CHUNK = 65_536
MINUTE = 60

ENDED = _("The session has ended. %s.")
LEFT = _("You have signed out.")
AWAY = _("Nobody typed for a while. Sign in again to go on.")


@dataclass(frozen=True)
class Place:
    """Where the session's files lie, in memory; ``port`` of the loopback address leads out."""

    directory: Path
    known_hosts: Path
    port: int
    console: Sequence[str]

    @property
    def key(self) -> Path:
        """Its private key; the certificate lies beside it."""
        return self.directory / "session"

    def fresh_key(self) -> str:
        """Make a key for one session alone; gives its public line."""
        self.wipe()
        subprocess.run(  # noqa: S603  fixed words and a path of the image's configuration
            [_tool("ssh-keygen"), "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", str(self.key)],
            check=True,
            stdin=subprocess.DEVNULL,
        )
        return self.key.with_suffix(".pub").read_text(encoding="ascii").strip()

    def wipe(self) -> None:
        """No key, no certificate; they lie in memory, which forgets what is unlinked."""
        for path in self.directory.glob("session*"):
            path.unlink(missing_ok=True)


class Session:
    """With its end ``ssh``, the console and the key are gone."""

    def __init__(self, place: Place, access: Access, window: Path, screen: Screen) -> None:
        self._place, self._access, self._window, self._screen = place, access, window, screen
        self._said = ""
        self._typed = time.monotonic()
        self._children: list[subprocess.Popen[bytes]] = []
        self._master = self._line = -1  # the console's terminal; what tells that ssh has ended

    def run(self) -> str:
        """Until it ends; gives the sentence that is to be shown then."""
        try:
            ssh = self._connect()
            # One line from the command that runs once ssh is in; no line where it is not let in.
            # After it ssh shuts its output by itself, which tells nothing of its end.
            if ssh.stdout is None or not ssh.stdout.readline():
                return ENDED % self._access.said
            self._place.wipe()
            self._line = os.pidfd_open(ssh.pid)
            self._open_console()
            return self._relay()
        finally:
            self._close()

    def _connect(self) -> "subprocess.Popen[bytes]":
        access, place = self._access, self._place
        certificate = place.directory / "session-cert.pub"
        certificate.write_text(access.certificate + "\n", encoding="ascii")
        host, _colon, port = access.bastion.rpartition(":")
        options = (
            "IdentitiesOnly=yes", "BatchMode=yes", "StrictHostKeyChecking=yes",
            f"UserKnownHostsFile={_option(place.known_hosts)}", "GlobalKnownHostsFile=none",
            "HostKeyAlias=bastion", f"CertificateFile={_option(certificate)}",
            f"IdentityFile={_option(place.key)}", "ExitOnForwardFailure=yes",
            "ConnectTimeout=10", "PermitLocalCommand=yes", "LocalCommand=echo in",
        )  # fmt: skip
        words = [word for option in options for word in ("-o", option)]
        ssh = subprocess.Popen(  # noqa: S603  its words are the centre's and the image's, no shell
            [_tool("ssh"), "-F", "none", "-p", port, *words, "-N",
             "-L", f"127.0.0.1:{place.port}:{access.harness}", "--", f"{access.login}@{host}"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            env={"PATH": os.defpath, "SHELL": "/bin/sh"},
        )  # fmt: skip
        self._children.append(ssh)
        # The agent kills by this file (ssh_pids in agent.json).
        (place.directory / "ssh.pid").write_text(str(ssh.pid), encoding="ascii")
        return ssh

    def _open_console(self) -> None:
        self._screen.frame()
        self._master, slave = pty.openpty()
        termios.tcsetwinsize(slave, self._screen.size)
        self._children.append(
            subprocess.Popen(  # noqa: S603  a command of the image's own configuration
                list(self._place.console),
                stdin=slave, stdout=slave, stderr=slave, start_new_session=True,
                cwd=self._place.directory,
                env={"PATH": os.defpath, "LANG": "C.UTF-8", "TERM": "dumb"},
            )
        )  # fmt: skip
        os.close(slave)
        os.set_blocking(self._master, False)

    def _relay(self) -> str:
        """Keys to the console, its words to the screen; the agent's word each second."""
        due = time.monotonic()
        asked: Question | None = None
        while True:
            try:
                if asked is None and time.monotonic() >= due:
                    asked, due = self._ask(), time.monotonic() + TICK_SECONDS
            except OSError:
                return ""
            ends: list[int | Question] = [self._screen.keys, self._master, self._line]
            ends += [asked] if asked else []
            wait = max(0.0, due - time.monotonic()) if asked is None else TICK_SECONDS
            ready, _w, _x = select.select(ends, [], [], wait)
            if asked is not None and asked in ready:
                over, asked = self._look(asked.word()), None
                if over is not None:
                    return over
            if asked is not None and asked.late:
                return ""
            if self._line in ready:
                return ENDED % self._access.said
            if self._screen.keys in ready:
                self._type(self._screen.read())
            if self._master in ready:
                try:
                    self._screen.show(os.read(self._master, CHUNK))
                except OSError:  # as a terminal says that nobody has it open any more
                    return LEFT

    def _ask(self) -> Question:
        return Question(self._window, {"ask": "word"})

    def _type(self, keys: bytes) -> None:
        self._typed = time.monotonic()
        with suppress(BlockingIOError):  # what a console does not take is not kept for it
            os.write(self._master, keys)

    def _look(self, word: Word) -> str | None:
        """Show what the centre says of the session; a sentence where it is not to be shown more."""
        if word.still:
            return ""
        told = word.session
        if told is None or told.get("grant") != self._access.login:
            return None  # the centre's word of it is under way, or that of its end is: ssh knows
        left = int(told["left"])
        said = str(told["said"])
        self._screen.state(" · ".join(filter(None, [_("%d min left") % (left // MINUTE), said])))
        if said and said != self._said:
            self._screen.notice(said)
        self._said = said
        return AWAY if time.monotonic() - self._typed >= float(told["idle"]) else None

    def _close(self) -> None:
        for child in self._children:
            with suppress(ProcessLookupError):
                child.send_signal(signal.SIGKILL)
            child.wait()
        for each in (self._master, self._line):
            if each >= 0:
                os.close(each)
        self._place.wipe()
        (self._place.directory / "ssh.pid").unlink(missing_ok=True)


def _tool(name: str) -> str:
    return shutil.which(name, path=os.defpath) or name


def _option(path: Path) -> str:
    """A path as one word of an option of ssh, which splits at spaces and expands ``%``."""
    text = str(path).replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return f'"{text}"'
