"""``python -m hardware.simulators CONFIG.json``: one or more simulated buses in a process.

The configuration is ``{"name": …, "buses": [{"kind": …, "name": …, "port": …, "baud": …, …}]}``;
the control socket is ``$SCIF_SIM_DIR/NAME.sock``, the cards lie in ``$SCIF_SIM_DIR/cards``.
The line "ready" on standard output says that ports and socket are there.
"""

import json
import os
import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path

from hardware.kinds import KINDS, named
from hardware.simulators.cards import CardStore
from hardware.simulators.control import ControlServer, Ring
from hardware.simulators.loop import Loop
from hardware.simulators.skew import Skew
from hardware.simulators.world import Config, Desk, Simulator, World


def simulator_of(bus: Config, world: World) -> Simulator:
    """The virtual bus of a part of the configuration, by its row of ``hardware/kinds.py``."""
    make: Callable[[Config, World], Simulator] = named(KINDS[bus["kind"]].simulator)
    return make(bus, world)


def main() -> None:
    """Serve until SIGTERM or SIGINT."""
    config = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    directory = Path(os.environ["SCIF_SIM_DIR"])
    directory.mkdir(parents=True, exist_ok=True)
    loop = Loop()
    world = World(loop, Ring(loop), CardStore(directory / "cards"), directory)
    buses = [simulator_of(bus, world) for bus in config["buses"]]
    skew = Skew(directory, config["name"])
    desk = Desk(world, buses, skew)
    control = ControlServer(loop, directory / f"{config['name']}.sock", desk.handle)
    # A handler alone would not end a select without a timeout; a byte on the wake-up pipe does.
    ears, mouth = socket.socketpair()
    os.set_blocking(mouth.fileno(), False)
    signal.set_wakeup_fd(mouth.fileno())
    loop.watch(ears.fileno(), loop.stop)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    try:
        loop.run()
    finally:
        control.close()
        skew.close()
        for bus in buses:
            bus.close()


if __name__ == "__main__":
    main()
