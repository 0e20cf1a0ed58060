"""What a hostile laptop would try once it is in."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import asyncssh

from terminals.bastion.guards import FORWARDING, Guard
from tests.bastion import lax
from tests.bastion.hostile_case import Case, lacking
from tests.bastion.rig import Rig


async def _destination(rig: Rig, to: str) -> bool:
    grant = await rig.admit()
    laptop = await rig.connect(grant, to=to.format(port=rig.harness.port))
    return await rig.echoes(laptop)


async def _own_port(rig: Rig) -> bool:
    """Through itself to itself: the banner comes back."""
    laptop = await rig.connect(await rig.admit(), to=f"127.0.0.1:{rig.port}")
    return (await laptop.stdout.readline()).startswith(b"SSH-2.0")


async def _control_socket(rig: Rig) -> bool:
    client = await rig.client(await rig.admit())
    try:
        reader, _ = await client.open_unix_connection(str(rig.config.control_socket))
        return b"hello" in await reader.readline()
    except asyncssh.ChannelOpenError:
        return False
    finally:
        client.abort()


async def _channels(rig: Rig) -> bool:
    grant = await rig.admit(channels=2)
    client = await rig.client(grant)
    try:
        for _ in range(3):
            await client.open_connection(grant["host"], grant["port"])
    except asyncssh.ChannelOpenError:
        return False
    finally:
        client.abort()
    return True


def _words(*words: str) -> Callable[..., Awaitable[bool]]:
    """A session with these words; ``LOGIN`` among them is the grant's."""

    async def attempt(rig: Rig, wanted: bytes = b"in", permits: bytes = b"", **env: str) -> bool:
        grant = await rig.admit()
        said = [f"{grant['id']}@127.0.0.1" if each == "LOGIN" else each for each in words]
        extensions = [FORWARDING.encode(), *([permits] if permits else [])]
        paper = rig.papers.certificate(grant["id"], extensions=extensions)
        laptop = await rig.ssh(paper, *said, env=env)
        laptop.stdin.close()
        return wanted in (await laptop.rest()).split()

    return attempt


async def _with_agent(rig: Rig) -> bool:
    """An agent that the bastion could ask is forwarded by a client that has one."""
    agent = await asyncio.create_subprocess_exec(
        "ssh-agent", "-D", "-a", str(rig.papers.directory / "agent"),
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        assert agent.stdout is not None
        await agent.stdout.readline()
        attempt = _words("-A", "LOGIN", "true")
        where = str(rig.papers.directory / "agent")
        permits = b"permit-agent-forwarding"
        return await attempt(rig, wanted=b"agent", permits=permits, SSH_AUTH_SOCK=where)
    finally:
        agent.kill()
        await agent.wait()


async def _listener(rig: Rig, *, file: bool) -> bool:
    """The stock client asks for the same, but does not say when it has it."""
    client = await rig.client(await rig.admit())
    try:
        if file:
            here, there = str(rig.papers.directory / "here"), str(rig.papers.directory / "there")
            await client.forward_remote_path(there, here)
        else:
            await client.forward_remote_port("127.0.0.1", 0, "127.0.0.1", rig.harness.port)
    except asyncssh.ChannelListenError:
        return False
    finally:
        client.abort()
    return True


_SESSIONS: dict[str, Any] = {"door": lax.WithSessions}
_BEYOND: dict[str, Any] = {**_SESSIONS, **lacking(Guard.NOTHING_ELSE)}
_LISTENERS: dict[str, Any] = {"door": lax.WithListeners}

CASES = (
    Case("another port", _own_port, lacking(Guard.DESTINATION)),
    Case(
        "another name of the harness",
        partial(_destination, to="localhost:{port}"),
        lacking(Guard.DESTINATION),
    ),
    Case(
        "another address of the harness",
        partial(_destination, to="127.1:{port}"),
        lacking(Guard.DESTINATION),
    ),
    Case("the control socket through the bastion", _control_socket, {"door": lax.WithUnixSockets}),
    Case("one channel too many", _channels, lacking(Guard.CHANNELS)),
    Case("a shell", _words("LOGIN"), _SESSIONS),
    Case("a command", _words("LOGIN", "id"), _SESSIONS),
    Case("a subsystem", _words("-s", "LOGIN", "sftp"), _SESSIONS),
    Case(
        "a terminal",
        partial(_words("-tt", "LOGIN", "id"), wanted=b"pty", permits=b"permit-pty"),
        {**_BEYOND, "ssh_options": {"allow_pty": True}},
    ),
    Case(
        "X11",
        partial(
            _words("-Y", "LOGIN", "id"),
            wanted=b"x11",
            permits=b"permit-X11-forwarding",
            DISPLAY=":99",
        ),
        {**_BEYOND, "ssh_options": {"x11_forwarding": True}},
    ),
    Case("the agent", _with_agent, {**_BEYOND, "ssh_options": {"agent_forwarding": True}}),
    Case("a listener", partial(_listener, file=False), _LISTENERS),
    Case("a listener in the file system", partial(_listener, file=True), _LISTENERS),
)
