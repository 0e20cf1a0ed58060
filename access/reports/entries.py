"""The journal entries of a visit: what the services wrote, and what the gateways reported."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from typing import NamedTuple

from django.db.models import Q

from access.models import AccessDecision, Visit
from inspections.models import Sweep
from scif.journal.models import Entry
from scif.reporting.models import Report

# A gateway that was cut off reports late, but by the time at which things happened.
_MARGIN = timedelta(minutes=5)
# A card is encoded before it is handed out.
_DESK_MARGIN = timedelta(hours=1)
_EDGE_KINDS = (
    "door.read",
    "door.command",
    "door.acknowledged",
    "door.opened",
    "door.relocked",
    "presence.entered",
    "presence.left",
)


class VisitEntries(NamedTuple):
    """Positions in the journal's order, and where each read at a door stands."""

    positions: list[int]
    reads: dict[str, int]


def visit_entries(
    visit: Visit,
    *,
    report: Report,
    decisions: Iterable[AccessDecision],
    sweeps: Iterable[Sweep],
    engagement: bool,
) -> VisitEntries:
    """The positions of what belongs to the visit.

    Of a badge only what happened while it was in this visitor's hand, of the gateways' events only
    his own reads and passages: no other visitor appears. ``engagement``: the mandate's too.
    """
    wanted = _about(visit, report, sweeps, engagement=engagement)
    positions = set(Entry.objects.filter(wanted).values_list("position", flat=True))
    positions |= set(_badges(visit))
    reads = {decision.read_id: decision.occurred_at for decision in decisions}
    found = _edge(visit, reads) if reads else {}
    positions |= set(found)
    return VisitEntries(
        sorted(positions),
        {read_id: at for at, (kind, read_id) in found.items() if kind == "door.read"},
    )


def _about(visit: Visit, report: Report, sweeps: Iterable[Sweep], *, engagement: bool) -> Q:
    lockers = list(visit.lockers.all())
    subjects: list[tuple[str, Iterable[object]]] = [
        ("access.visit", [visit.pk]),
        ("access.booking", [visit.booking_id]),
        ("access.lockerassignment", [locker.pk for locker in lockers]),
        ("access.custodyitem", [item.pk for locker in lockers for item in locker.items.all()]),
        ("access.badgeassignment", visit.badges.values_list("pk", flat=True)),
        ("inspections.sweep", [sweep.pk for sweep in sweeps]),
        ("reporting.report", [report.pk]),
    ]
    if engagement:
        subjects.append(("access.engagement", [visit.booking.engagement_id]))
    wanted = Q()
    for kind, keys in subjects:
        wanted |= Q(subject_type=kind, subject_id__in=[str(key) for key in keys])
    return wanted


def _badges(visit: Visit) -> Iterator[int]:
    """What happened to a badge in this visitor's hand; it has been in others'."""
    for held in visit.badges.all():
        entries = Entry.objects.select_related("body").filter(
            subject_type="access.badge",
            subject_id=str(held.badge_id),
            occurred_at__gte=held.issued_at - _DESK_MARGIN,
        )
        if held.returned_at is not None:
            entries = entries.filter(occurred_at__lte=held.returned_at + _DESK_MARGIN)
        for entry in entries.iterator():
            data = entry.body.data
            if isinstance(data, dict) and data.get("visit") == visit.reference:
                yield entry.position


def _edge(visit: Visit, reads: Mapping[str, object]) -> dict[int, tuple[str, str]]:
    """Position → kind and read, of the gateways' entries about the visit's reads."""
    times = AccessDecision.objects.filter(read_id__in=list(reads)).values_list(
        "occurred_at", flat=True
    )
    entries = Entry.objects.select_related("body").filter(
        kind__in=_EDGE_KINDS,
        facility_id=visit.booking.area.facility_id,
        occurred_at__gte=min(times) - _MARGIN,
        occurred_at__lte=max(times) + _MARGIN,
    )
    found: dict[int, tuple[str, str]] = {}
    for entry in entries.iterator():
        data = entry.body.data
        read_id = str(data.get("read_id", "")) if isinstance(data, dict) else ""
        if read_id in reads:
            found[entry.position] = (entry.kind, read_id)
    return found
