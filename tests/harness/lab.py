"""An adapter in this process, before a harness that says what the test wants."""

import asyncio
import json
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from terminals.harness import asgi
from terminals.harness.adapter import HarnessAdapter
from terminals.harness.ledger import Ledger
from terminals.harness.meters import Meter
from terminals.harness.policies import Policies
from terminals.harness.policy import seal
from tests.harness.rig import ENGAGEMENT, NOTHING, PLENTY

LISTENER = ("127.0.0.1", 9101)
TEXT = {"kind": "text", "most": 1000}


def operation(gives: str = "text", **changed: Any) -> dict[str, Any]:
    """An operation of a policy that takes a prompt and answers a text."""
    return {
        "gives": gives,
        "takes": {"prompt": TEXT},
        "answers": {"text": TEXT},
        "most_request": 2000,
        "most_answer": 5000,
        "seconds": 5,
        **changed,
    }


class Harness:
    """A harness that answers what it was given: a body, or bodies in turn, or chunks of one."""

    def __init__(self, *answers: bytes | Iterable[bytes], status: int = 200) -> None:
        self.answers = [[each] if isinstance(each, bytes) else list(each) for each in answers]
        self.status = status
        self.heard: list[tuple[asgi.Scope, bytes]] = []
        self.sent_whole = 0

    async def __call__(self, scope: asgi.Scope, receive: asgi.Receive, send: asgi.Send) -> None:
        """Answer the next one; the last one for ever."""
        self.heard.append((scope, (await receive())["body"]))
        chunks = self.answers[min(len(self.heard), len(self.answers)) - 1]
        await asgi.send_start(send, self.status, asgi.JSON)
        for chunk in chunks:
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})
        self.sent_whole += 1


class Lab:
    """The adapter, its ledger and its policy."""

    def __init__(
        self,
        folder: Path,
        harness: asgi.App,
        operations: Mapping[str, Any] | None = None,
        key: Ed25519PrivateKey | None = None,
    ) -> None:
        self.ledger = Ledger(folder / "ledger.sqlite")
        self.key = key or Ed25519PrivateKey.generate()
        self.policies = Policies(self.ledger, self.key.public_key())
        self.now = datetime(2026, 3, 1, tzinfo=UTC)
        self.document: dict[str, Any] = {
            "format": "scif-harness-policy/1",
            "engagement": ENGAGEMENT,
            "version": 0,
            "until": "2026-03-02T00:00:00Z",
            "kinds": ["white_box"],
            "caps": PLENTY,
            "already": NOTHING,
            "bytes_per_token": 1,
            "parallel": 4,
            "limits": {
                "logprobs": {"items": 2, "digits": 2},
                "internals": {"items": 8, "digits": 3},
            },
            "operations": operations or {"complete": operation()},
        }
        self.adapter = HarnessAdapter(
            harness,
            ledger=self.ledger,
            policies=self.policies,
            engagement_of=lambda scope: {LISTENER: ENGAGEMENT}.get(scope["server"]),
            clock=lambda: self.now,
        )

    async def push(self, **changed: Any) -> "Lab":
        """A new version of the policy, with these parts changed."""
        caps = {**PLENTY, **changed.pop("caps", {})}
        version = self.document["version"] + 1
        self.document = {**self.document, "caps": caps, "version": version, **changed}
        await self.policies.push(seal(self.document, self.key))
        return self

    @property
    def spent(self) -> dict[Meter, int]:
        """What the ledger says."""
        return dict(self.ledger.spent(ENGAGEMENT))

    async def ask(
        self,
        name: str = "complete",
        body: bytes | Mapping[str, Any] = b'{"prompt":"hello"}',
        *,
        chunks: Iterable[bytes] | None = None,
        hears: int | None = None,
        on_send: Callable[[asgi.Message], object] = lambda message: None,
        **scope: Any,
    ) -> tuple[int, list[dict[str, Any]]]:
        """Status and JSON lines of an answer; a client goes away once he ``hears`` so much.

        Chunks that end without an empty one are a request that is cut.
        """
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        parts = iter(chunks if chunks is not None else [raw, b""])
        sent: list[asgi.Message] = []

        async def receive() -> asgi.Message:
            part = next(parts, None)
            if part is None:
                return {"type": "http.disconnect"}
            return {"type": "http.request", "body": part, "more_body": part != b""}

        async def send(message: asgi.Message) -> None:
            if hears is not None and len(sent) >= hears:
                raise ConnectionResetError
            on_send(message)
            sent.append(message)

        await asyncio.wait_for(
            self.adapter({**_SCOPE, "path": f"/v1/{name}", **scope}, receive, send), 20
        )
        body_sent = b"".join(message.get("body", b"") for message in sent)
        lines = [json.loads(line) for line in body_sent.splitlines()] if hears is None else []
        return (sent[0]["status"] if sent else 0), lines

    async def code(self, *args: Any, **names: Any) -> str:
        """The word of the refusal; "answered" for an answer."""
        _, (said, *_) = await self.ask(*args, **names)
        return str(said["refused"]["code"]) if "refused" in said else "answered"


_SCOPE: asgi.Scope = {
    "type": "http",
    "method": "POST",
    "query_string": b"",
    "headers": [],
    "server": LISTENER,
    "client": ("127.0.0.1", 50000),
}


HELLO = b'{"text":"hello"}'
STREAM = operation(stream=True, answers={"text": TEXT})
_MEASURE = {"kind": "measure", "low": -30, "high": 0, "digits": 2}
LOGPROBS = operation(
    "logprobs",
    answers={
        "top": {
            "kind": "many",
            "most": 2,
            "of": {"kind": "fields", "fields": {"token": TEXT, "logprob": _MEASURE}},
        }
    },
)
