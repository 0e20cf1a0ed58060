"""`python -m tests.bench.control_tap NEAR FAR`: between a control process and its bastion.

Hands on what each says and prints, for each order to end a grant, the grant and when it went by
(monotonic seconds): what the control process takes and what the bastion takes are then told apart.
"""

import asyncio
import json
import sys
import time

LONGEST = 1_000_000


async def _main(near: str, far: str) -> None:
    server = await asyncio.start_unix_server(
        lambda reader, writer: _linked(far, reader, writer), near, limit=LONGEST
    )
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    await server.serve_forever()


async def _linked(far: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    behind, beyond = await asyncio.open_unix_connection(far, limit=LONGEST)
    up = asyncio.create_task(_hand_on(behind, writer))
    while line := await reader.readline():
        beyond.write(line)
        if b'"lock"' in line:
            order = json.loads(line)
            sys.stdout.write(f"{order['value']} {time.monotonic()}\n")
            sys.stdout.flush()
    up.cancel()
    for each in (beyond, writer):
        each.close()


async def _hand_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while line := await reader.readline():
        writer.write(line)
    writer.close()


if __name__ == "__main__":
    asyncio.run(_main(*sys.argv[1:]))
