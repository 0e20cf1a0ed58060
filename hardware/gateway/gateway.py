"""The gateway: edge journal, snapshot, decider and plant put together, and time passing for all."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from hardware.decider import Decider
from hardware.gateway import watchdog
from hardware.gateway.commands import CommandGate
from hardware.gateway.config import INSTALLATION, Contact, Installation
from hardware.gateway.desk import VERBS as DESK_VERBS
from hardware.gateway.doorway import COMMAND
from hardware.gateway.edge_journal import MEGABYTE, Draft, EdgeError, EdgeJournal, StatePut
from hardware.gateway.heartbeat import Heartbeat
from hardware.gateway.orders import Order
from hardware.gateway.panels import KIND as PANEL_STATE
from hardware.gateway.panels import Panels
from hardware.gateway.pins import KIND as PIN_FAILURES
from hardware.gateway.pins import PinLockout
from hardware.gateway.plant import DriverFactory, Plant
from hardware.gateway.policy import GatewayPolicy
from hardware.gateway.recorder import Recorder
from hardware.gateway.sight import KIND as LEAF_STATE
from hardware.gateway.site import Site
from hardware.gateway.snapshot import Snapshot, SnapshotRefused
from hardware.gateway.snapshot_store import SnapshotStore
from hardware.gateway.standing import KIND as STANDING_STATE
from hardware.gateway.standing import VERBS as STANDING_VERBS
from hardware.gateway.standing import StandingOrders
from hardware.gateway.tenure import take_over
from hardware.gateway.timekeeper import Timekeeper
from hardware.gateway.zone_orders import CORRECTIONS
from hardware.gateway.zones import KIND as ZONE_STATE
from scif.kernel.clock import Clock

logger = logging.getLogger(__name__)

TICK_SECONDS = 0.05
OUTCOME_UNKNOWN = "outcome_unknown"


@dataclass(frozen=True, slots=True)
class GatewayConfig:
    """What a gateway is told by its own machine; all else comes in the snapshot."""

    code: str
    snapshot_path: Path
    control: Ed25519PublicKey
    store_key: bytes = field(repr=False)
    boot: str = ""  # names this start of the machine, from which monotonic time counts


class Gateway:
    """Decides at its doors, alone if need be.

    With ``threads`` each bus has a thread and one more lets time pass; without, the caller gives
    ``turn`` and ``tick``, and everything happens in its thread, in its order.
    """

    def __init__(
        self,
        config: GatewayConfig,
        decider: Decider,
        driver_factory: DriverFactory,
        edge: EdgeJournal,
        snapshot: Snapshot,
        clock: Clock,
        monotonic: Callable[[], float],
        *,
        threads: bool = True,
    ) -> None:
        self.config = config
        self.edge = edge
        self.snapshot = snapshot
        self.recorder = Recorder(edge)
        self._clock = clock
        self._monotonic = monotonic
        self._life = Heartbeat(edge.path.with_name("alive"), config.boot, monotonic)
        self._site = Site(
            gateway=config.code,
            decider=decider,
            snapshot=snapshot,
            recorder=self.recorder,
            clock=clock,
            monotonic=monotonic,
            lockout=PinLockout(edge.states(PIN_FAILURES)),
            send=lambda command, deadline: self.plant.send(command, deadline),
            policy=GatewayPolicy(),
            panels=Panels(self.recorder, edge.states(PANEL_STATE)),
            time=Timekeeper(clock, monotonic, self._life.base),
            boot=config.boot,
        )
        self.standing = StandingOrders(self._site, edge.states(STANDING_STATE))
        self._site.standing = self.standing
        leaves = {code: (kept, self._life) for code, kept in edge.states(LEAF_STATE).items()}
        self.plant = Plant(
            self._site, driver_factory, edge.states(ZONE_STATE), leaves, threads=threads
        )
        self._gate = CommandGate(self._site, config.control, edge)
        self._store = SnapshotStore(
            config.snapshot_path, config.store_key, snapshot, edge, monotonic
        )
        self._threads = threads
        self._thread: threading.Thread | None = None
        self._stop = threading.Event()
        self._rebuild = threading.Event()
        self._wall = (clock(), monotonic())
        self._store_failed = False
        self.drained: Callable[[], int] = lambda: 0

    def start(self) -> None:
        """Load the snapshot, say what was left open by the last run, and take the buses."""
        self._wall = (self._clock(), self._monotonic())
        # From now on every change of the snapshot is seen; the stored one is the first.
        self.snapshot.on_change = self._changed
        trouble = self._load()
        self._changed(INSTALLATION | {"policy"})
        self.recorder.fact(
            [
                Draft("gateway.started", {"snapshot_version": self.snapshot.version}),
                *([Draft("snapshot.refused", {"reason": trouble})] if trouble else []),
            ]
        )
        self._close_open_commands()
        self.tick()
        if self._threads:
            self._thread = threading.Thread(target=self._run, name="gateway-time", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Release the buses, write what waits, keep the snapshot."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(5)
        self.plant.close()
        self.recorder.flush()
        if self.snapshot.version:
            self._save(self._store.save)
        self._live()
        self._life.close()
        self.edge.close()

    def turn(self, budget: float = 0.0) -> int:
        """One turn of every bus in the caller's thread; gives how many events there were."""
        return self.plant.turn(budget)

    def tick(self) -> None:
        """Let time pass: about twenty times a second."""
        self._watch_clock()
        self.recorder.flush()
        if self._rebuild.is_set():
            self._rebuild.clear()
            for code, record in self.snapshot.of_kind("zone").items():
                take_over(self.plant.zones, code, record, self.recorder)
            self.plant.build(Installation.of(self.snapshot))
        self.standing.tick(self._strike)
        self.plant.tick()
        self._save(self._store.save_if_due)
        self._gate.prune()
        self.edge.prune(self.drained())
        self.edge.keep_reserve()
        self._live()

    def halted(self, since: float) -> None:
        """The process stood still from this monotonic time on: its doors were not heard."""
        logger.error("the gateway stood still for %.1f s", self._monotonic() - since)
        self.plant.overlooked(since)

    def submit_command(self, envelope: str, signature: str) -> None:
        """Take a signed command from the broker; everything else about it is in the journal."""
        order = self._gate.receive(envelope, signature)
        if order is None:
            return
        try:
            wrong = self._obey(order)
        except (KeyError, TypeError, ValueError) as error:
            wrong = f"malformed: {error!r}"[:100]
        except Exception:
            logger.exception("command %s failed", order.id)
            wrong = "error"
        if wrong is not None:
            body = {"command_id": order.id, "verb": order.verb, "reason": wrong}
            self.recorder.fact([Draft("command.failed", body)], [StatePut(COMMAND, order.id, None)])

    def time_told(self, theirs: datetime, at: float) -> None:
        """The centre's clock showed this at that monotonic time."""
        self._site.time.told(theirs, at)

    def state(self) -> dict[str, Any]:
        """How things stand, for the status report and the screens."""
        heard = self.snapshot.heard_at
        return {
            "epoch": self.edge.epoch,
            "waiting": self.recorder.waiting,
            "journal_low": self.edge.low,
            "snapshot_version": self.snapshot.version,
            "snapshot_heard_at": heard.isoformat() if heard else None,
            "buses": {code: {"up": owner.up} for code, owner in self.plant.owners.items()},
            "devices": self.plant.devices.state(),
            "doors": {
                code: str(portal.doorway.leaf.contact)
                for code, portal in self.plant.portals.items()
            },
            "zones": {
                code: {
                    "version": z.version,
                    "inside": len(z.inside),
                    "certain": z.certain,
                    "concerns": sorted(z.concerns),
                }
                for code, z in self.plant.zones.items()
            },
        }

    def _run(self) -> None:
        ticked_at = self._monotonic()
        while not self._stop.wait(TICK_SECONDS):
            before, ticked_at = ticked_at, self._monotonic()
            try:
                if ticked_at - before > self._site.policy.bus_stuck_seconds:
                    self.halted(before)
                self.tick()
                watchdog.alive()
            except Exception:
                # Time must go on passing for the doors.
                logger.exception("a turn of the gateway failed")

    def _strike(self, portal: str) -> Contact | None:
        known = self.plant.portals.get(portal)
        return known.config.strike(None) if known is not None else None

    def _obey(self, order: Order) -> str | None:
        if order.verb in STANDING_VERBS:
            if order.target not in self.plant.portals:
                return "no_such_portal"
            return self.standing.order(order, self._strike(order.target))
        if order.verb == "unlock":
            portal = self.plant.portals.get(order.target)
            if portal is None:
                return "no_such_portal"
            person = str(order.args["person_id"])
            return portal.unlock(order.id, person, order.actor, order.deadline)
        if order.verb == "locker_open":
            bank = self.plant.lockers.get(order.target)
            if bank is None:
                return "no_such_bank"
            bank.open(order)
        elif order.verb in DESK_VERBS:
            desk = self.plant.desks.get(order.target)
            if desk is None:
                return "no_such_desk"
            desk.order(order)
        else:
            zone = self.plant.zones.get(order.target)
            if zone is None:
                return "no_such_zone"
            return CORRECTIONS[order.verb](self._site, zone, order)
        return None

    def _changed(self, kinds: frozenset[str]) -> None:
        if kinds & INSTALLATION:
            self._rebuild.set()
        if "policy" in kinds:
            policy = GatewayPolicy.of(self.snapshot.get("policy", "current"))
            self._site.policy = policy
            self.edge.limits(policy.edge_capacity_mb * MEGABYTE, policy.edge_reserve_mb * MEGABYTE)

    def _load(self) -> str:
        """Restore the stored snapshot; a reason if it is refused, and then nothing is known."""
        try:
            self._store.load()
        except (SnapshotRefused, OSError) as error:
            logger.error("the stored snapshot is not used: %s", error)  # noqa: TRY400  a finding, no fault of ours
            return str(error)[:200]
        return ""

    def _close_open_commands(self) -> None:
        """What a run that ended suddenly was told to do: nobody knows, and it is not sent again."""
        for command_id, known in self.edge.states(COMMAND).items():
            body = {**known, "command_id": command_id, "reason": OUTCOME_UNKNOWN}
            self.recorder.fact(
                [Draft("command.failed", body)], [StatePut(COMMAND, command_id, None)]
            )

    def _watch_clock(self) -> None:
        """Compare the clock with the monotonic one: a jump is an event; timers never feel it."""
        wall, monotonic = self._clock(), self._monotonic()
        passed = (wall - self._wall[0]).total_seconds() - (monotonic - self._wall[1])
        jump = round(passed * 1000)
        self._wall = (wall, monotonic)
        if abs(jump) > self._site.policy.clock_jump_ms:
            # INVARIANT: a clock that is set makes no old snapshot young again.
            self.snapshot.age_unknown()
            self.recorder.fact([Draft("clock.jumped", {"jump_ms": jump})])
            self.plant.clock_jumped()

    def _live(self) -> None:
        """Leave a sign of life; none while something that happened is not durable."""
        if self.recorder.waiting:
            return
        try:
            self._life.beat(self._site.time.base)
        except OSError as error:
            # Then the next start takes it that nobody listened.
            logger.error("the gateway leaves no sign of life: %s", error)  # noqa: TRY400  expected on a broken disk

    def _save(self, save: Callable[[], object]) -> None:
        try:
            save()
        except (OSError, EdgeError) as error:
            if not self._store_failed:
                logger.error("the snapshot cannot be stored: %s", error)  # noqa: TRY400  once, and expected on a full disk
            self._store_failed = True
        else:
            self._store_failed = False
