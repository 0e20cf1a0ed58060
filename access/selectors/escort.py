"""Who is escorted by whom at a facility, now and today: on duty, and as a visitor."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Q, QuerySet

from access.models import Booking, BookingAttendee, Duty, Presence, Visit
from access.rules.facts import BasisKind
from access.rules.reach import may_escort
from access.rules.states import HOLDS_SLOT, VISIT_ENDED, VisitState
from access.selectors.facts_person import person_facts
from access.selectors.facts_place import area_facts, policy_facts
from access.selectors.people import people_of
from scif.facilities.models import Area, Facility
from scif.kernel.actor import Actor
from scif.kernel.clock import now
from scif.people.access import may
from scif.people.models import Person

# Everybody holds it over his own bookings; escorts are named by those whose role gives it.
NAME_ESCORT = "access.request_booking"
# The bases of entry that a shift gives to the person whose it is.
ESCORTED_SHIFTS = frozenset({BasisKind.DUTY.value, BasisKind.INSPECTION.value})


def may_name_escort(actor: Actor, facility: Facility) -> bool:
    """Whether the actor says who escorts a visitor there: an officer's role alone lets him."""
    return may(actor, NAME_ESCORT, facility)


def escorts_offered(actor: Actor, area: Area) -> list[Person]:
    """Whom the actor can name as escort there, by name; nobody where he may name none."""
    if not may_name_escort(actor, area.facility):
        return []
    people = people_of(actor, "people.view_person").exclude(pk__in=[actor.person_id])
    return list(cleared_to_escort(people, area).order_by("name"))


def cleared_to_escort(people: QuerySet[Person], area: Area) -> QuerySet[Person]:
    """Those who may escort in an area, as far as their clearances go today.

    The rules ask again for the day of the visit, and for what a list does not know.
    """
    return people.filter(pk__in=_where(people, area.facility, [area]))


def cleared_at(people: QuerySet[Person], facility: Facility) -> dict[UUID, list[Area]]:
    """Where each may escort at a facility: the areas that have a door. Who may nowhere is left out.

    A duty is one for the whole facility: its escort answers for whom he lets in, area by area.
    """
    areas = Area.objects.filter(facility=facility, zones__isnull=False).select_related("facility")
    return _where(people, facility, list(areas.distinct().order_by("name")))


def _where(
    people: QuerySet[Person], facility: Facility, areas: Iterable[Area]
) -> dict[UUID, list[Area]]:
    policy, today = policy_facts(facility), now().astimezone(ZoneInfo(facility.time_zone)).date()
    known = person_facts(people.values_list("pk", flat=True), facility)
    found: dict[UUID, list[Area]] = defaultdict(list)
    for area in areas:
        facts = area_facts(area)
        for pk, person in known.items():
            if may_escort(person, facts, policy, (today, today)):
                found[pk].append(area)
    return dict(found)


def escorts_now(facility: Facility) -> dict[UUID, Person]:
    """The escort of each person who is on an escorted duty, or visits under escort, now."""
    return {person.pk: escort for person, escort in _pairs_now(facility)}


def escorting_now(facility: Facility) -> Mapping[UUID, list[Person]]:
    """Whom each escort accompanies at this moment."""
    found: dict[UUID, list[Person]] = defaultdict(list)
    for person, escort in sorted(_pairs_now(facility), key=lambda pair: pair[0].name):
        if person not in found[escort.pk]:
            found[escort.pk].append(person)
    return found


def people_escorted(facilities: Collection[UUID]) -> set[UUID]:
    """Who is under escort at any of the facilities now; one look for all of them."""
    at = now()
    duties = _duties(facilities, at, at).values_list("person_id")
    visits = _here(attendees_escorted(facilities), at).values_list("person_id")
    return {person_id for (person_id,) in duties.union(visits)}


def escorted_soon(facility: Facility, within: timedelta) -> list[Duty]:
    """The escorted duties that last, or begin within a time, the first to come first."""
    duties = _duties([facility.pk], now(), now() + within)
    related = duties.select_related("person__organisation", "escort")
    return list(related.order_by("starts_at", "person__name"))


