"""Eight parallel channels race for the bytes of random budgets, over real sockets."""

import asyncio
import random
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import asyncssh

from tests.bastion.rig import PATIENCE, Rig

CHANNELS = 8


@dataclass
class Found:
    """``overshoot`` bytes that arrived beyond a budget, ``short`` counted ones that did not."""

    budgets: int = 0
    overshoot: int = 0
    short: int = 0


async def play(rig: Rig, *, seed: int, count: int) -> Found:
    """For each budget a grant and a connection, whose channels want more or less than it has."""
    chance, found = random.Random(seed), Found()
    for number in range(count):
        limit = chance.randrange(200_000)
        budgets = [
            {"key": f"engagement:{seed}-{number}", "limit": limit, "charged": 0},
            {
                "key": f"model:{seed}-{number}",
                "limit": limit + chance.randrange(1_000),
                "charged": 0,
            },
        ]
        wanted = [chance.randrange(1, 50_000) for _ in range(CHANNELS)]
        arrived = await _one(rig, budgets, wanted)
        asked = sum(wanted) + sum(len(_order(each)) for each in wanted)
        found.budgets += 1
        found.overshoot += max(0, arrived - limit)
        found.short += max(0, min(asked, limit) - arrived)
    return found


def _order(amount: int) -> bytes:
    return f"pour {amount}\n".encode()


async def _one(rig: Rig, budgets: list[dict[str, Any]], wanted: list[int]) -> int:
    """Bytes that arrived at either end."""
    before = rig.harness.ordered
    grant = await rig.admit(budgets=budgets)
    try:
        client = await rig.client(grant)
    except asyncssh.PermissionDenied:
        return 0  # a budget of nothing ends with its grant
    got = await asyncio.wait_for(
        asyncio.gather(*(_draw(client, grant, amount) for amount in wanted)), PATIENCE
    )
    client.abort()
    await client.wait_closed()
    await asyncio.wait_for(rig.harness.idle.wait(), PATIENCE)
    return sum(got) + rig.harness.ordered - before


async def _draw(client: asyncssh.SSHClientConnection, grant: dict[str, Any], amount: int) -> int:
    got = 0
    with suppress(OSError, asyncssh.Error):
        reader, writer = await client.open_connection(grant["host"], grant["port"])
        writer.write(_order(amount))
        while got < amount and (data := await reader.read(65_536)):
            got += len(data)
    return got
