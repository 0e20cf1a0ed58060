"""The desk reader: cards laid on it, and cards encoded or erased on a signed command."""

import hashlib
import threading
from typing import Any

from hardware.drivers.base import DeviceEvent, Signal, Verb
from hardware.gateway.config import DeviceConfig
from hardware.gateway.edge_journal import Draft
from hardware.gateway.orders import DeviceOrders, Order
from hardware.gateway.site import Site

VERBS = {"card_encode": Verb.CARD_ENCODE, "card_erase": Verb.CARD_ERASE}


class CardDesk:
    """One desk reader. INVARIANT: a card's number leaves this class only as its SHA-256."""

    def __init__(self, device: DeviceConfig, site: Site) -> None:
        self.device = device.code
        self._site = site
        self._orders = DeviceOrders(device.code, site)
        self._lock = threading.RLock()

    def order(self, order: Order) -> None:
        """Encode or erase the card that lies on the reader."""
        with self._lock:
            patience = self._site.policy.card_encode_seconds
            self._orders.send(order, VERBS[order.verb], {}, patience)

    def heard(self, event: DeviceEvent) -> None:
        """The reader reports."""
        with self._lock:
            order = self._orders.find(event.command_id)
            match event.signal:
                case Signal.CARD_PRESENT:
                    self._site.recorder.fact([self._draft("presented", event.data, None)])
                case Signal.CARD_ENCODED:
                    draft = self._draft("encoded", event.data, event.command_id)
                    self._site.recorder.fact([draft])
                case Signal.DELIVERED if order is not None:
                    erased = VERBS[order.verb] is Verb.CARD_ERASE
                    draft = self._draft("erased", event.data, order.id)
                    self._orders.done(order, [draft] if erased else [])
                case Signal.FAILED if order is not None:
                    reason = str(event.data.get("reason", ""))
                    draft = self._draft("failed", event.data, order.id, reason=reason)
                    self._orders.failed(order, reason, [draft])

    def tick(self) -> None:
        """Let time pass."""
        with self._lock:
            self._orders.tick()

    def _draft(self, what: str, data: Any, command_id: str | None, **more: Any) -> Draft:
        number = data.get("number")
        body = {
            "device": self.device,
            "uid": data.get("uid"),
            "number_sha256": hashlib.sha256(number).hexdigest() if number else None,
            "command_id": command_id,
            **more,
        }
        return Draft(f"card.{what}", body)
