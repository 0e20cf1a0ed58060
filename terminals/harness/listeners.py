"""The process of an adapter: one address for each engagement, one socket for the control plane.

The address that a connection came in on says whose it is: the bastion forwards an engagement's
session to that engagement's address and to no other. The configuration is a JSON file:
``{"ledger": PATH, "control_key": PATH, "control_socket": PATH, "listeners": {ENGAGEMENT: {"host":
ADDRESS, "port": NUMBER}}, …}``; each program adds its own names.
"""

import json
import logging
import socket
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvicorn

from scif.kernel.clock import Clock
from scif.kernel.keys import KeyStore
from terminals.harness import asgi
from terminals.harness.adapter import HarnessAdapter
from terminals.harness.control import Control
from terminals.harness.ledger import Ledger
from terminals.harness.policies import Policies

Address = tuple[str, int]
GRACE_SECONDS = 5  # what a stop gives to answers under way


@dataclass(frozen=True, slots=True)
class Config:
    """Where an adapter keeps its ledger and where it listens."""

    ledger: Path
    control_key: Path
    control_socket: Path
    listeners: Mapping[str, Address]  # by engagement
    rest: Mapping[str, Any]  # the names that the program adds

    @classmethod
    def read(cls, path: Path) -> "Config":
        """Read the file. Raises ValueError that says what is wrong with it."""
        try:
            raw = json.loads(path.read_text("utf-8"))
            rows = {
                engagement: (str(row["host"]), int(row["port"]))
                for engagement, row in raw["listeners"].items()
            }
            paths = {name: Path(raw[name]) for name in ("ledger", "control_key", "control_socket")}
        except (OSError, AttributeError, KeyError, TypeError, ValueError) as error:
            said = f"{type(error).__name__} {error}"
            raise ValueError(f"configuration {path} cannot be used: {said}") from error
        rest = {name: each for name, each in raw.items() if name not in {*paths, "listeners"}}
        return cls(listeners=rows, rest=rest, **paths)


class Front:
    """Tells connections apart by the address that they came in on."""

    def __init__(self, adapter: HarnessAdapter, control: Control, control_path: str) -> None:
        self._adapter = adapter
        self._control = control
        self._control_path = control_path

    async def __call__(self, scope: asgi.Scope, receive: asgi.Receive, send: asgi.Send) -> None:
        """Serve one connection."""
        if scope["type"] == "http" and scope["server"] == (self._control_path, None):
            await self._control(scope, receive, send)
        else:
            await self._adapter(scope, receive, send)


def serve(app: asgi.App, config: Config, clock: Clock) -> None:
    """Listen until SIGTERM or SIGINT; says on standard output, as JSON, where.

    Raises LedgerError, KeyMissingError, PolicyError, OSError instead of starting without.
    """
    control_key = KeyStore(config.control_key.parent).verifier(config.control_key.name)
    ledger = Ledger(config.ledger)
    policies = Policies(ledger, control_key)
    doors = {engagement: listen(address) for engagement, address in config.listeners.items()}
    owners = {_address(door): engagement for engagement, door in doors.items()}
    adapter = HarnessAdapter(
        app,
        ledger=ledger,
        policies=policies,
        engagement_of=lambda scope: owners.get(scope["server"]),
        clock=clock,
    )
    control = _listen_control(config.control_socket)
    front = Front(adapter, Control(ledger, policies), str(config.control_socket))
    server = uvicorn.Server(
        uvicorn.Config(
            front,
            http="h11",
            ws="none",
            loop="asyncio",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            timeout_graceful_shutdown=GRACE_SECONDS,
        )
    )
    logging.getLogger("uvicorn").setLevel(logging.WARNING)
    said = {engagement: _address(door) for engagement, door in doors.items()}
    sys.stdout.write(json.dumps({"ready": said}) + "\n")
    sys.stdout.flush()
    try:
        server.run(sockets=[*doors.values(), control])
    finally:
        config.control_socket.unlink(missing_ok=True)
        ledger.close()


def listen(address: Address) -> socket.socket:
    """A TCP socket that listens at an address."""
    family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    # Named as TCP, so that asyncio sends small answers at once (TCP_NODELAY).
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen()
    except BaseException:
        listener.close()
        raise
    return listener


def _address(listener: socket.socket) -> Address:
    host, port, *_ = listener.getsockname()
    return host, port


def _listen_control(path: Path) -> socket.socket:
    """A socket for its owner and group."""
    path.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    path.chmod(0o660)
    listener.listen()
    return listener
