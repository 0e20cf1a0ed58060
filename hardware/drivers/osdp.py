"""OSDP readers and door controllers on one RS-485 bus (IEC 60839-11-5), through libosdp 3.2.9.

Secure Channel only: a device without it, or without our key, stays offline and is reported so.
libosdp keeps time by the system clock; a library preloaded for ``osdp_millis_now`` could give it a
monotonic one, and is no part of this driver.
"""

import time
from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any

from osdp import (
    Capability,
    CompletionStatus,
    ControlPanel,
    Event,
    EventNotification,
    LibFlag,
    LogLevel,
    PDInfo,
    StatusReportType,
)

from hardware.drivers.base import DeviceCommand, DeviceEvent, Signal, Verb
from hardware.drivers.osdp_channel import Fall, OsdpChannel
from hardware.drivers.osdp_config import OsdpBusConfig, OsdpDevice
from hardware.drivers.osdp_orders import (
    CODES,
    NEEDED,
    Impossible,
    Job,
    job_for,
    status_job,
    status_jobs,
)
from hardware.drivers.osdp_reports import Reports
from hardware.drivers.serial_line import SerialLine

MOST_JOBS = 32  # waiting for one device
STEPS = 3  # refreshes that take libosdp from one exchange to the next
PATIENCE = 0.005  # seconds between looks at a wire that is quiet
REOPEN = 0.25  # seconds between attempts at a port that is missing
KICK = 0.5  # seconds between attempts at a device that is offline
SETTLE = 0.3  # seconds after the end of a pulse until the output is asked


class _Peer:
    """What the driver knows of one device."""

    def __init__(self, index: int, device: OsdpDevice) -> None:
        self.index = index
        self.device = device
        self.online = False
        self.fall: Fall | None = None
        self.fallen = False
        self.disabling = False
        self.kick_at = 0.0
        self.ask_outputs_at: float | None = None
        self.reports = Reports()
        self.urgent: deque[Job] = deque()
        self.waiting: deque[Job] = deque()
        self.flight: Job | None = None
        self.unanswerable: set[int] = set()
        self.has: dict[int, int] = {}


