"""An approval with its evidence: what the officer must have in sight to decide."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from access.models import Booking, BookingAttendee, Eligibility, Indoctrination, Nda, NeedToKnow
from access.rules.reach import STOPPED
from access.selectors.booking_check import Reason, TeamCheck, reasons_for, team_check
from access.selectors.facts import Proposal
from access.selectors.facts_place import sanitised_until
from inspections.models import Accreditation, Sweep
from inspections.rules.states import IN_FORCE, AccreditationState, SweepState
from scif.console.met import met_words
from scif.facilities.models import Area, Facility
from scif.kernel.actor import Actor
from scif.kernel.clock import now
from scif.people.access import may
from scif.people.models import Person

APPROVE = "access.approve_booking"


@dataclass(frozen=True, slots=True)
class Cell:
    """One piece of evidence: what it says, and the shape of its status."""

    words: str
    shape: str = "ok"


@dataclass(frozen=True, slots=True)
class Attendee:
    """A person with the evidence for the columns of the table, and who escorts him if anybody.

    ``answers`` is the evidence for the escort: his clearance and his read-ins.
    """

    person: Person
    escort: Person | None
    answers: Sequence[Cell]
    cells: Sequence[tuple[str, Cell]]


@dataclass(frozen=True, slots=True)
class Approval:
    """A request, its verdict, its evidence; ``stopped`` says why the viewer cannot decide."""

    booking: Booking
    zone: ZoneInfo
    reasons: Sequence[Reason]
    met: Sequence[str]
    people: Sequence[Attendee]
    room: Sequence[tuple[str, Cell]]
    mandate: Sequence[tuple[str, Cell]]
    stopped: str


def verdict(booking: Booking) -> TeamCheck:
    """The decision for the team, on today's facts, as ``booking_approve`` will make it."""
    return team_check(Proposal.of(booking), at=booking.requested_at)


def approval(booking: Booking, actor: Actor) -> Approval:
    """Gather the evidence of one request for whoever looks at it."""
    check = verdict(booking)
    people = booking.attendees.select_related("person", "escort").order_by("person__name")
    # In the order in which they are asked; once for the whole team.
    decisions = list(check.decisions.values())
    met = [
        name
        for first in decisions[:1]
        for name in first.met
        if all(name in each.met for each in decisions)
    ]
    return Approval(
        booking=booking,
        zone=ZoneInfo(booking.area.facility.time_zone),
        reasons=[] if check.admitted else reasons_for(check, asker=actor.person_id, officer=True),
        met=met_words(met),
        people=[
            Attendee(
                each.person, each.escort, _answers(each.escort, booking), _evidence(each, booking)
            )
            for each in people
        ],
        room=_room(booking),
        mandate=_mandate(booking),
        stopped=stopped(booking, actor),
    )


def doubt(booking: Booking) -> str:
    """The first piece of evidence that is not as it should be, by its label; empty if all is.

    INVARIANT: a list that asks for it is never greener than the page of the request.
    """
    found = [label for label, cell in (*_room(booking), *_mandate(booking)) if _open(cell)]
    team = booking.attendees.select_related("person", "escort").order_by("person__name")
    found += [each.person.name for each in team if any(map(_open, _cells(each, booking)))]
    return found[0] if found else ""


def _cells(attendee: BookingAttendee, booking: Booking) -> list[Cell]:
    """All evidence for an attendee, that for his escort among it."""
    own = [cell for _label, cell in _evidence(attendee, booking)]
    return [*own, *_answers(attendee.escort, booking)]


def _open(cell: Cell) -> bool:
    return cell.shape in {"warn", "stop"}


def stopped(booking: Booking, actor: Actor) -> str:
    """Why this viewer cannot decide, in words for inside the control; empty if he can."""
    if not may(actor, APPROVE, booking.area.facility):
        return _("Your role looks on: a facility officer decides")
    if booking.requester_id == actor.person_id:
        return _("You asked for it: another officer decides")
    if booking.attendees.filter(escort__in=[actor.person_id]).exists():
        return _("You escort one of them: another officer decides")
    if now() >= booking.hold_until:
        return _("Its hold has ended: the team asks anew")
    return ""


def _evidence(attendee: BookingAttendee, booking: Booking) -> list[tuple[str, Cell]]:
    """What the registers say of him; under escort only a clearance that is stopped stops him."""
    person = attendee.person
    day = booking.ends_at.astimezone(ZoneInfo(booking.area.facility.time_zone)).date()
    cells = [
        (_("Eligibility"), _clearance(person, booking, day)),
        (_("Read-in"), _read_in(person.pk, booking)),
        (_("NDA"), _nda(person.pk)),
        (_("Need to know"), _need(person.pk, booking)),
    ]
    barred = Eligibility.objects.filter(person=person, status__in=STOPPED).exists()
    if attendee.escort is None or barred:
        return cells
    return [(label, Cell(each.words, "info")) for label, each in cells]


def _answers(escort: Person | None, booking: Booking) -> list[Cell]:
    if escort is None:
        return []
    day = booking.ends_at.astimezone(ZoneInfo(booking.area.facility.time_zone)).date()
    return [_clearance(escort, booking, day), _read_in(escort.pk, booking)]


