"""What is on record of a person, section by section, as far as an officer's role reads it.

INVARIANT: every row comes through the one access function, with the permission of its own list.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from access.models import (
    BadgeAssignment,
    Duty,
    Eligibility,
    EligibilityStatus,
    Indoctrination,
    Nda,
    NeedToKnow,
    RosterEntry,
)
from access.rules.states import CredentialState
from access.selectors.badges import encoding_of, pins_of
from hardware.models import Command, CommandState
from scif.facilities.models import Record
from scif.kernel.actor import Actor
from scif.kernel.clock import now
from scif.people.access import facilities_with, visible
from scif.people.models import Citizenship, FacilityRole, Person

BADGES_SHOWN = 10
_SHAPE_OF_STATUS = {
    EligibilityStatus.FINAL: "ok",
    EligibilityStatus.INTERIM: "warn",
    EligibilityStatus.LAA: "warn",
    EligibilityStatus.SUSPENDED: "stop",
    EligibilityStatus.REVOKED: "off",
}


@dataclass(frozen=True, slots=True)
class Held:
    """One record: its cells, its state as shape and words, and the record that its acts are on."""

    record: Record
    cells: tuple[str, ...]
    shape: str
    state: str


@dataclass(frozen=True, slots=True)
class Section:
    """Records of one kind.

    ``grants`` names the acts that add one. ``notes`` are what else is to be known; of it there is
    no page of its own.
    """

    title: str | Promise
    heads: tuple[str | Promise, ...]
    rows: tuple[Held, ...]
    grants: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    # Something is on its way and will change a row soon.
    waits: bool = False

    @property
    def lines(self) -> list[tuple[Held, list[tuple[str | Promise, str]]]]:
        """Each record with its cells under their heads."""
        return [(row, list(zip(self.heads, row.cells, strict=True))) for row in self.rows]


Read = Callable[[Person, Actor], Iterable[Held]]


def rights_of(person: Person, actor: Actor) -> list[Section]:
    """Each kind of record of which the actor's role reads the list, the empty kinds as well."""
    return [
        Section(
            title,
            heads,
            rows := tuple(read(person, actor)),
            grants,
            tuple(_NOTES[read](person, actor)) if read in _NOTES else (),
            any(row.shape == "wait" for row in rows),
        )
        for title, permission, heads, read, grants in _KINDS
        if facilities_with(actor, permission).exists()
    ]


def _citizenships(person: Person, actor: Actor) -> Iterator[Held]:
    rows = visible(Citizenship.objects.filter(person=person), actor, VIEW_PERSON)
    for row in rows.order_by("country"):
        yield Held(row, (row.country,), "ok", _("On record"))


def _roles(person: Person, actor: Actor) -> Iterator[Held]:
    at = now()
    rows = visible(FacilityRole.objects.filter(user__person=person), actor, VIEW_PERSON)
    for row in rows.select_related("facility").order_by("facility", "-valid_from"):
        cells = (row.role, str(row.facility), _day(row.valid_from), _day(row.valid_until))
        yield Held(row, cells, *_span(row.valid_from, row.valid_until, at))


def _clearances(person: Person, actor: Actor) -> Iterator[Held]:
    rows = visible(Eligibility.objects.filter(person=person), actor, VIEW_CLEARANCE)
    for row in rows.select_related("level__scheme").order_by("level__scheme", "-level__rank"):
        status = EligibilityStatus(row.status)
        review = _("in continuous vetting") if row.vetting_enrolled else _day(row.review_due)
        cells = (f"{row.level} ({row.level.scheme})", row.source, _day(row.granted_on), review)
        yield Held(row, cells, _SHAPE_OF_STATUS[status], row.status_words)


