"""OSDP readers and door controllers on one RS-485 bus (IEC 60839-11-5), through libosdp 3.2.9.

Secure Channel only: a device without it, or without our key, stays offline and is reported so.
libosdp keeps time by the system clock; a library preloaded for ``osdp_millis_now`` could give it a
monotonic one, and is no part of this driver.
"""

import time
from collections.abc import Mapping, Sequence
from typing import Any

from osdp import (
    Capability,
    CompletionStatus,
    ControlPanel,
    Event,
    EventNotification,
    LogLevel,
    PDInfo,
    StatusReportType,
)

from hardware.drivers.base import DeviceCommand, DeviceEvent, Driver, Signal, Traffic, Verb
from hardware.drivers.installed import BusConfig, DeviceConfig
from hardware.drivers.osdp_channel import Fall, OsdpChannel
from hardware.drivers.osdp_config import OsdpBusConfig, OsdpDevice
from hardware.drivers.osdp_keying import Key
from hardware.drivers.osdp_orders import (
    CODES,
    FEEDBACK,
    NEEDED,
    Feedback,
    Impossible,
    Job,
    job_for,
    key_job,
    status_job,
    status_jobs,
)
from hardware.drivers.osdp_peer import Peer
from hardware.drivers.serial_line import SerialLine
from scif.kernel.keys import KeyStore

