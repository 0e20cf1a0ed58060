"""A portal: who stands at its readers, what was decided, and whether the door is told to open."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from hardware.decider import Direction, DoorRead, DoorVerdict, Outcome, ZoneView
from hardware.drivers.base import DeviceCommand, DeviceEvent, Signal, Verb
from hardware.gateway import reads
from hardware.gateway.config import PortalConfig
from hardware.gateway.doorway import Doorway
from hardware.gateway.edge_journal import Draft, EdgeError
from hardware.gateway.interlocks import Interlock
from hardware.gateway.pairs import AWAITS_SECOND, FirstOfTwo, Party
from hardware.gateway.pins import PinEntry
from hardware.gateway.sight import Before
from hardware.gateway.site import Site
from hardware.gateway.zones import Zone

AWAITS_PIN = "pin"


class Portal:
    """One door. Every method holds the zone's lock: a zone has one decision at a time, and so has
    the door's interlock, whose lock is taken second.

    INVARIANT: a strike is pulsed for somebody outside only after a granted read and its command
    are durable in the edge journal, and once for each.
    INVARIANT: whoever shows a badge inside is let out, whatever was decided or could be recorded.
    """

    def __init__(
        self,
        config: PortalConfig,
        zone: Zone,
        site: Site,
        interlock: Interlock | None = None,
        before: Before | None = None,
    ) -> None:
        self.zone = zone
        self.doorway = Doorway(config, zone, site, before)
        self._site = site
        self._pins: dict[str, PinEntry] = {}
        self._first: FirstOfTwo | None = None
        self._interlock = interlock or Interlock()
        self._interlock.join(config.code, self.doorway)

    @property
    def config(self) -> PortalConfig:
        """What is installed at this door."""
        return self.doorway.config

    def configure(self, config: PortalConfig, interlock: Interlock | None = None) -> None:
        """Take other settings; what is under way goes on under them."""
        with self.zone.lock:
            self.doorway.configure(config)
            self._interlock.part(config.code)
            self._interlock = interlock or Interlock()
            self._interlock.join(config.code, self.doorway)

    def close(self) -> None:
        """The door belongs to this installation no more."""
        with self.zone.lock:
            self._interlock.part(self.config.code)
            self.doorway.close()

    def card(self, reader: str, number: bytes) -> None:
        """A badge is read. The number itself is forgotten here; its SHA-256 goes on."""
        direction = self.config.readers.get(reader)
        if direction is None:
            return
        with self._deciding():
            self._give_up_pin(reader)
            credential = hashlib.sha256(number).hexdigest()
            read = reads.card_read(self._site, self.config.code, direction, credential)
            verdict = reads.decide_card(self._site, read, self._view(self._standing()), number)
            if direction is Direction.OUT:
                self._let_out(reader, read, reads.leave_granted(self._site, verdict))
            else:
                self._answer(reader, read, verdict)

    def keys(self, reader: str, digits: str) -> None:
        """Keys are typed at a reader; without a badge that waits for its PIN they mean nothing."""
        with self._deciding():
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
                view = self._view(self._standing())
                verdict = reads.decide_with_pin(self._site, read, view)
                self._answer(reader, read, verdict, continues=first.read_id)

    def unlock(self, command_id: str, person_id: str, actor: str, deadline: float) -> str | None:
        """A signed command names who enters; gives why not, or None if the door was told to open.

        ``deadline`` is monotonic. The outcome follows as ``command.done`` or ``command.failed``.
        """
        with self._deciding():
            read = DoorRead(
                self._site.identify(),
                self.config.code,
                Direction.IN,
                person_id=person_id,
                commanded_by=actor,
            )
            verdict = reads.decide(self._site, read, self._view(self._standing()))
            verdict = self._answer(
                None, read, verdict, order=(command_id, deadline), command_id=command_id
            )
            if verdict.outcome is Outcome.GRANTED:
                return None
            codes = ",".join(str(item.get("code", "")) for item in verdict.objections)
            codes = codes or verdict.awaits or ""
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
            first = self._standing()
            if first is not None and now > first.until:
                self._give_up_first()
            self.doorway.tick()

    def overlooked(self, since: float) -> None:
        """Nobody listened to the door from this monotonic time on until now."""
        with self.zone.lock:
            self.doorway.overlooked(since)

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
                online, reason = event.signal is Signal.ONLINE, str(data.get("reason", ""))
                self.doorway.reachable(device, online=online, reason=reason)

    def _answer(
        self,
        reader: str | None,
        read: DoorRead,
        verdict: DoorVerdict,
        order: tuple[str, float] | None = None,
        **more: Any,
    ) -> DoorVerdict:
        """Act on a verdict; gives the one that was acted on: a grant may fail here, never rise."""
        beside: tuple[Party, ...] = ()
        if verdict.outcome is Outcome.GRANTED and self.config.strike(reader) is None:
            verdict = reads.against(self._site, verdict, reads.NO_STRIKE)
        if verdict.outcome is Outcome.GRANTED:
            verdict, beside = self._with_first(read, verdict)
        if verdict.outcome is Outcome.GRANTED:
            passage = self.doorway.passage(reader, read, verdict, order, beside)
            command, kept = self.doorway.intent(passage)
            try:
                self._site.recorder.intent(
                    [
                        *(self._draft(party) for party in beside),
                        reads.read_draft(self._site, read, verdict, reader, **more),
                        command,
                    ],
                    kept,
                )
            except EdgeError:
                verdict = reads.against(self._site, verdict, reads.NO_JOURNAL)
                for party in beside:
                    self._refuse(party, reads.NO_JOURNAL)
            else:
                self.doorway.pulse(passage)
                self._show(reader, verdict)
                return verdict
        if verdict.outcome is Outcome.PENDING and verdict.awaits == AWAITS_SECOND:
            self._await_second(reader, read, verdict)
        self._site.recorder.fact([reads.read_draft(self._site, read, verdict, reader, **more)])
        if verdict.outcome is Outcome.PENDING and verdict.awaits == AWAITS_PIN and reader:
            until = self._site.monotonic() + self._site.policy.pin_timeout_seconds
            self._pins[reader] = PinEntry(read, verdict, until, self._site.policy.pin_max_digits)
        self._show(reader, verdict)
        return verdict

    # Two together

    @contextmanager
    def _deciding(self) -> Iterator[None]:
        with self.zone.lock, self._interlock.lock:
            yield

    def _view(self, beside: FirstOfTwo | Party | None = None) -> ZoneView:
        """The zone as this portal sees it; ``beside`` is who stands here and would go in too."""
        waiting = {}
        if beside is not None and beside.person_id is not None:
            who = reads.occupant(self._site, beside.read, beside.verdict)
            waiting = {beside.person_id: who}
        return self.zone.view(waiting, self._interlock.against(self.config.code))

    def _standing(self) -> FirstOfTwo | None:
        """The first of two, unless he has shown his badge, or passed, elsewhere since."""
        first = self._first
        if first is not None and self.zone.awaiting.get(first.person_id) != self.config.code:
            self._give_up_first()
        return self._first

    def _await_second(self, reader: str | None, read: DoorRead, verdict: DoorVerdict) -> None:
        if reader is None or verdict.person_id is None:
            return  # a person's order waits for nobody
        if self._first is not None:
            self._give_up_first()
        until = self._site.monotonic() + self._site.policy.second_person_seconds
        self.zone.awaiting[verdict.person_id] = self.config.code
        self._first = FirstOfTwo(reader, read, verdict, verdict.person_id, until)

    def _with_first(
        self, read: DoorRead, verdict: DoorVerdict
    ) -> tuple[DoorVerdict, tuple[Party, ...]]:
        """Who was granted takes in whom only he was lacking; gives who goes in, decided anew.

        INVARIANT: both are decided now, each with the other beside him: what was true when the
        first came may have changed.
        """
        first = self._standing()
        if first is None or first.person_id == verdict.person_id:
            return verdict, ()
        again = replace(first.read, read_id=self._site.identify())
        theirs = reads.decide(self._site, again, self._view(Party(read, verdict)))
        if theirs.outcome is Outcome.PENDING and theirs.awaits == AWAITS_SECOND:
            return verdict, ()  # who was granted is no second person; the first waits on
        self._first = None
        party = Party(again, theirs, first.reader, first.read.read_id)
        if theirs.outcome is Outcome.GRANTED:
            reads.pin_was_right(self._site, again.credential or "")
            return verdict, (party,)
        self._site.recorder.fact([self._draft(party)])
        self._show(first.reader, theirs)
        return reads.decide(self._site, read, self._view()), ()

    def _give_up_first(self) -> None:
        first, self._first = self._first, None
        if first is not None:
            again = replace(first.read, read_id=self._site.identify())
            party = Party(again, first.verdict, first.reader, first.read.read_id)
            self._refuse(party, reads.NO_SECOND)

    def _refuse(self, party: Party, why: dict[str, str]) -> None:
        verdict = reads.against(self._site, party.verdict, why)
        self._site.recorder.fact([self._draft(replace(party, verdict=verdict))])
        self._show(party.reader, verdict)

    def _draft(self, party: Party) -> Draft:
        return reads.read_draft(
            self._site, party.read, party.verdict, party.reader, continues=party.continues
        )

    # Out, and what a reader shows

    def _let_out(self, reader: str, read: DoorRead, verdict: DoorVerdict) -> None:
        passage = self.doorway.passage(reader, read, verdict)
        drafts = [reads.read_draft(self._site, read, verdict, reader)]
        if passage.device:
            command, kept = self.doorway.intent(passage)
            # A fact, no intent: whoever leaves does not wait for a disk.
            self.doorway.record([*drafts, command], kept)
            self.doorway.pulse(passage)
        else:
            kept = self.doorway.expected(passage)
            self.doorway.record([*drafts, *self.doorway.let_pass(passage)], kept)
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
        # Whose badge it was is known, though nothing was typed.
        verdict = reads.against(self._site, entry.verdict, reads.PIN_TIMEOUT)
        draft = reads.read_draft(self._site, read, verdict, reader, continues=first.read_id)
        self._site.recorder.fact([draft])
        self._show(reader, verdict)
