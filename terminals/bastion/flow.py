"""The two sides of a channel, between which every byte is counted before it is sent on.

Built on asyncssh's forwarder, whose version is pinned: what it does with the end of a stream and
with pausing is relied upon here.
"""

import asyncio
import socket
import struct
from typing import Any, cast

from asyncssh.forward import SSHForwarder

from terminals.bastion.features import Way
from terminals.bastion.session import Session

# An abortive close: the kernel throws away what waits and resets the peer (RFC 9293, 3.10.7).
LINGER_NONE = struct.pack("ii", 1, 0)


def reset(transport: asyncio.BaseTransport | None) -> None:
    """Close a TCP connection with a reset, whatever waits to be sent; no other kind has one."""
    if transport is None:
        return
    sock = transport.get_extra_info("socket")
    if sock is not None and sock.fileno() >= 0:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_NONE)
    if isinstance(transport, asyncio.WriteTransport):
        transport.abort()


class CountedSide(SSHForwarder):
    """Reads on one side of a channel and writes on the other what the session lets pass."""

    def __init__(self, session: Session, way: Way, peer: "CountedSide | None" = None) -> None:
        super().__init__(peer)
        self._session = session
        self.way = way
        self._waiting = bytearray()
        self._eof_waiting = False
        self._peer_is_full = False
        self._stopped = False
        self._own: asyncio.BaseTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The side is there. A session that ended meanwhile has none."""
        super().connection_made(transport)
        self._own = transport
        self._session.sides.add(self)
        if self._session.ended:
            self.drop()
        else:
            self._stopped = self._session.held
            self.look()

    def session_started(self) -> None:
        """The channel is open."""
        if not self._session.ended:
            self._session.features.channel()

    def connection_lost(self, exc: Exception | None) -> None:
        """The side is gone, and with it the other."""
        self._session.sides.discard(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes, datatype: int | None = None) -> None:
        """Send on what may pass; the rest waits, and nothing more is read."""
        if self._waiting:
            self._waiting += data
            return
        taken = self._session.take(len(data), self.way)
        if taken == len(data):
            super().data_received(data, datatype)
            return
        if taken:
            super().data_received(data[:taken], datatype)
        self._waiting += data[taken:]
        self.look()

    def eof_received(self) -> bool:
        """Hand on the end of the stream, behind what waits."""
        if self._waiting:
            self._eof_received = self._eof_waiting = True
            return True
        return super().eof_received()

    def stop(self) -> None:
        """Read no more."""
        self._stopped = True
        self.look()

    def go(self) -> None:
        """Send on what waits, and read again."""
        self._stopped = False
        if self._waiting:
            data, self._waiting = bytes(self._waiting), bytearray()
            self.data_received(data)
        if self._eof_waiting and not self._waiting:
            self._eof_waiting = False
            if super().eof_received() is False and self._transport is not None:
                self._transport.close()
        self.look()

    def drop(self) -> None:
        """Throw away what waits; reset the connection to the harness."""
        self._waiting.clear()
        if self.way is Way.DOWN:
            # Also where it is being closed already, for a harness that does not read.
            reset(self._own)

    def finish(self) -> None:
        """Throw away what waits; what was counted arrives, then the channel closes."""
        self._waiting.clear()
        self.close()

    def pause_reading(self) -> None:
        """The other side is full."""
        self._peer_is_full = True
        self.look()

    def resume_reading(self) -> None:
        """The other side takes bytes again."""
        self._peer_is_full = False
        self.look()

    def look(self) -> None:
        """Read or not, as the session and both sides now stand."""
        # An SSH channel has the same two methods as a transport, without its base class.
        transport = cast("Any", self._transport)
        if transport is None:
            return
        full = self._peer_is_full or (self.way is Way.DOWN and self._session.line_is_full)
        if self._stopped or full or self._waiting:
            transport.pause_reading()
        else:
            transport.resume_reading()
