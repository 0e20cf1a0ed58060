"""The decision at a door, as a gateway asks for it: the implementation of ``hardware.Decider``."""

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar

from access.rules.case import MAY_BE_ESCORTED, local_words_from
from access.rules.decision import NO_POLICY, Decision, decide
from access.rules.duress import pin_mark
from access.rules.facts import AreaFacts, Basis, BasisKind, Facts, PolicyFacts, Stage
from access.rules.objection import Objection
from access.rules.open_items import OpenItem, open_items_at_door
from access.rules.pin import pin_matches
from access.rules.remaining import concerns, is_withdrawn
from access.rules.snapshot import area_from, facts_for_door, person_of, policy_from
from access.rules.snapshot.door import (
    AreaReader,
    PinCheck,
    PolicyReader,
    escorts_of,
    facts_inside,
    zone_facts,
)
from access.rules.snapshot.entry import entry_from
from access.rules.snapshot.parts import Payload
from access.rules.wording import READER_TEXTS
from hardware.decider import (
    Direction,
    DoorRead,
    DoorVerdict,
    Occupant,
    Outcome,
    SnapshotView,
    ZoneConcern,
    ZoneView,
)

logger = logging.getLogger(__name__)
T = TypeVar("T")

_PREFERENCE = {Outcome.GRANTED: 0, Outcome.PENDING: 1, Outcome.REFUSED: 2}
_KINDS = list(BasisKind)


class AccessDecider:
    """Decides reads from a snapshot alone; safe to be shared by the threads of a gateway.

    INVARIANT: an error inside becomes a refusal to enter, and never holds anybody who leaves.
    """

    def __init__(self, pin_key: bytes) -> None:
        if not pin_key:
            raise ValueError("the PIN key is empty")
        self._pin_key = pin_key
        self._areas: dict[str, tuple[Payload, AreaFacts]] = {}
        self._policy: dict[str, tuple[Payload, PolicyFacts]] = {}

    def door(
        self, read: DoorRead, snapshot: SnapshotView, zone: ZoneView, now: datetime
    ) -> DoorVerdict:
        """Decide one read; called again with the PIN where the first answer was PENDING."""
        if read.direction is Direction.OUT:
            return self._leave(read, snapshot, zone, now)
        try:
            return self._enter(read, snapshot, zone, now)
        except Exception as error:
            logger.exception("the decision on read %s failed", read.read_id)
            return _failed(error)

    def locked_down(self, portal: str, snapshot: SnapshotView) -> bool:
        """Whether the area behind a portal is locked down; True too where nobody knows."""
        record = snapshot.get("portal", portal)
        key = "" if record is None else str(record["area"])
        area = snapshot.get("area", key)
        return area is None or self._area(key, area).lockdown is not False

    def local_from(self, portal: str, moment: datetime, snapshot: SnapshotView) -> str:
        """A moment from which something holds, in the time of the area behind a portal."""
        record = snapshot.get("portal", portal)
        area = None if record is None else snapshot.get("area", str(record["area"]))
        return local_words_from(moment, "UTC" if area is None else str(area["time_zone"]))

    def watch(
        self, snapshot: SnapshotView, zone: ZoneView, now: datetime
    ) -> tuple[ZoneConcern, ...] | None:
        """What is wrong with who is inside; None: without its records nothing can be told."""
        facts, record = zone_facts(zone, snapshot), snapshot.get("zone", zone.zone)
        policy = snapshot.get("policy", "current")
        area = None if record is None else snapshot.get("area", record["area"])
        if facts is None or record is None or policy is None or area is None:
            return None
        place, values = self._area(record["area"], area), self._policy_of(policy)
        inside = facts_inside(facts, place, values, snapshot, now)
        return concerns(
            facts,
            area=place,
            withdrawn=[who for who, each in inside.items() if each is None or is_withdrawn(each)],
            escorts=escorts_of(facts, snapshot),
            policy=values,
            now=now,
        )

    def _enter(
        self, read: DoorRead, snapshot: SnapshotView, zone: ZoneView, now: datetime
    ) -> DoorVerdict:
        found = considered(
            read, snapshot, zone, now, self._pin_is_right, self._area, self._policy_of
        )
        facts, decision = found[0]
        basis = facts.basis
        return DoorVerdict(
            outcome=decision.outcome,
            policy_version=decision.policy_version,
            person_id=facts.person.person_id if facts.person else None,
            basis=basis.kind.value if basis else None,
            basis_id=basis.basis_id if basis else None,
            reader_text=decision.reader_text,
            objections=tuple(each.record() for each in decision.objections),
            obligations=decision.obligations,
            awaits=decision.awaits,
            badge=facts.credential.badge if facts.credential else None,
            escort=basis.escort if basis and basis.kind in MAY_BE_ESCORTED else None,
            facts={"considered": len(found), "met": list(decision.met), **self._mark(read, facts)},
        )

    def _leave(
        self, read: DoorRead, snapshot: SnapshotView, zone: ZoneView, now: datetime
    ) -> DoorVerdict:
        """INVARIANT: always GRANTED. What can be told of who leaves is; an error holds nobody."""
        person_id = badge = basis = None
        version, items = NO_POLICY, tuple[OpenItem, ...]()
        try:
            version = str((snapshot.get("policy", "current") or {}).get("version", NO_POLICY))
            credential, person_id = person_of(read, snapshot)
            badge = credential.badge if credential else None
            came_in = zone.inside.get(person_id or "")
            basis = _basis_inside(person_id, came_in, snapshot, now)
            items = open_items_at_door(
                person_id=person_id,
                counted_inside=person_id in zone.inside,
                past_end=basis is not None and now >= basis.window.end,
                interlock_shut=not zone.interlocked,
                left_behind=self._left_behind(person_id, snapshot, zone, now),
            )
        except Exception:
            logger.exception("read %s: nothing can be told about who leaves", read.read_id)
        return DoorVerdict(
            outcome=Outcome.GRANTED,
            policy_version=version,
            person_id=person_id,
            basis=basis.kind.value if basis else None,
            basis_id=basis.basis_id if basis else None,
            reader_text=READER_TEXTS[Outcome.GRANTED],
            obligations=tuple(item.code for item in items),
            badge=badge,
        )

    def _left_behind(
        self, person_id: str | None, snapshot: SnapshotView, zone: ZoneView, now: datetime
    ) -> list[str]:
        """The concerns that begin with this person's leaving."""
        if person_id is None or person_id not in zone.inside:
            return []
        others = {who: each for who, each in zone.inside.items() if who != person_id}
        try:
            after = self.watch(snapshot, replace(zone, inside=others, thinned=True), now) or ()
            known = {each.code for each in self.watch(snapshot, zone, now) or ()}
        except Exception:
            logger.exception("zone %s: nothing can be told about who remains", zone.zone)
            return []
        return [each.code for each in after if each.code not in known]

    def _pin_is_right(self, person_id: str, typed: str, stored: str | None) -> bool:
        return pin_matches(self._pin_key, person_id, typed, stored)

    def _mark(self, read: DoorRead, facts: Facts) -> dict[str, str]:
        """The mark of a read with a PIN, whichever it was: alike to all but the centre."""
        if read.pin is None:
            return {}
        return {"mark": pin_mark(self._pin_key, read.read_id, duress=facts.factors.duress)}

    def _area(self, key: str, payload: Payload) -> AreaFacts:
        return _kept(self._areas, key, payload, lambda: area_from(key, payload))

    def _policy_of(self, payload: Payload) -> PolicyFacts:
        return _kept(self._policy, "current", payload, lambda: policy_from(payload))


