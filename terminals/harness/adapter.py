"""The adapter: an ASGI middleware in front of a research harness.

One request: the listener says whose engagement it is; the policy says whether the operation and
each field of the request are allowed; the query is counted; the harness is asked; of its answer
only what the policy names is kept, rounded; that is counted; only then does it leave.
INVARIANT: nothing reaches the harness and nothing of it leaves that is not durably counted before.
Which operations the policy allows is agreed with whoever asks, and told for nothing.
"""

import asyncio
import hashlib
import logging
import math
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import Any, ParamSpec, TypeVar

from scif.kernel.clock import Clock
from terminals.harness import asgi, strict_json
from terminals.harness.client import Client
from terminals.harness.exchange import Exchange, Respond
from terminals.harness.ledger import CapReached, Ledger, LedgerError, PolicyReplaced
from terminals.harness.meters import Amounts, Meter
from terminals.harness.policies import Policies
from terminals.harness.policy import Operation, Policy
from terminals.harness.refusals import Refusal
from terminals.harness.shapes import UnfitError

logger = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

PREFIX = "/v1/"
LEDGER_THREADS = 8  # as many charges as may share one flush to the disk
# What any end of a request tells: an answer, or one of the 7 reasons not to that depend on the
# harness.
OUTCOME_BITS = 3
# In a stream, whether another line comes or the end.
ANOTHER_BITS = 1


