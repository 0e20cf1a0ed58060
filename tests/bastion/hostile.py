"""What a hostile laptop, a thief of keys or another process would try. Each attempt is refused by
the bastion as it is, and passes at one that lacks just the guard that refuses it.
"""

import asyncio
import os
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import asyncssh
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import SSHCertificateType

from scif.kernel.errors import Refused
from terminals.bastion.guards import ALL_GUARDS, FORWARDING, Guard
from terminals.bastion.wire import Scope
from terminals.control.link import Unconfirmed
from tests.bastion import lax
from tests.bastion.papers import LIFE, grant_id
from tests.bastion.rig import PATIENCE, Rig, rig

# Whether it got what it wanted.
Attempt = Callable[[Rig], Awaitable[bool]]


@dataclass(frozen=True)
class Case:
    """``config`` holds for both bastions, ``without`` (arguments of ``Bastion``) and
    ``lax_config`` for the one that lacks the guard. ``allowed`` is what is tried there, where it
    is not the same attempt.
    """

    name: str
    attempt: Attempt
    without: dict[str, Any] = field(default_factory=dict)
    config: dict[str, Any] = field(default_factory=dict)
    lax_config: dict[str, Any] = field(default_factory=dict)
    allowed: Attempt | None = None


def lacking(*guards: Guard) -> dict[str, Any]:
    """A bastion without these guards."""
    return {"guards": ALL_GUARDS - set(guards)}


# ------------------------------------------------------------------ at the login


async def _with_paper(rig: Rig, *, words: tuple[str, ...] = (), **paper: Any) -> bool:
    grant = await rig.admit()
    return await rig.echoes(await rig.connect(grant, *words, **paper))


async def _with_principals(rig: Rig, before: list[str], *, own: bool) -> bool:
    grant = await rig.admit()
    principals = [*before, grant["id"]] if own else before
    return await rig.echoes(await rig.connect(grant, principals=principals))


async def _bare_key(rig: Rig) -> bool:
    grant = await rig.admit()
    to = f"{grant['host']}:{grant['port']}"
    return await rig.echoes(await rig.ssh(None, "-W", to, f"{grant['id']}@127.0.0.1"))


async def _other_authority(rig: Rig) -> bool:
    return await _with_paper(rig, authority=Ed25519PrivateKey.generate())


async def _host_certificate(rig: Rig) -> bool:
    """The stock client does not even offer it."""
    grant = await rig.admit()
    # asyncssh reads a host certificate's options as none: what is missing is another case.
    cert = rig.papers.certificate(
        grant["id"], kind=SSHCertificateType.HOST, command="", source="", extensions=[]
    )
    key = asyncssh.read_private_key(rig.papers.key)
    return await _gets_in(rig, grant, client_keys=[(key, asyncssh.read_certificate(cert))])


async def _valid(rig: Rig, after: int, before: int) -> bool:
    now = int(time.time())
    return await _with_paper(rig, after=now + after, before=now + before)


async def _from_elsewhere(rig: Rig) -> bool:
    return await _with_paper(rig, words=("-b", "127.0.0.2"), source="127.0.0.0/8")


async def _after_lock(rig: Rig, by: Scope, field_name: str) -> bool:
    grant = await rig.admit()
    await rig.link.lock(by, grant[field_name] if field_name else "", "test")
    return await _gets_in(rig, grant)


async def _after_expiry(rig: Rig) -> bool:
    grant = await rig.admit(seconds=1)
    await rig.event("cut", grant=grant["id"], reason="expired")
    return await _gets_in(rig, grant)


async def _after_exhaustion(rig: Rig) -> bool:
    budgets = [{"key": "engagement:e-2", "limit": 2_000, "charged": 0}]
    grant = await rig.admit(budgets=budgets)
    laptop = await rig.connect(grant)
    laptop.stdin.write(b"pour 9000\n")
    await laptop.rest()
    return await _gets_in(rig, grant)


async def _gets_in(rig: Rig, grant: dict[str, Any], **options: Any) -> bool:
    """A login counts, whether or not the session lets anything pass afterwards."""
    try:
        client = await rig.client(grant, **options)
    except (OSError, asyncssh.Error):
        return False
    client.abort()
    return True


async def _second_connection(rig: Rig, *words: str, **paper: Any) -> bool:
    grant = await rig.admit()
    first = await rig.connect(grant, **paper)
    assert await rig.echoes(first)
    return await rig.echoes(await rig.connect(grant, *words, **paper))


