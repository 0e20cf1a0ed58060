"""An adapter for tests: the real process at real sockets, and policies for it."""

import http.client
import json
import socket
import subprocess
import sys
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from terminals.harness.link import ControlLink
from terminals.harness.meters import Meter
from terminals.harness.policy import seal
from terminals.harness.stand_in.policies import policy_document
from tests.bench.table import ROOT

ENGAGEMENT = "E-7Q4KXM"
ALL_KINDS = ("white_box", "outside_the_box")
PLENTY = dict.fromkeys((meter.value for meter in Meter), 10**9)
NOTHING = dict.fromkeys((meter.value for meter in Meter), 0)
UNTIL = datetime.now(UTC) + timedelta(days=1)

Answer = tuple[int, dict[str, Any]]


def stand_in_policy(
    kinds: Iterable[str] = ALL_KINDS,
    *,
    engagement: str = ENGAGEMENT,
    version: int = 1,
    caps: Mapping[str, int] = PLENTY,
    already: Mapping[str, int] = NOTHING,
    until: datetime = UNTIL,
) -> dict[str, Any]:
    """A policy document of the stand-in."""
    return policy_document(
        engagement, kinds, version=version, until=until, caps={**PLENTY, **caps}, already=already
    )


@dataclass
class Rig:
    """One adapter process in a folder of its own; it can be killed and started again."""

    folder: Path
    module: str = "terminals.harness.stand_in"
    engagements: tuple[str, ...] = (ENGAGEMENT,)
    extra: Mapping[str, Any] = field(default_factory=lambda: {"seed": 7, "step_seconds": 0})
    key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    addresses: dict[str, tuple[str, int]] = field(default_factory=dict)
    process: subprocess.Popen[str] | None = None

    def start(self) -> "Rig":
        """Start the process; returns when its sockets are there."""
        self.process = subprocess.Popen(
            [sys.executable, "-m", self.module, "--config", str(self.configure())],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        self.heard_ready(self.process.stdout.readline())
        return self

    def configure(self) -> Path:
        """Write the configuration and the control plane's key."""
        public = self.folder / "control.pub"
        public.write_text(self.key.public_key().public_bytes_raw().hex() + "\n")
        config = self.folder / "config.json"
        config.write_text(
            json.dumps(
                {
                    "ledger": str(self.folder / "ledger.sqlite"),
                    "control_key": str(public),
                    "control_socket": str(self.folder / "control.sock"),
                    "listeners": {
                        name: {"host": "127.0.0.1", "port": 0} for name in self.engagements
                    },
                    **self.extra,
                }
            )
        )
        return config

    def heard_ready(self, line: str) -> None:
        """Note the addresses that a process says it listens at."""
        ready = json.loads(line)["ready"]
        self.addresses = {name: (host, port) for name, (host, port) in ready.items()}

    def kill(self) -> None:
        """As by `kill -9`."""
        assert self.process is not None
        self.process.kill()
        self._ended(self.process)

    def stop(self) -> None:
        """As by the supervisor."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            self._ended(self.process)

    def _ended(self, process: subprocess.Popen[str]) -> None:
        process.wait(30)
        assert process.stdout is not None
        process.stdout.close()

    def push(self, document: Mapping[str, Any], key: Ed25519PrivateKey | None = None) -> int:
        """Push a policy over the control socket; gives its version. Raises LinkRefused."""
        return self.link.push(seal(document, key or self.key))

    def spent(self, engagement: str = ENGAGEMENT) -> dict[str, int]:
        """What the ledger says."""
        account = self.link.account(engagement)
        return {meter.value: amount for meter, amount in account.spent.items()}

    @property
    def link(self) -> ControlLink:
        """The control plane's end."""
        return ControlLink(self.folder / "control.sock", timeout_seconds=30)

    def ask(
        self,
        operation: str,
        request: Mapping[str, Any] | bytes | None = None,
        engagement: str = ENGAGEMENT,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """One request of an auditor, and its answer."""
        body = request if isinstance(request, bytes) else json.dumps(request or {}).encode()
        connection = self.connection(engagement)
        connection.request("POST", f"/v1/{operation}", body, dict(headers or {}))
        return _answer(connection)

    def lines(self, operation: str, request: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The lines of a streamed answer."""
        connection = self.connection()
        connection.request("POST", f"/v1/{operation}", json.dumps(request).encode())
        with connection.getresponse() as response:
            found = [json.loads(line) for line in response]
        connection.close()
        return found

    def connection(self, engagement: str = ENGAGEMENT) -> http.client.HTTPConnection:
        """A connection to an engagement's address."""
        return http.client.HTTPConnection(*self.addresses[engagement], timeout=30)

    def raw(self, engagement: str = ENGAGEMENT) -> socket.socket:
        """A socket at an engagement's address, for what is no HTTP."""
        return socket.create_connection(self.addresses[engagement], timeout=30)


def _answer(connection: http.client.HTTPConnection) -> Answer:
    with connection.getresponse() as response:
        said = response.status, json.loads(response.read())
    connection.close()
    return said


@contextmanager
def running(folder: Path, **names: Any) -> Generator[Rig]:
    """A rig that runs, and is stopped afterwards."""
    rig = Rig(folder, **names)
    try:
        yield rig.start()
    finally:
        rig.stop()


def codes(answers: Iterable[Answer]) -> Iterator[str]:
    """The words of refusals; "answered" for an answer."""
    for _, said in answers:
        yield said["refused"]["code"] if "refused" in said else "answered"
