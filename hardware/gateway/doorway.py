"""A doorway: the strike that is told to open and the leaf that then opens, or opens by itself.

Sent, acknowledged, opened and relocked are facts of their own, written down one by one.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from hardware.decider import Direction, DoorRead, DoorVerdict
from hardware.drivers.base import BUS_ANEW, DeviceCommand, Verb
from hardware.gateway import reads
from hardware.gateway.config import PortalConfig
from hardware.gateway.devices import STUCK
from hardware.gateway.edge_journal import Draft, StatePut
from hardware.gateway.held_open import held_open
from hardware.gateway.leaf import Leaf, cause_of
from hardware.gateway.pairs import Party
from hardware.gateway.passages import Passage
from hardware.gateway.sight import Before, Sight
from hardware.gateway.site import Site
from hardware.gateway.zones import Zone
from hardware.rules.door import NOT_SENT_REASONS, Contact, Pulse, PulseAction
from hardware.rules.sight import Doubt

# By the gateway itself, which knows from when on it did not listen.
BEGUN_ANEW = frozenset({"clock_jumped", "driver_error", "no_driver", BUS_ANEW})
COMMAND = "command"  # the kind of state that remembers a command whose outcome is not known yet


class Doorway:
    """The wires of one portal. The caller holds the zone's lock.

    INVARIANT: a command goes to the wire once, whatever is heard of it or not.
    """

    def __init__(
        self, config: PortalConfig, zone: Zone, site: Site, before: Before | None = None
    ) -> None:
        self.config = config
        self.zone = zone
        self.leaf = Leaf()
        self._site = site
        self._passages: list[Passage] = []
        self._unexplained: tuple[float, datetime, Sequence[Passage]] | None = None
        self._sight = Sight(config.code, zone, site, before)

    def configure(self, config: PortalConfig) -> None:
        """Take other settings. Another contact has said nothing yet, and what the old one said is
        what was known when the door went out of sight."""
        if config.contact != self.config.contact:
            now = self._site.monotonic()
            self._sight.lose(now, under_way=self._moving(now))
            self._unexplained, self.leaf = None, Leaf()
        self.config = config

    # Telling the strike

    def passage(
        self,
        reader: str | None,
        read: DoorRead,
        verdict: DoorVerdict,
        order: tuple[str, float] | None = None,
        beside: tuple[Party, ...] = (),
    ) -> Passage:
        """Prepare a passage; ``order`` is a signed command's id and its monotonic deadline.

        ``beside`` are those who pass together with the one who was read.
        """
        strike = self.config.strike(reader)
        answer_by = self._site.monotonic() + self._site.policy.strike_ack_tenths / 10
        if order is not None:
            answer_by = min(answer_by, order[1])
        relock_at = answer_by + self.config.pulse_tenths / 10
        return Passage(
            command_id=order[0] if order else self._site.identify(),
            read=read,
            direction=read.direction,
            verdict=verdict,
            device=strike[0] if strike else "",
            output=strike[1] if strike else 0,
            answer_by=answer_by,
            window=relock_at + self._grace,
            relock_at=relock_at,
            ordered=order is not None,
            beside=beside,
        )

    def intent(self, passage: Passage) -> tuple[Draft, list[StatePut]]:
        """What must be written before the pulse: the entry, and that its outcome is not known."""
        body = self._of(passage, verb="pulse", deadline=self._deadline(passage.answer_by))
        known = self._of(passage, verb="unlock" if passage.ordered else "pulse")
        kept = [StatePut(COMMAND, passage.command_id, known), self._under_way(passage)]
        return Draft("door.command", body), kept

    def pulse(self, passage: Passage) -> None:
        """Tell the strike; the intent has been written."""
        self._begin(passage)
        args = {"output": passage.output, "tenths": self.config.pulse_tenths}
        self._site.send(
            DeviceCommand(passage.device, Verb.PULSE, args, passage.command_id), passage.answer_by
        )

    def let_pass(self, passage: Passage) -> list[Draft]:
        """A door that no wire opens: expect the opening, or take it as done where none is heard."""
        passage.hear(PulseAction.FALL_SILENT)
        self._begin(passage)
        return [] if self._will_tell else self._passed(passage)

    def expected(self, passage: Passage) -> list[StatePut]:
        """What must be kept of a passage that no wire opens."""
        return [self._under_way(passage)]

    # What wires say

    def delivered(self, command_id: str) -> None:
        """The strike's device acknowledged a pulse."""
        passage = self._find(command_id)
        if passage is None:
            self._site.standing.heard(command_id, reason=None)
        if passage is None or not passage.can(PulseAction.ACKNOWLEDGE):
            return
        passage.hear(PulseAction.ACKNOWLEDGE)
        passage.relock_at = self._site.monotonic() + self.config.pulse_tenths / 10
        passage.window = passage.relock_at + self._grace
        drafts = [Draft("door.acknowledged", self._of(passage))]
        if passage.ordered:
            drafts.append(Draft("command.done", self._of(passage, verb="unlock")))
        if not self._will_tell or self.leaf.stands_open:
            drafts += self._passed(passage)
        self.record(drafts, [StatePut(COMMAND, command_id, None)])

    def failed(self, command_id: str, reason: str) -> None:
        """A pulse did not go out, or nobody knows."""
        passage = self._find(command_id)
        if passage is None:
            self._site.standing.heard(command_id, reason=reason)
        certain = reason in NOT_SENT_REASONS
        action = PulseAction.DROP if certain else PulseAction.FALL_SILENT
        if passage is None or not passage.can(action):
            return
        passage.hear(action)
        if certain and passage.direction is Direction.IN:
            self.zone.release(passage.command_id)
        body = self._of(passage, verb="unlock" if passage.ordered else "pulse", reason=reason)
        self.record([Draft("command.failed", body)], [StatePut(COMMAND, command_id, None)])

    def input(self, device: str, number: int, *, active: bool) -> None:
        """An input changed; those that are not this door's mean nothing to it."""
        if (device, number) == self.config.contact:
            meant = self.leaf.stirs(opened=active, now=self._site.monotonic(), bounce=self._bounce)
            if active:
                self._contact_opened()
            else:
                if meant:
                    self._judge()
                self._shut()
        elif (device, number) == self.config.rex:
            self._exit_asked(active=active)

    def output(self, device: str, number: int, *, active: bool) -> None:
        """An output changed; its end is the proof that the strike has locked again."""
        if not active:
            if (device, number) == self.config.strike(None):
                self.leaf.relocked()
            for passage in self._passages:
                if (passage.device, passage.output) == (device, number):
                    self._relocked(passage, confirmed=True)

    def reachable(self, device: str, *, online: bool, reason: str = "") -> None:
        """A device came or went; while it is away an opening goes unheard.

        After ONLINE a driver tells every input anew; what was known holds until then.
        """
        if self.config.contact is not None and device == self.config.contact[0]:
            if self.leaf.heard and not online:
                now = self._site.monotonic()
                self._sight.lose(now - self._silent_before(reason), under_way=self._moving(now))
            self.leaf.heard = online
            self.look()
        if self.config.rex is not None and device == self.config.rex[0] and not online:
            self._exit_asked(active=False)  # whoever pressed it is through, or will press again

    def tick(self) -> None:
        """Let time pass: answers not given, pulses ended, a door held open."""
        now = self._site.monotonic()
        self.look()
        for passage in list(self._passages):
            if passage.pulse is Pulse.WRITTEN and now > passage.answer_by + self._grace:
                self.failed(passage.command_id, "no_answer")
            if passage.pulse is Pulse.ACKNOWLEDGED and now > passage.relock_at + self._grace:
                self._relocked(passage, confirmed=False)
        for passage in [p for p in self._passages if now > p.window]:
            self._passages.remove(passage)
            self.zone.release(passage.command_id)
        self._settle(now)
        self.record(held_open(self.leaf, self.config, self._site))

    def close(self) -> None:
        """The door is taken out of the installation; nobody is on the way through it any more."""
        for passage in self._passages:
            self.zone.release(passage.command_id)
        self._passages.clear()

    @property
    def standing(self) -> str:
        """The door as the others of its interlock see it, from threads that hold another lock."""
        now = self._site.monotonic()
        if not self._will_tell:
            return "unknown"
        if self.leaf.stands_open or self._unexplained is not None:
            return "open"
        return "passage" if any(p.under_way(now) for p in list(self._passages)) else "shut"

    def look(self) -> None:
        """See whether openings are heard, and what to make of the time when they were not."""
        self.record([])
        self._sight.look(
            tells=self._will_tell,
            wired=self.config.contact is not None,
            shut=self._is_shut,
            moving=self._moving(self._site.monotonic()),
        )

    def overlooked(self, since: float) -> None:
        """Nobody listened from this monotonic time on until now."""
        self._sight.lose(since, under_way=self._moving(since))
        self.look()

    def record(self, drafts: Sequence[Draft], puts: Sequence[StatePut] = ()) -> None:
        """Write facts, and the zone with them where it changed, and how the leaf stands."""
        leaf = self._sight.changed(shut=self._is_shut) if self._will_tell else []
        kept = [*puts, *leaf, *self.zone.changed()]
        if drafts or kept:
            self._site.recorder.fact(drafts, kept)

    # Inside

    @property
    def _shunted(self) -> bool:
        """Whether two people ordered that an opening here is no alarm for a while."""
        return self._site.standing.shunted(self.config.code)

    @property
    def _bounce(self) -> float:
        return self._site.policy.contact_bounce_ms / 1000

    @property
    def _is_shut(self) -> bool:
        return self.leaf.contact is Contact.SHUT and self._unexplained is None

    def _moving(self, now: float) -> bool:
        return any(passage.under_way(now) for passage in self._passages)

    def _under_way(self, passage: Passage) -> StatePut:
        """How long somebody may be on the way, a late answer of the strike included."""
        windows = [each.window for each in (*self._passages, passage)]
        return self._sight.on_the_way(max(windows) + self._grace)

    def _silent_before(self, reason: str) -> float:
        """For how many seconds a device that is called gone may have been silent before."""
        if reason == STUCK:
            return self._site.policy.bus_stuck_seconds
        return 0.0 if reason in BEGUN_ANEW else self._site.policy.device_silence_seconds

    @property
    def _grace(self) -> float:
        return self._site.policy.contact_grace_tenths / 10

    @property
    def _will_tell(self) -> bool:
        """Whether an opening would be heard: there is a contact, and it answers."""
        return self.config.contact is not None and self.leaf.tells

    def _contact_opened(self) -> None:
        """Judge an opening at once, or wait a moment for the handle that may explain it.

        A device reports its inputs in the order of their numbers, not of what happened.
        """
        now, at = self._site.monotonic(), self._site.clock()
        live = [p for p in self._passages if p.explains_opening(now)]
        known = self.leaf.contact is Contact.SHUT and not self._shunted
        fresh = any(not passage.opened for passage in live)
        if known and self.leaf.passed and not (fresh or self.leaf.asked_anew(now)):
            self._rebound(now, at)
        elif known and not (fresh or self.leaf.exit_asked(now)):
            self._unexplained = self._unexplained or (now, at, live)
            self.record([])
        else:
            self.leaf.passed = True
            self._opened(now, at, live)

    def _rebound(self, now: float, at: datetime) -> None:
        """The contact bounced while somebody opened: it is the same opening still."""
        if self.leaf.opens(lawful=True, now=now):
            body = {"portal": self.config.code, "read_id": None, "command_id": None}
            self.record([Draft("door.opened", {**body, "cause": "bounce"}, at)])

    def _shut(self) -> None:
        # Open as the run before this one ended, shut as this one first hears: nobody was told.
        left_open = self.leaf.contact is Contact.UNKNOWN and self._sight.was_open
        if self.leaf.shuts() or left_open:
            self.record([Draft("door.closed", {"portal": self.config.code})])

    def _settle(self, now: float) -> None:
        """Judge an opening that nothing has explained in time; one that did not last was none."""
        if self._unexplained is None:
            return
        meant = self.leaf.lasts(now=now, bounce=self._bounce)
        if meant and self.leaf.says_shut:
            self._unexplained = None
            self.record([])
            return
        began, _at, live = self._unexplained
        late = now - began > self._site.policy.rex_late_tenths / 10
        if late or (live and meant):
            self._judge()
            if self.leaf.says_shut:
                self._shut()

    def _judge(self) -> None:
        """An opening that nothing explained yet: the handle was pressed since, or it was forced."""
        if self._unexplained is not None:
            (now, at, live), self._unexplained = self._unexplained, None
            self._opened(now, at, live)

    def _opened(self, now: float, at: datetime, live: Sequence[Passage]) -> None:
        asked = self.leaf.exit_asked(now)
        first = self.leaf.contact is Contact.UNKNOWN
        shunted, caught = self._shunted, self.leaf.explained
        if not self.leaf.opens(lawful=bool(live) or asked or shunted or caught, now=now):
            return
        if self.leaf.contact is Contact.FORCED:
            doubted = self.zone.doubt(self.config.code, Doubt.FORCED)
            self.record([Draft("door.forced", {"portal": self.config.code}, at), *doubted])
            return
        doubted = []
        body: dict[str, Any] = {"portal": self.config.code, "read_id": None, "command_id": None}
        if live:
            # One that has opened already is told again only where nothing else explains this.
            fresh = [passage for passage in live if not passage.opened] or [live[-1]]
            last = fresh[-1]
            body |= {"read_id": last.read.read_id, "command_id": last.command_id}
            body["read_ids"] = [read for passage in fresh for read in passage.reads]
            body["cause"] = "exit" if last.direction is Direction.OUT else "grant"
            if all(passage.opened for passage in live):
                doubted = self.zone.doubt(self.config.code, Doubt.BEHIND)  # the bolt was still back
        else:
            body["cause"] = cause_of(asked=asked, shunted=shunted, caught=caught)
            if shunted or (caught and not asked) or (not first and self.zone.inside):
                doubted = self.zone.doubt(self.config.code, Doubt.UNREAD)
        drafts = [Draft("door.opened", body, at), *doubted]
        through: set[tuple[str, Direction]] = set()
        for passage in live:
            drafts += self._passed(passage, through)
        self.record(drafts)

    def _exit_asked(self, *, active: bool) -> None:
        now = self._site.monotonic()
        window = self._site.policy.rex_window_tenths / 10
        self.leaf.rex(active=active, now=now, window=window)
        if active:
            self._judge()
        strike = self.config.strike(None)
        if not active or not self.config.rex_unlocks or strike is None:
            return
        until = now + self._site.policy.strike_ack_tenths / 10
        command_id = self._site.identify()
        body = {
            "command_id": command_id,
            "read_id": None,
            "portal": self.config.code,
            "verb": "pulse",
            "deadline": self._deadline(until),
            "cause": "rex",
        }
        self.record([Draft("door.command", body)])
        args = {"output": strike[1], "tenths": self.config.pulse_tenths}
        self._site.send(DeviceCommand(strike[0], Verb.PULSE, args, command_id), until)
        self.leaf.freed(until + self.config.pulse_tenths / 10 + self._grace)

    def _begin(self, passage: Passage) -> None:
        self._passages.append(passage)
        people = {
            party.person_id: reads.occupant(self._site, party.read, party.verdict)
            for party in passage.parties
            if party.person_id is not None
        }
        self.zone.reserve(passage.command_id, passage.direction, people)

    def _passed(
        self, passage: Passage, through: set[tuple[str, Direction]] | None = None
    ) -> list[Draft]:
        """Presence follows from an opening; who is not known leaves a doubt. Once for each.

        ``through`` are those whom the same opening has let through on another read of theirs.
        """
        if passage.opened:
            return []
        passage.opened = True
        self.zone.release(passage.command_id)
        through = through if through is not None else set()
        drafts = []
        for party in passage.parties:
            if party.person_id is None:
                drafts += self.zone.doubt(self.config.code, Doubt.NAMELESS)
            elif (party.person_id, passage.direction) not in through:
                through.add((party.person_id, passage.direction))
                drafts.append(self._moved(passage.direction, party.person_id, party))
        return drafts

    def _moved(self, direction: Direction, person: str, party: Party) -> Draft:
        body = {
            "portal": self.config.code,
            "read_id": party.read.read_id,
            "basis": party.verdict.basis,
            "basis_id": party.verdict.basis_id,
        }
        if direction is Direction.OUT:
            return self.zone.left(person, self._site.clock(), body)
        who = reads.occupant(self._site, party.read, party.verdict)
        return self.zone.entered(person, who, {**body, "escort": who.escort})

    def _relocked(self, passage: Passage, *, confirmed: bool) -> None:
        """``confirmed``: the device said so; else its timer must have run out by now."""
        if passage.pulse is Pulse.ACKNOWLEDGED:
            passage.hear(PulseAction.RELOCK)
            now = self._site.monotonic()
            passage.window = min(passage.window, now + self._grace)
            over = max((p.window for p in self._passages if p.under_way(now)), default=now)
            draft = Draft("door.relocked", self._of(passage, confirmed=confirmed))
            self.record([draft], [self._sight.on_the_way(over)])

    def _find(self, command_id: str) -> Passage | None:
        return next((p for p in self._passages if p.command_id == command_id), None)

    def _deadline(self, until: float) -> str:
        left = timedelta(seconds=until - self._site.monotonic())
        return (self._site.clock() + left).isoformat()

    def _of(self, passage: Passage, **more: Any) -> dict[str, Any]:
        return {
            "command_id": passage.command_id,
            "read_id": passage.read.read_id,
            **({"read_ids": passage.reads} if passage.beside else {}),
            "portal": self.config.code,
            **more,
        }