def _read_ins(person: Person, actor: Actor) -> Iterator[Held]:
    rows = visible(Indoctrination.objects.filter(person=person), actor, VIEW_CLEARANCE)
    for row in rows.select_related("compartment__scheme", "briefed_by").order_by("-briefed_on"):
        shape, state = ("ok", _("Holds")) if row.debriefed_on is None else ("off", _("Debriefed"))
        name = f"{row.compartment} ({row.compartment.scheme})"
        cells = (name, str(row.briefed_by), _day(row.briefed_on), _day(row.debriefed_on))
        yield Held(row, cells, shape, state)


def _agreements(person: Person, actor: Actor) -> Iterator[Held]:
    rows = visible(Nda.objects.filter(person=person), actor, VIEW_CLEARANCE)
    for row in rows.select_related("witness").order_by("-signed_on"):
        yield Held(row, (row.document, str(row.witness), _day(row.signed_on)), "ok", _("Signed"))


def _needs(person: Person, actor: Actor) -> Iterator[Held]:
    at = now()
    rows = visible(NeedToKnow.objects.filter(person=person), actor, VIEW_CLEARANCE)
    for row in rows.select_related("engagement", "grantor").order_by("-valid_until"):
        days = (_day(row.valid_from), _day(row.valid_until))
        cells = (row.engagement.reference, str(row.grantor), *days)
        yield Held(row, cells, *_span(row.valid_from, row.valid_until, at))


def _roster(person: Person, actor: Actor) -> Iterator[Held]:
    at = now()
    rows = visible(RosterEntry.objects.filter(person=person), actor, VIEW_DECISION)
    for row in rows.select_related("area__facility", "sponsor").order_by("-valid_from"):
        until = row.ended_at or row.review_due
        cells = (str(row.area), str(row.sponsor), _day(row.valid_from), _day(until))
        yield Held(row, cells, *_span(row.valid_from, until, at))


def _shifts(person: Person, actor: Actor) -> Iterator[Held]:
    at = now()
    rows = visible(Duty.objects.filter(person=person, ends_at__gt=at), actor, VIEW_DECISION)
    for row in rows.select_related("facility").order_by("starts_at"):
        moments = (_moment(row.starts_at), _moment(row.ends_at))
        role = ", ".join(filter(None, (row.get_role_display(), row.authority)))
        cells = (role, str(row.facility), *moments)
        yield Held(row, cells, *_span(row.starts_at, row.ends_at, at))


def _badges(person: Person, actor: Actor) -> Iterator[Held]:
    """The one that is being encoded, those in hand, then the latest that came back."""
    order = encoding_of(person.pk, actor, VIEW_VISIT)
    if order is not None:
        command, blank = order
        cells = (blank.code, str(blank.facility), "-", "-")
        yield Held(blank, cells, *_encoding(command))
    rows = visible(BadgeAssignment.objects.filter(person=person), actor, VIEW_VISIT)
    rows = rows.select_related("badge__facility").order_by("-returned_at", "-issued_at")
    # In PostgreSQL a descending order begins with the empty: the badges that are still out.
    for row in rows[:BADGES_SHOWN]:
        badge = row.badge
        cells = (badge.code, str(badge.facility), _moment(row.issued_at), _moment(row.returned_at))
        if row.returned_at is not None:
            # Its later holder answers for the card; a lost one went with whoever held it last.
            lost = badge.state == CredentialState.LOST
            lost = lost and not badge.assignments.filter(issued_at__gt=row.issued_at).exists()
            yield Held(row, cells, *(("warn", _("Lost")) if lost else ("off", _("Returned"))))
        else:
            issued = badge.state == CredentialState.ISSUED
            yield Held(badge, cells, "ok" if issued else "warn", badge.state)


def _encoding(command: Command) -> tuple[str, str]:
    """How far the order to encode a card has come."""
    match command.state:
        case CommandState.REQUESTED | CommandState.SENT:
            said = _("Being encoded: leave the card on the desk reader %(reader)s")
            return "wait", said % {"reader": command.target}
        case CommandState.UNCONFIRMED:
            said = _("Not issued: the desk reader %(reader)s gave no answer")
            return "warn", said % {"reader": command.target}
        case _:
            said = _(
                "Not issued: the desk reader %(reader)s wrote no card. Lay it on and ask again"
            )
            return "warn", said % {"reader": command.target}


