"""The SSH server: who may come in, and what for. Everything else is refused by having no answer."""

import asyncio
from collections.abc import Awaitable, Mapping
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Any, Protocol, cast

import asyncssh
from asyncssh.connection import SSHServerConnection, SSHServerConnectionOptions
from asyncssh.public_key import CERT_TYPE_USER, SSHOpenSSHCertificate

from scif.kernel.clock import Clock
from terminals.bastion.config import Config, ConfigError
from terminals.bastion.features import Way
from terminals.bastion.flow import CountedSide, reset
from terminals.bastion.guards import FORWARDING, Guard, Offer, Standing, broken
from terminals.bastion.session import Session
from terminals.bastion.sessions import Sessions

_PIECE = 65_536  # bytes: two packets of a client that streams


class Host(Protocol):
    """What a door needs of the bastion that it belongs to."""

    sessions: Sessions
    config: Config
    guards: frozenset[Guard]
    authorities: frozenset[bytes]
    wall: Clock
    waiting: set["Connection"]


class Connection(SSHServerConnection):
    """One SSH connection, which decides on certificates itself.

    asyncssh's own decision knows no forced command that must be there, no limit on a
    certificate's life, and takes a certificate without principals for any login.
    """

    def __init__(self, host: Host, options: SSHServerConnectionOptions) -> None:
        super().__init__(asyncio.get_running_loop(), options)
        self.host = host
        self.session: Session | None = None

    @property
    def address(self) -> str:
        """The peer's IP address."""
        return self._peer_addr

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Somebody knocks; too many who have not said who they are are turned away at once."""
        super().connection_made(transport)
        self.host.waiting.add(self)
        most = self.host.config.waiting_logins
        if len(self.host.waiting) > most and Guard.WAITING_LOGINS in self.host.guards:
            self.host.sessions.turn_away([Guard.WAITING_LOGINS])
            self.cut()

    def data_received(self, data: bytes, datatype: int | None = None) -> None:
        """In pieces: asyncssh copies all that it has not yet read twice for each packet."""
        for start in range(0, len(data), _PIECE):
            super().data_received(data[start : start + _PIECE], datatype)

    def pause_writing(self) -> None:
        """The client does not read. asyncssh would keep for it whatever comes, without a bound."""
        if self.session is not None:
            self.session.line_full(full=True)

    def resume_writing(self) -> None:
        """It reads again."""
        if self.session is not None:
            self.session.line_full(full=False)

    def cut(self) -> None:
        """End it at once: a reset, nothing more is sent, though the peer reads nothing."""
        reset(self._transport)

    async def _validate_openssh_certificate(
        self, username: str, cert: SSHOpenSSHCertificate
    ) -> asyncssh.SSHKey | None:
        session = self.host.sessions.find(username)
        if session is None:
            self.host.sessions.turn_away([Guard.LIVE_GRANT])
            return None
        offer = _offer(username, self._peer_addr, cert, self.host.authorities)
        standing = Standing(
            session.grant,
            bool(session.ended),
            session.line is not None,
            self.host.wall().timestamp(),
            self.host.config.certificate_seconds,
        )
        reasons = [guard for guard in broken(offer, standing) if guard in self.host.guards]
        if reasons:
            self.host.sessions.turn_away(reasons)
            return None
        self._key_options = {}
        self._cert_options = {**cert.options, FORWARDING: True}
        return cert.key


class Door(asyncssh.SSHServer):
    """What a client may ask for once it is in: channels to its grant's one address."""

    connection: Connection

    def __init__(self, host: Host) -> None:
        self.host = host
        self._opening = 0

    def connection_made(self, conn: SSHServerConnection) -> None:
        """The connection that this door belongs to."""
        assert isinstance(conn, Connection)
        self.connection = conn

    def connection_lost(self, exc: Exception | None) -> None:
        """It is gone."""
        self.host.waiting.discard(self.connection)
        if self.connection.session is not None:
            self.host.sessions.disconnected(self.connection.session, self.connection)

    def begin_auth(self, username: str) -> bool:
        """Everybody must prove who they are."""
        return True

    def public_key_auth_supported(self) -> bool:
        """The one method; the options switch the others off."""
        return True

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        """A bare key opens nothing, whoever's it is."""
        self.host.sessions.turn_away([Guard.CERTIFICATE])
        return Guard.CERTIFICATE not in self.host.guards

    def auth_completed(self) -> None:
        """In: the session has its connection, unless it ended or got another one meanwhile."""
        self.host.waiting.discard(self.connection)
        session = self.host.sessions.find(self.connection.get_extra_info("username"))
        guards = self.host.guards
        if (
            session is None
            or (session.ended and Guard.LIVE_GRANT in guards)
            or (session.line is not None and Guard.ONE_CONNECTION in guards)
        ):
            self.connection.cut()
            return
        self.connection.session = session
        self.host.sessions.connected(session, self.connection, self.connection.address)

    def connection_requested(
        self, dest_host: str, dest_port: int, orig_host: str, orig_port: int
    ) -> Awaitable[asyncssh.SSHTCPSession[bytes]]:
        """A channel to the harness; refuses another address and more channels than granted."""
        session = self.connection.session
        guards = self.host.guards
        if session is None or (session.ended and Guard.LIVE_GRANT in guards):
            raise _prohibited("no session")
        grant = session.grant
        if (dest_host, dest_port) != (grant.host, grant.port) and Guard.DESTINATION in guards:
            self.host.sessions.turn_away([Guard.DESTINATION])
            raise _prohibited("not this destination")
        open_now = self._opening + sum(side.way is Way.UP for side in session.sides)
        if open_now >= grant.channels and Guard.CHANNELS in guards:
            self.host.sessions.turn_away([Guard.CHANNELS])
            raise _prohibited("no more channels")
        return self._channel(session, dest_host, dest_port)

    async def _channel(
        self, session: Session, host: str, port: int
    ) -> asyncssh.SSHTCPSession[bytes]:
        loop = asyncio.get_running_loop()
        self._opening += 1
        try:
            transport, harness = await loop.create_connection(
                lambda: CountedSide(session, Way.DOWN), host, port
            )
        except OSError:
            # Not what the network says of the harness: that is nothing for the laptop.
            raise asyncssh.ChannelOpenError(
                asyncssh.OPEN_CONNECT_FAILED, "the harness does not answer"
            ) from None
        finally:
            self._opening -= 1
        if session.line is not self.connection:
            reset(transport)
            raise _prohibited("no session")
        # asyncssh's forwarders have a session's methods without its base class, as its own do.
        return cast("asyncssh.SSHTCPSession[bytes]", CountedSide(session, Way.UP, harness))


