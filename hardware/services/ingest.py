"""From the inbox into the books: each edge event applied once, in order, and journaled with it."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from hardware.models import Gateway, InboxEvent
from hardware.services.inbox import KeyOf, edge_key, genuine_rows
from scif.alarms.models import Gravity
from scif.alarms.services import alarm_raise
from scif.journal.services import GatewaySource, append
from scif.kernel.actor import Actor
from scif.kernel.clock import now
from scif.kernel.events import gathered, publish

logger = logging.getLogger(__name__)
INGESTER = Actor.system("ingester")
UNREADABLE = "event.unreadable"
MOST_UNREADABLE = 4000
# Events of one gateway in a turn: what another one has to say, and what people order, waits for it.
TURN = 50


@dataclass(frozen=True, slots=True)
class EdgeEvent:
    """An event of a gateway, published in the transaction that journals it.

    Every app that keeps something of it subscribes (``scif.kernel.events``).
    """

    gateway: Gateway
    kind: str
    occurred_at: datetime
    seq: int
    body: Mapping[str, Any]

    @property
    def actor(self) -> Actor:
        """The gateway as the actor of what follows."""
        return Actor.gateway(self.gateway.code)


def inbox_apply(*, limit: int = TURN, key_of: KeyOf = edge_key) -> int:
    """Apply waiting events of all gateways in their order; returns how many were applied.

    ``key_of`` gives the key of a gateway's seals. A gap in a gateway's sequence stops that gateway
    until the missing event arrives; so does an event that no sealed one follows yet.
    """
    count = 0
    for gateway in Gateway.objects.select_related("facility").order_by("code"):
        for row in genuine_rows(gateway, limit=limit, key_of=key_of, actor=INGESTER):
            _apply(gateway, row)
            count += 1
    return count


def _apply(gateway: Gateway, row: InboxEvent) -> None:
    try:
        with transaction.atomic(), gathered():
            _journal(gateway, row, row.kind, row.body)
            publish(EdgeEvent(gateway, row.kind, row.occurred_at, row.seq, row.body))
            _mark(row, "")
    except Exception as error:
        # The fact stays a fact: it is journaled and shown to a human, and the next one goes on.
        logger.exception("event %s could not be applied", row)
        said = f"{type(error).__name__}: {error}".replace("\0", "")[:200]
        try:
            _quarantine(gateway, row, said, row.kind, row.body)
        except Exception:
            # Not even the journal takes it as it is; then its text is kept, and the next goes on.
            logger.exception("event %s could not be journaled", row)
            text = repr((row.kind, row.body))[:MOST_UNREADABLE]
            _quarantine(gateway, row, said, UNREADABLE, {"said": text})


def _quarantine(gateway: Gateway, row: InboxEvent, why: str, kind: str, body: Any) -> None:
    with transaction.atomic():
        _journal(gateway, row, kind, body)
        _mark(row, why)
        alarm_raise(
            facility=gateway.facility,
            gravity=Gravity.CHECK,
            kind="event_quarantined",
            subject=gateway.code,
            message=f"Event {row.kind!r} of {gateway.code} could not be applied: {why}",
            actor=INGESTER,
        )


def _mark(row: InboxEvent, quarantine: str) -> None:
    row.applied_at = now()
    row.quarantine = quarantine
    row.save(update_fields=["applied_at", "quarantine"])


def _journal(gateway: Gateway, row: InboxEvent, kind: str, body: Any) -> None:
    append(
        kind=kind,
        actor=Actor.gateway(gateway.code),
        subject=("gateway", gateway.code),
        facility=gateway.facility_id,
        occurred_at=row.occurred_at,
        source=GatewaySource(
            gateway=row.gateway,
            epoch=row.epoch,
            seq=row.seq,
            hash=row.hash,
            clock_offset_ms=row.clock_offset_ms,
        ),
        body=body,
    )
