"""`make demo`: everything on one machine, one scripted visit, then a system to look around in."""

import errno
import importlib
import os
import socket
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.table import Table

from scif.runtime.errors import CannotStart
from scif.runtime.keys import make_gateway_key, make_keys
from scif.runtime.libraries import NFC, install, may_install, missing
from scif.runtime.lock import lock_installation
from scif.runtime.machines import MachineRoom
from scif.runtime.places import make_places
from scif.runtime.postgres import DATABASE, Postgres
from scif.runtime.prepared import is_prepared, note_prepared
from scif.runtime.processes import PROJECT, WEB, Installation
from scif.runtime.supervisor import Interrupted, Supervisor
from scif.runtime.valkey import Valkey

INTERRUPTED = 130
PORTS = range(1, 65536)
BUSY = 3  # processes for each processor, from which a device may seem to be silent


@dataclass
class _Visit:
    """The scripted visit, in a thread of its own while the main thread supervises."""

    console: Console
    log: Path
    stopping: Callable[[], bool]
    passed: bool = False
    thread: threading.Thread = field(init=False)

    def __post_init__(self) -> None:
        self.thread = threading.Thread(target=self._play, name="visit", daemon=True)

    def _play(self) -> None:
        try:
            module = importlib.import_module("scif.runtime.visit")
            self.passed = bool(module.play(self.console, self.stopping))
        except Exception:
            self.log.write_text(traceback.format_exc())
            say(self.console, f"The visit broke off there (log: {self.log}).")
            say(
                self.console,
                "What was changed by hand since the last visit may be why: `make clean` forgets"
                " the demonstration, and the next start begins anew.",
            )
            load, processors = os.getloadavg()[0], os.cpu_count() or 1
            if load > BUSY * processors:
                say(
                    self.console,
                    f"So may other work on this machine ({load:.0f} processes waited for"
                    f" {processors} processors): whatever answers late counts as not there.",
                )


def demo(console: Console, *, port: str, once: bool) -> int:
    """Run the demonstration; gives the exit status. Raises CannotStart, OSError."""
    began = time.monotonic()
    var = Path(os.environ.get("SCIF_VAR") or PROJECT / "var").absolute()
    var.mkdir(parents=True, exist_ok=True)
    lock = lock_installation(var)
    number = _free_port(port)
    keys = os.environ.get("SCIF_KEYS")
    places = make_places(var, Path(keys) if keys else None)
    installation = Installation(places, Postgres(places), Valkey(places), number)

    def report(line: str) -> None:
        say(console, f"{time.monotonic() - began:5.1f} s  {line}")

    supervisor = Supervisor(report, lock)
    room = MachineRoom(supervisor, places.machine_room, places.simulators)
    supervisor.beside = room.look
    with supervisor.signals():
        try:
            make_keys(places.keys)
            with console.status("Starting"):
                _start(installation, supervisor, console)
            passed = _play(installation, supervisor, console)
            if once:
                return 0 if passed else 1
            _welcome(installation, console)
            supervisor.keep(lambda: False)
        except Interrupted:
            return INTERRUPTED if once else 0
        finally:
            say(console, "Stopping everything")
            supervisor.stop()
            room.close()
            places.remove_sockets()
    return 0


def _start(installation: Installation, supervisor: Supervisor, console: Console) -> None:
    postgres, places = installation.postgres, installation.places
    supervisor.bring_up(installation.servers())
    postgres.make_database()
    if missing([NFC]):
        if may_install():
            say(console, "Installing libnfc and libfreefare.")
        install([NFC])
    if not is_prepared(postgres):
        say(console, "Preparing tables and a week of history: a minute or two, once.")
        supervisor.bring_up([installation.migrate()])
        postgres.set_passwords()
        supervisor.bring_up([installation.seed()])
        note_prepared(postgres)
    with postgres.connect(database=DATABASE) as connection:
        rows = connection.execute("SELECT code FROM hardware_gateway ORDER BY code").fetchall()
        mandates = connection.execute(
            "SELECT reference FROM access_engagement ORDER BY title, reference"
        ).fetchall()
    gateways = [str(code) for (code,) in rows]
    for gateway in gateways:
        make_gateway_key(places.keys, gateway)
        postgres.gateway_role(gateway)
    # The web before the other large ones: side by side each would take as long as all of them.
    beyond = installation.beyond([str(code) for (code,) in mandates])
    supervisor.bring_up([installation.pages(), *installation.simulators(), *beyond])
    supervisor.bring_up(installation.services(gateways))
    supervisor.bring_up(installation.helpers())
    if line := missing([NFC]):
        say(console, f"{line} The desk gives a badge that was encoded beforehand.")


def _play(installation: Installation, supervisor: Supervisor, console: Console) -> bool:
    os.environ.update(installation.environment(WEB, "visit"))
    os.environ["SCIF_ADDRESS"] = installation.address
    log = installation.places.log / "visit.log"
    visit = _Visit(console, log, lambda: supervisor.is_stopping)
    visit.thread.start()
    supervisor.keep(lambda: not visit.thread.is_alive())
    say(
        console,
        "The visit went as expected." if visit.passed else "The visit did NOT go as expected.",
    )
    return visit.passed


def _welcome(installation: Installation, console: Console) -> None:
    title = f"Demonstration logins at {installation.address}"
    table = Table("Who", "Page", "Login", "Password", title=title)
    for login in importlib.import_module("scif.runtime.logins").LOGINS:
        table.add_row(str(login.who), login.page, login.username, login.password)
    console.print(table)
    pin = importlib.import_module("scif.console.demo.published").STAFF_PIN
    say(console, f"PIN of every member of the staff at the virtual readers (/bench/): {pin}")
    say(console, f"Serving on {installation.address} (logs: {installation.places.log}).")
    say(console, "Ctrl-C stops everything.")


def say(console: Console, line: str) -> None:
    """Print a line as it is: paths may hold brackets, which rich would read as markup."""
    console.print(line, markup=False, highlight=False, soft_wrap=True)


def _free_port(text: str) -> int:
    """The port that the user named, if it is one and free."""
    if not text.isdecimal() or int(text) not in PORTS:
        raise CannotStart(f"{text} is no port; take one up to {PORTS[-1]}: make demo PORT=8001")
    port = int(text)
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                reason = f"Port {port} is in use; free it, or take another: make demo PORT=8001"
                raise CannotStart(reason) from error
            if error.errno in (errno.EACCES, errno.EPERM):
                raise CannotStart(f"Port {port} may not be used by this user") from error
            raise
    return port
