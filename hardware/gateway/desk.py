"""The desk reader: cards laid on it, and cards encoded or erased on a signed command."""

import hashlib
import threading
from collections.abc import Mapping
from typing import Any

from hardware.drivers.base import NOTHING, DeviceEvent, Signal, Verb
from hardware.gateway.config import DeviceConfig
from hardware.gateway.edge_journal import Draft
from hardware.gateway.orders import DeviceOrders, Order
from hardware.gateway.site import Site

VERBS = {"card_encode": Verb.CARD_ENCODE, "card_erase": Verb.CARD_ERASE}
IN_USE = "card_in_use"


class CardDesk:
    """One desk reader. INVARIANT: a card's number leaves this class only as its SHA-256.

    INVARIANT: no card that a door may know is encoded over: whoever holds it would be stopped.
    """

    def __init__(self, device: DeviceConfig, site: Site) -> None:
        self.device = device.code
        # What lies on the reader, as it last said; and whether it was encoded since it was laid.
        self._lying: Mapping[str, Any] = NOTHING
        self._fresh = False
        self._site = site
        self._orders = DeviceOrders(device.code, site)
        self._lock = threading.RLock()

    def order(self, order: Order) -> None:
        """Encode or erase the card that lies on the reader."""
        with self._lock:
            verb, patience = VERBS[order.verb], self._site.policy.card_encode_seconds
            if verb is Verb.CARD_ENCODE and self._in_use():
                draft = self._draft("failed", self._lying, order.id, reason=IN_USE)
                self._orders.failed(order, IN_USE, [draft])
                return
            self._orders.send(order, verb, {"uid": self._lying.get("uid") or ""}, patience)

    def heard(self, event: DeviceEvent) -> None:
        """The reader reports."""
        with self._lock:
            order = self._orders.find(event.command_id)
            match event.signal:
                case Signal.CARD_REMOVED | Signal.OFFLINE:
                    self._lying = NOTHING
                case Signal.CARD_PRESENT:
                    self._lying, self._fresh = event.data, False
                    self._site.recorder.fact([self._draft("presented", event.data, None)])
                case Signal.CARD_ENCODED:
                    self._lying, self._fresh = event.data, True
                    draft = self._draft("encoded", event.data, event.command_id)
                    self._site.recorder.fact([draft])
                case Signal.DELIVERED if order is not None:
                    erased = VERBS[order.verb] is Verb.CARD_ERASE
                    if erased:
                        self._lying = {**self._lying, "number": None}
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

    def _in_use(self) -> bool:
        """Whether the card is a badge that the centre knows, or became one a moment ago."""
        number = self._lying.get("number")
        if not number or self._fresh:
            return bool(number)
        with self._site.snapshot.held() as snapshot:
            return snapshot.get("credential", _digest(number)) is not None

    def _draft(self, what: str, data: Any, command_id: str | None, **more: Any) -> Draft:
        number = data.get("number")
        body = {
            "device": self.device,
            "uid": data.get("uid"),
            "number_sha256": _digest(number) if number else None,
            "command_id": command_id,
            **more,
        }
        return Draft(f"card.{what}", body)


def _digest(number: bytes) -> str:
    return hashlib.sha256(number).hexdigest()