class OsdpBus:
    """A ``Driver``. One bus, one thread: libosdp's context is not thread-safe.

    INVARIANT: a command that was taken returns exactly once as DELIVERED or FAILED. The reasons of
    FAILED: ``impossible``, ``not_sent`` (nothing happened), ``refused`` (the device said no),
    ``unanswered`` (it was sent, and what became of it is unknown).
    """

    def __init__(self, config: OsdpBusConfig) -> None:
        self._config = config
        self._line = SerialLine(config.path, config.baud)
        self._channel = OsdpChannel(self._line, retries=config.retries)
        self._peers = [_Peer(index, device) for index, device in enumerate(config.devices)]
        self._by_code = {peer.device.code: peer for peer in self._peers}
        self._events: list[DeviceEvent] = []
        self._was_up = False
        self._reopen_at = 0.0
        self._panel: Any = None

    def open(self) -> None:
        """Begin; a port that is missing is tried again in every turn."""
        flags = [LibFlag.EnforceSecure, LibFlag.EnableNotification]
        panel = ControlPanel(
            [
                PDInfo(peer.device.address, self._channel, scbk=peer.device.scbk, flags=flags)
                for peer in self._peers
            ],
            log_level=LogLevel.Emergency,
        )
        # The wrapper would keep every event in queues that nobody empties.
        self._panel = panel.ctx
        self._panel.set_event_callback(self._heard)
        self._panel.set_command_completion_callback(self._completed)
        self._was_up = self._line.open()
        if not self._was_up:
            self._port_lost()

    def turn(self, budget: float) -> Sequence[DeviceEvent]:
        """Work for about ``budget`` seconds, or until there is something to tell."""
        end = time.monotonic() + budget
        while True:
            self._keep_port()
            for _ in range(STEPS):
                self._panel.refresh()
            for peer in self._peers:
                self._supervise(peer)
            left = end - time.monotonic()
            if self._events or left <= 0:
                break
            self._line.wait(min(PATIENCE, left))
        events, self._events = self._events, []
        return events

    def submit(self, command: DeviceCommand) -> bool:
        """Take a command; False if the device is offline, unknown or drowning in commands."""
        peer = self._by_code.get(command.device)
        if peer is None or not peer.online or len(peer.urgent) + len(peer.waiting) >= MOST_JOBS:
            return False
        try:
            job = job_for(command, self._config.feedback, peer.has)
        except (Impossible, KeyError, TypeError, ValueError) as error:
            self._tell_failed(peer, command.command_id, "impossible", str(error))
            return True
        # A strike does not queue behind a lamp.
        (peer.waiting if command.verb is Verb.FEEDBACK else peer.urgent).append(job)
        self._advance(peer)
        return True

    def close(self) -> None:
        """Release the port; commands that still wait fail."""
        for peer in self._peers:
            self._drop_jobs(peer)
        self._panel = None
        self._line.close()

    # The port

    def _keep_port(self) -> None:
        if self._was_up and not self._line.up:
            self._port_lost()
        now = time.monotonic()
        if not self._line.up and now >= self._reopen_at:
            self._reopen_at = now + REOPEN
            if self._line.open():
                for peer in self._peers:
                    peer.kick_at = now
        self._was_up = self._line.up

    def _port_lost(self) -> None:
        for peer in self._peers:
            # libosdp may not have noticed, and must not go on with a session of before.
            self._channel.block(peer.device.address)
            self._offline(peer, Fall.PORT)

    # One device

    def _supervise(self, peer: _Peer) -> None:
        bit = 1 << peer.index
        alive = self._panel.status() & self._panel.sc_status() & bit
        now = time.monotonic()
        if alive and self._line.up and not self._channel.blocked(peer.device.address):
            if not peer.online:
                self._online(peer)
            if peer.ask_outputs_at is not None and now >= peer.ask_outputs_at:
                peer.ask_outputs_at = None
                self._ask(peer, status_job(StatusReportType.Output))
            self._advance(peer)
        elif peer.online or peer.fallen:
            self._offline(peer, self._channel.why(peer.device.address))
        if self._line.up:
            self._kick(peer, now)

    def _online(self, peer: _Peer) -> None:
        peer.online, peer.fall = True, None
        wanted = {*NEEDED.values(), Capability.ContactStatusMonitoring}
        peer.has = {kind: self._panel.check_capability(peer.index, kind)[1] for kind in wanted}
        self._tell(peer, Signal.ONLINE, {"secure": True})
        for job in status_jobs(peer.has):
            self._ask(peer, job)

    def _offline(self, peer: _Peer, fall: Fall) -> None:
        """Report once; and again where a silence turns out to be an insecure device."""
        worse = fall in (Fall.WRONG_KEY, Fall.NOT_SECURE) and peer.fall is not fall
        if peer.online or peer.fall is None or worse:
            if peer.online:
                peer.kick_at = 0.0
            peer.online, peer.fall = False, fall
            self._tell(peer, Signal.OFFLINE, {"reason": str(fall)})
        self._drop_jobs(peer)

    def _kick(self, peer: _Peer, now: float) -> None:
        """Bring libosdp back to a device that it would leave alone for 300 seconds.

        libosdp issue 197: one damaged answer costs five minutes. Disabling and enabling starts
        anew at once, but each takes effect only when the bus comes round to the device.
        """
        if peer.disabling:
            if not self._panel.is_pd_enabled(peer.index):
                self._panel.enable_pd(peer.index)
                self._channel.forget(peer.device.address)
                peer.disabling = peer.fallen = False
                peer.kick_at = now + KICK
        elif peer.fallen and now >= peer.kick_at:
            peer.disabling = bool(self._panel.disable_pd(peer.index))

    # Commands

    def _ask(self, peer: _Peer, job: Job) -> None:
        if job.orders[0]["type"] not in peer.unanswerable:
            peer.waiting.append(job)

    def _advance(self, peer: _Peer) -> None:
        """Give libosdp the next order; INVARIANT: it never holds more than one for a device."""
        while peer.flight is None and (peer.urgent or peer.waiting):
            job = peer.urgent.popleft() if peer.urgent else peer.waiting.popleft()
            peer.flight = job
            if not self._panel.submit_command(peer.index, job.orders[0]):
                peer.flight = None
                self._fail(peer, job, "not_sent")

    def _completed(self, index: int, _order: dict[str, Any], status: int) -> None:
        """libosdp is done with an order; it calls this inside ``refresh``."""
        peer = self._peers[index]
        job, peer.flight = peer.flight, None
        if job is None:
            return  # the port was lost meanwhile, and the failure has been told
        if status != CompletionStatus.Ok:
            self._fail(peer, job, self._outcome(peer, job))
            return
        job.orders.pop(0)
        if job.orders:
            peer.waiting.appendleft(job)
        elif job.verb is not None:
            self._tell(peer, Signal.DELIVERED, command_id=job.command_id)
            if job.output_tenths:
                peer.ask_outputs_at = time.monotonic() + job.output_tenths / 10 + SETTLE

    def _outcome(self, peer: _Peer, job: Job) -> str:
        order = job.orders[0]
        if self._channel.refused(peer.device.address):
            if "type" in order:
                peer.unanswerable.add(order["type"])
            return "refused"
        sent = self._channel.sent(peer.device.address, CODES.get(order["command"], 0))
        return "unanswered" if sent else "not_sent"

    def _drop_jobs(self, peer: _Peer) -> None:
        if peer.flight is not None:
            job, peer.flight = peer.flight, None
            self._fail(peer, job, self._outcome(peer, job))
        if self._panel is not None:
            self._panel.flush_commands(peer.index)
        for job in (*peer.urgent, *peer.waiting):
            self._fail(peer, job, "not_sent")
        peer.urgent.clear()
        peer.waiting.clear()
        peer.ask_outputs_at = None

    def _fail(self, peer: _Peer, job: Job, reason: str) -> None:
        if job.verb is not None:
            self._tell_failed(peer, job.command_id, reason)

    # Telling

    def _heard(self, index: int, event: dict[str, Any]) -> int:
        """libosdp heard something; it calls this inside ``refresh``."""
        peer = self._peers[index]
        if event.get("event") == Event.Notification:
            lost = event.get("type") == EventNotification.PeripheralDeviceStatus
            if lost and not event.get("arg0") and not peer.disabling:
                peer.fallen = True
        else:
            for signal, data in peer.reports.of(event):
                self._tell(peer, signal, data)
        # libosdp 3.2.9 never releases the dictionary; what is in it can be.
        event.clear()
        return 0

    def _tell_failed(self, peer: _Peer, command_id: str, reason: str, detail: str = "") -> None:
        data = {"reason": reason} | ({"detail": detail} if detail else {})
        self._tell(peer, Signal.FAILED, data, command_id)

    def _tell(
        self,
        peer: _Peer,
        signal: Signal,
        data: Mapping[str, Any] | None = None,
        command_id: str | None = None,
    ) -> None:
        self._events.append(
            DeviceEvent(peer.device.code, signal, time.monotonic(), data or {}, command_id)
        )
