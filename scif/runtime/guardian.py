"""Ends what a killed supervisor left running: a script of its own, without site-packages.

It reads `+GROUP SIGNAL` and `-GROUP` lines, one for each process group started and ended. When the
supervisor's end of the pipe closes, it sends each remaining group its signal, and after three
seconds SIGKILL. Its first argument is the installation's open lock file: inherited, it holds the
lock until all is over. The others, `GROUP:SIGNAL`, are the groups that run already.
"""

import contextlib
import os
import signal
import sys
import time

_SECONDS = 3.0


def main() -> None:
    """Follow the supervisor until it is gone."""
    # A terminal's Ctrl-C or a shutdown's SIGTERM is the supervisor's business.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    running = (each.split(":") for each in sys.argv[2:])
    groups = {int(group): int(last) for group, last in running}
    for line in sys.stdin:
        words = line[1:].split()
        if line.startswith("+"):
            groups[int(words[0])] = int(words[1])
        else:
            groups.pop(int(words[0]), None)
    # Empty: nobody serves, the rest is being cleared away (see lock.py).
    os.ftruncate(int(sys.argv[1]), 0)
    for group, last in groups.items():
        _send(group, last)
    deadline = time.monotonic() + _SECONDS
    while any(_send(group, 0) for group in groups) and time.monotonic() < deadline:
        time.sleep(0.02)
    for group in groups:
        _send(group, signal.SIGKILL)


def _send(group: int, number: int) -> bool:
    """Signal a group; False where it is gone."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, number)
        return True
    return False


if __name__ == "__main__":
    main()
