"""The facts that a session stands on, as the centre's records have them now.

In two parts: what a door or a desk changes from one moment to the next, and a lockdown, is read
for all sessions with a few queries (``swift_facts``); the decision of access and the agreements,
which cost more, are read for one session at a time. What counts at a registered place:
``offsite_facts.py``.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from access.models import BadgeAssignment, Engagement, Presence, Visit
from access.rules.case import MAY_BE_ESCORTED
from access.rules.decision import decide
from access.rules.facts import PolicyFacts, PolicyIncomplete, Stage
from access.rules.pair import counts
from access.rules.states import CredentialState
from access.selectors.escort import people_escorted
from access.selectors.facts import arrival_facts, as_himself
from access.selectors.lockdown import areas_locked_down, facilities_locked_down
from hardware.models import GatewayStatus
from scif.facilities.models import Area, Zone
from scif.kernel.errors import Refused
from scif.people.models import Person
from terminals.models import (
    Heartbeat,
    RegisteredPlace,
    Session,
    SessionModerator,
    Terminal,
    TerminalCustody,
)
from terminals.rules.session import Entry, SessionFacts
from terminals.rules.session_states import SessionState
from terminals.rules.states import TerminalState
from terminals.selectors.anomaly import odd_facts
from terminals.selectors.attestation import attestation_last
from terminals.selectors.harness_policy import harness_told
from terminals.selectors.image import boot_image_valid
from terminals.selectors.ledger import budgets_of
from terminals.selectors.offsite_facts import OffsiteSeat, offsite_slow_facts, offsite_swift_facts
from terminals.selectors.terms import terms_in_force


@dataclass(frozen=True, slots=True)
class Seat:
    """Who sits, or will sit, at which laptop in a room: what a session is, before it is one."""

    visit: Visit
    terminal_id: UUID
    terms_id: UUID | None = None

    @property
    def person(self) -> Person:
        """Who sits there."""
        return self.visit.person

    @property
    def engagement(self) -> Engagement:
        """Under which mandate."""
        return self.visit.booking.engagement

    @property
    def area(self) -> Area | None:
        """In which room."""
        return self.visit.booking.area

    @property
    def place(self) -> RegisteredPlace | None:
        """At no registered place."""
        return None

    def badges(self) -> QuerySet[BadgeAssignment]:
        """What he may show: the badge of the visit."""
        return BadgeAssignment.objects.filter(visit=self.visit, returned_at=None)

    def until(self, at: datetime) -> datetime:
        """When a session that begins now ends at the latest: with the booking."""
        return self.visit.booking.ends_at


AnySeat = Seat | OffsiteSeat


def seat_of(session: Session) -> AnySeat:
    """That of a session on record, which stands on the terms of its day."""
    if session.place is not None:
        return OffsiteSeat(
            session.place, session.person, session.terminal_id, session.source,
            session.ends_at, session.terms_id,
        )  # fmt: skip
    if session.visit is None:
        raise ValueError(f"session {session.pk} stands on nothing")
    return Seat(session.visit, session.terminal_id, session.terms_id)


def session_facts(seat: AnySeat, at: datetime) -> SessionFacts:
    """All facts, read anew."""
    return replace(slow_facts(seat, at), **swift_facts([seat], at)[seat.terminal_id])


def slow_facts(seat: AnySeat, at: datetime) -> SessionFacts:
    """What the decision of access says, and what was agreed, proved and spent."""
    if isinstance(seat, OffsiteSeat):
        return offsite_slow_facts(seat, at)
    booking = seat.visit.booking
    arrival = arrival_facts(seat.visit, at=at)
    # Whoever is let in behind an escort is not cleared: he may be there, and work on nothing (R38).
    decision = decide(as_himself(arrival), Stage.ARRIVAL)
    against = (*decision.objections, *decision.pending)
    terminal = Terminal.objects.select_related("image", "facility__policy").get(pk=seat.terminal_id)
    terms = terms_in_force(booking.engagement_id)
    last = attestation_last(terminal)
    proved = last is not None and last.outcome == "accepted" and last.image_id == terminal.image_id
    sponsored = seat.visit.person.organisation_id == booking.engagement.sponsor.organisation_id
    return SessionFacts(
        now=at,
        visit=str(seat.visit.pk),
        entry=Entry.of(against),
        two_persons=booking.area.two_person or (terms.two_persons if terms else None),
        image_approved=boot_image_valid(terminal.image),
        attested_at=last.decided_at if last and proved else None,
        attested_for=_holds(arrival.policy),
        silence=_silence(arrival.policy),
        terms=terms is not None and seat.terms_id in {None, terms.pk},
        told=harness_told(terms),
        left=budgets_of(booking.engagement, booking.area.facility_id).left,
        moderated=None if terms is None else terms.moderated and not sponsored,
    )


def swift_facts(
    seats: Iterable[AnySeat], at: datetime, zones: Sequence[Zone] | None = None
) -> Mapping[UUID, dict[str, Any]]:
    """By laptop: who is inside, for certain, beside whom; the laptop's state, holder and last word;
    lockdown.

    ``zones`` are those of :func:`zones_of`, where they are known already.
    """
    seats = list(seats)
    outside = [seat for seat in seats if isinstance(seat, OffsiteSeat)]
    inside = [seat for seat in seats if isinstance(seat, Seat)]
    told = {
        **(offsite_swift_facts(outside) if outside else {}),
        **(_swift_in_rooms(inside, at, zones) if inside else {}),
    }
    locked = lockdown_facts(seats)
    return {terminal: {**said, **locked[terminal]} for terminal, said in told.items()}


def lockdown_facts(seats: Iterable[AnySeat]) -> dict[UUID, dict[str, Any]]:
    """By laptop, whether its room is locked down or, outside, any part of its facility.

    One query for all rooms, two where something is locked down, and one for all places.
    """
    seats = list(seats)
    rooms = areas_locked_down({s.visit.booking.area for s in seats if isinstance(s, Seat)})
    houses = facilities_locked_down(s.place.facility_id for s in seats if s.place is not None)
    return {
        seat.terminal_id: {
            "lockdown": seat.visit.booking.area_id in rooms
            if isinstance(seat, Seat)
            else seat.place.facility_id in houses
        }
        for seat in seats
    }


def zones_of(seats: Iterable[AnySeat]) -> list[Zone]:
    """The zones of the rooms in which they sit, with what the policy says there."""
    areas = {seat.visit.booking.area_id for seat in seats if isinstance(seat, Seat)}
    return list(Zone.objects.filter(area__in=areas).select_related("area__facility__policy"))


def door_facts(
    seats: Iterable[Seat], at: datetime, zones: Sequence[Zone] | None = None
) -> dict[UUID, dict[str, Any]]:
    """By laptop, what the doors say: whether he is inside, for certain, and beside whom.

    With the ``zones`` known it is three small queries for all.
    """
    seats = list(seats)
    zones = zones_of(seats) if zones is None else zones
    present = list(Presence.objects.filter(zone__in=zones).values_list(
        "zone__area_id", "person_id", "basis"))  # fmt: skip
    inside = {(where, who) for where, who, _ in present}
    doubtful = _uncertain(zones, at)
    policies = {zone.area_id: _policy(zone.area) for zone in zones}
    escorted = people_escorted({zone.area.facility_id for zone in zones}) if present else set()
    led = {(where, who) for where, who, basis in present
           if who in escorted and basis in MAY_BE_ESCORTED}  # fmt: skip
    counted = [
        (where, who)
        for where, who, basis in present
        if counts(basis, escorted=(where, who) in led, policy=policies[where])
    ]
    in_room, as_himself = Counter(where for where, _ in counted), Counter(counted)
    said = {}
    for seat in seats:
        area = seat.visit.booking.area_id
        own = area, seat.visit.person_id
        said[seat.terminal_id] = {
            "inside": own in inside,
            "certain": area in policies and area not in doubtful,
            "company": in_room[area] - as_himself[own],
            "escorted": any(where == area for where, _ in led),
        }
    return said


def _swift_in_rooms(
    seats: list[Seat], at: datetime, zones: Sequence[Zone] | None
) -> dict[UUID, dict[str, Any]]:
    doors = door_facts(seats, at, zones)
    terminals = dict(Terminal.objects.filter(pk__in=doors).values_list("pk", "state"))
    holders = dict(
        TerminalCustody.objects.filter(terminal__in=terminals, ended_at=None).values_list(
            "terminal_id", "visit_id"
        )
    )
    badged = set(
        BadgeAssignment.objects.filter(
            visit__in=[seat.visit for seat in seats],
            returned_at=None,
            badge__state=CredentialState.ISSUED,
        ).values_list("visit_id", flat=True)
    )
    heard = dict(
        Heartbeat.objects.filter(terminal__in=doors).values_list("terminal_id", "heard_at")
    )
    connected = _beside({seat.visit.booking.area_id for seat in seats})
    moderators = _moderators(seats)
    odd = odd_facts(seat.visit for seat in seats)
    return {
        seat.terminal_id: {
            **doors[seat.terminal_id],
            "badge": seat.visit.pk in badged,
            "terminal": TerminalState(terminals[seat.terminal_id]),
            "issued_to": _text(holders.get(seat.terminal_id)),
            "heard_at": heard.get(seat.terminal_id),
            "moderator": _name(moderator_of(seat, connected, moderators.get(seat.visit.pk))),
            **odd[seat.visit.pk],
        }
        for seat in seats
    }


def _beside(areas: Iterable[UUID]) -> list[Session]:
    """The sessions in these rooms that run and whose laptop is connected, the longest first."""
    live = Session.objects.filter(area__in=areas, connected=True, state=SessionState.LIVE.value)
    return list(live.select_related("person", "engagement__sponsor").order_by("granted_at", "pk"))


def moderator_of(
    seat: Seat, connected: Iterable[Session], present: UUID | None = None
) -> Session | None:
    """The session of one of the sponsor's people in the same room under the same engagement.

    ``present`` is the session that moderates now: it goes on to, for as long as it can.
    """
    booking = seat.visit.booking
    able = [
        session
        for session in connected
        if session.engagement_id == booking.engagement_id
        and session.area_id == booking.area_id
        and session.person_id != seat.visit.person_id
        and session.person.organisation_id == session.engagement.sponsor.organisation_id
    ]
    return next((each for each in able if each.pk == present), next(iter(able), None))


def _moderators(seats: Iterable[Seat]) -> dict[UUID, UUID]:
    """Which session moderates the one that a visit has, as it is on record."""
    rows = SessionModerator.objects.filter(
        session__visit__in=[seat.visit for seat in seats], until=None
    )
    return dict(rows.values_list("session__visit", "moderator"))


def _uncertain(zones: Sequence[Zone], at: datetime) -> set[UUID]:
    """The areas of which a zone's count is doubtful, or whose gateway says nothing any more."""
    told: dict[str, bool] = {}
    for status in GatewayStatus.objects.all():
        known = status.state.get("zones") if isinstance(status.state, dict) else None
        for code, zone in (known or {}).items():
            mine = [each for each in zones if each.code == code]
            if not mine or not isinstance(zone, dict):
                continue
            silent = timedelta(seconds=_number(mine[0].area, "gateway_silent_seconds"))
            heard = status.heard_at is not None and at - status.heard_at <= silent
            told[code] = told.get(code, True) and heard and zone.get("certain") is True
    return {zone.area_id for zone in zones if not told.get(zone.code)}


def _policy(area: Area) -> PolicyFacts:
    policy = area.facility.policy
    return PolicyFacts(version=policy.label, values=policy.values)


def _number(area: Area, key: str) -> int:
    try:
        return _policy(area).number(key)
    except PolicyIncomplete:
        return 0  # a policy that says nothing gives no time


def _holds(policy: PolicyFacts | None) -> timedelta | None:
    try:
        return None if policy is None else policy.minutes("terminal_attested_minutes")
    except (PolicyIncomplete, Refused):
        return None


def _silence(policy: PolicyFacts | None) -> timedelta | None:
    try:
        return None if policy is None else policy.seconds("terminal_silent_seconds")
    except PolicyIncomplete:
        return None


def _name(session: Session | None) -> str:
    return "" if session is None else str(session.pk)


def _text(pk: UUID | None) -> str | None:
    return None if pk is None else str(pk)
