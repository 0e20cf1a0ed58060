"""What a hostile laptop or a thief of keys would try at the login."""

import asyncio
import time
from contextlib import AsyncExitStack
from functools import partial
from typing import Any

import asyncssh
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import SSHCertificateType

from terminals.bastion.guards import FORWARDING, Guard
from terminals.bastion.wire import Scope
from tests.bastion import lax
from tests.bastion.hostile_case import Case, lacking
from tests.bastion.papers import LIFE, grant_id
from tests.bastion.rig import Rig


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
)
