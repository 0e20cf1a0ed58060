"""The agent's window: what the sign-in program may ask of it, between two heartbeats.

A Unix socket that the kiosk's user may open, one line of JSON a question:

→ ``{"ask": "word"}``                  ← ``{"still": …, "serial": …, "session": …}``
→ ``{"ask": "quote", "nonce": HEX, "key": HEX}``   ← ``{"quote": HEX, "signature": HEX}``

What is not understood, or fails, is not answered; to the sign-in program that is *locked*. The
nonce is the centre's: a quote over another one proves nothing to anybody. ``key`` is SHA-256 of the
session's public key; the TPM quotes SHA-256 of both in a row, so that the quote is good for no
other key. INVARIANT: no bare nonce is quoted here; those that the desk asks are the agent's own.
"""

import hashlib
import json
import socket
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

LONGEST = 1024  # bytes of a question
MOMENT = 0.2  # seconds that a question may take to arrive: the next heartbeat waits for nobody
MODE = 0o660
DIGEST_BYTES = 32  # of a nonce as well

Word = Callable[[], Mapping[str, Any]]
Quote = Callable[[str], tuple[bytes, bytes]]


class Window:
    """Answers one question after the other, in the agent's own thread."""

    def __init__(self, path: Path, word: Word, quote: Quote) -> None:
        self._word, self._quote = word, quote
        path.unlink(missing_ok=True)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.bind(str(path))
        path.chmod(MODE)
        self._socket.listen()

    def wait(self, seconds: float) -> None:
        """Let so many seconds pass, and answer meanwhile."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            self._socket.settimeout(left)
            try:
                talk, _ = self._socket.accept()
            except TimeoutError:
                return
            with talk:
                self._answer(talk)

    def close(self) -> None:
        """Answer nobody any more."""
        self._socket.close()

    def _answer(self, talk: socket.socket) -> None:
        talk.settimeout(MOMENT)
        try:
            talk.sendall(json.dumps(self._said(json.loads(talk.recv(LONGEST)))).encode() + b"\n")
        except (OSError, ValueError, KeyError, TypeError, subprocess.SubprocessError):
            return  # silence is the answer to whatever is no question

    def _said(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        if asked["ask"] == "word":
            return self._word()
        if asked["ask"] != "quote":
            raise ValueError("no such question")
        nonce, key = (bytes.fromhex(asked[name]) for name in ("nonce", "key"))
        if {len(nonce), len(key)} != {DIGEST_BYTES}:
            raise ValueError("no nonce, or no digest")
        # Hex and nothing else: it becomes a word of a command.
        quote, signature = self._quote(hashlib.sha256(nonce + key).hexdigest())
        return {"quote": quote.hex(), "signature": signature.hex()}
