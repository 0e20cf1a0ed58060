"""Commands of people: verified at the edge, so that the broker's keeper cannot open a door."""

import json
import logging
import threading
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from hardware.gateway.doorway import COMMAND
from hardware.gateway.edge_journal import Draft, EdgeError, EdgeJournal, StatePut, moment
from hardware.gateway.orders import Order
from hardware.gateway.site import Site
from hardware.gateway.standing import VERBS as STANDING
from scif.kernel.canonical import canonical_json

logger = logging.getLogger(__name__)

VERBS = STANDING | frozenset(
    {"unlock", "locker_open", "card_encode", "card_erase", "zone_forgive", "zone_mark_out"}
)
NONCE = "nonce"
PRUNED = ("meta", "nonces")
MOST_BYTES = 16_384
MINUTE = 60.0


class _Refused(Exception):
    """Why an envelope is not obeyed. ``genuine``: its signature is the control plane's, first seen.

    Only then may the refusal speak of the command by its id: a forger must not be able to make the
    centre believe that a command in flight was refused.
    """

    def __init__(self, reason: str, envelope: Mapping[str, Any], *, genuine: bool) -> None:
        super().__init__(reason)
        self.reason = reason
        self.envelope = envelope
        self.genuine = genuine


class CommandGate:
    """Lets signed commands in, each once.

    INVARIANT: an order leaves here only after its nonce is durable, so that no restart and no
    repeat by the broker makes two of it.
    """

    def __init__(self, site: Site, control: Ed25519PublicKey, edge: EdgeJournal) -> None:
        self._site = site
        self._control = control
        self._edge = edge
        self._lock = threading.Lock()
        self._nonces = {
            nonce: datetime.fromisoformat(value["deadline"])
            for nonce, value in edge.states(NONCE).items()
        }
        pruned = edge.states(PRUNED[0]).get(PRUNED[1], {}).get("pruned_until")
        self._pruned_until = datetime.fromisoformat(pruned) if pruned else None
        self._minute = 0.0
        self._in_minute = 0
        self._uncounted = 0

    def receive(self, envelope: str, signature: str) -> Order | None:
        """The order that a genuine envelope gives; None, and a journal entry, for any other."""
        with self._lock:
            try:
                order, deadline, nonce = self._read(envelope, signature)
            except _Refused as refused:
                self._refuse(refused)
                return None
            body = {
                "command_id": order.id,
                "verb": order.verb,
                "target": order.target,
                "actor": order.actor,
            }
            try:
                self._site.recorder.intent(
                    [Draft("command.received", body)],
                    [
                        StatePut(NONCE, nonce, {"deadline": moment(deadline)}),
                        StatePut(COMMAND, order.id, {"command_id": order.id, "verb": order.verb}),
                    ],
                )
            except EdgeError:
                self._refuse(_Refused("journal_unavailable", {"id": order.id}, genuine=True))
                return None
            self._nonces[nonce] = deadline
            return order

    def prune(self) -> None:
        """Forget nonces whose commands are past their deadline, and remember up to when.

        A clock set back later cannot revive a command: what was pruned stays expired.
        """
        with self._lock:
            line = self._now() - timedelta(minutes=10)
            old = [nonce for nonce, deadline in self._nonces.items() if deadline < line]
            if not old:
                return
            latest = max(self._nonces[nonce] for nonce in old)
            until = max(latest, self._pruned_until or latest)
            puts = [StatePut(NONCE, nonce, None) for nonce in old]
            puts.append(StatePut(*PRUNED, {"pruned_until": moment(until)}))
            try:
                self._edge.append([], puts)
            except EdgeError:
                return  # tried again at the next turn
            self._pruned_until = until
            for nonce in old:
                del self._nonces[nonce]

    def _read(self, envelope: str, signature: str) -> tuple[Order, datetime, str]:
        if len(envelope) > MOST_BYTES:
            raise _Refused("too_long", {}, genuine=False)
        try:
            raw = envelope.encode()
            said = json.loads(raw)
        except (ValueError, RecursionError):
            raise _Refused("not_json", {}, genuine=False) from None
        if not isinstance(said, dict):
            raise _Refused("not_an_envelope", {}, genuine=False)
        try:
            self._control.verify(bytes.fromhex(signature), raw)
        except (InvalidSignature, ValueError):
            raise _Refused("signature", said, genuine=False) from None
        if said.get("gateway") != self._site.gateway:
            raise _Refused("other_gateway", said, genuine=False)
        try:
            canonical_json(said)  # what no journal could keep is not obeyed
            nonce = str(said["nonce"])
            if nonce in self._nonces:
                raise _Refused("repeated", said, genuine=False)
            return self._order(said), datetime.fromisoformat(said["deadline"]), nonce
        except (KeyError, TypeError, ValueError) as error:
            raise _Refused(f"malformed: {error!r}"[:100], said, genuine=True) from None

    def _order(self, said: Mapping[str, Any]) -> Order:
        deadline = datetime.fromisoformat(said["deadline"])
        issued = datetime.fromisoformat(said["issued_at"])
        now, policy = self._now(), self._site.policy
        if said["verb"] not in VERBS:
            raise _Refused("verb", said, genuine=True)
        if now >= deadline or (self._pruned_until is not None and deadline <= self._pruned_until):
            raise _Refused("expired", said, genuine=True)
        if issued > now + timedelta(seconds=policy.command_skew_seconds):
            raise _Refused("not_yet", said, genuine=True)
        if deadline - issued > timedelta(seconds=policy.command_max_seconds):
            raise _Refused("lives_too_long", said, genuine=True)
        return Order(
            id=str(said["id"]),
            target=str(said["target"]),
            verb=str(said["verb"]),
            args=dict(said["args"]),
            actor=str(said["actor"]),
            deadline=self._site.monotonic() + (deadline - now).total_seconds(),
        )

    def _now(self) -> datetime:
        """The centre's time, as well as it is known here: deadlines are the centre's."""
        return self._site.centre_time()

    def _refuse(self, refused: _Refused) -> None:
        """Write a refusal; a flood of them is counted, so that it cannot fill the journal."""
        logger.warning("command refused: %s", refused.reason)
        now = self._site.monotonic()
        if now - self._minute >= MINUTE:
            self._minute, self._in_minute = now, 0
        self._in_minute += 1
        if self._in_minute > self._site.policy.refused_commands_per_minute:
            self._uncounted += 1
            return
        claimed = _short(refused.envelope.get("id", ""))
        body = {
            "command_id": claimed if refused.genuine else self._site.identify(),
            "claimed_id": claimed,
            "verb": _short(refused.envelope.get("verb", "")),
            "reason": refused.reason,
            "not_shown_before": self._uncounted,
        }
        self._uncounted = 0
        self._site.recorder.fact([Draft("command.refused", body)])


def _short(claimed: object) -> str:
    """What a stranger's envelope says of itself, fit for the journal."""
    return str(claimed)[:40].encode(errors="replace").decode()
