"""The bastion as a process of its own, with its control plane, laptops and a harness."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from terminals.bastion.ledger import Ledger
from tests.bastion.harness import Harness
from tests.bastion.papers import Papers
from tests.bastion.rig import PATIENCE, PLENTY, Laptop, Rig, config_of, write_config
from tests.bench.table import ROOT


class Spawned(Rig):
    """A bastion that can be killed and started again on the same ledger."""

    process: asyncio.subprocess.Process
    total = 0  # bytes that the ledger is known to hold

    async def start(self) -> None:
        """Start the process and link to it."""
        self.process = await self._spawn()
        self.relink()
        await asyncio.wait_for(self.link.up.wait(), PATIENCE)

    async def _spawn(self) -> asyncio.subprocess.Process:
        file = write_config(self.papers.directory / "bastion.toml", self.config)
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", "terminals.bastion", "--config", str(file),
            cwd=ROOT, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip

    async def refusal(self) -> tuple[int, str]:
        """The status and the words of a start that fails."""
        process = await self._spawn()
        _, said = await asyncio.wait_for(process.communicate(), PATIENCE)
        assert process.returncode is not None
        return process.returncode, said.decode()

    async def session(self) -> tuple[dict[str, Any], Laptop]:
        """A granted session with a stock client."""
        grant = await self.admit()
        return grant, await self.connect(grant)

    async def delivered_until_killed(self, enough: int) -> int:
        """Bytes that reached either end, of a stream that is killed after ``enough``."""
        before = self.harness.ordered
        _, laptop = await self.session()
        laptop.stdin.write(f"pour {PLENTY}\n".encode())
        got = len(await asyncio.wait_for(laptop.stdout.readexactly(enough), PATIENCE))
        await self.kill()
        got += len(await laptop.rest())
        return got + self.harness.ordered - before

    async def kill(self) -> None:
        """As a power loss of the process: it does nothing more."""
        self.process.kill()
        await self.process.wait()
        self.unlink()

    async def stop(self) -> int:
        """Ask it to end; its status."""
        self.process.terminate()
        return await asyncio.wait_for(self.process.wait(), PATIENCE)

    def ledger(self) -> dict[str, int]:
        """What the ledger holds, while nobody else has it."""
        ledger = Ledger(self.config.ledger)
        try:
            return ledger.known()
        finally:
            ledger.close()


@asynccontextmanager
async def spawned(directory: Path, **config: Any) -> AsyncIterator[Spawned]:
    """Everything but the process, which ``start`` starts."""
    papers = Papers(directory)
    async with Harness() as harness:
        made = Spawned(config_of(directory, papers, **config), papers, harness)
        try:
            yield made
        finally:
            await made.close()
            if hasattr(made, "process") and made.process.returncode is None:
                made.process.kill()
                await made.process.wait()
