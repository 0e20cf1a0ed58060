"""What another process, or a control plane gone wrong, would try at the control socket."""

import asyncio
import os
from functools import partial

from scif.kernel.errors import Refused
from terminals.bastion.guards import Guard
from terminals.bastion.wire import Scope
from terminals.control.link import Unconfirmed
from tests.bastion.hostile_case import Case, lacking
from tests.bastion.rig import PATIENCE, Rig


async def _speaks(rig: Rig) -> bool:
    """Whether whoever opens the control socket gets a word back."""
    reader, writer = await asyncio.open_unix_connection(rig.config.control_socket)
    try:
        return b"hello" in await asyncio.wait_for(reader.readline(), PATIENCE)
    finally:
        writer.close()


async def _long_message(rig: Rig) -> bool:
    """Whether it is read at all: what is read is answered, if only by a refusal."""
    try:
        await rig.link.ask("heartbeat", more="x" * 70_000)
    except Unconfirmed:
        return False
    except Refused:
        return True
    return True


async def _told_again(rig: Rig, *, locked: bool) -> bool:
    grant = await rig.admit()
    if locked:
        await rig.link.lock(Scope.GRANT, grant["id"], "test")
    try:
        await rig.link.grant(grant)
    except Refused:
        return False
    return True


CASES = (
    Case(
        "another user at the control socket",
        _speaks,
        lacking(Guard.CONTROL_USER),
        config={"control_uid": os.getuid() + 1},
    ),
    Case(
        "a control message without an end",
        _long_message,
        lax_config={"longest_message": 1_000_000},
    ),
    Case(
        "a grant told again",
        partial(_told_again, locked=False),
        lacking(Guard.FRESH_GRANT),
    ),
    Case(
        "a grant told again after a lock",
        partial(_told_again, locked=True),
        lacking(Guard.FRESH_GRANT),
    ),
)
