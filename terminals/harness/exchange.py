"""One request to the harness behind the adapter, and its answer, whole or line by line."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from terminals.harness import asgi
from terminals.harness.policy import Operation
from terminals.harness.refusals import Refusal

logger = logging.getLogger(__name__)

Respond = Callable[[bytes], Awaitable[None]]
ENGAGEMENT = b"x-scif-engagement"


class _Ended(OSError):
    """Ends the harness's sending, as a client that went away would."""


class Exchange:
    """The harness sees a request that the adapter wrote, and nothing of the client's own.

    ``respond`` gets the whole answer once, or each line of a stream as it comes. A client that goes
    away does not end the exchange: what was asked for is answered and counted whole.
    """

    def __init__(
        self, engagement: str, operation: Operation, body: bytes, respond: Respond
    ) -> None:
        self._engagement = engagement
        self._operation = operation
        self._body = body
        self._respond = respond
        self._asked = False
        self._begun = False
        self._heard = 0
        self._rest = bytearray()
        self._complete = False
        self._refusal: Refusal | None = None

    async def run(self, app: asgi.App) -> None:
        """Ask, and hear to the end. Raises Refusal."""
        try:
            await app(self._scope(), self._receive, self._send)
        except Exception as error:
            if self._refusal is None:
                logger.exception("%s: the harness failed", self._operation.name)
                raise Refusal("harness_failed") from error
        if self._refusal is not None:
            raise self._refusal
        if not self._complete:
            raise Refusal("harness_failed")

    def _scope(self) -> asgi.Scope:
        path = f"/v1/{self._operation.name}"
        return {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.4"},
            "http_version": "1.1",
            "method": "POST",
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "root_path": "",
            "query_string": b"",
            "headers": [
                (b"content-type", asgi.JSON),
                (b"content-length", str(len(self._body)).encode()),
                (ENGAGEMENT, self._engagement.encode()),
            ],
            "client": None,
            "server": None,
        }

    async def _receive(self) -> asgi.Message:
        if self._asked:
            await asyncio.Event().wait()  # the client's going away is none of the harness's matters
        self._asked = True
        return {"type": "http.request", "body": self._body, "more_body": False}

    async def _send(self, message: asgi.Message) -> None:
        if self._refusal is not None:
            raise _Ended
        try:
            if message["type"] == "http.response.start":
                self._begin(message["status"])
            elif message["type"] == "http.response.body" and self._begun and not self._complete:
                await self._hear(message.get("body", b""), more=message.get("more_body", False))
        except Refusal as refusal:
            self._refusal = refusal
            raise _Ended from refusal

    def _begin(self, status: int) -> None:
        self._begun = True
        if status >= 500:
            raise Refusal("harness_failed")
        if not 200 <= status < 300:
            raise Refusal("harness_refused")

    async def _hear(self, part: bytes, *, more: bool) -> None:
        self._heard += len(part)
        if self._heard > self._operation.most_answer:
            raise Refusal("answer_too_long")
        self._rest += part
        if self._operation.stream:
            *lines, rest = self._rest.split(b"\n")
            self._rest = rest
            for line in lines:
                if line.strip():
                    await self._respond(bytes(line))
        if not more:
            if not self._operation.stream or self._rest.strip():
                await self._respond(bytes(self._rest))
            self._complete = True
