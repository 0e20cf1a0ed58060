"""The control socket: orders come in, answers and events go out. Whoever speaks there is who the
kernel says (SO_PEERCRED), and when nobody has spoken for too long, every session ends."""

import asyncio
import logging
import os
import socket
import struct
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from scif.kernel.errors import Refused, require
from terminals.bastion.config import Config
from terminals.bastion.grant import grant_of
from terminals.bastion.guards import Guard
from terminals.bastion.session import End, Session
from terminals.bastion.sessions import Sessions
from terminals.bastion.wire import VERSION, Message, Scope, decode, encode, number, only, text

_log = logging.getLogger(__name__)
_PEER = struct.Struct("3i")  # struct ucred: process, user, group

Order = Callable[[Message], dict[str, Any]]


class Control:
    """One control plane at a time: the newest link, so that a restarted one need not wait."""

    def __init__(self, config: Config, guards: frozenset[Guard], port: Callable[[], int]) -> None:
        self.sessions: Sessions  # set before the start; they tell through this object
        self._config = config
        self._guards = guards
        self._port = port
        self._server: asyncio.Server | None = None
        self._link: asyncio.StreamWriter | None = None
        self._out: list[Message] = []
        self._backlog: deque[Message] = deque(maxlen=config.backlog)
        self._heard = 0.0
        self._links: set[asyncio.Task[None]] = set()
        self._watch: asyncio.TimerHandle | None = None
        self._orders: Mapping[str, Order] = {
            "grant": self._grant,
            "budget": self._budget,
            "lock": self._lock,
            "pause": self._pause,
            "resume": self._resume,
            "rate": self._rate,
            "need": self._need,
            "heartbeat": self._heartbeat,
        }

    async def start(self) -> None:
        """Listen, and begin to wait for the control plane."""
        before = os.umask(0o117)
        try:
            self._server = await asyncio.start_unix_server(
                self._linked, self._config.control_socket, limit=self._config.longest_message
            )
        finally:
            os.umask(before)
        if self._config.control_group >= 0:
            os.chown(self._config.control_socket, -1, self._config.control_group)
        self._heard = asyncio.get_running_loop().time()
        self._watch_silence()

    async def stop(self) -> None:
        """Speak to nobody any more."""
        if self._watch is not None:
            self._watch.cancel()
        if self._server is not None:
            self._server.close()
        self._send()
        for link in self._links:
            link.cancel()
        await asyncio.gather(*self._links, return_exceptions=True)
        self._config.control_socket.unlink(missing_ok=True)

    def tell(self, message: Message) -> None:
        """Tell the control plane, or keep it for when it is back; the oldest are forgotten first.

        What is forgotten is made up for when a link is made: ``hello`` names the grants that
        live, and every count is told again.
        """
        if not self._out:
            asyncio.get_running_loop().call_soon(self._send)
        self._out.append(message)

    def _send(self) -> None:
        """All of one turn at once: a lock of many sessions is one thing to read, not hundreds."""
        told, self._out = self._out, []
        if self._link is None or self._link.is_closing():
            self._backlog.extend(told)
            return
        self._link.write(b"".join(encode(message) for message in told))
        waiting = self._link.transport.get_write_buffer_size()
        if waiting > self._config.longest_message * self._config.backlog:
            _log.warning("The control plane does not read; its link is closed")
            self._link.transport.abort()
            self._link = None

    def _watch_silence(self) -> None:
        loop = asyncio.get_running_loop()
        deadline = self._heard + self._config.silence
        if loop.time() >= deadline:
            self.sessions.end(Scope.ALL, "", End.SILENCE)
            deadline = loop.time() + self._config.silence
        self._watch = loop.call_at(deadline, self._watch_silence)

    def _linked(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        link = asyncio.get_running_loop().create_task(self._converse(reader, writer))
        self._links.add(link)
        link.add_done_callback(self._links.discard)

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            if not self._may_speak(writer):
                self.sessions.turn_away([Guard.CONTROL_USER])
                return
            self._take_over(writer)
            while line := await reader.readline():
                if self._link is not writer:
                    return
                answer = self._answer(line)
                # One turn of the loop: what was cut is reset before we say that it is.
                await asyncio.sleep(0)
                if self._link is not writer:
                    return
                self.tell(answer)
                self._send()  # at once: what is left to tidy up does not hold up the answer
        except ValueError:
            _log.warning("A control message is too long; the link is closed")
        except OSError as error:
            _log.info("The control link broke: %s", error)
        finally:
            if self._link is writer:
                self._link = None
            writer.close()

    def _may_speak(self, writer: asyncio.StreamWriter) -> bool:
        peer = writer.get_extra_info("socket").getsockopt(
            socket.SOL_SOCKET, socket.SO_PEERCRED, _PEER.size
        )
        _, user, _ = _PEER.unpack(peer)
        if user == self._config.control_uid or Guard.CONTROL_USER not in self._guards:
            return True
        _log.warning("User %d is not the control plane", user)
        return False

    def _take_over(self, writer: asyncio.StreamWriter) -> None:
        self._send()
        if self._link is not None:
            self._link.close()
        self._link = writer
        self.tell(
            {
                "tell": "hello",
                "version": VERSION,
                "silence": self._config.silence,
                "port": self._port(),
                "live": [session.grant.id for session in self.sessions.live()],
            }
        )
        while self._backlog:
            self.tell(self._backlog.popleft())
        for message in self.sessions.standing():
            self.tell(message)
        self.tell({"tell": "caught_up"})

    def _answer(self, line: bytes) -> Message:
        request = ""
        try:
            message = decode(line)
            if "request" in message:
                request = text(message, "request")
            do = text(message, "do")
            require(do in self._orders, "unknown_order", "There is no such order.")
            answer = self._orders[do](message)
        except Refused as refused:
            return {
                "tell": "refused",
                "request": request,
                "code": refused.code,
                "message": refused.message,
            }
        # INVARIANT: only what was understood counts as a word of the control plane.
        self._heard = asyncio.get_running_loop().time()
        return {**answer, "request": request}

    def _grant(self, message: Message) -> dict[str, Any]:
        only(message, frozenset({"do", "request", "grant"}))
        session = self.sessions.admit(grant_of(message.get("grant")))
        return {"tell": "done", "grants": [session.grant.id]}

    def _budget(self, message: Message) -> dict[str, Any]:
        only(message, frozenset({"do", "request", "key", "limit"}))
        limit = number(message, "limit", least=0, most=2**63 - 1)
        self.sessions.limit(text(message, "key"), limit)
        return {"tell": "done", "grants": []}

    def _lock(self, message: Message) -> dict[str, Any]:
        only(message, frozenset({"do", "request", "by", "value", "reason"}))
        by, value = _scope(message)
        ended = self.sessions.end(by, value, text(message, "reason"))
        return {"tell": "locked", "grants": _ids(ended)}

    def _pause(self, message: Message) -> dict[str, Any]:
        only(message, frozenset({"do", "request", "by", "value"}))
        return {"tell": "done", "grants": _ids(self.sessions.pause(*_scope(message)))}

    def _resume(self, message: Message) -> dict[str, Any]:
        only(message, frozenset({"do", "request", "by", "value"}))
        return {"tell": "done", "grants": _ids(self.sessions.resume(*_scope(message)))}

    def _rate(self, message: Message) -> dict[str, Any]:
        only(message, frozenset({"do", "request", "by", "value", "rate", "burst"}))
        rate, burst = (number(message, name, least=1, most=2**63 - 1) for name in ("rate", "burst"))
        return {"tell": "done", "grants": _ids(self.sessions.cap(*_scope(message), rate, burst))}

    def _need(self, message: Message) -> dict[str, Any]:
        only(message, frozenset({"do", "request", "grant", "needs"}))
        session = self.sessions.need(text(message, "grant"), text(message, "needs"))
        return {"tell": "done", "grants": [session.grant.id]}

    def _heartbeat(self, message: Message) -> dict[str, Any]:
        only(message, frozenset({"do", "request"}))
        return {"tell": "alive"}


def _scope(message: Message) -> tuple[Scope, str]:
    try:
        by = Scope(text(message, "by"))
    except ValueError:
        raise Refused("bad_field", "by is no scope.") from None
    return by, text(message, "value", empty=by is Scope.ALL)


def _ids(sessions: list[Session]) -> list[str]:
    return [session.grant.id for session in sessions]
