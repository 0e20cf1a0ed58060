"""`python -m tests.bench.lock_order SOCKET`: a control plane that has nothing to do but to lock.

The process that plays 200 laptops hears all of them end, and would read the answer late. This one
links, says so, waits for a line, gives the order and prints the seconds to its answer and how many
grants that names.
"""

import json
import socket
import sys
import time
from typing import Any

from terminals.bastion.wire import Scope, decode, encode


def main() -> None:
    """Link, wait, lock, say."""
    with socket.socket(socket.AF_UNIX) as link:
        link.connect(sys.argv[1])
        lines = link.makefile("rb")
        _until(lines, "caught_up")
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        sys.stdin.readline()
        order = {"do": "lock", "request": "1", "by": Scope.ALL, "value": "", "reason": "lockdown"}
        begun = time.perf_counter()
        link.sendall(encode(order))
        locked = _until(lines, "locked")
        took = time.perf_counter() - begun
        sys.stdout.write(json.dumps([took, len(locked["grants"])]) + "\n")


def _until(lines: Any, tell: str) -> dict[str, Any]:
    while True:
        message = decode(lines.readline())
        if message["tell"] == tell:
            return message


if __name__ == "__main__":
    main()
