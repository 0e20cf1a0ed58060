"""Which journal entries belong to a visit: what the services wrote, what the gateways reported.

INVARIANT: what belongs to a visit is found in the journal, from entry to entry: the visit's name
its booking, the booking's its mandate, and lockers, things, badges, reads and sweeps name the
visit. The tables add only links to entries whose text was erased, which name nothing any more.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import Q

from access.models import AccessDecision, CustodyItem, LockerAssignment, PresenceEvent, Visit
from access.reports.concerns import CONCERN_KINDS, RIGHT_KINDS, right_ended
from access.reports.laptop import laptop_kinds, laptop_things
from access.reports.portions import Portions
from inspections.models import Sweep
from scif.facilities.models import Level
from scif.journal.models import Checkpoint, Entry
from scif.reporting.models import Report

# A gateway that was cut off reports late, but by the time at which things happened.
_MARGIN = timedelta(hours=1)
_EVER = datetime.max.replace(tzinfo=UTC)
_NAMING = (
    "badge.erased",
    "badge.issued",
    "badge.lost",
    "badge.returned",
    "badge.revoked",
    "custody_item.added",
    "deposit.signed",
    "deposit.voided",
    "door.read",
    "locker.assigned",
    "locker.released",
    "presence.entered",
    "presence.left",
    "return.signed",
    "sweep.required",
    *CONCERN_KINDS,
)
_OF_READS = ("door.acknowledged", "door.command", "door.opened", "door.relocked")
_PLAIN = frozenset(
    {"engagement.approved_by_facility", "engagement.approved_by_lab", "engagement.proposed"}
)
_THINGS = ("access.custodyitem", "access.lockerassignment", "inspections.sweep")


class Found(NamedTuple):
    """An entry while it is looked for."""

    position: int
    kind: str
    at: datetime
    subject: tuple[str, str]
    data: Mapping[str, Any]
    erased: bool


class VisitEntries(NamedTuple):
    """Positions in the journal's order, and of the mandate whether its label fits, and its state.

    Where it does not fit, only its approvals are among the entries: their text is plain.
    """

    positions: list[int]
    mandate_shown: bool
    mandate_state: str


def visit_entries(visit: Visit, report: Report, portions: Portions) -> VisitEntries:
    """The positions of all that belongs to the visit, its booking and its mandate."""
    own = _about([("access.visit", str(visit.pk)), ("reporting.report", str(report.pk))])
    steps = [entry for entry in own if entry.subject[0] == "access.visit"]
    booking_id = _first(steps, "booking_id") or str(visit.booking_id)
    booking = _about([("access.booking", booking_id)])
    mandate = _first(booking, "engagement_id") or str(visit.booking.engagement_id)
    terms = sorted(_about([("access.engagement", mandate)]))
    shown = _shown(terms, portions)
    found = [*own, *booking, *(each for each in terms if shown or each.kind in _PLAIN)]
    found += _named(visit, report, steps, booking)
    engagement = _first(terms, "reference") or visit.booking.engagement.reference
    found += _rights(visit, steps, engagement)
    positions = {entry.position for entry in found}
    erased = [str(entry.position) for entry in found if entry.erased]
    positions |= {
        entry.position
        for entry in _about([("journal.entry", each) for each in erased])
        if entry.kind == "body.purged"
    }
    # What came after the last checkpoint is not proven yet.
    signed = Checkpoint.objects.order_by("-size").values_list("size", flat=True).first() or 0
    proven = sorted(position for position in positions if position < signed)
    return VisitEntries(proven, shown, _first(reversed(terms), "state"))


def _shown(terms: Iterable[Found], portions: Portions) -> bool:
    """INVARIANT: a mandate whose label is not known to fit under the ceiling is withheld."""
    key = _first(terms, "level")
    level = Level.objects.filter(pk=key).first() if key else None
    return level is not None and portions.shows(level)


def _named(
    visit: Visit, report: Report, steps: list[Found], booking: list[Found]
) -> Iterable[Found]:
    """What names the visit, and what follows from that."""
    reference = _first(steps, "visit", "reference") or visit.reference
    person = _first(steps, "person") or str(visit.person_id)
    stay = [entry.at for entry in steps if entry.kind not in {"visit.expected", "visit.cancelled"}]
    inside = _inside(steps)
    ends = _EVER if inside and inside[-1][1] == _EVER else max(stay, default=_EVER)
    span = (min(stay), ends) if stay else None
    links = _links(visit)
    times = [*stay, *links.times, *_window(booking)]
    since = min((entry.position for entry in steps), default=0)
    naming = _bodies(
        (*_NAMING, *laptop_kinds()),
        report.facility_id,
        since=since,
        times=(min(times) - _MARGIN, max(times) + timedelta(days=1)) if times else None,
        needles=[str(visit.pk), reference, person],
    )
    kept = [entry for entry in naming if _mine(entry, str(visit.pk), reference, person, span)]
    reads = {str(e.data["read_id"]) for e in kept if e.kind == "door.read"}
    kept += _of_reads(reads, report.facility_id, times, since=since)
    wanted = {*_THINGS, *laptop_things()}
    things = {entry.subject for entry in kept if entry.subject[0] in wanted}
    kept += _about(sorted(things))
    # What the tables link to counts where it names the visit too, or its text is erased.
    linked = _about(links.things)
    kept += [each for each in linked if each.erased or each.data.get("visit") == reference]
    return [*kept, *_at_times(links.times)]


def _inside(steps: Iterable[Found]) -> list[tuple[datetime, datetime]]:
    """From each entering to the next going out; who is inside still has not come to an end."""
    spans: list[tuple[datetime, datetime]] = []
    for entry in sorted(steps, key=lambda each: each.at):
        if entry.kind == "visit.entered":
            spans.append((entry.at, _EVER))
        elif entry.kind == "visit.left" and spans:
            spans[-1] = (spans[-1][0], min(entry.at, spans[-1][1]))
    return spans


def _rights(visit: Visit, steps: list[Found], engagement: str) -> list[Found]:
    """What took the right to be inside away while he was: at whatever facility somebody did so."""
    person = _first(steps, "person") or str(visit.person_id)
    inside = _inside(steps)
    if not inside:
        return []
    times = (inside[0][0], inside[-1][1])
    found = _bodies(RIGHT_KINDS, None, since=0, times=times, needles=[person])
    return [
        each
        for each in found
        if each.data.get("person") == person
        and each.data.get("engagement", engagement) == engagement
        and right_ended(each.kind, each.data)
        and any(since <= each.at <= until for since, until in inside)
    ]


def _mine(
    entry: Found,
    visit: str,
    reference: str,
    person: str,
    span: tuple[datetime, datetime] | None,
) -> bool:
    """Of a badge only what happened in this visitor's hand, of the doors only his own reads."""
    data = entry.data
    if entry.kind == "sweep.required":
        return bool(data.get("cause") == reference)
    if entry.kind in CONCERN_KINDS:
        named = person in (data.get("people") or ())
        return named and span is not None and span[0] <= entry.at <= span[1]
    if not entry.kind.startswith(("door.", "presence.")):
        return bool(data.get("visit_id", visit) == visit and data.get("visit") == reference)
    if data.get("basis") == "visit":
        return bool(data.get("basis_id") == visit)
    if data.get("person_id") != person or span is None:
        return False
    return span[0] <= entry.at <= span[1]


