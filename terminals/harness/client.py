"""The way back to whoever asked."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from terminals.harness import asgi, strict_json
from terminals.harness.meters import Amounts
from terminals.harness.refusals import Refusal


class Client:
    """The way back. One who has gone hears no more, and what he asked for goes on being counted."""

    def __init__(self, send: asgi.Send) -> None:
        self._send = send
        self._gone = False
        self._streaming = False

    async def tell(self, words: Any) -> None:
        """What is the adapter's own to say."""
        await self._told(lambda: asgi.send_json(self._send, 200, words))

    async def answer(self, reduced: Any, left: Amounts) -> None:
        """A whole answer."""
        body = {"answer": reduced, "left": _words(left)}
        await self._told(lambda: asgi.send_json(self._send, 200, body))

    async def line(self, reduced: Any, left: Amounts) -> None:
        """One line of a stream."""
        if not self._streaming:
            self._streaming = True
            await self._told(lambda: asgi.send_start(self._send, 200, asgi.LINES))
        await self._write({"answer": reduced, "left": _words(left)})

    async def end(self, left: Amounts) -> None:
        """The end of a stream; of one without a line, too."""
        if not self._streaming:
            await self._told(lambda: asgi.send_start(self._send, 200, asgi.LINES))
            await self._write({"left": _words(left)})
        await self._told(lambda: self._send({"type": "http.response.body", "body": b""}))

    async def refuse(self, refusal: Refusal) -> None:
        """No answer, or no further line."""
        body = asgi.refused(refusal)
        if not self._streaming:
            await self._told(lambda: asgi.send_json(self._send, refusal.status, body))
            return
        await self._write(body)
        await self._told(lambda: self._send({"type": "http.response.body", "body": b""}))

    async def _write(self, value: Any) -> None:
        line = strict_json.dumps(value) + b"\n"
        message = {"type": "http.response.body", "body": line, "more_body": True}
        await self._told(lambda: self._send(message))

    async def _told(self, send: Callable[[], Awaitable[None]]) -> None:
        if self._gone:
            return
        try:
            await send()
        except OSError:
            self._gone = True


def _words(amounts: Amounts) -> Mapping[str, int]:
    return {meter.value: amount for meter, amount in amounts.items()}
