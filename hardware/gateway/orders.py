"""Orders: signed commands that were accepted, until it is known what became of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hardware.drivers.base import DeviceCommand, Verb
from hardware.gateway.doorway import COMMAND
from hardware.gateway.edge_journal import Draft, StatePut
from hardware.gateway.site import Site


@dataclass(frozen=True, slots=True)
class Order:
    """An accepted command; ``deadline`` is monotonic."""

    id: str
    target: str
    verb: str
    args: Mapping[str, Any]
    actor: str
    deadline: float


class DeviceOrders:
    """Orders to one device whose answers are still awaited."""

    def __init__(self, device: str, site: Site) -> None:
        self.device = device
        self._site = site
        self._open: dict[str, tuple[Order, float]] = {}

    def send(self, order: Order, verb: Verb, args: Mapping[str, Any], patience: float) -> None:
        """Tell the device; an answer is awaited for ``patience`` seconds."""
        self._open[order.id] = order, self._site.monotonic() + patience
        self._site.send(DeviceCommand(self.device, verb, args, order.id), order.deadline)

    def find(self, command_id: str | None) -> Order | None:
        """The order of this id, if its answer is awaited."""
        found = self._open.get(command_id or "")
        return found[0] if found else None

    def awaited(self) -> list[Order]:
        """All orders whose answers are awaited, oldest first."""
        return [order for order, _ in self._open.values()]

    def done(self, order: Order, drafts: Sequence[Draft] = ()) -> None:
        """The device did it."""
        self._open.pop(order.id, None)
        body = {"command_id": order.id, "verb": order.verb}
        self._site.recorder.fact(
            [*drafts, Draft("command.done", body)], [StatePut(COMMAND, order.id, None)]
        )

    def failed(self, order: Order, reason: str, drafts: Sequence[Draft] = ()) -> None:
        """The device did not do it, or nobody knows."""
        self._open.pop(order.id, None)
        body = {"command_id": order.id, "verb": order.verb, "reason": reason}
        self._site.recorder.fact(
            [*drafts, Draft("command.failed", body)], [StatePut(COMMAND, order.id, None)]
        )

    def tick(self) -> None:
        """Give up orders that nobody answered."""
        now = self._site.monotonic()
        for order, until in list(self._open.values()):
            if now > until:
                self.failed(order, "no_answer")
