"""A laptop of the demonstration: the image's own agent and sign-in program on a TPM in software.

What differs from the image: the TPM, plain HTTP to a server on the same machine, and that no
systemd restarts the screen; the sign-in program darkens it by itself.
"""

import json
import os
import shutil
import socket
import sys
import threading
import time
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from scif.runtime.pseudo_terminal import PseudoTerminal
from scif.runtime.visit.tpm import SoftTpm
from terminals.agent.agent import Agent, Config, Identity, live
from terminals.agent.window import Window

ROOT = Path(__file__).resolve().parents[3]
LOOPBACK = "127.0.0.1"
POST_SECONDS = 5.0


@dataclass
class Kiosk:
    """A laptop from the factory; ``keys`` holds the certificate that its image pins."""

    serial: str
    keys: Path
    known_hosts: Path
    tpm: SoftTpm = field(default_factory=SoftTpm)
    _place: "TemporaryDirectory[str]" = field(default_factory=TemporaryDirectory)
    _off: threading.Event = field(default_factory=threading.Event)
    _window: Window | None = None
    _screen: PseudoTerminal | None = None

    @property
    def screen(self) -> PseudoTerminal:
        """Its screen and keyboard, once it is switched on."""
        if self._screen is None:
            raise RuntimeError("the laptop is off")
        return self._screen

    def boot(self, terminal: str, address: str) -> None:
        """Switch it on: the agent speaks to ``address``, the screen asks for a badge."""
        place = Path(self._place.name)
        config = Config(
            identity="", ca="", handle="", window=str(place / "window"),
            url=f"{address}/terminals/{terminal}/heartbeat/",
            blank=[shutil.which("true") or "/bin/true"],
            ssh_pids=str(place / "ssh.pid"), session_keys=str(place / "session*"), watched={},
        )  # fmt: skip
        agent = Agent(
            config, Identity(terminal, self.serial), self.tpm,
            lambda body, signature: _post(config.url, body, signature),
            begun=int(time.time() * 1000),
        )  # fmt: skip
        self._window = Window(Path(config.window), agent.word, self.tpm.quote)
        threading.Thread(target=self._live, args=(agent, self._window), daemon=True).start()
        port = _free_port()
        told = {
            "window": config.window, "centre": os.environ["SESSION_LISTEN"],
            "pinned": str(self.keys / "laptops.crt"), "known_hosts": str(self.known_hosts),
            "directory": str(place), "port": port, "patience": 30,
            "console": [sys.executable, "-I", str(ROOT / "terminals" / "harness" / "console.py"),
                        f"http://{LOOPBACK}:{port}"],
        }  # fmt: skip
        (place / "sign_in.json").write_text(json.dumps(told), encoding="utf-8")
        self._screen = PseudoTerminal(
            [sys.executable, "-m", "terminals.agent.sign_in", str(place / "sign_in.json")],
            env={"PATH": os.defpath, "LANG": "C.UTF-8"}, cwd=ROOT,
            log=place / "sign_in.log",
        )  # fmt: skip

    def close(self) -> None:
        """Switch it off."""
        self._off.set()
        if self._screen is not None:
            self._screen.close()
        self._place.cleanup()

    def _live(self, agent: Agent, window: Window) -> None:
        def wait(seconds: float) -> None:
            window.wait(seconds)
            if self._off.is_set():
                window.close()
                raise SystemExit  # ends this thread

        live(agent, wait, time.monotonic)


def _post(url: str, body: bytes, signature: str) -> bytes:
    headers = {"X-Signature": signature, "Content-Type": "application/json"}
    request = urllib.request.Request(url, body, headers)  # noqa: S310  the demonstration's own
    with urllib.request.urlopen(request, timeout=POST_SECONDS) as answer:  # noqa: S310  http to loopback
        return bytes(answer.read())


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])
