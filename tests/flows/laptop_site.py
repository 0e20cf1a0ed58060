"""The processes of a laptop's session as they run: bastion, control process, harness, `ssh`."""

import json
import os
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from django.conf import settings
from django.core.management import call_command

from scif.runtime.child import wait_until
from scif.runtime.postgres import Postgres
from terminals.models import Terminal
from tests.bastion.papers import Papers, public_line
from tests.bastion.rig import config_of, stock_ssh, write_config
from tests.flows.session_world import ADDRESS, Room, make_room
from tests.flows.terminal_world import Store
from tests.quotes import for_key

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 30.0
SILENCE = 1.5  # the bastion's dead-man
PLENTY = 5 * 10**16  # weights whose budget no test uses up


class AtLaptop(Protocol):
    """Somebody at a laptop, with what he shows and what the laptop signs with."""

    terminal: Terminal
    store: Store

    @property
    def badge(self) -> bytes:
        """What his badge's card says."""
        ...

    @property
    def pin(self) -> str:
        """What he types."""
        ...


@dataclass
class Site:
    """What one test runs; everything ends with it."""

    directory: Path
    postgres: Postgres
    database: str
    papers: Papers
    stack: ExitStack
    harness: int = 0
    laptops: int = 0
    bastion: int = 0
    silence: float = SILENCE
    tapped: bool = False  # somebody between control process and bastion says what was ordered when
    processes: dict[str, subprocess.Popen[str]] = field(default_factory=dict)

    def begin(self, *, watched: bool = False) -> Room:
        """Start everything; gives the room, ready for a session.

        Only where it is ``watched`` does it seem odd that a test pours as nobody reads. An agent
        that takes its steps as a test says so may be silent for as long as that takes.
        """
        self.start()
        room = make_room(port=self.harness, weights=PLENTY)
        calm = {} if watched else {"anomaly_burst_limit": 100_000, "anomaly_busy_grey_box": 10**9}
        room.policy(terminal_silent_seconds=3_600, **calm)
        return room

    def start(self) -> None:
        """The harness, the bastion and the control process."""
        self.harness = int(self._start("harness", "-m", "tests.bastion.harness"))
        self.papers.user_ca.write_bytes(self._authority())
        self.bastion = free_port()
        self.start_bastion()
        self.laptops = free_port()
        self.start_control()

    def start_bastion(self) -> None:
        """The bastion as a process of its own."""
        config = config_of(
            self.directory, self.papers, silence=self.silence, report_seconds=0.3,
            listen_port=self.bastion,
        )  # fmt: skip
        file = write_config(self.directory / "bastion.toml", config)
        self._start("bastion", "-m", "terminals.bastion", "--config", str(file), say=False)
        assert wait_until(config.control_socket.exists, PATIENCE)

    def start_control(self) -> None:
        """The control process under its own database role."""
        role, socket_path = "scif_control", str(self.directory / "control")
        if self.tapped:
            socket_path, far = f"{socket_path}.tap", socket_path
            self._start("tap", "-m", "tests.bench.control_tap", socket_path, far)
        env = {
            "DB_NAME": self.database, "DB_USER": role, "DB_PASSWORD": self.postgres.password(role),
            "DB_APP": "control", "DJANGO_SETTINGS_MODULE": "scif.settings.test",
            "BASTION_CONTROL": socket_path,
            "BASTION_ADDRESS": f"{ADDRESS}:{self.bastion}",
            "SESSION_LISTEN": f"{ADDRESS}:{self.laptops}",
            # All laptops have one address here.
            "SESSION_QUESTIONS": "1000", "SESSION_OF_ADDRESS": "8",
        }  # fmt: skip
        self._start("control", "manage.py", "terminals_control", env=env)

    def start_ingester(self) -> None:
        """The ingester under its own database role."""
        role = "scif_ingester"
        env = {
            "DB_NAME": self.database, "DB_USER": role, "DB_PASSWORD": self.postgres.password(role),
            "DB_APP": "ingester", "DJANGO_SETTINGS_MODULE": "scif.settings.test",
        }  # fmt: skip
        self._start("ingester", "manage.py", "ingester", env=env, say=False)

    def kill(self, name: str) -> None:
        """As a power loss of one of them."""
        process = self.processes.pop(name)
        process.kill()
        process.wait(PATIENCE)

    def says(self, name: str) -> str:
        """What a process has written to its log."""
        return (self.directory / f"{name}.log").read_text()

    def ask(self, room: AtLaptop, *, quoted_key: str = "", **otherwise: str) -> dict[str, str]:
        """A laptop asks for a session: its TPM quotes, its person shows badge and PIN.

        ``quoted_key``: what its TPM is told the session is for, where that is another key.
        """
        context = ssl.create_default_context(cafile=Path(settings.KEY_DIR) / "laptops.crt")
        context.check_hostname = False  # it knows this one certificate and no other
        raw = socket.create_connection((ADDRESS, self.laptops), PATIENCE)
        with context.wrap_socket(raw) as talk, talk.makefile("rwb") as lines:
            _say(lines, {"ask": "nonce", "serial": room.terminal.serial})
            heard = json.loads(lines.readline())
            if "nonce" not in heard:
                return dict(heard)
            key = self.papers.key.with_suffix(".pub").read_text()
            asked = for_key(bytes.fromhex(heard["nonce"]), quoted_key or key)
            quote = room.store.tpms[room.terminal.pk].quote(asked)
            told = {
                "ask": "session", "quote": quote.attest.hex(), "signature": quote.signature.hex(),
                "badge": room.badge.hex(), "pin": room.pin,
                "key": key,
            }  # fmt: skip
            _say(lines, {**told, **otherwise})
            return dict(json.loads(lines.readline()))

    def connect(self, answer: Mapping[str, str]) -> subprocess.Popen[bytes]:
        """Stock `ssh` with the certificate, its standard input and output at the harness."""
        certificate = self.directory / f"{answer['login']}-cert.pub"
        certificate.write_text(answer["certificate"] + "\n")
        words = ("-W", answer["harness"], f"{answer['login']}@{ADDRESS}")
        process = subprocess.Popen(
            stock_ssh(self.papers, self.bastion, certificate, *words),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=0,
        )  # fmt: skip
        self.stack.callback(_end, process)
        return process

    def _authority(self) -> bytes:
        with (self.directory / "ca").open("w") as out:
            call_command("terminals_control", authority=True, stdout=out)
        return (self.directory / "ca").read_bytes()

    def _start(
        self, name: str, *words: str, env: Mapping[str, str] | None = None, say: bool = True
    ) -> str:
        """Start one; gives the last word of the line that says that it is ready."""
        log = (self.directory / f"{name}.log").open("a")
        process = subprocess.Popen(
            [sys.executable, *words], cwd=ROOT, env={**os.environ, **(env or {})},
            stdout=subprocess.PIPE, stderr=log, text=True,
        )  # fmt: skip
        self.processes[name] = process
        self.stack.callback(_end, process)
        if not say:
            return ""
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.strip(), self.says(name)
        return line.split()[-1]


def _say(lines: Any, message: Mapping[str, str]) -> None:
    lines.write(json.dumps(message).encode() + b"\n")
    lines.flush()


def _end(process: subprocess.Popen[Any]) -> None:
    if process.poll() is None:
        process.kill()
    process.wait(PATIENCE)


def free_port() -> int:
    """One that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((ADDRESS, 0))
        return int(probe.getsockname()[1])


@contextmanager
def laptop_site(directory: Path, postgres: Postgres, database: str) -> Iterator[Site]:
    """A site in a database of its own, where commits are real."""
    with ExitStack() as stack:
        yield Site(directory, postgres, database, _papers(directory), stack)


def _papers(directory: Path) -> Papers:
    papers = Papers(directory)
    papers.key.with_suffix(".pub").write_bytes(public_line(papers.laptop))
    return papers
