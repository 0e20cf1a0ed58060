"""A bastion with everything around it: the control plane's link, a harness, stock `ssh` clients."""

import asyncio
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import asyncssh

from terminals.bastion.bastion import Bastion
from terminals.bastion.config import Config
from terminals.bastion.wire import Message
from terminals.control.link import Link
from tests.bastion.harness import Harness
from tests.bastion.papers import Papers, grant_id

PATIENCE = 20.0  # seconds; nothing waits for so long but a test that fails
PLENTY = 10**12


def config_of(directory: Path, papers: Papers, **changes: Any) -> Config:
    """A configuration on loopback; this process's user is the control plane."""
    config = Config(
        listen_host="127.0.0.1",
        listen_port=0,
        host_key=papers.host_key,
        user_ca=papers.user_ca,
        ledger=directory / "ledger.sqlite",
        control_socket=directory / "control",
        control_uid=os.getuid(),
        control_group=-1,
        silence=60.0,
        longest_message=65_536,
        backlog=1_000,
        certificate_seconds=120,
        login_seconds=20,
        waiting_logins=300,
        keepalive_seconds=30,
        keepalive_misses=3,
        lease=1_000_000,
        report_seconds=60.0,
        drain_seconds=1.0,
        key_bytes=64,
        key_pause=2.0,
        burst_gap=1.0,
    )
    return replace(config, **changes)


def write_config(path: Path, config: Config) -> Path:
    """The file that a bastion's process reads."""
    lines = []
    for name, value in asdict(config).items():
        written = f'"{value}"' if isinstance(value, str | Path) else value
        lines.append(f"{name} = {written}")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def stock_ssh(papers: Papers, port: int, certificate: Path | None, *words: str) -> list[str]:
    """The command line of a laptop's `ssh`, which reads nobody's configuration."""
    line = ["ssh", "-F", "none", "-p", str(port), "-i", str(papers.key)]
    if certificate is not None:
        line += ["-o", f"CertificateFile={certificate}"]
    for option in (
        "IdentitiesOnly=yes",
        "BatchMode=yes",
        "StrictHostKeyChecking=yes",
        f"UserKnownHostsFile={papers.known_hosts}",
        "GlobalKnownHostsFile=none",
        "HostKeyAlias=bastion",
        "ExitOnForwardFailure=yes",
    ):
        line += ["-o", option]
    return [*line, *words]


class Laptop:
    """A running `ssh`."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        assert process.stdin is not None
        assert process.stdout is not None
        self.stdin, self.stdout = process.stdin, process.stdout

    async def says(self, line: bytes) -> bool:
        """Whether a line comes back from the harness's echo."""
        try:
            self.stdin.write(line + b"\n")
            await self.stdin.drain()
        except OSError:
            return False
        return await asyncio.wait_for(self.stdout.readline(), PATIENCE) == line + b"\n"

    async def rest(self) -> bytes:
        """All that comes until the end."""
        return await asyncio.wait_for(self.stdout.read(), PATIENCE)

    async def over(self) -> int:
        """Its exit status, once it has ended."""
        return await asyncio.wait_for(self.process.wait(), PATIENCE)


