"""The thread that tells adapters before labs' harnesses what each engagement may ask.

Every adapter is asked again and again what it has in force: a policy that is new, that changed, or
that an adapter has lost is given to it, with what is known to be spent. Nothing of a session waits
for this thread; a session on terms whose policy is not confirmed does not begin.
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import connection

from scif.kernel.actor import Actor
from scif.kernel.clock import now
from terminals.harness.link import Account, ControlLink, LinkError, LinkRefused
from terminals.harness.policy import seal
from terminals.models import HarnessPolicy
from terminals.rules.harness_policy import amounts, largest
from terminals.selectors.harness_policy import harness_policies_newest, harness_unsettled
from terminals.services.harness_policy import (
    harness_policies_watch,
    harness_policy_renew,
    harness_policy_settle,
    harness_policy_told,
)

logger = logging.getLogger(__name__)
ACTOR: Final = Actor.system("control")


class HarnessTeller:
    """``adapters`` are control sockets by the host that terms name.

    Looks every ``every`` seconds at what must be told, and every ``refresh`` seconds at what each
    adapter has; waits ``patience`` seconds for an answer. Does nothing while not ``works()``: of
    two control processes one tells.
    """

    def __init__(
        self,
        adapters: Mapping[str, str],
        key: Ed25519PrivateKey,
        *,
        every: float,
        refresh: float,
        patience: float,
        works: Callable[[], bool],
    ) -> None:
        self._links = {host: ControlLink(Path(path), patience) for host, path in adapters.items()}
        self._key = key
        self._every = every
        self._refresh = refresh
        self._works = works
        self._visited: dict[UUID, float] = {}
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="harness", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Tell nothing more after what is under way."""
        self._over.set()

    def _run(self) -> None:
        while not self._over.wait(self._every):
            if not self._works():
                continue
            try:
                self.look()
            except Exception:
                # What is not confirmed begins no session and becomes an alarm.
                logger.exception("adapters were not told")
                connection.close()

    def look(self) -> None:
        """Settle what must be told; visit every adapter that is due."""
        for engagement_id in harness_unsettled(now()):
            harness_policy_settle(engagement_id=engagement_id, actor=ACTOR)
        policies = list(harness_policies_newest())
        self._visited = {each.pk: self._visited.get(each.pk, 0.0) for each in policies}
        for policy in policies:
            if time.monotonic() - self._visited[policy.pk] < self._refresh:
                continue
            try:
                self._visit(policy)
            except LinkError as error:
                logger.warning("%s: %s", policy, error)
            self._visited[policy.pk] = time.monotonic()
        harness_policies_watch(actor=ACTOR)

    def _visit(self, policy: HarnessPolicy) -> None:
        """One policy at its adapter: given to it if it lacks it, and confirmed by its account."""
        link = self._links.get(policy.host)
        if link is None:
            raise LinkError("no control socket of an adapter is set up for this host")
        reference = policy.engagement.reference
        account = _account(link, reference)
        if _must_renew(policy, account):
            above = account.version if account else 0
            policy = harness_policy_renew(policy_id=policy.pk, above=above, actor=ACTOR)
        if account is None or account.version < policy.version or policy.confirmed_at is None:
            link.push(seal(policy.document, self._key))
            account = link.account(reference)
        harness_policy_told(
            policy_id=policy.pk, version=account.version, spent=account.spent, actor=ACTOR
        )


def _account(link: ControlLink, reference: str) -> Account | None:
    try:
        return link.account(reference)
    except LinkRefused as refused:
        if refused.code == "policy_missing":
            return None
        raise


def _must_renew(policy: HarnessPolicy, account: Account | None) -> bool:
    """Whether the adapter has lost what it had, or has had what is not on record here.

    What was never confirmed, and is there under this number, may be another text.
    """
    if policy.confirmed_at is None:
        return account is not None and account.version >= policy.version
    if account is not None and account.version > policy.version:
        return True
    spent = amounts(policy.spent)
    return account is None or largest(spent, account.spent) != account.spent
