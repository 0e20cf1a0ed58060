"""Ask for a slot: an area, alone, for a window, under an engagement."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID, uuid4

from django.db import IntegrityError, connection, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from psycopg.errors import ExclusionViolation
from psycopg.types.range import TimestamptzRange

from access.events import BookingChanged
from access.models import Booking, BookingAttendee
from access.rules.booking_policy import BookingPolicy
from access.rules.states import HOLDS_SLOT, BookingState
from access.selectors.booking_check import reasons_for, team_check
from access.selectors.booking_policy import booking_policy
from access.selectors.engagement import engagements_for
from access.selectors.facts import NOBODY, Proposal
from access.selectors.wall import walled_spans
from access.services.attendee_escort import escorts_named
from access.services.booking_end import expire
from access.services.refusals import BookingRefused
from scif.facilities.models import Area, Facility
from scif.journal.services import append
from scif.kernel.actor import Actor
from scif.kernel.clock import now
from scif.kernel.errors import NotPermitted, Refused, require
from scif.kernel.events import publish
from scif.kernel.ids import reference
from scif.kernel.text import text_of
from scif.people.access import may
from scif.people.naming import named, person_named


@transaction.atomic
def booking_request(
    *,
    engagement_id: UUID,
    area_id: UUID,
    starts_at: datetime,
    ends_at: datetime,
    attendee_ids: Sequence[UUID],
    purpose: str,
    actor: Actor,
    new_id: UUID | None = None,
    escorts: Mapping[UUID, UUID] = NOBODY,
) -> Booking:
    """Ask for a slot; it is held from now until it is decided or the hold ends.

    ``escorts`` says who accompanies whom of the attendees (R38): only an officer names them.

    ``new_id`` is of the sender's choosing: what he asked for under it already is given again, so
    that a form may be sent twice.
    By a member of the engagement, or an officer. Raises ``DoesNotExist`` for an engagement or an
    area that the actor has no part in, ``Refused`` (``slot_taken``, ``not_bookable``, ``too_long``,
    ``policy_missing``…), and ``BookingRefused`` with every reason that concerns the actor.
    """
    engagement = engagements_for(actor, "access.request_booking").get(pk=engagement_id)
    areas = Area.objects.filter(pk__in=engagement.areas.values("pk"))
    area = areas.select_related("facility__policy").get(pk=area_id)
    members = set(engagement.members.values_list("person_id", flat=True))
    requester = _requester(members, actor, area.facility)
    attendees = sorted(set(attendee_ids))
    _named(members, attendees)
    accompanied = escorts_named(escorts, attendees, area.facility, actor)
    policy = booking_policy(area.facility)
    _shape(area, starts_at, ends_at, attendees, policy)
    # A window that ends before it begins is refused by its rule, with every other reason.
    over = max(starts_at, ends_at) + policy.turnaround
    # Most of those who ask for one slot lose it: they are told before a decision is made for each,
    # and all at once as soon as the first has been answered, not one after the other.
    if not first_in_line(area.pk):
        known = sent_before(new_id)
        if known is None or known.requester_id != requester:
            _look(area, starts_at, over, attendees, now())
        line_up(area.pk)
    known = sent_before(new_id)
    if known is not None and known.requester_id == requester:
        return known
    at = now()
    _look(area, starts_at, over, attendees, at)
    proposal = Proposal(engagement, area, starts_at, ends_at, attendees, requester, escorts=escorts)
    check = team_check(proposal, at=at)
    if not check.admitted:
        officer = _is_officer(actor, area.facility)
        raise BookingRefused(reasons_for(check, asker=actor.person_id, officer=officer))
    # Who may come is decided before the facility is locked: it is decided anew when the booking is
    # approved, on arrival and at the door, and a lockdown must not wait for it.
    _lock(area)
    _look(area, starts_at, over, attendees, at)
    held = TimestamptzRange(starts_at, over)
    _give_back(area, held, at)
    booking = _insert(
        Booking(
            pk=uuid4() if new_id is None or known else new_id,
            reference=reference("B"),
            area=area,
            engagement=engagement,
            requester_id=requester,
            state=BookingState.REQUESTED,
            starts_at=starts_at,
            ends_at=ends_at,
            held=held,
            purpose=text_of(purpose, "purpose", most=200),
            requested_at=at,
            hold_until=policy.held_until(at, starts_at),
            policy_version=area.facility.policy.label,
        )
    )
    BookingAttendee.objects.bulk_create(
        BookingAttendee(booking=booking, person_id=person_id, escort=accompanied.get(person_id))
        for person_id in attendees
    )
    append(
        kind="booking.requested",
        actor=actor,
        subject=booking,
        facility=area.facility_id,
        occurred_at=at,
        body={
            "reference": booking.reference,
            "area": area.code,
            "area_name": area.name,
            "facility": area.facility.name,
            "engagement": engagement.reference,
            "engagement_id": str(engagement.pk),
            "starts_at": starts_at,
            "ends_at": ends_at,
            "attendees": [str(pk) for pk in attendees],
            "escorts": {str(pk): person_named(escort) for pk, escort in accompanied.items()},
            "purpose": booking.purpose,
            "hold_until": booking.hold_until,
            "policy_version": booking.policy_version,
            "state": booking.state,
            **named(actor),
        },
    )
    publish(BookingChanged(booking.pk))
    return booking


def sent_before(new_id: UUID | None) -> Booking | None:
    """What was asked for under an id of the sender's choosing, by whomever."""
    return Booking.objects.filter(pk=new_id).first() if new_id is not None else None


