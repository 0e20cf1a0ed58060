"""A stand-in for the lab's harness: says back what it hears, or pours what it is asked for."""

import asyncio
import sys
from types import TracebackType

CHUNK = b"x" * 65_536


class Harness:
    """Speaks one line of orders a connection, then bytes:

    ``echo``    says back what comes
    ``pour N``  sends N bytes, then waits for the end
    ``take N``  sends one byte, swallows N and closes
    """

    def __init__(self) -> None:
        self.port = 0
        self.ordered = 0  # bytes of orders
        self.heard = 0  # bytes after them
        self.live = 0
        self.idle = asyncio.Event()
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> "Harness":
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._server is not None
        self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.live += 1
        self.idle.clear()
        try:
            order = await reader.readline()
            self.ordered += len(order)
            await self._carry_out(order.decode().split(), reader, writer)
        except OSError:
            pass
        finally:
            self.live -= 1
            if not self.live:
                self.idle.set()
            writer.close()

    async def _carry_out(
        self, words: list[str], reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        if words[:1] == ["pour"]:
            left = int(words[1])
            while left:
                writer.write(CHUNK[: min(left, len(CHUNK))])
                left -= min(left, len(CHUNK))
                await writer.drain()
        if words[:1] == ["take"]:
            writer.write(b".")
            left = int(words[1])
            while left and (data := await reader.read(len(CHUNK))):
                left -= len(data)
            return
        while data := await reader.read(65_536):
            self.heard += len(data)
            if words == ["echo"]:
                writer.write(data)
                await writer.drain()


async def _alone() -> None:
    """As a process of its own, for measurements: says its port and serves until it is ended."""
    async with Harness() as harness:
        sys.stdout.write(f"{harness.port}\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_alone())