MOST_JOBS = 32  # waiting for one device
STEPS = 3  # refreshes that take libosdp from one exchange to the next
PATIENCE = 0.005  # seconds between looks at a wire that is quiet
REOPEN = 0.25  # seconds between attempts at a port that is missing
# Seconds between attempts at a device that is offline. They do not grow rarer, as those at a bus do
# that cannot be made: a device that comes back is a door that works again, and one that is silent
# costs its neighbours no more than its turn on the wire.
KICK = 0.5
REFUSED = frozenset({Fall.WRONG_KEY, Fall.NOT_SECURE})
SETTLE = 0.3  # seconds after the end of a pulse until the output is asked


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
        now = time.monotonic()
        self._peers = [Peer(index, device, now) for index, device in enumerate(config.devices)]
        self._by_code = {peer.device.code: peer for peer in self._peers}
        self._events: list[DeviceEvent] = []
        self._was_up = False
        self._reopen_at = 0.0
        self._panel: Any = None

    def open(self) -> None:
        """Begin; a port that is missing is tried again in every turn."""
        self._make_panel()
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
                if self._events:
                    break  # what follows from it goes out before the next question
            for peer in self._peers:
                self._supervise(peer)
            self._try_keys()
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
        if command.verb is Verb.FEEDBACK:
            peer.waiting.append(job)
        else:
            # A strike does not queue behind a lamp, nor behind a question of our own.
            peer.urgent.append(job)
            self._recall(peer)
        self._advance(peer)
        return True

    def rekey(self, devices: Sequence[DeviceConfig]) -> bool:
        """Take other keys where libosdp speaks them already, or speaks the one they follow upon.

        So a window over a reader's own session disturbs no other reader when it opens, nor when
        the reader has taken its key.
        """
        now, moved = time.monotonic(), []
        for config in devices:
            peer, device = self._by_code[config.code], OsdpDevice.of(config)
            keying = peer.keying.succeeded(device, now)
            spoken, _flags = peer.keying.for_library()
            if keying.for_library() != (spoken, peer.flags):
                return False
            moved.append((peer, device, keying))
        for peer, device, keying in moved:
            peer.device, peer.keying = device, keying
        return True

    def close(self) -> None:
        """Release the port; commands that still wait fail."""
        for peer in self._peers:
            self._drop_jobs(peer)
        self._panel = None
        self._line.close()

    def traffic(self) -> Mapping[str, Traffic]:
        """Frames to each device, and those without a sound answer."""
        heard = self._channel.traffic
        return {p.device.code: heard.get(p.device.address, Traffic()) for p in self._peers}

    def _make_panel(self) -> None:
        infos = []
        for peer in self._peers:
            key, peer.flags = peer.keying.for_library()
            infos.append(PDInfo(peer.device.address, self._channel, scbk=key, flags=peer.flags))
        panel = ControlPanel(infos, log_level=LogLevel.Emergency)
        # The wrapper would keep every event in queues that nobody empties.
        self._panel = panel.ctx
        self._panel.set_event_callback(self._heard)
        self._panel.set_command_completion_callback(self._completed)

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

    def _supervise(self, peer: Peer) -> None:
        bit = 1 << peer.index
        secure = self._panel.status() & self._panel.sc_status() & bit
        now = time.monotonic()
        up = self._line.up and not self._channel.blocked(peer.device.address)
        peer.alive = bool(secure) and up
        if peer.alive:
            if not peer.online:
                self._online(peer)
            self._give_key(peer, now)
            if peer.ask_outputs_at is not None and now >= peer.ask_outputs_at:
                peer.ask_outputs_at = None
                self._ask(peer, status_job(StatusReportType.Output))
            self._advance(peer)
        elif (peer.online or peer.fallen) and not peer.keying.settling(now):
            fall = peer.fallen or self._lost(peer)
            self._offline(peer, Fall.KEYING if peer.keying.open(now) and not peer.online else fall)
        if self._line.up:
            self._kick(peer, now)

    def _lost(self, peer: Peer) -> Fall:
        """Why a session is over that libosdp has not given up.

        The last exchange may be half of the next handshake already, which proves nothing.
        """
        fall = self._channel.why(peer.device.address, peer.keying.for_library()[0])
        return Fall.SESSION if fall in REFUSED else fall

    def _online(self, peer: Peer) -> None:
        peer.online, peer.fall = True, None
        if peer.keying.proven():
            self._keyed(peer)
        wanted = {*NEEDED.values(), Capability.ContactStatusMonitoring}
        peer.has = {kind: self._panel.check_capability(peer.index, kind)[1] for kind in wanted}
        self._tell(peer, Signal.ONLINE, {"secure": True})
        peer.reports.renew()
        for job in status_jobs(peer.has):
            self._ask(peer, job)

    def _offline(self, peer: Peer, fall: Fall) -> None:
        """Report once; and again where a silence turns out to be an insecure device."""
        worse = fall in REFUSED and peer.fall is not fall
        if peer.online or peer.fall is None or worse:
            if peer.online:
                peer.kick_at = 0.0
            peer.online, peer.fall = False, fall
            self._tell(peer, Signal.OFFLINE, {"reason": str(fall)})
        self._drop_jobs(peer)

    def _kick(self, peer: Peer, now: float) -> None:
        """Bring libosdp back to a device that it would leave alone for 300 seconds.

        libosdp issue 197: one damaged answer costs five minutes. Disabling and enabling starts
        anew at once, but each takes effect only when the bus comes round to the device.
        """
        if peer.disabling:
            if not self._panel.is_pd_enabled(peer.index):
                self._panel.enable_pd(peer.index)
                self._channel.forget(peer.device.address)
                peer.disabling, peer.fallen = False, None
                peer.kick_at = now + KICK
        elif peer.fallen and now >= peer.kick_at:
            peer.disabling = bool(self._panel.disable_pd(peer.index))

    # Keys

    def _give_key(self, peer: Peer, now: float) -> None:
        """In its window, tell a device the key that it is to take."""
        offer = peer.device.offer
        if offer is not None and peer.keying.wants(now):
            peer.keying.asked = True
            peer.urgent.append(key_job(offer.scbk))
            self._advance(peer)

    def _keyed(self, peer: Peer) -> None:
        told = peer.keying.take(time.monotonic())
        self._tell(peer, Signal.KEYED, {"fingerprint": told})

    def _try_keys(self) -> None:
        """In a window, see that the device is asked again and with the right key."""
        now = time.monotonic()
        moved = []
        for peer in self._peers:
            refused = peer.fallen in REFUSED
            if peer.keying.moves(now, alive=peer.alive, refused=refused):
                moved.append(peer)
            elif peer.keying.stuck(now, alive=peer.alive):
                peer.fallen = self._lost(peer)
        if not moved:
            return
        for peer in self._peers:
            if peer.online:
                self._offline(peer, Fall.ANEW)  # until its session stands again nobody hears it
            else:
                self._drop_jobs(peer)
            peer.alive = peer.disabling = False
            peer.fallen = None
            self._channel.forget(peer.device.address)
        self._make_panel()

    # Commands

    def _ask(self, peer: Peer, job: Job) -> None:
        if job.orders[0]["type"] not in peer.unanswerable:
            peer.waiting.append(job)

    def _advance(self, peer: Peer) -> None:
        """Give libosdp the next order; INVARIANT: it never holds more than one for a device."""
        while peer.flight is None and (peer.urgent or peer.waiting):
            job = peer.urgent.popleft() if peer.urgent else peer.waiting.popleft()
            peer.flight = job
            peer.frames_before = self._channel.frames(peer.device.address)
            if not self._panel.submit_command(peer.index, job.orders[0]):
                peer.flight = None
                self._fail(peer, job, "not_sent")

    def _recall(self, peer: Peer) -> None:
        """Take a question that has not gone out back from libosdp, to ask it later."""
        job = peer.flight
        if (
            job is not None
            and job.is_question
            and self._channel.frames(peer.device.address) == peer.frames_before
        ):
            peer.flight = None
            self._panel.flush_commands(peer.index)
            peer.waiting.appendleft(job)

    def _completed(self, index: int, order: dict[str, Any], status: int) -> None:
        """libosdp is done with an order; it calls this inside ``refresh``."""
        peer = self._peers[index]
        job = peer.flight
        if job is None or order.get("command") != job.orders[0]["command"]:
            return  # it was recalled, or the port was lost meanwhile and the failure has been told
        peer.flight = None
        if status != CompletionStatus.Ok:
            self._fail(peer, job, self._outcome(peer, job))
            return
        job.orders.pop(0)
        if job.orders:
            peer.waiting.appendleft(job)
        elif job.gives_key:
            self._keyed(peer)
        elif job.verb is not None:
            self._tell(peer, Signal.DELIVERED, command_id=job.command_id)
            if job.output_tenths:
                peer.ask_outputs_at = time.monotonic() + job.output_tenths / 10 + SETTLE

    def _outcome(self, peer: Peer, job: Job) -> str:
        order = job.orders[0]
        if self._channel.refused(peer.device.address):
            if "type" in order:
                peer.unanswerable.add(order["type"])
            return "refused"
        sent = self._channel.sent(peer.device.address, CODES.get(order["command"], 0))
        return "unanswered" if sent else "not_sent"

    def _drop_jobs(self, peer: Peer) -> None:
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

    def _fail(self, peer: Peer, job: Job, reason: str) -> None:
        if job.gives_key:
            peer.keying.asked = False
        if job.verb is not None:
            self._tell_failed(peer, job.command_id, reason)

    # Telling

    def _heard(self, index: int, event: dict[str, Any]) -> int:
        """libosdp heard something; it calls this inside ``refresh``."""
        peer = self._peers[index]
        if event.get("event") == Event.Notification:
            lost = event.get("type") == EventNotification.PeripheralDeviceStatus
            if lost and not event.get("arg0") and not peer.disabling:
                peer.fallen = self._channel.why(peer.device.address, peer.keying.for_library()[0])
        elif peer.alive or peer.keying.key is not Key.GIVEN:
            for signal, data in peer.reports.of(event):
                self._tell(peer, signal, data)
        # libosdp 3.2.9 never releases the dictionary; what is in it can be.
        event.clear()
        return 0

    def _tell_failed(self, peer: Peer, command_id: str, reason: str, detail: str = "") -> None:
        data = {"reason": reason} | ({"detail": detail} if detail else {})
        self._tell(peer, Signal.FAILED, data, command_id)

    def _tell(
        self,
        peer: Peer,
        signal: Signal,
        data: Mapping[str, Any] | None = None,
        command_id: str | None = None,
    ) -> None:
        self._events.append(
            DeviceEvent(peer.device.code, signal, time.monotonic(), data or {}, command_id)
        )


def build(bus: BusConfig, _keys: KeyStore) -> Driver:
    """The driver of a bus's record; raises ValueError, TypeError for a pattern that is none."""
    devices = tuple(map(OsdpDevice.of, bus.devices))
    shown = {outcome: Feedback(**pattern) for outcome, pattern in bus.feedback.items()}
    return OsdpBus(OsdpBusConfig(bus.port, devices, bus.baud, {**FEEDBACK, **shown}))
