"""The laptop's own programs as the image runs them, at a real control process, bastion, `ssh`."""

import json
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings
from django.test import Client

from access.services.duress import duress_pin_set
from scif.alarms.models import Alarm
from scif.runtime.child import wait_until
from scif.runtime.postgres import Postgres
from scif.runtime.pseudo_terminal import PseudoTerminal
from terminals.agent.agent import Agent, Config, Identity
from terminals.agent.session import AWAY, ENDED, LEFT
from terminals.agent.sign_in import BADGE, LOCKED, LOCKED_HELP, NO_BADGE, PIN
from terminals.agent.window import Window
from terminals.models import Session, SessionRequest
from terminals.rules.session_wording import SAID, SAID_HELD
from terminals.services.lock import terminal_lock, terminal_unlock
from tests.flows.control_acts import session_warned
from tests.flows.laptop_site import PATIENCE, ROOT, Site, free_port, laptop_site
from tests.flows.session_world import ADDRESS, CONTROL, Room
from tests.flows.session_world import BADGE as NUMBER
from tests.quotes import Tpm, tpmt

pytestmark = pytest.mark.ssh

# Stands for the console: says each line to the harness, and what comes back.
CONSOLE = """
import socket, sys
way = socket.create_connection(("127.0.0.1", int(sys.argv[1]))).makefile("rwb")
way.write(b"echo\\n")
print("console", flush=True)
for line in sys.stdin:
    if line == "quit\\n":
        break
    way.write(line.encode())
    way.flush()
    print("heard", way.readline().decode().strip(), flush=True)
"""


@dataclass(frozen=True)
class Chip:
    """A TPM of the tests, as an agent has it."""

    tpm: Tpm

    def sign(self, body: bytes) -> bytes:
        return tpmt(self.tpm.secret.sign(body, ec.ECDSA(hashes.SHA256())))

    def quote(self, nonce: str) -> tuple[bytes, bytes]:
        quote = self.tpm.quote(bytes.fromhex(nonce))
        return quote.attest, quote.signature


@dataclass
class Laptop:
    """It is switched on; its agent takes a step when the test says so."""

    site: Site
    room: Room
    place: Path
    stack: ExitStack
    agent: Agent = field(init=False)
    screen: PseudoTerminal = field(init=False)

    def __post_init__(self) -> None:
        terminal, port = self.room.terminal, free_port()
        config = Config(
            identity="", ca="", handle="", window=str(self.place / "window"),
            url=f"/terminals/{terminal.pk}/heartbeat/",
            blank=["touch", str(self.place / "dark")],
            ssh_pids=str(self.place / "ssh.pid"),
            session_keys=str(self.place / "session*"), watched={},
        )  # fmt: skip
        chip = Chip(self.room.store.tpms[terminal.pk])
        identity = Identity(str(terminal.pk), terminal.serial)
        self.agent = Agent(config, identity, chip, self._post, begun=1)
        self._open(Window(Path(config.window), self.agent.word, chip.quote))
        known_hosts = self.place / "known_hosts"
        known_hosts.write_bytes(self.site.papers.known_hosts.read_bytes())
        (self.place / "sign_in.json").write_text(json.dumps({
            "window": config.window, "centre": f"{ADDRESS}:{self.site.laptops}",
            "pinned": str(Path(settings.KEY_DIR) / "laptops.crt"),
            "known_hosts": str(known_hosts), "directory": str(self.place),
            "port": port, "console": [sys.executable, "-c", CONSOLE, str(port)], "patience": 30,
        }))  # fmt: skip
        self.screen = PseudoTerminal(
            [sys.executable, "-m", "terminals.agent.sign_in", str(self.place / "sign_in.json")],
            env={"PATH": os.defpath, "LANG": "C.UTF-8"}, cwd=ROOT,
            log=self.site.directory / "sign_in.log",
        )  # fmt: skip
        self.stack.callback(self.screen.close)

    def _open(self, window: Window) -> None:
        """Answer at the window until the test is over."""
        over = threading.Event()

        def answer() -> None:
            while not over.is_set():
                window.wait(0.05)
            window.close()

        thread = threading.Thread(target=answer)
        thread.start()
        self.stack.callback(thread.join)
        self.stack.callback(over.set)

    def _post(self, body: bytes, signature: str) -> bytes:
        response = Client().post(
            self.agent.config.url, body, content_type="application/json",
            headers={"X-Signature": signature},
        )  # fmt: skip
        if response.status_code != 200:
            raise OSError(response.status_code)
        return bytes(response.content)

    def shows(self, words: str) -> None:
        assert self.screen.shows(words, PATIENCE), (
            self.screen.shown,
            list(SessionRequest.objects.values("objections")),
            self.site.says("control")[-2000:],
            self.site.says("sign_in")[-2000:],
        )

    def types(self, line: str) -> None:
        self.screen.type(f"{line}\r")

    def sign_in(self, pin: str, badge: str = NUMBER.hex()) -> None:
        self.shows(BADGE)
        self.types(badge)
        self.shows(PIN)
        self.types(pin)

    def says(self, line: str) -> None:
        """The harness says it back."""
        self.types(line)
        assert self.screen.answers(f"heard {line}", PATIENCE), self.screen.shown

    def files(self) -> set[str]:
        return {path.name for path in self.place.iterdir() if path.name.startswith("s")}