async def _crowd(rig: Rig) -> bool:
    grant = await rig.admit()
    async with AsyncExitStack() as stack:
        for _ in range(rig.config.waiting_logins):
            reader, writer = await asyncio.open_connection("127.0.0.1", rig.port)
            stack.callback(writer.close)
            await reader.readline()
        return await rig.echoes(await rig.connect(grant))


async def _granted(rig: Rig, *, told: bool) -> bool:
    grant = await rig.admit() if told else rig.grant()
    return await rig.echoes(await rig.connect(grant))


async def _no_proof(rig: Rig) -> bool:
    grant = await rig.admit()
    to = f"{grant['host']}:{grant['port']}"
    words = ("-o", "PreferredAuthentications=none", "-W", to, f"{grant['id']}@127.0.0.1")
    return await rig.echoes(await rig.ssh(None, *words))


async def _password(rig: Rig) -> bool:
    return await _gets_in(
        rig, await rig.admit(), client_keys=None, password="x", preferred_auth="password"
    )


async def _questions(rig: Rig) -> bool:
    return await _gets_in(
        rig,
        await rig.admit(),
        client_keys=None,
        password="x",
        preferred_auth="keyboard-interactive",
    )


async def _algorithm(rig: Rig, option: str) -> bool:
    return await _with_paper(rig, words=("-o", option))


# ------------------------------------------------------------------ within a session


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


# ------------------------------------------------------------------ at the control socket


async def _speaks(rig: Rig) -> bool:
    """Whether whoever opens the control socket gets a word back."""
    reader, writer = await asyncio.open_unix_connection(rig.config.control_socket)
    try:
        return b"hello" in await asyncio.wait_for(reader.readline(), PATIENCE)
    finally:
        writer.close()


async def _long_message(rig: Rig) -> bool:
    """Whether it is read at all: what is read is answered, if only by a refusal."""
    try:
        await rig.link.ask("heartbeat", more="x" * 70_000)
    except Unconfirmed:
        return False
    except Refused:
        return True
    return True


async def _told_again(rig: Rig, *, locked: bool) -> bool:
    grant = await rig.admit()
    if locked:
        await rig.link.lock(Scope.GRANT, grant["id"], "test")
    try:
        await rig.link.grant(grant)
    except Refused:
        return False
    return True


_SESSIONS: dict[str, Any] = {"door": lax.WithSessions}
_BEYOND: dict[str, Any] = {**_SESSIONS, **lacking(Guard.NOTHING_ELSE)}
_LISTENERS: dict[str, Any] = {"door": lax.WithListeners}
_OTHER_KEX = "ecdh-sha2-nistp256"

