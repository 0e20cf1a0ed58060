"""The bastion put together: the door, the sessions, the ledger and the control socket."""

import asyncio
from collections.abc import Mapping

from scif.kernel.clock import Clock, now
from terminals.bastion.config import Config
from terminals.bastion.control import Control
from terminals.bastion.door import Connection, Door, options_of, read_authorities
from terminals.bastion.guards import ALL_GUARDS, Guard
from terminals.bastion.ledger import Ledger
from terminals.bastion.session import End
from terminals.bastion.sessions import Rules, Sessions
from terminals.bastion.wire import Scope

# In a message: a grant's id among others, and a count with the longest name that it may have.
_BYTES_A_GRANT, _BYTES_A_COUNT = 32, 2_048


class Bastion:
    """One bastion. ``guards``, ``door`` and ``ssh_options`` are for tests that show what a guard
    is good for; the process is always built with their defaults.
    """

    def __init__(
        self,
        config: Config,
        *,
        guards: frozenset[Guard] = ALL_GUARDS,
        door: type[Door] = Door,
        ssh_options: Mapping[str, object] | None = None,
        wall: Clock = now,
    ) -> None:
        self.config = config
        self.guards = guards
        self.authorities = read_authorities(config.user_ca)
        self.wall = wall
        self.waiting: set[Connection] = set()
        self._door = door
        self._ssh_options = ssh_options or {}
        self._ledger = Ledger(config.ledger)
        self._control = Control(config, guards, lambda: self.port)
        rules = Rules(
            lease=config.lease,
            drain_seconds=config.drain_seconds,
            certificate_seconds=config.certificate_seconds,
            key_bytes=config.key_bytes,
            key_pause=config.key_pause,
            burst_gap=config.burst_gap,
            most_grants=config.longest_message // _BYTES_A_GRANT,
            most_items=config.longest_message // _BYTES_A_COUNT,
        )
        self.sessions = Sessions(rules, self._ledger, self._control.tell, guards)
        self._control.sessions = self.sessions
        self._server: asyncio.Server | None = None
        self._reporting: asyncio.TimerHandle | None = None

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._server.sockets[0].getsockname()[1]) if self._server else 0

    async def start(self) -> None:
        """Listen for the control plane and for laptops."""
        options = await options_of(self.config, lambda: self._door(self), self._ssh_options)
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: Connection(self, options), self.config.listen_host, self.config.listen_port
        )
        await self._control.start()
        self._reporting = loop.call_later(self.config.report_seconds, self._report)

    async def stop(self) -> None:
        """End every session, write down what has passed, go."""
        if self._server is not None:
            self._server.close()
        if self._reporting is not None:
            self._reporting.cancel()
        self.sessions.end(Scope.ALL, "", End.STOPPED)
        for connection in list(self.waiting):
            connection.cut()
        await self._control.stop()
        self._ledger.settle(self.sessions.passed())
        self._ledger.close()

    def _report(self) -> None:
        for message in self.sessions.report():
            self._control.tell(message)
        self._reporting = asyncio.get_running_loop().call_later(
            self.config.report_seconds, self._report
        )