class _Links(NamedTuple):
    things: list[tuple[str, str]]
    times: list[datetime]


def _links(visit: Visit) -> _Links:
    """What the tables say belongs to the visit."""
    things = [
        ("access.lockerassignment", pk)
        for pk in LockerAssignment.objects.filter(visit=visit).values_list("pk", flat=True)
    ]
    things += [
        ("access.custodyitem", pk)
        for pk in CustodyItem.objects.filter(assignment__visit=visit).values_list("pk", flat=True)
    ]
    swept = Sweep.objects.filter(cause=visit.reference).values_list("pk", flat=True)
    things += [("inspections.sweep", pk) for pk in swept]
    times = [
        *AccessDecision.objects.filter(visit=visit).values_list("occurred_at", flat=True),
        *PresenceEvent.objects.filter(visit=visit).values_list("occurred_at", flat=True),
    ]
    return _Links([(kind, str(pk)) for kind, pk in things], times)


def _window(booking: Iterable[Found]) -> list[datetime]:
    texts = [str(e.data[k]) for e in booking for k in ("starts_at", "ends_at") if k in e.data]
    return [datetime.fromisoformat(text) for text in texts]


def _first(entries: Iterable[Found], *keys: str) -> str:
    for entry in entries:
        for key in keys:
            if entry.data.get(key):
                return str(entry.data[key])
    return ""