def considered(
    read: DoorRead,
    snapshot: SnapshotView,
    zone: ZoneView,
    now: datetime,
    pin_check: PinCheck,
    area_reader: AreaReader = area_from,
    policy_reader: PolicyReader = policy_from,
) -> list[tuple[Facts, Decision]]:
    """A read at the reader outside, decided on every basis; the one that speaks for it is first.

    Doors and the officer's what-if both ask here. Never empty; raises where a record is broken.
    """
    found = facts_for_door(read, snapshot, zone, now, pin_check, area_reader, policy_reader)
    decided = [(facts, decide(facts, Stage.DOOR)) for facts in found]
    return decided if len(decided) == 1 else sorted(decided, key=_relevance)


def undecided(error: Exception) -> Decision:
    """The answer where deciding itself failed. INVARIANT: an error denies."""
    objection = Objection("decider_error", {"error": type(error).__name__})
    return Decision(Outcome.REFUSED, Stage.DOOR, None, (objection,), (), (), (), NO_POLICY)


def _kept(
    store: dict[str, tuple[Payload, T]], key: str, payload: Payload, make: Callable[[], T]
) -> T:
    """What was made of this very record before; a snapshot replaces records and changes none."""
    kept = store.get(key)
    if kept is not None and kept[0] is payload:
        return kept[1]
    made = make()
    store[key] = (payload, made)
    return made


def _relevance(found: tuple[Facts, Decision]) -> tuple[Any, ...]:
    """Best answer first; among refusals the basis that most nearly lets the person in.

    That is one for this portal before others, one whose time is now before others, then the fewest
    objections, the kind of basis, and the identifier, so that the choice never hangs on chance.
    """
    facts, decision = found
    basis = facts.basis
    if basis is None:
        return (_PREFERENCE[decision.outcome], True, True, 0, 0, "")
    area = facts.area.area_id if facts.area else ""
    return (
        _PREFERENCE[decision.outcome],
        area not in basis.areas and area not in basis.path,
        not basis.window.contains(facts.now),
        len(decision.objections),
        _KINDS.index(basis.kind),
        basis.basis_id,
    )


def _basis_inside(
    person_id: str | None, came_in: Occupant | None, snapshot: SnapshotView, now: datetime
) -> Basis | None:
    """The basis on which the person who leaves came in; where nobody knows, the likeliest."""
    own = None if came_in is None else snapshot.get("entry", came_in.basis_id)
    if came_in is not None and own is not None:
        return entry_from(came_in.basis_id, own)
    payload = None if person_id is None else snapshot.get("person", person_id)
    if payload is None:
        return None
    records = [(key, snapshot.get("entry", key)) for key in payload["entries"]]
    found = [entry_from(key, record) for key, record in records if record is not None]
    begun = [basis for basis in found if basis.window.start <= now] or found
    return min(
        begun,
        key=lambda each: (
            not each.window.contains(now),
            _KINDS.index(each.kind),
            -each.window.start.timestamp(),
            each.basis_id,
        ),
        default=None,
    )


def _failed(error: Exception) -> DoorVerdict:
    decision = undecided(error)
    return DoorVerdict(
        outcome=decision.outcome,
        policy_version=decision.policy_version,
        person_id=None,
        basis=None,
        basis_id=None,
        reader_text=decision.reader_text,
        objections=tuple(each.record() for each in decision.objections),
    )
