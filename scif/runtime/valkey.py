"""The embedded Valkey: Celery's broker and the websockets' channel layer, on a unix socket.

It keeps nothing on disk: a command that outlives a restart would be late, and late is worse than
lost. Access is the socket's directory, which only the installation's user may enter.
"""

import signal
import socket
from dataclasses import dataclass
from pathlib import Path

from scif.runtime.binaries import valkey_program
from scif.runtime.child import Child
from scif.runtime.places import Places, refuse_taken


@dataclass(frozen=True)
class Valkey:
    """The Valkey server of one installation."""

    places: Places

    @property
    def socket(self) -> Path:
        """The unix socket that clients connect to."""
        return self.places.run / "valkey" / "valkey.sock"

    @property
    def url(self) -> str:
        """What clients get as VALKEY_URL."""
        return f"unix://{self.socket}"

    def start(self) -> Child:
        """Start the server; returns before it answers. Raises CannotStart, OSError."""
        refuse_taken(self.socket)
        options = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "dir": str(self.socket.parent),
            "save": "",
            "appendonly": "no",
            "daemonize": "no",
        }
        words = [word for name, value in options.items() for word in (f"--{name}", value)]
        return Child(
            [str(valkey_program(self.places)), *words],
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"},
            log=self.places.log / "valkey.log",
            user=self.places.user,
            death_signal=signal.SIGKILL,
        )

    def ready(self) -> bool:
        """Tell whether the server answers."""
        try:
            with socket.socket(socket.AF_UNIX) as client:
                client.settimeout(1)
                client.connect(str(self.socket))
                client.sendall(b"PING\r\n")
                return client.recv(64).startswith(b"+PONG")
        except OSError:
            return False
