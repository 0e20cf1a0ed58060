"""The policies in force, in memory; the ledger keeps them."""

import asyncio
import threading

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from terminals.harness.ledger import Ledger
from terminals.harness.policy import Policy, open_sealed, parse


class Policies:
    """By engagement. An engagement without a policy may ask nothing."""

    def __init__(self, ledger: Ledger, control: Ed25519PublicKey) -> None:
        """Raises LedgerError, and PolicyError for a kept policy that this version cannot read."""
        self._ledger = ledger
        self._control = control
        self._current: dict[str, Policy] = {}
        self._lock = threading.Lock()  # who reads last, reads newest
        self.reload()

    def current(self, engagement: str) -> Policy | None:
        """The policy in force."""
        return self._current.get(engagement)

    def reload(self) -> None:
        """Read what is in force from the ledger; another process may have put it there."""
        with self._lock:
            documents = self._ledger.documents()
            self._current = {name: parse(text) for name, text in documents.items()}

    async def push(self, sealed: bytes) -> Policy:
        """Put a sealed policy in force. Raises PolicyError, LedgerError."""
        policy, text = open_sealed(sealed, self._control)
        await asyncio.to_thread(self._ledger.accept, policy, text)
        await asyncio.to_thread(self.reload)
        return policy
