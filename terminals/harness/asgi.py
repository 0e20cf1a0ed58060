"""The ASGI words of the adapter: types, reading a body, sending JSON."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from terminals.harness import strict_json
from terminals.harness.refusals import Refusal

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

JSON = b"application/json"
LINES = b"application/x-ndjson"
# Nothing of what is answered is kept anywhere on its way.
_ALWAYS = [(b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff")]


async def read_body(receive: Receive, most: int) -> bytes:
    """The whole body. Raises Refusal as soon as it is longer than ``most`` bytes, or is cut."""
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise Refusal("request_broken")
        body += message.get("body", b"")
        if len(body) > most:
            raise Refusal("request_too_long")
        if not message.get("more_body", False):
            return bytes(body)


async def send_start(send: Send, status: int, kind: bytes, length: int | None = None) -> None:
    """Begin an answer; without a length it is sent in chunks."""
    headers = [(b"content-type", kind), *_ALWAYS]
    if length is not None:
        headers.append((b"content-length", str(length).encode()))
    await send({"type": "http.response.start", "status": status, "headers": headers})


async def send_json(send: Send, status: int, value: Any) -> None:
    """A whole answer."""
    body = strict_json.dumps(value)
    await send_start(send, status, JSON, len(body))
    await send({"type": "http.response.body", "body": body})


def refused(refusal: Refusal) -> dict[str, Any]:
    """A refusal as JSON."""
    return {"refused": {"code": refusal.code, "message": refusal.message}}
