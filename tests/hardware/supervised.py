"""A supervisor over small real processes, for the tests: `python -m tests.hardware.supervised`.

Argument 1 is a directory. Each process writes `NAME.PID` there when it runs and appends its name to
`stopped` when it is asked to stop. `mother` starts a `daughter` that ignores SIGTERM. The machine
room is at `machines.sock` there.
"""

import os
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path
from types import FrameType

from scif.runtime.child import Child
from scif.runtime.errors import CannotStart
from scif.runtime.lock import lock_installation
from scif.runtime.supervisor import Interrupted, Process, Supervisor


def member(directory: Path, name: str) -> None:
    """Run as one of the processes until asked to stop."""

    def stop(number: int, frame: FrameType | None) -> None:
        with (directory / "stopped").open("a") as file:
            file.write(f"{name}\n")
        if name != "stubborn":
            sys.exit(0)

    signal.signal(signal.SIGTERM, signal.SIG_IGN if name == "daughter" else stop)
    if name == "broken":
        sys.exit("libnothere.so.1: cannot open shared object file: No such file or directory")
    if name == "mother":
        subprocess.Popen([*_command(directory, "daughter")])
    (directory / f"{name}.{os.getpid()}").touch()
    while True:
        signal.pause()


def _command(directory: Path, name: str) -> list[str]:
    return [sys.executable, "-m", "tests.hardware.supervised", str(directory), name]


def process(directory: Path, name: str) -> Process:
    """Describe one of the processes; it is ready when it has said so."""
    start = partial(
        Child, _command(directory, name), env=dict(os.environ), log=directory / f"{name}.log"
    )
    return Process(
        name, name, start, ready=lambda child: (directory / f"{name}.{child.pid}").exists()
    )


def main() -> None:
    """Supervise `first`, then `mother` and any that are named; print what happens."""
    # Here alone: its processes are to start fast.
    from scif.runtime.machines import MachineRoom

    directory = Path(sys.argv[1])
    supervisor = Supervisor(partial(print, flush=True), lock_installation(directory))
    room = MachineRoom(supervisor, directory / "machines.sock", directory)
    supervisor.beside = room.look
    with supervisor.signals():
        try:
            supervisor.bring_up([process(directory, "first")])
            names = [name.removeprefix("+") for name in sys.argv[2:]]
            supervisor.bring_up([process(directory, name) for name in ("mother", *names)])
            print("serving", flush=True)
            supervisor.keep(lambda: False)
        except Interrupted:
            print("interrupted", flush=True)
        finally:
            supervisor.stop()
            room.close()


if __name__ == "__main__":
    if len(sys.argv) == 3 and not sys.argv[2].startswith("+"):
        member(Path(sys.argv[1]), sys.argv[2])
    else:
        try:
            main()
        except CannotStart as error:
            sys.exit(f"Cannot start: {error}")