def _pins(person: Person, actor: Actor) -> Iterator[str]:
    for pin in pins_of(person.pk, actor, VIEW_VISIT):
        said = _("PIN at %(facility)s: set %(moment)s UTC")
        yield said % {"facility": pin.facility, "moment": _moment(pin.set_at)}


def _span(begins: datetime, ends: datetime | None, at: datetime) -> tuple[str, str]:
    if ends is not None and ends <= at:
        return "off", _("Ended")
    return ("ok", _("Holds")) if begins <= at else ("todo", _("To come"))


def _day(day: date | None) -> str:
    return date_format(day, "j M Y") if day else "-"


def _moment(moment: datetime | None) -> str:
    return date_format(localtime(moment), "j M Y H:i") if moment else "-"


VIEW_PERSON, VIEW_CLEARANCE = "people.view_person", "access.view_clearance"
VIEW_DECISION, VIEW_VISIT = "access.view_decision", "access.view_visit"
_FROM, _UNTIL = gettext_lazy("From"), gettext_lazy("Until")
_KINDS: tuple[tuple[str | Promise, str, tuple[str | Promise, ...], Read, tuple[str, ...]], ...] = (
    (
        gettext_lazy("Clearances"),
        VIEW_CLEARANCE,
        (
            gettext_lazy("Level"),
            gettext_lazy("Source"),
            gettext_lazy("Granted"),
            gettext_lazy("Review due"),
        ),
        _clearances,
        ("clearance-grant",),
    ),
    (
        gettext_lazy("Read-ins"),
        VIEW_CLEARANCE,
        (
            gettext_lazy("Compartment"),
            gettext_lazy("Briefed by"),
            gettext_lazy("Briefed"),
            gettext_lazy("Debriefed"),
        ),
        _read_ins,
        ("read-in-record",),
    ),
    (
        gettext_lazy("Agreements"),
        VIEW_CLEARANCE,
        (gettext_lazy("Document"), gettext_lazy("Witness"), gettext_lazy("Signed")),
        _agreements,
        ("agreement-record",),
    ),
    (
        gettext_lazy("Need to know"),
        VIEW_CLEARANCE,
        (gettext_lazy("Engagement"), gettext_lazy("Granted by"), _FROM, _UNTIL),
        _needs,
        (),
    ),
    (
        gettext_lazy("Roster"),
        VIEW_DECISION,
        (gettext_lazy("Area"), gettext_lazy("Sponsor"), _FROM, _UNTIL),
        _roster,
        ("roster-add",),
    ),
    (
        gettext_lazy("Shifts to come"),
        VIEW_DECISION,
        (
            gettext_lazy("Duty"),
            gettext_lazy("Facility"),
            gettext_lazy("From"),
            gettext_lazy("Until"),
        ),
        _shifts,
        ("duty-assign",),
    ),
    (
        gettext_lazy("Badges"),
        VIEW_VISIT,
        (
            gettext_lazy("Number"),
            gettext_lazy("Facility"),
            gettext_lazy("Issued"),
            gettext_lazy("Returned or lost"),
        ),
        _badges,
        ("badge-issue", "pin-set"),
    ),
    (
        gettext_lazy("Roles"),
        VIEW_PERSON,
        (gettext_lazy("Role"), gettext_lazy("Facility"), _FROM, _UNTIL),
        _roles,
        (),
    ),
    (
        gettext_lazy("Citizenships"),
        VIEW_PERSON,
        (gettext_lazy("Country"),),
        _citizenships,
        ("citizenship-add",),
    ),
)
_NOTES: dict[Read, Callable[[Person, Actor], Iterable[str]]] = {_badges: _pins}
