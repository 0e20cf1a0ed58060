"""A cable between laptops and the bastion, which tells what has arrived as the kernel counts."""

import asyncio
import socket
import struct
from collections.abc import Coroutine
from contextlib import suppress
from types import TracebackType

_BYTES_RECEIVED = 128  # offset of tcpi_bytes_received in Linux's struct tcp_info
_MOST = 64 * 1_024


class Relay:
    """Passes bytes on and waits where the other side does not read, as a frozen laptop does not."""

    def __init__(self, port: int) -> None:
        self.port = 0
        self._to = port
        self._far: list[socket.socket] = []
        self._pumps: set[asyncio.Task[None]] = set()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=300)

    async def __aenter__(self) -> "Relay":
        self._listener.setblocking(False)
        self.port = self._listener.getsockname()[1]
        self._start(self._accept())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for pump in list(self._pumps):
            pump.cancel()
        await asyncio.gather(*self._pumps, return_exceptions=True)
        for each in (self._listener, *self._far):
            each.close()

    def arrived(self) -> int:
        """Bytes that have come from the bastion, over all connections, read by anybody or not."""
        infos = [far.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 256) for far in self._far]
        return sum(struct.unpack_from("Q", info, _BYTES_RECEIVED)[0] for info in infos)

    def _start(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._pumps.add(task)
        task.add_done_callback(self._pumps.discard)

    async def _accept(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            near, _ = await loop.sock_accept(self._listener)
            far = socket.socket()
            far.setblocking(False)
            await loop.sock_connect(far, ("127.0.0.1", self._to))
            self._far.append(far)
            self._start(self._pump(near, far, ends=far))
            self._start(self._pump(far, near, ends=near))

    async def _pump(self, here: socket.socket, there: socket.socket, ends: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        with suppress(OSError):
            while data := await loop.sock_recv(here, _MOST):
                await loop.sock_sendall(there, data)
        with suppress(OSError):
            ends.shutdown(socket.SHUT_RDWR)