def _prohibited(why: str) -> asyncssh.ChannelOpenError:
    return asyncssh.ChannelOpenError(asyncssh.OPEN_ADMINISTRATIVELY_PROHIBITED, why)


def _offer(
    login: str, address: str, cert: SSHOpenSSHCertificate, authorities: frozenset[bytes]
) -> Offer:
    """What a certificate says; asyncssh has checked that its signer signed it."""
    command = cert.options.get("force-command")
    sources = cert.options.get("source-address", [])
    return Offer(
        login=login,
        address=address,
        authority_known=cert.signing_key.public_data in authorities,
        # asyncssh keeps these three to itself; its version is pinned.
        user_certificate=cert._cert_type == CERT_TYPE_USER,  # noqa: SLF001  # asyncssh has no public name
        valid_after=cert._valid_after,  # noqa: SLF001  # asyncssh has no public name
        valid_before=cert._valid_before,  # noqa: SLF001  # asyncssh has no public name
        principals=tuple(cert.principals),
        forced_command=command if isinstance(command, str) else None,
        sources=tuple(cast("list[IPv4Network | IPv6Network]", sources)),
        permits=frozenset(name for name in cert.options if name.startswith("permit-")),
    )


def read_authorities(path: Path) -> frozenset[bytes]:
    """The public keys of a file; at least one."""
    try:
        found = frozenset(key.public_data for key in asyncssh.read_public_key_list(path))
    except (OSError, ValueError) as error:
        raise ConfigError(f"user_ca {path}: {error}") from error
    if not found:
        raise ConfigError(f"user_ca {path}: no key")
    return found


def read_host_key(path: Path) -> asyncssh.SSHKey:
    """The bastion's own key; refuses one that others on the machine may read."""
    try:
        if path.stat().st_mode & 0o077:
            raise ConfigError(f"host_key {path}: others may read it; its mode must be 0600")
        return asyncssh.read_private_key(path)
    except (OSError, ValueError) as error:
        raise ConfigError(f"host_key {path}: {error}") from error


async def options_of(
    config: Config, door: Any, further: Mapping[str, object]
) -> SSHServerConnectionOptions:
    """One way in, no compression (bytes are counted as they are), nothing but forwarding."""
    settings: dict[str, object] = {
        "server_factory": door,
        "server_host_keys": [read_host_key(config.host_key)],
        "server_version": "bastion",
        "config": None,
        "password_auth": False,
        "kbdint_auth": False,
        "host_based_auth": False,
        "gss_host": None,
        "x509_trusted_certs": None,
        "x509_trusted_cert_paths": (),
        "allow_pty": False,
        "x11_forwarding": False,
        "agent_forwarding": False,
        "rdns_lookup": False,
        "compression_algs": None,
        "encryption_algs": ["aes128-gcm@openssh.com", "aes256-gcm@openssh.com"],
        "kex_algs": ["curve25519-sha256", "curve25519-sha256@libssh.org"],
        "login_timeout": config.login_seconds,
        "keepalive_interval": config.keepalive_seconds,
        "keepalive_count_max": config.keepalive_misses,
    }
    options: SSHServerConnectionOptions = await SSHServerConnectionOptions.construct(
        None, **{**settings, **further}
    )
    return options
