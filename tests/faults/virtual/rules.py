"""A second opinion on who may enter, from the rule book (scif-domain §8), not from the code.

It knows only the plain things of ``place.py``. Where it and the decision of the product differ, one
of them is wrong.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from tests.faults.virtual.place import CLOSES, OPENS, Area, Badge, Permit, Person, Thing

EARLY = timedelta(minutes=10)
OLDEST = timedelta(seconds=900)
BEHIND = timedelta(seconds=5)
ROOM_RANK = 2
MOST_WRONG_PINS, LOCKED_OUT = 5, timedelta(seconds=300)


@dataclass(slots=True)
class Known:
    """What the centre has told a gateway, up to a version."""

    things: dict[tuple[str, str], Thing] = field(default_factory=dict)
    permits: dict[str, list[Permit]] = field(default_factory=dict)

    def learn(self, key: tuple[str, str], thing: Thing | None) -> None:
        """Take one record; None: it is gone."""
        before = self.things.pop(key, None)
        if isinstance(before, Permit):
            self.permits[before.person].remove(before)
        if thing is not None:
            self.things[key] = thing
        if isinstance(thing, Permit):
            self.permits.setdefault(thing.person, []).append(thing)


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked at a door, and what the door knew. ``ordered``: a guard named the person.

    ``coming``: who was let in and is not through yet, each with the door that was opened for him.
    """

    credential: str | None
    ordered: str | None
    pin: str | None
    door: str
    area: str
    inside: Collection[str]
    coming: Mapping[str, str]
    certain: bool
    now: datetime
    heard_at: datetime | None


def opinion(known: Known, asked: Asked) -> str:
    """``granted``, ``pending`` (a PIN is missing) or ``refused``."""
    badge = known.things.get(("credential", asked.credential or ""))
    if asked.credential is not None:
        if not isinstance(badge, Badge) or badge.state != "issued":
            return "refused"
        who, visit = badge.person, badge.visit
    else:
        who, visit = asked.ordered or "", None
    person, area = known.things.get(("person", who)), known.things.get(("area", asked.area))
    if not isinstance(person, Person) or not isinstance(area, Area):
        return "refused"
    if asked.pin is not None and asked.pin != person.pin:
        return "refused"
    for permit in known.permits.get(who, ()):
        serves = asked.ordered or (visit == permit.id if permit.kind == "visit" else visit is None)
        if serves and _permits(permit, person, area, asked):
            return "pending" if asked.pin is None and not asked.ordered else "granted"
    return "refused"


def _permits(permit: Permit, person: Person, area: Area, asked: Asked) -> bool:
    duty = permit.kind == "duty"
    return (
        permit.area == area.id
        and _in_time(permit, asked.now)
        and _room_usable(area, permit)
        and person.rank >= ROOM_RANK
        and not person.suspended
        and person.read_in
        and _trusts_its_clock_and_news(area, asked)
        and person.id not in asked.inside
        and asked.coming.get(person.id, asked.door) == asked.door
        and len({*asked.inside, *asked.coming} - {person.id}) < area.capacity
        and (duty or asked.certain)
        and (permit.kind != "visit" or _checked_in(permit))
    )


def _in_time(permit: Permit, now: datetime) -> bool:
    if permit.kind == "roster" and not OPENS <= now.astimezone(UTC).time() <= CLOSES:
        return False
    early = EARLY if permit.kind == "visit" else timedelta()
    return permit.start - early <= now < permit.end


def _room_usable(area: Area, permit: Permit) -> bool:
    duty = permit.kind == "duty"
    sweeps = duty and permit.post in {"guard", "sweeper"}
    return not area.lockdown and (duty or area.accredited) and (sweeps or area.swept)


def _trusts_its_clock_and_news(area: Area, asked: Asked) -> bool:
    if asked.heard_at is not None and asked.heard_at - asked.now > BEHIND:
        return False
    fresh = asked.heard_at is not None and asked.now - asked.heard_at <= OLDEST
    return fresh or area.trusted


def _checked_in(permit: Permit) -> bool:
    approved = permit.booking == "approved" and permit.approver not in {"", permit.person}
    return approved and permit.desk in {"badged", "inside", "outside"} and permit.shut


@dataclass(slots=True)
class Tries:
    """Wrong PINs of one badge, at all readers; times by the gateway's clock and a steady one."""

    wrong: int = 0
    until: datetime | None = None
    steady_until: float = 0.0

    def locked(self, now: datetime, steady: float) -> bool:
        """Whether even the right PIN must be refused, whichever clock is asked."""
        return self.until is not None and now < self.until and steady < self.steady_until

    def typed(self, right: bool, now: datetime, steady: float) -> None:
        """Count one."""
        if self.locked(now, steady):
            return
        if self.until is not None or right:
            self.wrong, self.until = 0, None
        if not right:
            self.wrong += 1
            if self.wrong >= MOST_WRONG_PINS:
                self.until = now + LOCKED_OUT
                self.steady_until = steady + LOCKED_OUT.total_seconds()
