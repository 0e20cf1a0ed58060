"""A sign of life for systemd (``WatchdogSec=``): a process that hangs altogether is killed.

A hang within this process that only one bus is in is mended here (:mod:`hardware.gateway.plant`);
one that stops every thread, as a library that keeps the interpreter would, only from outside.
"""

import os
import socket

ADDRESS = "NOTIFY_SOCKET"


def alive() -> None:
    """Say so; nothing where nobody listens."""
    address = os.environ.get(ADDRESS)
    if not address:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as said:
        said.settimeout(0)
        try:
            # An abstract address is written with @ and meant with a zero byte.
            said.sendto(b"WATCHDOG=1", address.replace("@", "\0", 1))
        except OSError:
            return  # a supervisor that takes no more is its own watcher's business
