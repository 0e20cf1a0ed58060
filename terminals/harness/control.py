"""The control plane's way in, on a unix socket: push a policy, read what is spent.

``PUT /v1/policy`` with a sealed policy; ``GET /v1/spent/ENGAGEMENT``. The file's mode says who may
connect; that a policy is genuine, its signature says.
"""

import asyncio
import logging
from typing import Any

from terminals.harness import asgi
from terminals.harness.ledger import Ledger, LedgerError
from terminals.harness.policies import Policies
from terminals.harness.policy import MOST_BYTES, PolicyError
from terminals.harness.refusals import Refusal

logger = logging.getLogger(__name__)

SPENT = "/v1/spent/"


class Control:
    """An ASGI application for the control socket alone."""

    def __init__(self, ledger: Ledger, policies: Policies) -> None:
        self._ledger = ledger
        self._policies = policies

    async def __call__(self, scope: asgi.Scope, receive: asgi.Receive, send: asgi.Send) -> None:
        """Answer one request."""
        try:
            await asgi.send_json(send, 200, await self._answer(scope, receive))
        except Refusal as refusal:
            await asgi.send_json(send, refusal.status, asgi.refused(refusal))
        except PolicyError as error:
            logger.warning("a policy was refused: %s", error)
            said = {"refused": {"code": "policy_refused", "message": str(error)}}
            await asgi.send_json(send, 400, said)
        except LedgerError:
            logger.exception("the ledger of the harness cannot be used")
            await asgi.send_json(send, 503, asgi.refused(Refusal("ledger_unavailable")))

    async def _answer(self, scope: asgi.Scope, receive: asgi.Receive) -> dict[str, Any]:
        method, path = scope["method"], scope["path"]
        if (method, path) == ("PUT", "/v1/policy"):
            return await self._push(receive)
        if method == "GET" and path.startswith(SPENT):
            return await self._spent(path.removeprefix(SPENT))
        raise Refusal("operation_unknown")

    async def _push(self, receive: asgi.Receive) -> dict[str, Any]:
        policy = await self._policies.push(await asgi.read_body(receive, MOST_BYTES))
        return {"engagement": policy.engagement, "version": policy.version}

    async def _spent(self, engagement: str) -> dict[str, Any]:
        policy = self._policies.current(engagement)
        if policy is None:
            raise Refusal("policy_missing")
        spent = await asyncio.to_thread(self._ledger.spent, engagement)
        return {
            "engagement": engagement,
            "version": policy.version,
            "spent": {meter.value: amount for meter, amount in spent.items()},
            "caps": {meter.value: amount for meter, amount in policy.caps.items()},
        }