def _about(subjects: Iterable[tuple[str, str]]) -> list[Found]:
    wanted = Q(pk__in=[])
    by_type: dict[str, list[str]] = {}
    for kind, key in subjects:
        by_type.setdefault(kind, []).append(key)
    for kind, keys in by_type.items():
        wanted |= Q(subject_type=kind, subject_id__in=keys)
    return [_found(entry) for entry in Entry.objects.select_related("body").filter(wanted)]


def _at_times(times: list[datetime]) -> list[Found]:
    """The gateways' reads and passages of these very moments whose text was erased."""
    entries = Entry.objects.select_related("body").filter(
        kind__in=("door.read", "presence.entered", "presence.left"),
        occurred_at__in=times,
        body__content=None,
    )
    return [_found(entry) for entry in entries] if times else []


def _found(entry: Entry) -> Found:
    data = entry.body.data
    return Found(
        entry.position,
        entry.kind,
        entry.occurred_at,
        (entry.subject_type, entry.subject_id),
        data if isinstance(data, dict) else {},
        entry.body.erased,
    )


_BODIES = """
    SELECT entry.position, entry.kind, entry.occurred_at, entry.subject_type, entry.subject_id,
           body.content
    FROM journal_entry entry JOIN journal_body body ON body.position = entry.position
    WHERE (%s::uuid IS NULL OR entry.facility_id = %s) AND entry.kind = ANY(%s)
      AND entry.position >= %s
      AND entry.occurred_at BETWEEN %s AND %s AND """


def _bodies(
    kinds: Iterable[str],
    facility: UUID | None,
    *,
    since: int,
    times: tuple[datetime, datetime] | None,
    needles: Iterable[str],
) -> list[Found]:
    """Entries whose body holds one of some texts; the caller looks where in it.

    Of a facility, or of whichever.
    """
    if times is None:
        return []
    wanted = [needle.encode() for needle in needles]
    words = " OR ".join(["position(%s::bytea in body.content) > 0"] * len(wanted))
    return _rows(f"{_BODIES}({words})", [facility, facility, list(kinds), since, *times, *wanted])


def _of_reads(reads: set[str], facility: UUID, times: list[datetime], *, since: int) -> list[Found]:
    """What became of reads: commands, openings."""
    if not reads:
        return []
    first, last = min(times) - _MARGIN, max(times) + timedelta(days=1)
    found = _bodies(_OF_READS, facility, since=since, times=(first, last), needles=reads)
    return [each for each in found if _names_read(each.data, reads)]


def _names_read(data: Any, reads: set[str]) -> bool:
    """Whether an entry is about one of the reads; two who enter together share an opening."""
    if not isinstance(data, dict):
        return False
    named = data.get("read_ids")
    both = named if isinstance(named, list) else []
    return any(str(each) in reads for each in (data.get("read_id"), *both))


def _rows(statement: str, arguments: list[Any]) -> list[Found]:
    with connection.cursor() as cursor:
        cursor.execute(f"{statement} ORDER BY entry.position", arguments)
        return [
            Found(
                position,
                kind,
                at,
                (subject_type, subject_id),
                json.loads(bytes(content)),
                erased=False,
            )
            for position, kind, at, subject_type, subject_id, content in cursor
        ]