class Rig:
    """What :func:`rig` gives: the control plane, the laptops and the harness of one bastion."""

    def __init__(self, config: Config, papers: Papers, harness: Harness) -> None:
        self.config = config
        self.papers = papers
        self.harness = harness
        self.events: list[Message] = []
        self.via = 0  # a port to connect to instead of the bastion's own
        self._news = asyncio.Condition()
        self._laptops: list[Laptop] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._linking: asyncio.Task[None] | None = None
        self.relink()

    def relink(self, heartbeat: float = 0.2) -> None:
        """A link of a control plane that has just been started; the one before is gone."""
        self.unlink()
        self.link = Link(
            self.config.control_socket,
            heartbeat=heartbeat,
            patience=PATIENCE,
            longest_message=self.config.longest_message,
            heard=self._hear,
        )
        self._linking = asyncio.create_task(self.link.run())

    @property
    def port(self) -> int:
        """Where the bastion listens, as it says itself."""
        return int([each for each in self.events if each["tell"] == "hello"][-1]["port"])

    def unlink(self) -> None:
        """The control plane dies."""
        if self._linking is not None:
            self._linking.cancel()

    async def turns(self, count: int = 500) -> None:
        """Let the bastion have so many turns."""
        for _ in range(count):
            await self.link.ask("heartbeat")

    def _hear(self, message: Message) -> None:
        self.events.append(message)
        task = asyncio.ensure_future(self._notify())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _notify(self) -> None:
        async with self._news:
            self._news.notify_all()

    async def event(self, tell: str, *, after: int = 0, **more: object) -> Message:
        """The first event that says this, or the first behind so many events; waits for it."""

        def found() -> Message | None:
            for each in self.events[after:]:
                if each["tell"] == tell and all(each.get(k) == v for k, v in more.items()):
                    return each
            return None

        async def wait() -> None:
            async with self._news:
                await self._news.wait_for(lambda: found() is not None)

        await asyncio.wait_for(wait(), PATIENCE)
        event = found()
        assert event is not None
        return event

    async def stalled(self, grants: list[str]) -> list[dict[str, int]]:
        """The counts of these sessions, once two reports in a row tell the same."""
        before: list[dict[str, int]] = []
        while True:
            report = await self.event("bytes", after=len(self.events), budgets={})
            now = [report["grants"][each] for each in grants]
            if now == before and all(each["down"] for each in now):
                return now
            before = now

    def grant(self, **changes: Any) -> dict[str, Any]:
        """A grant with plenty of everything."""
        named = grant_id()
        return {
            "id": named,
            "session": f"s-{named[:6]}",
            "person": f"p-{named[:6]}",
            "terminal": f"t-{named[:6]}",
            "engagement": "e-1",
            "host": "127.0.0.1",
            "port": self.harness.port,
            "source": "127.0.0.1",
            "seconds": 3_600,
            "budgets": [
                {"key": "engagement:e-1", "limit": PLENTY, "charged": 0},
                {"key": "model:m-1", "limit": PLENTY, "charged": 0},
            ],
            "rate": PLENTY,
            "burst": PLENTY,
            "channels": 16,
            "warn_percent": [50, 80, 95],
            "warn_seconds": [1_800, 600, 120],
            **changes,
        }

    async def admit(self, **changes: Any) -> dict[str, Any]:
        """A grant that the bastion has been told."""
        grant = self.grant(**changes)
        await self.link.grant(grant)
        return grant

    async def ssh(
        self,
        certificate: Path | None,
        *words: str,
        port: int = 0,
        env: Mapping[str, str] | None = None,
    ) -> Laptop:
        """A stock client with these words after its options."""
        line = stock_ssh(self.papers, port or self.via or self.port, certificate, *words)
        kept = {key: value for key, value in os.environ.items() if not key.startswith("SSH_")}
        process = await asyncio.create_subprocess_exec(
            *line,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env={**kept, **(env or {})},
        )
        self._laptops.append(Laptop(process))
        return self._laptops[-1]

    async def connect(
        self, grant: dict[str, Any], *words: str, to: str = "", **paper: Any
    ) -> Laptop:
        """A client with a channel to the harness as its standard input and output."""
        certificate = self.papers.certificate(grant["id"], **paper)
        to = to or f"{grant['host']}:{grant['port']}"
        return await self.ssh(certificate, "-W", to, *words, f"{grant['id']}@127.0.0.1")

    async def echoes(self, laptop: Laptop) -> bool:
        """Whether the harness says back what this client says."""
        try:
            laptop.stdin.write(b"echo\n")
        except OSError:
            return False
        return await laptop.says(b"hello")

    async def client(self, grant: dict[str, Any], **options: Any) -> asyncssh.SSHClientConnection:
        """A client that can do what the stock one does not offer."""
        key = asyncssh.read_private_key(self.papers.key)
        cert = asyncssh.read_certificate(self.papers.certificate(grant["id"]))
        told: dict[str, Any] = {
            "username": grant["id"],
            "client_keys": [(key, cert)],
            "known_hosts": None,
            "config": None,
            "agent_path": None,
            **options,
        }
        return await asyncssh.connect("127.0.0.1", self.port, **told)

    async def close(self) -> None:
        """End the clients that are left, and the link."""
        self.unlink()
        for laptop in self._laptops:
            if laptop.process.returncode is None:
                laptop.process.kill()
            await laptop.process.wait()


@asynccontextmanager
async def rig(
    directory: Path, config: dict[str, Any] | None = None, **lax: Any
) -> AsyncIterator[Rig]:
    """A bastion that runs, linked; ``lax`` is given to :class:`Bastion`."""
    papers = Papers(directory)
    async with AsyncExitStack() as stack:
        harness = await stack.enter_async_context(Harness())
        told = config_of(directory, papers, **(config or {}))
        bastion = Bastion(told, **lax)
        await bastion.start()
        stack.push_async_callback(bastion.stop)
        made = Rig(told, papers, harness)
        stack.push_async_callback(made.close)
        if told.control_uid == os.getuid():
            await asyncio.wait_for(made.link.up.wait(), PATIENCE)
        yield made
