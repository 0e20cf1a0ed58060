"""Would this person get through this door at that moment? Asked of the door's own code.

The records are those that the door's gateway has been told, the rules those that it asks; only the
time, the factors, the centre's last word and that nobody else is on the way are assumed. Nothing is
changed.
"""

import logging
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import islice
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Q

from access.decider import considered, undecided
from access.models import Badge
from access.rules.decision import Decision
from access.rules.facts import Facts, OfflineRule
from access.rules.snapshot import policy_from
from access.selectors.told import Told
from access.selectors.why_zone import interlock_of, zone_told
from hardware.decider import Direction, DoorRead, Outcome, ZoneView
from hardware.models import Gateway, GatewayStatus
from scif.facilities.models import Facility, Portal
from scif.kernel.actor import Actor
from scif.kernel.clock import now
from scif.kernel.errors import Refused
from scif.kernel.text import folded
from scif.people.access import visible
from scif.people.models import Person

logger = logging.getLogger(__name__)

VIEW = "access.view_decision"
VIEW_PERSON = "people.view_person"
MOST_NAMED = 20
# Facts are those of now; further away nothing sensible can be said from them.
FARTHEST = timedelta(days=3660)
UNKNOWN_CARD = ""
MOMENT = timedelta(seconds=1)

Reads = list[tuple[str | None, DoorRead]]


class Assumed(StrEnum):
    """What the person is taken to present."""

    BADGE_AND_PIN = "badge_and_pin"
    BADGE = "badge"
    ORDER = "order"