@pytest.fixture
def site(tmp_path: Path, postgres: Postgres, seeded_database: str) -> Iterator[Site]:
    with laptop_site(tmp_path, postgres, seeded_database) as made:
        yield made


@pytest.fixture
def laptop(site: Site, tmp_path: Path) -> Laptop:
    # ssh splits its options at spaces and reads a percent sign as more than itself.
    place = tmp_path / "100% laptop files"
    place.mkdir()
    return Laptop(site, site.begin(), place, site.stack)


def becomes(**values: object) -> Session:
    """The newest session, once it has these values."""
    found = Session.objects.filter(**values).order_by("-granted_at")
    assert wait_until(found.exists, PATIENCE), list(Session.objects.values())
    return found[0]


def test_a_visitor_works_at_the_laptop_until_he_goes(laptop: Laptop) -> None:
    room, screen = laptop.room, laptop.screen
    room.leaves()
    duress = duress_pin_set(visit_id=room.store.world.visit.pk, actor=room.store.guard)
    room.enters()
    laptop.shows(BADGE)
    laptop.types("no badge")
    laptop.shows(NO_BADGE)
    laptop.sign_in("000000")
    laptop.shows(SAID)
    assert "000000" not in screen.written
    assert NUMBER.hex() not in screen.written

    laptop.sign_in(room.pin)
    laptop.shows("console")
    laptop.says("hello")
    assert room.pin not in screen.written
    assert laptop.files() == {"sign_in.json", "ssh.pid"}  # the key is gone once ssh is in

    # What comes of the harness is text, and no order to the screen.
    laptop.types("\x1b[2Jtrick")
    assert screen.answers("heard [2Jtrick", PATIENCE)
    assert "heard hello" in screen.shown

    session = becomes(state="live", connected=True)
    session_warned(session_id=session.pk, warning="80 % of engagement", actor=CONTROL)
    assert laptop.agent.step()
    laptop.shows("80 % of the bytes that may leave are used.")
    room.heard(certain=False)
    becomes(state="paused")
    assert laptop.agent.step()
    laptop.shows(SAID_HELD)
    room.heard(certain=True)
    becomes(state="live")
    laptop.says("on again")

    # Nobody types: the session is shown again only after badge and PIN, and is another one.
    assert laptop.agent.session is not None
    laptop.agent.session = {**laptop.agent.session, "idle": 0}
    laptop.shows(AWAY)
    assert "on again" not in screen.shown
    # He is made to, and types the other PIN: the same is on the screen, and help is called.
    laptop.sign_in(duress)
    laptop.shows("console")
    laptop.says("hello anew")
    assert Alarm.objects.filter(kind="duress").exists()
    assert becomes(state="live", connected=True).pk != session.pk
    session.refresh_from_db()
    assert (session.state, session.why) == ("ended", "signed_in_again")

    laptop.types("quit")
    laptop.shows(LEFT)
    laptop.sign_in(room.pin)
    laptop.shows("console")
    room.leaves()
    laptop.shows(ENDED % SAID)
    assert "console" not in screen.shown
    laptop.sign_in(room.pin)
    laptop.shows(SAID)


def test_a_laptop_that_is_locked_shows_that_and_who_can_help_and_nothing_else(
    laptop: Laptop,
) -> None:
    room, store = laptop.room, laptop.room.store
    laptop.sign_in(room.pin)
    laptop.shows("console")
    assert laptop.agent.step()
    terminal_lock(terminal_id=room.terminal.pk, reason="Odd", actor=store.guard)
    assert laptop.agent.step()
    assert laptop.agent.still
    laptop.shows(LOCKED_HELP)
    assert laptop.screen.shown.split() == f"{LOCKED} {LOCKED_HELP}".split()
    assert (laptop.place / "dark").exists()
    laptop.types(NUMBER.hex())  # nobody listens

    terminal_unlock(terminal_id=room.terminal.pk, reason="Looked into", actor=store.first)
    assert laptop.agent.step()
    laptop.sign_in(room.pin)
    laptop.shows("console")

    # An agent that says nothing is a laptop that is locked.
    Path(laptop.agent.config.window).unlink()
    laptop.shows(LOCKED_HELP)
    assert laptop.screen.shown.split() == f"{LOCKED} {LOCKED_HELP}".split()
    assert laptop.files() == {"sign_in.json"}