def escorts_booked(visits: Iterable[Visit]) -> dict[UUID, Person]:
    """Who escorts the visitor of each visit that is under escort, by the visit."""
    visits = list(visits)
    attendees = BookingAttendee.objects.filter(
        booking__in={visit.booking_id for visit in visits}, escort__isnull=False
    ).select_related("escort")
    named = {(each.booking_id, each.person_id): each.escort for each in attendees}
    found = ((visit.pk, named.get((visit.booking_id, visit.person_id))) for visit in visits)
    return {pk: escort for pk, escort in found if escort is not None}


def escorts_inside(present: Collection[Presence], facility: Facility) -> dict[UUID, Person]:
    """Under whose escort each is inside a zone, by the presence; who came in alone is left out.

    It is the escort of the visit or shift that let him in, however long over: its end takes nobody
    out, and a door counts him with his escort until he is.
    """
    found = {}
    booked = escorts_booked([each.visit for each in present if each.visit is not None])
    for each in present:
        escort = None
        if each.visit_id is not None:
            escort = booked.get(each.visit_id)
        elif each.basis in ESCORTED_SHIFTS:
            shifts = _duties([facility.pk], each.since, each.since).filter(person=each.person_id)
            last = shifts.select_related("escort").order_by("starts_at", "pk").last()
            escort = last.escort if last else None
        if escort is not None:
            found[each.pk] = escort
    return found


def booking_escort(booking: Booking, person_id: UUID | None) -> Person | None:
    """Who escorts one attendee of a booking. A teammate is told of nobody's but his own."""
    own = booking.attendees.filter(person=person_id).select_related("escort").first()
    return None if own is None else own.escort


def is_coming(attendee: BookingAttendee) -> bool:
    """Whether somebody is expected under his booking still, or is here, in time or not."""
    booking = attendee.booking
    visit = booking.visits.filter(person=attendee.person_id).first()
    if visit is not None:
        return visit.state not in VISIT_ENDED
    return booking.state in HOLDS_SLOT and now() < booking.ends_at


def attendees_to_escort(booking: Booking) -> list[BookingAttendee]:
    """Who of a booking can be given an escort, or another one, by name."""
    attendees = booking.attendees.select_related("person", "escort", "booking")
    return [each for each in attendees.order_by("person__name") if is_coming(each)]


def attendees_escorted(facilities: Collection[UUID]) -> QuerySet[BookingAttendee]:
    """The attendees under escort whose visit is expected or under way."""
    visits = Visit.objects.filter(booking=OuterRef("booking"), person=OuterRef("person"))
    return BookingAttendee.objects.filter(
        Exists(visits.exclude(state__in=VISIT_ENDED)),
        booking__area__facility__in=facilities,
        escort__isnull=False,
    )


def _pairs_now(facility: Facility) -> list[tuple[Person, Person]]:
    """Each person under escort with his escort; a later pair of a person stands."""
    at, where = now(), [facility.pk]
    duties = _duties(where, at, at).order_by("-starts_at", "pk")
    visits = _here(attendees_escorted(where), at).order_by("-booking__starts_at", "pk")
    pairs = [(each.person, each.escort) for each in duties.select_related("person", "escort")]
    pairs += [(each.person, each.escort) for each in visits.select_related("person", "escort")]
    return [(person, escort) for person, escort in pairs if escort is not None]


def _duties(facilities: Collection[UUID], start: datetime, end: datetime) -> QuerySet[Duty]:
    """The escorted duties that touch a span, its last moment included."""
    return Duty.objects.filter(
        facility__in=facilities, escort__isnull=False, starts_at__lte=end, ends_at__gt=start
    )


def _here(attendees: QuerySet[BookingAttendee], at: datetime) -> QuerySet[BookingAttendee]:
    """Those whose time has come, or who have: who stays beyond it is under escort still."""
    begun = Visit.objects.filter(booking=OuterRef("booking"), person=OuterRef("person")).exclude(
        state=VisitState.EXPECTED
    )
    return attendees.filter(Q(booking__starts_at__lte=at) | Exists(begun))
