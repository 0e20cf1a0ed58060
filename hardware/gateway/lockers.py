"""A locker bank: doors that open on a signed command and are shut by hand."""

import threading

from hardware.drivers.base import DeviceEvent, Signal, Verb
from hardware.gateway.config import DeviceConfig
from hardware.gateway.edge_journal import Draft
from hardware.gateway.orders import DeviceOrders, Order
from hardware.gateway.site import Site

JAMMED = "jammed"  # the driver's word for a lock that was told to open and did not


class LockerBank:
    """The bank behind one board. What a lock's state is, only the board's status reads tell."""

    def __init__(self, device: DeviceConfig, site: Site) -> None:
        self.bank = device.bank or device.code
        self._site = site
        self._orders = DeviceOrders(device.code, site)
        self._told: set[str] = set()
        self._lock = threading.RLock()

    def open(self, order: Order) -> None:
        """Open a lock. Raises KeyError, ValueError for an order that names none."""
        with self._lock:
            policy = self._site.policy
            seconds = policy.locker_open_seconds
            args = {"lock": int(order.args["lock"]), "seconds": seconds}
            # The board itself calls a lock jammed; its word may be late as any other.
            patience = seconds + policy.command_grace_seconds
            self._orders.send(order, Verb.LOCKER_OPEN, args, patience)

    def heard(self, event: DeviceEvent) -> None:
        """The board reports."""
        with self._lock:
            order = self._orders.find(event.command_id)
            if event.signal is Signal.LOCKER:
                self._moved(int(event.data["lock"]), shut=bool(event.data["shut"]))
            elif event.signal is Signal.DELIVERED and order is not None:
                lock = int(order.args["lock"])
                told = order.id in self._told
                self._told.discard(order.id)
                self._orders.done(order, [] if told else [self._draft("opened", lock, order.id)])
            elif event.signal is Signal.FAILED and order is not None:
                reason = str(event.data.get("reason", ""))
                lock = int(order.args["lock"])
                jam = [self._draft("jammed", lock, order.id)] if reason == JAMMED else []
                self._orders.failed(order, reason, jam)

    def tick(self) -> None:
        """Let time pass."""
        with self._lock:
            self._orders.tick()

    def _moved(self, lock: int, *, shut: bool) -> None:
        if shut:
            self._site.recorder.fact([self._draft("shut", lock, None)])
            return
        mine = (o.id for o in self._orders.awaited() if int(o.args["lock"]) == lock)
        command_id = next(mine, None)
        if command_id is not None:
            self._told.add(command_id)
        self._site.recorder.fact([self._draft("opened", lock, command_id)])

    def _draft(self, what: str, lock: int, command_id: str | None) -> Draft:
        return Draft(f"locker.{what}", {"bank": self.bank, "lock": lock, "command_id": command_id})
