"""What the sign-in program asks: of the agent on the same laptop, of the control process afar.

Standard library only. The protocol afar is that of ``terminals/control/listener.py``; the proof of
what this laptop runs comes from its TPM, through the agent's window.
"""

import base64
import hashlib
import json
import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

LONGEST = 8192  # bytes of an answer
WINDOW_SECONDS = 3.0  # a TPM takes its time, and a heartbeat may be under way
CENTRE_SECONDS = 20.0

Message = Mapping[str, Any]


@dataclass(frozen=True)
class Word:
    """What the agent last heard of the centre: keep still or not, and how the session stands."""

    still: bool
    serial: str = ""
    session: Message | None = None


LOCKED = Word(still=True)


@dataclass(frozen=True)
class Access:
    """What opens a session: login, certificate, and the two addresses as ``host:port``.

    ``said``: whom to turn to once it has ended.
    """

    login: str
    certificate: str = field(repr=False)
    bastion: str
    harness: str
    said: str


class Refused(Exception):
    """No session; says what the person at the laptop is told."""


class Question:
    """A question to the agent that is on its way; can be waited for with ``select``.

    Raises ``OSError`` where there is no agent. The agent answers between two heartbeats.
    """

    def __init__(self, window: Path, message: Message) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._until = time.monotonic() + WINDOW_SECONDS
        try:
            self._socket.settimeout(WINDOW_SECONDS)
            self._socket.connect(str(window))
            self._socket.sendall(json.dumps(message).encode() + b"\n")
        except OSError:
            self._socket.close()
            raise

    def fileno(self) -> int:
        """Can be read from once the answer is there."""
        return self._socket.fileno()

    @property
    def late(self) -> bool:
        """Whether it is no more worth waiting for."""
        return time.monotonic() > self._until

    def answer(self) -> dict[str, Any]:
        """Wait for it. Raises ``OSError`` or ``ValueError`` where none comes."""
        with self._socket:
            return dict(json.loads(self._socket.recv(LONGEST)))

    def word(self) -> Word:
        """The agent's word. INVARIANT: an agent that does not answer is a laptop that is locked."""
        try:
            said = self.answer()
            return Word(said["still"] is not False, str(said["serial"]), said["session"])
        except (OSError, ValueError, KeyError, TypeError):
            return LOCKED


def ask_word(window: Path) -> Word:
    """Ask for the agent's word and wait for it."""
    try:
        return Question(window, {"ask": "word"}).word()
    except OSError:
        return LOCKED


def ask_session(
    window: Path, centre: str, pinned: Path, *, badge: bytes, pin: str, key: str
) -> Access:
    """Ask for a session at ``centre`` (``host:port``), whose certificate is ``pinned``.

    ``key`` is the public key, as OpenSSH writes it, that the certificate is to be for; the laptop's
    TPM quotes its digest together with the centre's nonce. Raises
    :class:`Refused` with the centre's own sentence; ``OSError`` or ``ValueError`` where no answer
    came that can be understood.
    """
    serial = ask_word(window).serial
    context = ssl.create_default_context(cafile=pinned)
    context.check_hostname = False  # it knows this one certificate and no other
    host, _, port = centre.rpartition(":")
    with (
        socket.create_connection((host, int(port)), CENTRE_SECONDS) as raw,
        context.wrap_socket(raw) as talk,
        talk.makefile("rwb") as lines,
    ):
        asked = _exchange(lines, {"ask": "nonce", "serial": serial})
        if "nonce" in asked:
            about = {"nonce": asked["nonce"], "key": _digest(key)}
            proof = Question(window, {"ask": "quote", **about}).answer()
            told = {"ask": "session", "badge": badge.hex(), "pin": pin, "key": key, **proof}
            asked = _exchange(lines, told)
    if "certificate" not in asked:
        raise Refused(str(asked.get("said", "")))
    names = ("login", "certificate", "bastion", "harness", "said")
    if not all(isinstance(asked.get(name), str) for name in names):
        raise ValueError("no session in the answer")
    return Access(**{name: asked[name] for name in names})


def _digest(key: str) -> str:
    """SHA-256 of a public key, of the same bytes as OpenSSH's fingerprint; in hex."""
    return hashlib.sha256(base64.b64decode(key.split()[1])).hexdigest()


def _exchange(lines: Any, message: Message) -> dict[str, Any]:
    lines.write(json.dumps(message).encode() + b"\n")
    lines.flush()
    return dict(json.loads(lines.readline(LONGEST)))