@dataclass(frozen=True, slots=True)
class Judged:
    """One decision. ``facts`` is None where no facts could be made; ``badge`` what was read."""

    decision: Decision
    facts: Facts | None
    badge: str | None

    @property
    def basis_id(self) -> str:
        """The basis that was judged, empty for none."""
        return self.facts.basis.basis_id if self.facts and self.facts.basis else ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the door would say, on each basis, connected and cut off.

    ``speaks`` is the answer at the reader; ``bases`` every basis judged, the most favourable first.
    ``cut_off`` is what would be said beyond ``age``, the policy's limit; both None where no policy
    is known. ``version`` is the snapshot judged, ``applied`` what the gateway last reported to
    hold. Where the person has no badge, ``by_order`` tells that the bases were judged as if a guard
    had named him. ``present``: the moment is now, so that doors stand as they were last heard to;
    ``interlock`` is the door's group, empty for none.
    """

    person: Person
    portal: Portal
    at: datetime
    assumed: Assumed
    gateway: Gateway | None
    badges: tuple[str, ...]
    speaks: Judged
    bases: tuple[Judged, ...]
    by_order: bool
    cut_off: Judged | None
    age: timedelta | None
    version: int
    applied: int | None
    inside: int
    certain: bool
    present: bool
    interlock: str

    @property
    def facility(self) -> Facility:
        """The facility whose door it is."""
        return self.portal.zone.area.facility

    @property
    def offline_rule(self) -> OfflineRule | None:
        """What the area declares for a door that is cut off; None where the area is unknown."""
        facts = self.bases[0].facts
        area = facts.area if facts else None
        return area.offline_rule if area else None


def why(person: Person, portal: Portal, *, at: datetime, assumed: Assumed) -> Answer:
    """Judge by the records of now at the moment ``at``."""
    present = abs(at - now()) <= MOMENT
    gateway = Gateway.objects.filter(buses__devices__portal=portal).order_by("code").first()
    told = Told.now(gateway.code if gateway else "", at)
    status = GatewayStatus.objects.filter(gateway=gateway.code).first() if gateway else None
    zone = zone_told(portal, told, status, doors_known=present)
    badges = dict(
        Badge.objects.filter(
            facility=portal.zone.area.facility,
            assignments__person=person,
            assignments__returned_at=None,
        )
        .exclude(number_sha256="")
        .order_by("code")
        .values_list("code", "number_sha256")
    )
    reads = _reads(person, portal, badges, assumed)
    # Without a badge the reader refuses; the bases are judged as if a guard named the person.
    spoken = reads or [(None, _presented(portal, UNKNOWN_CARD))]
    bases = _each_basis(
        each
        for badge, read in reads or [(None, _ordered(person, portal))]
        for each in _judge(badge, read, told, zone, at, assumed)
    )
    age = _age(told)
    stale = told.cut_off_since(at - age - MOMENT) if age is not None else None
    return Answer(
        person=person,
        portal=portal,
        at=at,
        assumed=assumed,
        gateway=gateway,
        badges=tuple(badges),
        speaks=_spoken(spoken, told, zone, at, assumed),
        bases=bases,
        by_order=not reads,
        cut_off=_spoken(spoken, stale, zone, at, assumed) if stale else None,
        age=age,
        version=told.version,
        applied=status.version if status else None,
        inside=len(zone.inside),
        certain=zone.certain,
        present=present,
        interlock=interlock_of(portal, told),
    )


def people_named(text: str, actor: Actor) -> list[Person]:
    """Whom a text may mean: an identifier, a badge's printed number, a name or a part of one.

    At most one more than MOST_NAMED: then there are others.
    """
    people = visible(Person.objects.select_related("organisation"), actor, VIEW_PERSON)
    asked = text.strip()
    if not asked or "\0" in asked:
        return []
    try:
        return list(people.filter(pk=UUID(asked)))
    except ValueError:
        pass
    holders = visible(Badge.objects.filter(code__iexact=asked), actor, VIEW)
    for wanted in (
        Q(badges__badge__in=holders, badges__returned_at=None),
        Q(name__iexact=asked),
        Q(name__icontains=asked),
    ):
        found = list(people.filter(wanted).distinct().order_by("name", "pk")[: MOST_NAMED + 1])
        if found:
            return found
    plain = folded(asked)
    if not plain:
        return []
    same = (pk for pk, name in people.values_list("pk", "name") if plain in folded(name))
    return list(people.filter(pk__in=[*islice(same, MOST_NAMED + 1)]).order_by("name", "pk"))


def moment_of(text: str, facility: Facility, *, now: datetime) -> datetime:
    """A moment as it was typed, local to the facility where it names no offset; empty is now.

    Raises :class:`Refused` for what is no time and for one more than ten years away.
    """
    if not text.strip():
        return now
    try:
        moment = datetime.fromisoformat(text.strip())
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=ZoneInfo(facility.time_zone))
        near = abs(moment - now) <= FARTHEST
    except (ValueError, OverflowError) as error:
        raise Refused(
            "bad_time", "This is not a time.", "Write it as 2026-03-02T14:30, local time."
        ) from error
    if not near:
        raise Refused("bad_time", "This time is too far away.", "Ask within ten years of now.")
    return moment


def _reads(person: Person, portal: Portal, badges: dict[str, str], assumed: Assumed) -> Reads:
    if assumed is Assumed.ORDER:
        return [(None, _ordered(person, portal))]
    return [(code, _presented(portal, number)) for code, number in badges.items()]


def _presented(portal: Portal, credential: str) -> DoorRead:
    return DoorRead("what-if", portal.code, Direction.IN, credential=credential)


def _ordered(person: Person, portal: Portal) -> DoorRead:
    return DoorRead(
        "what-if", portal.code, Direction.IN, person_id=str(person.pk), commanded_by="what-if"
    )


def _judge(
    badge: str | None, read: DoorRead, told: Told, zone: ZoneView, at: datetime, assumed: Assumed
) -> list[Judged]:
    """Decide a read as the door does: the PIN is typed where the reader asks for it."""
    try:
        found = considered(read, told, zone, at, _right_if_set)
        asks = any(each.awaits == "pin" for _, made in found for each in made.pending)
        if asks and assumed is Assumed.BADGE_AND_PIN:
            found = considered(replace(read, pin="right"), told, zone, at, _right_if_set)
    except Exception as error:
        # As at the door, where it is a refusal.
        logger.exception("the what-if at %s failed", read.portal)
        return [Judged(undecided(error), None, badge)]
    return [Judged(made, facts, badge) for facts, made in found]


def _spoken(reads: Reads, told: Told, zone: ZoneView, at: datetime, assumed: Assumed) -> Judged:
    """What the reader would say, with the badge that serves best."""
    answers = [_judge(badge, read, told, zone, at, assumed)[0] for badge, read in reads]
    return min(answers, key=_rank)


def _right_if_set(person_id: str, typed: str, stored: str | None) -> bool:
    return stored is not None


_BETTER = list(Outcome)


def _each_basis(found: Iterable[Judged]) -> tuple[Judged, ...]:
    """Every basis once, by the badge that serves it best; the best answer first, as at the door."""
    best: dict[str, Judged] = {}
    for each in found:
        known = best.get(each.basis_id)
        if known is None or _rank(each) < _rank(known):
            best[each.basis_id] = each
    return tuple(sorted(best.values(), key=lambda each: _BETTER.index(each.decision.outcome)))


def _rank(judged: Judged) -> tuple[int, int]:
    return _BETTER.index(judged.decision.outcome), len(judged.decision.objections)


def _age(told: Told) -> timedelta | None:
    """The policy's limit of a snapshot's age, where one is known."""
    record = told.get("policy", "current")
    try:
        return None if record is None else policy_from(record).seconds("snapshot_age")
    except (LookupError, TypeError, ValueError):
        return None