class HarnessAdapter:
    """An ASGI application that lets through to another what the engagement's policy allows.

    ``engagement_of`` names the engagement of a connection by the address that it came in on, or
    None; nothing that a client sends takes part in it.
    """

    def __init__(
        self,
        app: asgi.App,
        *,
        ledger: Ledger,
        policies: Policies,
        engagement_of: Callable[[asgi.Scope], str | None],
        clock: Clock,
    ) -> None:
        self._app = app
        self._ledger = ledger
        self._policies = policies
        self._engagement_of = engagement_of
        self._clock = clock
        self._at_once: Counter[str] = Counter()
        # Threads of its own: a harness that keeps the loop's common ones busy delays no counting.
        self._threads = ThreadPoolExecutor(LEDGER_THREADS, thread_name_prefix="ledger")

    async def __call__(self, scope: asgi.Scope, receive: asgi.Receive, send: asgi.Send) -> None:
        """Serve one connection of the ASGI server."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            await self._http(scope, receive, Client(send))
        else:
            await send({"type": "websocket.close", "code": 1008})

    async def _http(self, scope: asgi.Scope, receive: asgi.Receive, client: Client) -> None:
        try:
            policy = self._policy(scope)
            if scope["path"] == PREFIX and scope["method"] == "GET":
                await client.tell({"operations": sorted(policy.operations)})
                return
            operation = _operation(scope, policy)
            with self._place(policy):
                async with asyncio.timeout(operation.seconds):
                    await _Query(self, policy, operation, client).serve(receive)
        except TimeoutError:
            await client.refuse(Refusal("harness_slow"))
        except Refusal as refusal:
            await client.refuse(refusal)

    def _policy(self, scope: asgi.Scope) -> Policy:
        engagement = self._engagement_of(scope)
        if engagement is None:
            raise Refusal("listener_unknown")
        policy = self._policies.current(engagement)
        if policy is None:
            raise Refusal("policy_missing")
        if self._clock() >= policy.until:
            raise Refusal("policy_expired")
        return policy

    @contextmanager
    def _place(self, policy: Policy) -> Iterator[None]:
        """One of the engagement's places for requests at the same time."""
        if self._at_once[policy.engagement] >= policy.parallel:
            raise Refusal("too_many_at_once")
        self._at_once[policy.engagement] += 1
        try:
            yield
        finally:
            self._at_once[policy.engagement] -= 1

    async def charge(self, policy: Policy, amounts: Amounts) -> Amounts:
        """Count, durably; gives what is left. Raises Refusal."""
        try:
            return await self._durable(self._ledger.charge, policy, amounts)
        except CapReached as reached:
            raise Refusal(f"cap_{reached.meter}") from reached
        except PolicyReplaced as replaced:
            await self._durable(self._policies.reload)
            raise Refusal("policy_changed") from replaced

    async def kept(self, policy: Policy, digest: bytes) -> bytes | None:
        """The answer that this question got before. Raises Refusal."""
        return await self._durable(self._ledger.kept, policy.engagement, digest)

    async def keep(self, policy: Policy, digest: bytes, answer: bytes) -> bytes:
        """Keep an answer for its question; gives the one that was kept first. Raises Refusal."""
        return await self._durable(self._ledger.keep, policy.engagement, digest, answer)

    async def ask(
        self, policy: Policy, operation: Operation, body: bytes, respond: Respond
    ) -> None:
        """Put a checked request to the harness. Raises Refusal."""
        await Exchange(policy.engagement, operation, body, respond).run(self._app)

    async def _durable(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return await asyncio.get_running_loop().run_in_executor(
                self._threads, partial(call, *args, **kwargs)
            )
        except LedgerError as error:
            logger.exception("the ledger of the harness cannot be used")
            raise Refusal("ledger_unavailable") from error


class _Query:
    """One request that is allowed, from its body to its answer."""

    def __init__(
        self, adapter: HarnessAdapter, policy: Policy, operation: Operation, client: Client
    ) -> None:
        self._adapter = adapter
        self._policy = policy
        self._operation = operation
        self._client = client

    async def serve(self, receive: asgi.Receive) -> None:
        """Count, ask, reduce, count, answer. Raises Refusal."""
        body = self._checked(await asgi.read_body(receive, self._operation.most_request))
        asked = {
            Meter.QUERIES: 1,
            Meter.TOKENS_IN: self._policy.tokens(body),
            Meter.BITS: OUTCOME_BITS + (ANOTHER_BITS if self._operation.stream else 0),
        }
        left = await self._adapter.charge(self._policy, asked)
        if self._operation.stream:
            await self._adapter.ask(self._policy, self._operation, body, self._line)
            await self._client.end(left)
        elif self._operation.exact:
            await self._exact(body)
        else:
            raw = await self._answer(body)
            await self._client.answer(*await self._counted(raw))

    def _checked(self, raw: bytes) -> bytes:
        """The request as it goes to the harness: written anew, so that both read the same."""
        try:
            return strict_json.dumps(
                self._operation.takes.checked(strict_json.loads(raw), "request")
            )
        except strict_json.NotStrictError as error:
            raise Refusal("request_not_json", str(error)) from error
        except UnfitError as error:
            raise Refusal("request_unfit", str(error)) from error

    async def _answer(self, body: bytes) -> bytes:
        found: list[bytes] = []

        async def whole(raw: bytes) -> None:
            found.append(raw)

        await self._adapter.ask(self._policy, self._operation, body, whole)
        return b"".join(found)

    async def _exact(self, body: bytes) -> None:
        """The first answer to a question stands: its noise cannot be averaged away by asking again.

        Who asks again pays again.
        """
        digest = hashlib.sha256(self._operation.digest.encode() + b"\n" + body).digest()
        kept = await self._adapter.kept(self._policy, digest)
        if kept is None:
            kept = await self._first(body, digest)
        await self._client.answer(*await self._counted(kept))

    async def _first(self, body: bytes, digest: bytes) -> bytes:
        """Ask, and keep the answer before it is counted; another that was faster stands."""
        reduced, _ = self._reduced(await self._answer(body))
        return await self._adapter.keep(self._policy, digest, strict_json.dumps(reduced))

    async def _line(self, raw: bytes) -> None:
        """One line of a stream; it is counted also where nobody hears it any more."""
        await self._client.line(*await self._counted(raw, ANOTHER_BITS))

    async def _counted(self, raw: bytes, more_bits: int = 0) -> tuple[Any, Amounts]:
        reduced, amounts = self._reduced(raw, more_bits)
        return reduced, await self._adapter.charge(self._policy, amounts)

    def _reduced(self, raw: bytes, more_bits: int = 0) -> tuple[Any, Amounts]:
        """What may leave, and what that costs. Raises Refusal for an answer of another shape."""
        try:
            reduced, bits = self._operation.answers.reduced(strict_json.loads(raw), "answer")
        except ValueError as error:
            # The harness's own words say nothing to the client; the lab finds them here.
            logger.warning("%s: %s", self._operation.name, error)
            raise Refusal("answer_unfit") from error
        tokens = self._policy.tokens(strict_json.dumps(reduced))
        return reduced, {Meter.TOKENS_OUT: tokens, Meter.BITS: math.ceil(bits) + more_bits}


def _operation(scope: asgi.Scope, policy: Policy) -> Operation:
    name = scope["path"].removeprefix(PREFIX)
    operation = policy.operations.get(name)
    if operation is None or scope["path"] != PREFIX + name:
        raise Refusal("operation_unknown")
    if scope["method"] != "POST" or scope["query_string"]:
        raise Refusal("method_not_allowed")
    return operation
