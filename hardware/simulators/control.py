"""How a demonstration or a test reaches a simulator: a Unix socket, one JSON object a line.

A request says what to ``do``; the answer is ``{"ok": true, …}`` or ``{"ok": false, "error": …}``.
"""

import json
import socket
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from hardware.simulators.loop import Loop

Request = Mapping[str, Any]
Answer = dict[str, Any]
LINE_BYTES = 65536
RING_ENTRIES = 20_000
SLOWEST_SECONDS = 60


class Refused(Exception):
    """The world does not allow what was asked; the message goes to whoever asked."""


def turnaround(request: Request) -> float:
    """How long a line waits before it answers, in seconds; raises Refused beyond a minute."""
    seconds = float(request["seconds"])
    if not 0 <= seconds <= SLOWEST_SECONDS:
        raise Refused(f"a line is slow by {SLOWEST_SECONDS} s at the most")
    return seconds


class Ring:
    """The last things that happened, numbered from 1; old ones fall out."""

    def __init__(self, loop: Loop, entries: int = RING_ENTRIES) -> None:
        self._loop = loop
        self._entries: deque[Answer] = deque(maxlen=entries)
        self.last = 0

    def add(self, what: str, **facts: Any) -> None:
        """Note one happening; ``at`` is in seconds of this machine's monotonic clock."""
        self.last += 1
        self._entries.append({"n": self.last, "at": self._loop.now(), "what": what, **facts})

    def since(self, number: int) -> list[Answer]:
        """Everything still remembered after entry ``number``."""
        return [entry for entry in self._entries if entry["n"] > number]


class ControlServer:
    """Serves the socket at ``path``; ``handle`` answers one request or raises Refused."""

    def __init__(self, loop: Loop, path: Path, handle: Callable[[Request], Answer]) -> None:
        self._loop = loop
        self._path = path
        self._handle = handle
        self._clients: dict[socket.socket, bytearray] = {}
        path.unlink(missing_ok=True)
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.bind(str(path))
        path.chmod(0o600)
        self._listener.listen()
        loop.watch(self._listener.fileno(), self._accept)

    def close(self) -> None:
        """Hang up on everybody and remove the socket."""
        for client in list(self._clients):
            self._drop(client)
        self._loop.forget(self._listener.fileno())
        self._listener.close()
        self._path.unlink(missing_ok=True)

    def _accept(self) -> None:
        client, _ = self._listener.accept()
        client.settimeout(1.0)
        self._clients[client] = bytearray()
        self._loop.watch(client.fileno(), lambda: self._read(client))

    def _read(self, client: socket.socket) -> None:
        try:
            data = client.recv(LINE_BYTES)
        except OSError:
            data = b""
        buffer = self._clients[client]
        buffer += data
        if not data or len(buffer) > LINE_BYTES:
            self._drop(client)
            return
        while b"\n" in buffer:
            line, _, rest = bytes(buffer).partition(b"\n")
            buffer[:] = rest
            try:
                client.sendall(json.dumps(self._answer(line)).encode() + b"\n")
            except OSError:
                self._drop(client)
                return

    def _answer(self, line: bytes) -> Answer:
        try:
            return {"ok": True} | self._handle(json.loads(line))
        except (Refused, ValueError, RecursionError) as error:
            return {"ok": False, "error": str(error)}
        except (LookupError, TypeError, AttributeError, ArithmeticError) as error:
            return {"ok": False, "error": f"missing or misfit argument: {error}"}

    def _drop(self, client: socket.socket) -> None:
        self._clients.pop(client, None)
        with suppress(KeyError, ValueError):
            self._loop.forget(client.fileno())
        client.close()
