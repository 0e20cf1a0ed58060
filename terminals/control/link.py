"""The control plane's end of the bastion's control socket: pure asyncio, no Django.

It keeps the link, says that the control plane lives, sends orders and waits for what became of
them. An order that nobody confirmed raises :class:`Unconfirmed`: whether it was carried out is
then not known, and whoever gave it must say so.
"""

import asyncio
import itertools
import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from scif.kernel.errors import Refused
from terminals.bastion.wire import Message, Scope, decode, encode

logger = logging.getLogger(__name__)


class Unconfirmed(Exception):
    """The bastion did not answer; it may or may not have done what it was told."""


class Link:
    """One link, made anew whenever it breaks.

    ``heard`` is given every event of the bastion in order, from ``hello`` on; ``up`` is set once
    the bastion has caught up. Times in seconds: ``heartbeat`` between two signs of life,
    ``patience`` for an answer.
    """

    def __init__(
        self,
        path: Path,
        *,
        heartbeat: float,
        patience: float,
        longest_message: int,
        heard: Callable[[Message], None],
    ) -> None:
        self._path = path
        self._heartbeat = heartbeat
        self._patience = patience
        self._longest = longest_message
        self._heard = heard
        self._writer: asyncio.StreamWriter | None = None
        self._waiting: dict[str, asyncio.Future[Message]] = {}
        self._numbers = itertools.count(1)
        self.up = asyncio.Event()

    async def run(self) -> None:
        """Keep the link until cancelled."""
        while True:
            with suppress(OSError, ValueError, Refused):
                await self._one_link()
            await asyncio.sleep(self._heartbeat)

    async def grant(self, grant: Mapping[str, Any]) -> None:
        """Allow a session (the fields of the bastion's ``Grant``); may raise ``Refused``."""
        await self.ask("grant", grant=dict(grant))

    async def budget(self, key: str, limit: int) -> None:
        """Another limit, in bytes since the budget's beginning, for one that is in use."""
        await self.ask("budget", key=key, limit=limit)

    async def lock(self, by: Scope, value: str, reason: str) -> list[str]:
        """End what matches, for good; the ids of the grants that were ended."""
        return _grants(await self.ask("lock", by=by, value=value, reason=reason))

    async def pause(self, by: Scope, value: str) -> list[str]:
        """Hold the bytes of what matches; the ids of the grants that are held."""
        return _grants(await self.ask("pause", by=by, value=value))

    async def resume(self, by: Scope, value: str) -> list[str]:
        """Let the bytes flow again of what matches; their ids."""
        return _grants(await self.ask("resume", by=by, value=value))

    async def rate(self, by: Scope, value: str, rate: int, burst: int) -> None:
        """Another rate cap for what matches, within its grant: bytes a second, and bytes."""
        await self.ask("rate", by=by, value=value, rate=rate, burst=burst)

    async def need(self, grant: str, needs: str) -> None:
        """From now on a session flows only while another is connected; may raise ``Refused``."""
        await self.ask("need", grant=grant, needs=needs)

    async def ask(self, do: str, **fields: object) -> Message:
        """Send an order and wait for its answer; raises ``Refused`` or :class:`Unconfirmed`."""
        if self._writer is None:
            raise Unconfirmed("there is no link to the bastion")
        request = str(next(self._numbers))
        answer: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        self._waiting[request] = answer
        try:
            self._writer.write(encode({"do": do, "request": request, **fields}))
            told = await asyncio.wait_for(answer, self._patience)
        except TimeoutError:
            raise Unconfirmed(f"no answer to {do} within {self._patience} s") from None
        finally:
            del self._waiting[request]
        if told["tell"] == "refused":
            raise Refused(str(told["code"]), str(told["message"]))
        return told

    async def _one_link(self) -> None:
        reader, writer = await asyncio.open_unix_connection(self._path, limit=self._longest)
        self._writer = writer
        beating = asyncio.create_task(self._beat(writer))
        try:
            while line := await reader.readline():
                self._take(decode(line))
        finally:
            beating.cancel()
            self._writer = None
            if self.up.is_set():
                logger.warning("the link to the bastion broke")
            self.up.clear()
            writer.close()
            for answer in self._waiting.values():
                if not answer.done():
                    answer.set_exception(Unconfirmed("the link to the bastion broke"))

    async def _beat(self, writer: asyncio.StreamWriter) -> None:
        while True:
            writer.write(encode({"do": "heartbeat"}))
            await asyncio.sleep(self._heartbeat)

    def _take(self, message: Message) -> None:
        answer = self._waiting.get(str(message.get("request", "")))
        if answer is not None and not answer.done():
            answer.set_result(message)
        elif message.get("tell") != "alive":
            self._heard(message)
            if message.get("tell") == "caught_up":
                self.up.set()
                logger.warning("linked to the bastion")


def _grants(answer: Message) -> list[str]:
    return [str(each) for each in answer["grants"]]
