"""Many stock clients, to which the harness pours without an end: when did each fall silent?"""

import asyncio
import os
import time

from tests.bastion.rig import PATIENCE, PLENTY, Laptop, Rig

LOWEST = 19


def yields(pid: int) -> None:
    """Let a process take only what nobody else needs of the processor.

    Laptops are machines of their own: a crowd of them that ends at once takes nothing from the
    bastion then. What comes late by it counts as late.
    """
    os.setpriority(os.PRIO_PROCESS, pid, LOWEST)


class Stream:
    """A client that reads as fast as it can. Times of ``time.monotonic``."""

    def __init__(self, grant_id: str, laptop: Laptop) -> None:
        self.grant_id = grant_id
        self.laptop = laptop
        self.bytes = 0
        self.last = 0.0  # the last byte's arrival
        self.over = 0.0  # when nothing could come any more
        self.flows = asyncio.Event()
        self._reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        while data := await self.laptop.stdout.read(65_536):
            self.last = time.monotonic()
            self.bytes += len(data)
            self.flows.set()
        self.over = time.monotonic()

    async def ended(self) -> None:
        """Until it is over."""
        await asyncio.wait_for(asyncio.shield(self._reading), PATIENCE)


async def streams(rig: Rig, count: int, *, rate: int, at_once: int = 8) -> list[Stream]:
    """So many sessions, each with a stream of ``rate`` bytes a second."""
    gate = asyncio.Semaphore(at_once)

    async def one() -> Stream:
        async with gate:
            grant = await rig.admit(rate=rate, burst=max(1, rate // 50))
            laptop = await rig.connect(grant)
            yields(laptop.process.pid)
            laptop.stdin.write(f"pour {PLENTY}\n".encode())
            stream = Stream(grant["id"], laptop)
            await asyncio.wait_for(stream.flows.wait(), PATIENCE)
            return stream

    return list(await asyncio.gather(*(one() for _ in range(count))))
