"""The plant: bus owners, portals, banks and desks, built from the snapshot and rebuilt with it."""

import logging
import threading
from collections import deque
from collections.abc import Callable, Mapping
from typing import TypeVar

from hardware.drivers.base import DeviceCommand, DeviceEvent, Driver, Signal
from hardware.gateway.config import BusConfig, DeviceConfig, Installation
from hardware.gateway.desk import CardDesk
from hardware.gateway.devices import STUCK, Devices, Listener, Several
from hardware.gateway.doors import Portal
from hardware.gateway.edge_journal import Draft
from hardware.gateway.interlocks import Interlock
from hardware.gateway.lockers import LockerBank
from hardware.gateway.owner import BusOwner
from hardware.gateway.panels import OPTION as PANEL
from hardware.gateway.panels import PanelInputs
from hardware.gateway.sight import Before
from hardware.gateway.site import Site
from hardware.gateway.zone_watch import ZoneWatch
from hardware.gateway.zones import Zone
from hardware.kinds import Role

logger = logging.getLogger(__name__)
DriverFactory = Callable[[BusConfig], Driver]
T = TypeVar("T")
# libosdp reads gettimeofday; a library preloaded for its clock would need a compiler to ship.
WALL_CLOCK_DRIVERS = frozenset({"osdp"})
LONGEST_PATIENCE = 300.0  # seconds
COUNT_SECONDS = 1.0