CASES = (
    Case("a bare key", _bare_key, lacking(Guard.CERTIFICATE)),
    Case("another authority", _other_authority, lacking(Guard.AUTHORITY)),
    Case(
        "a host's certificate",
        _host_certificate,
        lacking(
            Guard.USER_CERTIFICATE,
            Guard.FORCED_COMMAND,
            Guard.CERTIFICATE_SOURCE,
            Guard.FORWARDING,
        ),
    ),
    Case(
        "permits a terminal, too",
        partial(_with_paper, extensions=[FORWARDING.encode(), b"permit-pty"]),
        lacking(Guard.NOTHING_ELSE),
    ),
    Case(
        "no principals, good for any login",
        partial(_with_paper, principals=[]),
        lacking(Guard.PRINCIPAL),
    ),
    Case(
        "another principal",
        partial(_with_principals, before=[grant_id()], own=False),
        lacking(Guard.PRINCIPAL),
    ),
    Case(
        "another principal beside its own",
        partial(_with_principals, before=[grant_id()], own=True),
        lacking(Guard.PRINCIPAL),
    ),
    Case(
        "any principal",
        partial(_with_principals, before=["*"], own=False),
        lacking(Guard.PRINCIPAL),
    ),
    Case("expired", partial(_valid, after=-LIFE, before=-1), lacking(Guard.VALID_NOW)),
    Case("not yet valid", partial(_valid, after=30, before=LIFE), lacking(Guard.VALID_NOW)),
    Case("lives for ever", partial(_valid, after=-5, before=10**9), lacking(Guard.SHORT_LIVED)),
    Case(
        "lives a second too long",
        partial(_valid, after=-5, before=LIFE - 4),
        lacking(Guard.SHORT_LIVED),
    ),
    Case("no forced command", partial(_with_paper, command=""), lacking(Guard.FORCED_COMMAND)),
    Case(
        "another forced command",
        partial(_with_paper, command=grant_id()),
        lacking(Guard.FORCED_COMMAND),
    ),
    Case("good at any address", partial(_with_paper, source=""), lacking(Guard.CERTIFICATE_SOURCE)),
    Case(
        "a certificate for another address",
        partial(_with_paper, source="127.0.0.2/32"),
        lacking(Guard.CERTIFICATE_SOURCE),
    ),
    Case("a grant for another address", _from_elsewhere, lacking(Guard.GRANT_SOURCE)),
    Case("no forwarding", partial(_with_paper, extensions=[]), lacking(Guard.FORWARDING)),
    Case(
        "replayed after a lock of the grant",
        partial(_after_lock, by=Scope.GRANT, field_name="id"),
        lacking(Guard.LIVE_GRANT),
    ),
    Case(
        "replayed after a lock of the person",
        partial(_after_lock, by=Scope.PERSON, field_name="person"),
        lacking(Guard.LIVE_GRANT),
    ),
    Case(
        "replayed after a lock of the terminal",
        partial(_after_lock, by=Scope.TERMINAL, field_name="terminal"),
        lacking(Guard.LIVE_GRANT),
    ),
    Case(
        "replayed after a lock of the engagement",
        partial(_after_lock, by=Scope.ENGAGEMENT, field_name="engagement"),
        lacking(Guard.LIVE_GRANT),
    ),
    Case(
        "replayed after a lock of everything",
        partial(_after_lock, by=Scope.ALL, field_name=""),
        lacking(Guard.LIVE_GRANT),
    ),
    Case("after its time", _after_expiry, lacking(Guard.LIVE_GRANT)),
    Case("after its bytes", _after_exhaustion, lacking(Guard.LIVE_GRANT)),
    Case("a second connection", _second_connection, lacking(Guard.ONE_CONNECTION)),
    Case(
        "a thief's connection from another address",
        lambda rig: _second_connection(rig, "-b", "127.0.0.3"),
        lacking(Guard.ONE_CONNECTION, Guard.CERTIFICATE_SOURCE, Guard.GRANT_SOURCE),
    ),
    Case(
        "a crowd at the door", _crowd, lacking(Guard.WAITING_LOGINS), config={"waiting_logins": 8}
    ),
    Case(
        "a login that nobody granted",
        partial(_granted, told=False),
        allowed=partial(_granted, told=True),
    ),
    Case("no proof at all", _no_proof, {"door": lax.WithoutProof}),
    Case(
        "a password",
        _password,
        {"door": lax.WithPasswords, "ssh_options": {"password_auth": True}},
    ),
    Case(
        "answers to questions",
        _questions,
        {"door": lax.WithQuestions, "ssh_options": {"kbdint_auth": True}},
    ),
    Case(
        "a cipher without authentication",
        partial(_algorithm, option="Ciphers=aes128-cbc"),
        {"ssh_options": {"encryption_algs": ["aes128-cbc"], "mac_algs": ["hmac-sha2-256"]}},
    ),
    Case(
        "another key exchange",
        partial(_algorithm, option=f"KexAlgorithms={_OTHER_KEX}"),
        {"ssh_options": {"kex_algs": [_OTHER_KEX]}},
    ),
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
    Case(
        "another user at the control socket",
        _speaks,
        lacking(Guard.CONTROL_USER),
        config={"control_uid": os.getuid() + 1},
    ),
    Case(
        "a control message without an end",
        _long_message,
        lax_config={"longest_message": 1_000_000},
    ),
    Case(
        "a grant told again",
        partial(_told_again, locked=False),
        lacking(Guard.FRESH_GRANT),
    ),
    Case(
        "a grant told again after a lock",
        partial(_told_again, locked=True),
        lacking(Guard.FRESH_GRANT),
    ),
)


async def succeeds(case: Case, directory: Path, *, guarded: bool) -> bool:
    """Play a case against the bastion as it is, or against the one that lacks its guard."""
    without = {} if guarded else dict(case.without)
    if "x11_forwarding" in without.get("ssh_options", {}):
        # asyncssh would write into the home directory.
        without["ssh_options"] |= {"x11_auth_path": str(directory / "xauthority")}
    config = case.config if guarded else {**case.config, **case.lax_config}
    attempt = case.attempt if guarded or case.allowed is None else case.allowed
    async with rig(directory, config, **without) as made:
        return await attempt(made)
