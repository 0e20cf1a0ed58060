"""A portal: who stands at its readers, what was decided, and whether the door is told to open."""

import hashlib
from collections.abc import Sequence
from typing import Any

from hardware.decider import Direction, DoorRead, DoorVerdict, Outcome
from hardware.drivers.base import DeviceCommand, DeviceEvent, Signal, Verb
from hardware.gateway import reads
from hardware.gateway.config import PortalConfig
from hardware.gateway.doorway import Doorway
from hardware.gateway.edge_journal import EdgeError, StatePut
from hardware.gateway.pins import PinEntry
from hardware.gateway.site import Site
from hardware.gateway.zones import Zone

AWAITS_PIN = "pin"


class Portal:
    """One door. Every method holds the zone's lock: a zone has one decision at a time.

    INVARIANT: a strike is pulsed for somebody outside only after a granted read and its command
    are durable in the edge journal, and once for each.
    INVARIANT: whoever shows a badge inside is let out, whatever was decided or could be recorded.
    """

    def __init__(self, config: PortalConfig, zone: Zone, site: Site) -> None:
        self.zone = zone
        self.doorway = Doorway(config, zone, site)
        self._site = site
        self._pins: dict[str, PinEntry] = {}

    @property
    def config(self) -> PortalConfig:
        """What is installed at this door."""
        return self.doorway.config

    def configure(self, config: PortalConfig) -> None:
        """Take other settings; what is under way goes on under them."""
        with self.zone.lock:
            self.doorway.config = config

    def card(self, reader: str, number: bytes) -> None:
        """A badge is read. The number itself is forgotten here; its SHA-256 goes on."""
        direction = self.config.readers.get(reader)
        if direction is None:
            return
        with self.zone.lock:
            self._give_up_pin(reader)
            credential = hashlib.sha256(number).hexdigest()
            read = reads.card_read(self._site, self.config.code, direction, credential)
            verdict = reads.decide_card(self._site, read, self.zone, number)
            if direction is Direction.OUT:
                self._let_out(reader, read, reads.leave_granted(verdict))
            else:
                self._answer(reader, read, verdict)

    def keys(self, reader: str, digits: str) -> None:
        """Keys are typed at a reader; without a badge that waits for its PIN they mean nothing."""
        with self.zone.lock:
            while digits and reader in self._pins:
                entry = self._pins[reader]
                pin, digits = entry.type(digits)
                if pin is None:
                    return
                del self._pins[reader]
                first = entry.read
                read = DoorRead(
                    self._site.identify(), first.portal, first.direction, first.credential, pin
                )
                verdict, puts = reads.decide_with_pin(self._site, read, self.zone)
                self._answer(reader, read, verdict, puts, continues=first.read_id)

    def unlock(self, command_id: str, person_id: str, actor: str, deadline: float) -> str | None:
        """A signed command names who enters; gives why not, or None if the door was told to open.

        ``deadline`` is monotonic. The outcome follows as ``command.done`` or ``command.failed``.
        """
        with self.zone.lock:
            read = DoorRead(
                self._site.identify(),
                self.config.code,
                Direction.IN,
                person_id=person_id,
                commanded_by=actor,
            )
            verdict = reads.decide(self._site, read, self.zone)
            verdict = self._answer(
                None, read, verdict, order=(command_id, deadline), command_id=command_id
            )
            if verdict.outcome is Outcome.GRANTED:
                return None
            codes = ",".join(str(item.get("code", "")) for item in verdict.objections)
            return f"{verdict.outcome}:{codes}" if codes else str(verdict.outcome)

    def heard(self, event: DeviceEvent) -> None:
        """One of the door's devices reports."""
        data, device = event.data, event.device
        if event.signal is Signal.CARD:
            self.card(device, data["number"])
        elif event.signal is Signal.KEYPAD:
            self.keys(device, data["digits"])
        else:
            with self.zone.lock:
                self._wire_heard(event)

    def tick(self) -> None:
        """Let time pass."""
        with self.zone.lock:
            now = self._site.monotonic()
            for reader in [r for r, entry in self._pins.items() if now > entry.until]:
                self._give_up_pin(reader)
            self.doorway.tick()

    def _wire_heard(self, event: DeviceEvent) -> None:
        data, device = event.data, event.device
        match event.signal:
            case Signal.DELIVERED:
                self.doorway.delivered(event.command_id or "")
            case Signal.FAILED:
                self.doorway.failed(event.command_id or "", str(data.get("reason", "")))
            case Signal.INPUT:
                self.doorway.input(device, data["number"], active=data["active"])
            case Signal.OUTPUT:
                self.doorway.output(device, data["number"], active=data["active"])
            case Signal.ONLINE | Signal.OFFLINE:
                self.doorway.reachable(device, online=event.signal is Signal.ONLINE)

    def _answer(
        self,
        reader: str | None,
        read: DoorRead,
        verdict: DoorVerdict,
        puts: Sequence[StatePut] = (),
        order: tuple[str, float] | None = None,
        **more: Any,
    ) -> DoorVerdict:
        """Act on a verdict; gives the one that was acted on: a grant may fail here, never rise."""
        if verdict.outcome is Outcome.GRANTED and self.config.strike(reader) is None:
            verdict = reads.against(self._site, verdict, reads.NO_STRIKE)
        if verdict.outcome is Outcome.GRANTED:
            passage = self.doorway.passage(reader, read, verdict, order)
            command, unknown = self.doorway.intent(passage)
            try:
                self._site.recorder.intent(
                    [reads.read_draft(self._site, read, verdict, reader, **more), command],
                    [*puts, unknown],
                )
            except EdgeError:
                verdict = reads.against(self._site, verdict, reads.NO_JOURNAL)
            else:
                self.doorway.pulse(passage)
                self._show(reader, verdict)
                return verdict
        self._site.recorder.fact(
            [reads.read_draft(self._site, read, verdict, reader, **more)], puts
        )
        if verdict.outcome is Outcome.PENDING and verdict.awaits == AWAITS_PIN and reader:
            until = self._site.monotonic() + self._site.policy.pin_timeout_seconds
            self._pins[reader] = PinEntry(read, until, self._site.policy.pin_max_digits)
        self._show(reader, verdict)
        return verdict

    def _let_out(self, reader: str, read: DoorRead, verdict: DoorVerdict) -> None:
        passage = self.doorway.passage(reader, read, verdict)
        drafts = [reads.read_draft(self._site, read, verdict, reader)]
        if passage.device:
            command, unknown = self.doorway.intent(passage)
            # A fact, no intent: whoever leaves does not wait for a disk.
            self.doorway.record([*drafts, command], [unknown])
            self.doorway.pulse(passage)
        else:
            self.doorway.record([*drafts, *self.doorway.let_pass(passage)])
        self._show(reader, verdict)

    def _show(self, reader: str | None, verdict: DoorVerdict) -> None:
        if reader is not None:
            shown = {"outcome": verdict.outcome.value, "text": verdict.reader_text}
            until = self._site.monotonic() + self._site.policy.strike_ack_tenths / 10
            self._site.send(DeviceCommand(reader, Verb.FEEDBACK, shown), until)

    def _give_up_pin(self, reader: str) -> None:
        entry = self._pins.pop(reader, None)
        if entry is None:
            return
        first = entry.read
        read = DoorRead(self._site.identify(), first.portal, first.direction, first.credential)
        verdict = reads.refusal(self._site, reads.PIN_TIMEOUT)
        draft = reads.read_draft(self._site, read, verdict, reader, continues=first.read_id)
        self._site.recorder.fact([draft])
        self._show(reader, verdict)