_LINE = "(hashtextextended('booking:' || %s, 0))"


def line_up(area_id: UUID) -> None:
    """Requests for one room wait in line, before any row is locked.

    So the one who comes first is decided while the others wait, not all of them at once.
    INVARIANT: whoever stands at its head until he commits alone adds to the hours of the room, so
    that two never pass the limit of a temporary one together (R5). The slot itself is protected by
    locks and by the database's exclusion.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_advisory_xact_lock{_LINE}", [str(area_id)])


def first_in_line(area_id: UUID) -> bool:
    """Take the head of the line; else wait, beside all others, until whoever has it is answered."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_try_advisory_xact_lock{_LINE}", [str(area_id)])
        ((first,),) = cursor.fetchall()
        if not first:
            # What is locked after a savepoint is let go with it.
            waited = transaction.savepoint()
            cursor.execute(f"SELECT pg_advisory_xact_lock_shared{_LINE}", [str(area_id)])
            transaction.savepoint_rollback(waited)
    return bool(first)


def _lock(area: Area) -> None:
    """INVARIANT: from here on requests go one by one; the exclusion constraint stands behind.

    One by one at a facility, for a conflict wall holds between its rooms.
    """
    for model, pk in ((Facility, area.facility_id), (Area, area.pk)):
        model._default_manager.select_for_update(of=("self",), no_key=True).get(pk=pk)


def slot_taken() -> Refused:
    """INVARIANT: nothing of the other party is said, not even how long it stays."""
    return Refused("slot_taken", _("This time is taken."), _("Choose another time."))


def _is_officer(actor: Actor, facility: Facility) -> bool:
    return may(actor, "access.request_booking", facility)


def _requester(members: set[UUID], actor: Actor, facility: Facility) -> UUID:
    """Who asks, as a person; the sponsor sees the engagement but books nothing under it."""
    allowed = actor.person_id in members or _is_officer(actor, facility)
    if actor.person_id is None or not allowed:
        raise NotPermitted(
            "not_permitted",
            _("Only members of the engagement and facility officers ask for a slot."),
            _("Ask the lead of the engagement."),
        )
    return actor.person_id


def _named(members: set[UUID], attendees: Sequence[UUID]) -> None:
    """Refuse whoever the engagement does not name, known here or not: nobody learns which (R46)."""
    require(
        members.issuperset(attendees),
        "not_a_member",
        _("The engagement does not name everybody whom you chose."),
        _("Choose members of the engagement, or ask the facility officer to add them."),
    )


def _shape(
    area: Area,
    starts_at: datetime,
    ends_at: datetime,
    attendees: Sequence[UUID],
    policy: BookingPolicy,
) -> None:
    require(area.bookable, "not_bookable", _("This room cannot be booked."), _("Choose another."))
    require(
        bool(attendees), "nobody", _("Nobody would come."), _("Choose at least one team member.")
    )
    if ends_at - starts_at > policy.longest:
        hours = policy.longest.total_seconds() / 3600
        raise Refused(
            "too_long",
            _("This room is booked for at most %(hours)g hours at a time.") % {"hours": hours},
            _("Choose a shorter time, or ask for two slots."),
        )


def _look(
    area: Area, start: datetime, end: datetime, attendees: Sequence[UUID], at: datetime
) -> None:
    """Refuse a slot that is held; a request whose hold has ended holds none.

    INVARIANT: one that a conflict wall keeps from the team is answered alike, after the same looks.
    """
    walled = walled_spans(area, attendees, start, end, at)
    taken = _others(area, TimestamptzRange(start, end)).exclude(_overdue(at)).exists()
    if taken or walled:
        raise slot_taken()


def _give_back(area: Area, held: TimestamptzRange, at: datetime) -> None:
    """Requests whose hold has ended give theirs back."""
    overdue = _others(area, held).filter(_overdue(at))
    for other in overdue.select_for_update(of=("self",), no_key=True).order_by("pk"):
        expire(other, Actor.system("booking"))


def _others(area: Area, held: TimestamptzRange) -> QuerySet[Booking]:
    return Booking.objects.filter(area=area, state__in=HOLDS_SLOT, held__overlap=held)


def _overdue(at: datetime) -> Q:
    return Q(state=BookingState.REQUESTED, hold_until__lte=at)


def _insert(booking: Booking) -> Booking:
    try:
        with transaction.atomic():
            booking.save(force_insert=True)
    except IntegrityError as error:
        if isinstance(error.__cause__, ExclusionViolation):
            raise slot_taken() from error
        raise
    return booking
