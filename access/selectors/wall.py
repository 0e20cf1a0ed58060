"""Which parties may not meet, where the others are booked, and whether they are here.

INVARIANT: what comes out of here towards a booking is spans of time alone, like any other hold.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import F, Q, QuerySet

from access.models import Booking, ConflictWall, Presence, PresenceEvent, WallKind
from access.rules.facts import Wall
from access.rules.facts import WallKind as Kind
from access.rules.states import HOLDS_SLOT, BookingState
from access.selectors.lockdown import areas_within, outer_areas
from scif.facilities.models import Area, Facility
from scif.kernel.clock import now
from scif.people.models import FacilityRole, Person
from scif.people.rules.roles import roles_with

DECIDE = "access.change_wall"
Spans = list[tuple[datetime, datetime]]


def parties_of(person_ids: Iterable[UUID]) -> dict[UUID, UUID]:
    """The organisation of each person."""
    people = Person.objects.filter(pk__in=set(person_ids))
    return dict(people.values_list("pk", "organisation_id"))


def walls_of(parties: Iterable[UUID], facility: Facility) -> dict[UUID, list[Wall]]:
    """The walls that have not ended, by party, with whether the other party is here today."""
    wanted = set(parties)
    rows = ConflictWall.objects.filter(
        Q(party_a__in=wanted) | Q(party_b__in=wanted), facility=facility, ended_at=None
    ).order_by("pk")
    found: dict[UUID, list[Wall]] = defaultdict(list)
    for row in rows:
        for own, other in ((row.party_a_id, row.party_b_id), (row.party_b_id, row.party_a_id)):
            if own in wanted:
                met = _here_today(other, facility) if row.kind == WallKind.DAY else frozenset()
                found[own].append(
                    Wall(str(other), Kind(row.kind), row.valid_from, row.valid_until, met)
                )
    return found


def walled_spans(
    area: Area, people: Iterable[UUID], start: datetime, end: datetime, at: datetime
) -> Spans:
    """The times within a span that a conflict wall keeps from a team in an area."""
    if not ConflictWall.objects.filter(facility=area.facility, ended_at=None).exists():
        return []  # most facilities have none, and nothing to hide by the time that a look takes
    zone = ZoneInfo(area.facility.time_zone)
    parties = set(parties_of(people).values())
    walls = [wall for each in walls_of(parties, area.facility).values() for wall in each]
    first, last = start.astimezone(zone).date(), end.astimezone(zone).date()
    spans: Spans = []
    for booking, party in _bookings_of({UUID(w.party) for w in walls}, area, first, last, at):
        days = _days(booking, zone)
        for wall in walls:
            if UUID(wall.party) != party or not all(wall.holds(day) for day in days[:1]):
                continue
            if wall.kind is Kind.DAY:
                spans.append((_midnight(days[0], zone), _midnight(days[-1], zone, 1)))
            elif booking.area in {area, *outer_areas(area), *areas_within(area)}:
                spans.append((booking.held.lower, booking.held.upper))
    return [span for span in sorted(spans) if span[0] < end and start < span[1]]


def parties_inside(area: Area, besides: UUID) -> tuple[str, ...]:
    """The parties of those who are in an area now, but for one person."""
    present = Presence.objects.filter(zone__area=area).exclude(person_id=besides)
    rows = present.order_by("person__organisation_id").values_list(
        "person__organisation_id", flat=True
    )
    return tuple(str(pk) for pk in rows.distinct())


def parties_kept_from(party: UUID, facility: Facility) -> set[UUID]:
    """The parties whose door hangs on this one having come today."""
    rows = ConflictWall.objects.filter(
        Q(party_a=party) | Q(party_b=party), facility=facility, ended_at=None, kind=WallKind.DAY
    )
    return {other for row in rows for other in (row.party_a_id, row.party_b_id)} - {party}


def may_decide(people: QuerySet[Person], facility: Facility) -> QuerySet[Person]:
    """Those of the people who may decide that parties are kept apart at a facility."""
    at = now()
    roles = FacilityRole.objects.filter(
        Q(valid_until=None) | Q(valid_until__gt=at),
        facility=facility,
        role__in=roles_with(DECIDE),
        valid_from__lte=at,
    )
    return people.filter(user__in=roles.values("user_id"))


def _here_today(party: UUID, facility: Facility) -> frozenset[date]:
    zone = ZoneInfo(facility.time_zone)
    today = now().astimezone(zone).date()
    came = PresenceEvent.objects.filter(
        zone__area__facility=facility,
        person__organisation=party,
        direction="in",
        occurred_at__gte=_midnight(today, zone),
    )
    present = Presence.objects.filter(zone__area__facility=facility, person__organisation=party)
    return frozenset({today}) if came.exists() or present.exists() else frozenset()


def _bookings_of(
    parties: set[UUID], area: Area, first: date, last: date, at: datetime
) -> list[tuple[Booking, UUID]]:
    zone = ZoneInfo(area.facility.time_zone)
    rows: Mapping[tuple[UUID, UUID], Booking] = {
        (booking.pk, booking.party): booking
        for booking in Booking.objects.filter(
            ~Q(state=BookingState.REQUESTED, hold_until__lte=at),
            area__facility=area.facility,
            state__in=HOLDS_SLOT,
            attendees__person__organisation__in=parties,
            held__overlap=(_midnight(first, zone), _midnight(last, zone, 1)),
        )
        .annotate(party=F("attendees__person__organisation"))
        .select_related("area__parent")
    }
    return [(booking, party) for (_pk, party), booking in rows.items()]


def _days(booking: Booking, zone: ZoneInfo) -> list[date]:
    first = booking.starts_at.astimezone(zone).date()
    last = (booking.ends_at - timedelta(microseconds=1)).astimezone(zone).date()
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def _midnight(day: date, zone: ZoneInfo, after: int = 0) -> datetime:
    return datetime.combine(day + timedelta(days=after), time.min, zone).astimezone(UTC)