class Plant:
    """Everything that is installed at this gateway, at work.

    ``stored`` are the zones as the edge journal remembers them: a restart empties no room.
    ``leaves`` is what it remembers of each door.
    """

    def __init__(
        self,
        site: Site,
        make: DriverFactory,
        stored: Mapping[str, Mapping[str, object]],
        leaves: Mapping[str, Before] | None = None,
        *,
        threads: bool,
    ) -> None:
        self.owners: dict[str, BusOwner] = {}
        self.portals: dict[str, Portal] = {}
        self.lockers: dict[str, LockerBank] = {}
        self.desks: dict[str, CardDesk] = {}
        self.zones = {code: Zone(code, value) for code, value in stored.items()}
        self._watches = {code: ZoneWatch(zone, site) for code, zone in self.zones.items()}
        self._interlocks: dict[str, Interlock] = {}
        self.devices = Devices(site.recorder)
        self._site = site
        self._make = make
        self._threads = threads
        self._installed = Installation({}, {}, {})
        self._stuck: set[str] = set()
        self._replaced: dict[str, int] = {}
        self._counted_at = float("-inf")
        self._panels: dict[str, PanelInputs] = {}
        self._undelivered: deque[DeviceCommand] = deque()
        self._lock = threading.Lock()
        self._closed = False
        self._leaves = dict(leaves or {})

    def build(self, installed: Installation) -> None:
        """Make the plant be what the records say; buses that did not change go on undisturbed."""
        with self._lock:
            if self._closed:
                return
            before, self._installed = self._installed, installed
            rekeyed = []
            for code in [c for c in self.owners if installed.buses.get(c) != before.buses.get(c)]:
                fresh = installed.buses.get(code)
                if fresh is not None and before.buses[code].rekeyed(fresh) is not None:
                    rekeyed.append(fresh)
                    continue
                owner = self.owners.pop(code)
                owner.stop()
                self._stuck.discard(code)
                stay = [d.code for d in owner.config.devices if d.code in installed.devices]
                self.devices.begun_anew(stay, self._site.monotonic())
            self._build_portals(installed)
            kinds = {d.code: d for d in installed.devices.values()}
            self.lockers = _kept(self.lockers, kinds, _is(Role.LOCKER_BOARD), before, self._locker)
            self.desks = _kept(self.desks, kinds, _is(Role.DESK_READER), before, self._desk)
            listeners = {code: self._panel(d, self._listener(d)) for code, d in kinds.items()}
            self._panels = {k: v for k, v in listeners.items() if isinstance(v, PanelInputs)}
            heard_by: dict[str, set[str]] = {}
            for code, each in self._panels.items():
                heard_by.setdefault(each.area, set()).add(code)
            self._site.panels.install(heard_by)
            self.devices.route({code: (d, listeners[code]) for code, d in kinds.items()})
            for fresh in rekeyed:
                self.owners[fresh.code].rekey(fresh)
            for code in [c for c in installed.buses if c not in self.owners]:
                self._own(installed.buses[code])

    def send(self, command: DeviceCommand, deadline: float) -> None:
        """Hand a command to the owner of its device's bus."""
        device = self._installed.devices.get(command.device)
        owner = self.owners.get(device.bus) if device else None
        if owner is None:
            self._undelivered.append(command)
        else:
            owner.submit(command, deadline)

    def tick(self) -> None:
        """Let time pass for all of it, and see whether every bus takes its turns."""
        while self._undelivered:
            command = self._undelivered.popleft()
            if command.command_id:
                data = {"reason": "no_bus"}
                now = self._site.monotonic()
                self.devices.heard(
                    DeviceEvent(command.device, Signal.FAILED, now, data, command.command_id)
                )
        self._watch()
        self.devices.tick(self._site.monotonic(), self._site.policy.device_start_seconds)
        self._count()
        parts: list[Listener] = [*self.portals.values(), *self.lockers.values()]
        for part in (*parts, *self.desks.values()):
            part.tick()
        for watch in list(self._watches.values()):
            watch.tick()

    def overlooked(self, since: float) -> None:
        """The whole process stood still: nobody listened from this monotonic time on."""
        for portal in list(self.portals.values()):
            portal.overlooked(since)

    def clock_jumped(self) -> None:
        """The system's clock was set: libosdp keeps its timers by it, and begins anew.

        Set back, it would wait for the old time to come again and poll nobody meanwhile.
        """
        for owner in list(self.owners.values()):
            if owner.config.driver in WALL_CLOCK_DRIVERS:
                owner.begin_anew("clock_jumped")

    def turn(self, budget: float = 0.0) -> int:
        """One turn of every bus in the caller's thread; for a plant without threads."""
        return sum(owner.turn(budget) for owner in list(self.owners.values()))

    def close(self) -> None:
        """Stop all buses and release their ports."""
        with self._lock:
            self._closed = True
            for owner in self.owners.values():
                owner.stop()
            self.owners.clear()

    def _watch(self) -> None:
        now = self._site.monotonic()
        limit = self._site.policy.bus_stuck_seconds
        for code, owner in list(self.owners.items()):
            stuck = now - owner.turned_at > limit
            codes = [device.code for device in owner.config.devices]
            if stuck and code not in self._stuck:
                logger.error("bus %s takes no turns", code)
                self._stuck.add(code)
                self.devices.stuck(codes, now)
            elif stuck and self._threads and now - owner.turned_at > self._patience(code):
                self._replace(code, now)
            elif not stuck and code in self._stuck:
                self._stuck.discard(code)
                self.devices.unstuck(codes, now)

    def _count(self) -> None:
        now = self._site.monotonic()
        if now - self._counted_at >= COUNT_SECONDS:
            self._counted_at = now
            for owner in list(self.owners.values()):
                self.devices.traffic.note(owner.traffic(), now)

    def _own(self, bus: BusConfig) -> None:
        owner = BusOwner(bus, self._make, self.devices.heard, self._site.monotonic)
        self.owners[bus.code] = owner
        if self._threads:
            owner.start()

    def _patience(self, code: str) -> float:
        """How long a bus may hang before it is given up: longer each time, a thread is lost."""
        times = self._replaced.get(code, 0)
        limit = self._site.policy.bus_stuck_seconds
        return min(limit * 2.0 ** (times + 1), max(LONGEST_PATIENCE, limit))

    def _replace(self, code: str, now: float) -> None:
        """Leave a bus that hangs to its thread, which nothing can end, and begin another."""
        with self._lock:
            owner = self.owners.get(code)
            if self._closed or owner is None:
                return
            self._replaced[code] = self._replaced.get(code, 0) + 1
            logger.error("bus %s hangs; it begins anew", code)
            owner.abandon()
            for device in owner.config.devices:
                data = {"reason": STUCK}
                self.devices.heard(DeviceEvent(device.code, Signal.OFFLINE, now, data))
            body = {"bus": code, "times": self._replaced[code]}
            self._site.recorder.fact([Draft("bus.restarted", body)])
            self._own(self._installed.buses.get(code, owner.config))

    def _build_portals(self, installed: Installation) -> None:
        for code in [c for c in self.portals if c not in installed.portals]:
            self.portals.pop(code).close()
        for code, config in installed.portals.items():
            zone = self.zones.setdefault(config.zone, Zone(config.zone))
            watch = self._watches.get(config.zone)
            if watch is None or watch.zone is not zone:  # handed over: it begins under a new epoch
                self._watches[config.zone] = ZoneWatch(zone, self._site)
            group = config.interlock
            interlock = self._interlocks.setdefault(group, Interlock()) if group else None
            known = self.portals.get(code)
            if known is not None and known.zone is zone:
                known.configure(config, interlock)
                continue
            if known is not None:
                known.close()
            before = self._leaves.pop(code, None)
            self.portals[code] = Portal(config, zone, self._site, interlock, before)
            self.portals[code].tick()  # what happened unseen counts before the first badge

    def _locker(self, device: DeviceConfig) -> LockerBank:
        return LockerBank(device, self._site)

    def _desk(self, device: DeviceConfig) -> CardDesk:
        return CardDesk(device, self._site)

    def _panel(self, device: DeviceConfig, inner: Listener | None) -> Listener | None:
        """The listener of a device, behind what an alarm panel says on its inputs.

        One that did not change goes on with what it has heard; a record that is not clear says
        nothing, so that its area stays unknown.
        """
        if PANEL not in device.options:
            return inner
        known = self._panels.get(device.code)
        if known is not None and known.device == device:
            known.inner = inner
            return known
        try:
            return PanelInputs(device, self._site.panels, inner)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            logger.error("the panel of %s is not usable: %r", device.code, error)  # noqa: TRY400  the trace says nothing more
            return inner

    def _listener(self, device: DeviceConfig) -> Listener | None:
        """Whose device it is: a board may serve several doors and an alarm panel at once."""
        code = device.code
        found: list[Listener | None] = [
            self.lockers.get(code),
            self.desks.get(code),
            *(self.portals.get(portal) for portal in device.portals),
        ]
        parts = [part for part in found if part is not None]
        return Several(parts) if len(parts) > 1 else next(iter(parts), None)


def _is(role: Role) -> Callable[[DeviceConfig], bool]:
    return lambda device: device.kind == role


def _kept(
    have: Mapping[str, T],
    devices: Mapping[str, DeviceConfig],
    fits: Callable[[DeviceConfig], bool],
    before: Installation,
    make: Callable[[DeviceConfig], T],
) -> dict[str, T]:
    """The parts of the devices that fit; one whose device did not change stays what it was."""
    return {
        code: have[code] if code in have and before.devices.get(code) == device else make(device)
        for code, device in devices.items()
        if fits(device)
    }