def _clearance(person: Person, booking: Booking, day: date) -> Cell:
    rows = Eligibility.objects.filter(
        person=person, level__scheme=booking.engagement.level.scheme_id
    )
    row = rows.select_related("level").order_by("-granted_on").first()
    if row is None:
        return Cell(_("none in this scheme"), "stop")
    words = f"{row.level}, {row.status_words.lower()}"
    if row.status in {"suspended", "revoked"} or row.level.rank < booking.engagement.level.rank:
        return Cell(words, "stop")
    if row.review_due and row.review_due < day and not row.vetting_enrolled:
        return Cell(
            _("%(what)s, review was due %(day)s") % {"what": words, "day": _day(row.review_due)},
            "stop",
        )
    return Cell(words, "ok" if row.status == "final" else "warn")


def _read_in(person_id: UUID, booking: Booking) -> Cell:
    wanted = list(booking.engagement.compartments.all())
    if not wanted:
        return Cell(_("none needed"))
    held = set(
        Indoctrination.objects.filter(
            person_id=person_id, debriefed_on=None, compartment__in=wanted
        ).values_list("compartment_id", flat=True)
    )
    missing = [each.code for each in wanted if each.pk not in held]
    if missing:
        return Cell(_("not in %(codes)s") % {"codes": ", ".join(missing)}, "stop")
    return Cell(", ".join(each.code for each in wanted))


def _nda(person_id: UUID) -> Cell:
    row = Nda.objects.filter(person_id=person_id).order_by("-signed_on").first()
    return Cell(_day(row.signed_on)) if row else Cell(_("none signed"), "stop")


def _need(person_id: UUID, booking: Booking) -> Cell:
    rows = NeedToKnow.objects.filter(person_id=person_id, engagement=booking.engagement)
    row = rows.order_by("-valid_until").first()
    if row is None:
        return Cell(_("not granted"), "stop")
    covers = row.valid_from <= booking.starts_at and row.valid_until >= booking.ends_at
    return Cell(_("to %(day)s") % {"day": _day(row.valid_until)}, "ok" if covers else "stop")


def _room(booking: Booking) -> list[tuple[str, Cell]]:
    area = booking.area
    letters = Accreditation.objects.filter(area=area)
    letter = letters.filter(state__in=IN_FORCE).first()
    if area.level is None:
        letter_cell = Cell(_("not needed: the area is unclassified"))
    elif letter is None:
        letter_cell = Cell(_("no letter in force"), "stop")
    else:
        until = (
            _("to %(day)s") % {"day": _day(letter.expires_on)} if letter.expires_on else _("no end")
        )
        late = letter.expires_on is not None and letter.expires_on < booking.ends_at.date()
        interim = letter.state == AccreditationState.INTERIM
        shape = "stop" if late else "warn" if interim else "ok"
        letter_cell = Cell(f"{letter.letter}, {until}", shape)
    sweep = Sweep.objects.filter(area=area).order_by("-due_since").first()
    team = booking.attendees.count()
    places = _("%(team)d of %(all)d, changeover to %(time)s") % {
        "team": team,
        "all": area.capacity,
        "time": _clock(booking.held.upper, area.facility),
    }
    return [
        (_("Accredited"), letter_cell),
        (_("Swept"), _swept(area, sweep)),
        *_sanitised(booking),
        (_("Places"), Cell(places, "ok" if team <= area.capacity else "stop")),
        (_("Label"), Cell(str(area.level or _("unclassified")))),
    ]


def _swept(area: Area, sweep: Sweep | None) -> Cell:
    if not area.swept_after_use:
        return Cell(_("not swept after use here"))
    if sweep is None or sweep.state != SweepState.PASSED:
        return Cell(_("a sweep is due before entry"), "warn")
    if sweep.ended_at is None:
        return Cell(_("passed"))
    local = sweep.ended_at.astimezone(ZoneInfo(area.facility.time_zone))
    return Cell(_("passed on %(day)s at %(time)s") % {"day": _day(local), "time": f"{local:%H:%M}"})


def _sanitised(booking: Booking) -> list[tuple[str, Cell]]:
    """Asked where somebody comes under escort and something classified may lie open (R38)."""
    area = booking.area
    if area.level is None or not booking.attendees.filter(escort__isnull=False).exists():
        return []
    until = sanitised_until(area)
    if until is None:
        cell = Cell(_("not recorded yet: due before whoever is escorted enters"), "warn")
    else:
        words = _("to %(day)s, %(time)s") % {
            "day": _day(until.astimezone(ZoneInfo(area.facility.time_zone))),
            "time": _clock(until, area.facility),
        }
        cell = Cell(words, "ok" if until >= booking.ends_at else "warn")
    return [(_("Sanitised"), cell)]


def _mandate(booking: Booking) -> list[tuple[str, Cell]]:
    engagement = booking.engagement
    active = engagement.state == "active" and engagement.valid_until >= booking.ends_at
    return [
        (
            _("Mandate"),
            Cell(
                _("%(reference)s, %(kind)s, to %(day)s")
                % {
                    "reference": engagement.reference,
                    "kind": engagement.get_kind_display(),
                    "day": _day(engagement.valid_until),
                },
                "ok" if active else "stop",
            ),
        ),
        (_("Lab"), Cell(str(engagement.sponsor.organisation))),
        (_("Material"), Cell(f"{engagement.asset}, {engagement.level}")),
    ]


def _day(value: date | datetime) -> str:
    return f"{value.day} {value:%b %Y}"


def _clock(value: datetime, facility: Facility) -> str:
    return f"{value.astimezone(ZoneInfo(facility.time_zone)):%H:%M}"
