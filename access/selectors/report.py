"""Whose visits an actor may report on."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet

from access.models import Visit
from access.rules.states import VisitState
from scif.facilities.models import Level
from scif.kernel.actor import Actor
from scif.kernel.errors import NotPermitted
from scif.people.access import facilities_with, visible
from scif.reporting.permissions import MAKE_REPORT


@dataclass(frozen=True, slots=True)
class ReportScope:
    """How pages that list visits and reports are marked: names and times, never the material."""

    label: str
    colour: str


def report_scope(actor: Actor) -> ReportScope:
    """Where an actor may make reports; refuses ``not_permitted`` if nowhere.

    Facts about people and times bear the lowest level of their facility's scheme, as in the reports
    themselves; where facilities of several schemes are shown, each scheme's level is named.
    """
    facilities = facilities_with(actor, MAKE_REPORT)
    schemes = list(facilities.order_by().values_list("marking__scheme", flat=True).distinct())
    if not schemes:
        raise NotPermitted(
            "not_permitted",
            "Your role does not allow making reports.",
            "Ask a facility officer.",
        )
    levels = Level.objects.filter(scheme__in=schemes).order_by("scheme__code", "rank")
    lowest: dict[object, Level] = {}
    for level in levels:
        lowest.setdefault(level.scheme_id, level)
    names = dict.fromkeys(level.name for level in lowest.values())
    colours = {level.colour for level in lowest.values()}
    return ReportScope(" / ".join(names), colours.pop() if len(colours) == 1 else "")


def visits_reportable(actor: Actor, search: str = "") -> QuerySet[Visit]:
    """The visits that the actor may report on, the latest first, by person, reference or day.

    A day is typed as 2026-11-24, and is the facility's own day. Visits that were only expected and
    cancelled are among them: their record shows that nothing happened.
    """
    visits = visible(Visit.objects.all(), actor, MAKE_REPORT).select_related(
        "person__organisation", "booking__area__facility", "booking__engagement"
    )
    visits = visits.order_by("-booking__starts_at", "reference")
    text = search.strip()
    if not text:
        return visits
    found = (
        Q(reference__icontains=text)
        | Q(booking__reference__icontains=text)
        | Q(person__name__icontains=text)
        | Q(person__organisation__name__icontains=text)
    )
    day = _day(text)
    if day is not None:
        for zone in set(facilities_with(actor, MAKE_REPORT).values_list("time_zone", flat=True)):
            start = datetime.combine(day, time(), ZoneInfo(zone))
            end = datetime.combine(day + timedelta(days=1), time(), ZoneInfo(zone))
            found |= Q(
                booking__area__facility__time_zone=zone,
                booking__starts_at__lt=end,
                booking__ends_at__gt=start,
            )
    return visits.filter(found)


def visit_begun(visit: Visit) -> bool:
    """Whether the visitor has arrived: before, and after a cancelling, a record shows nothing."""
    return visit.state not in {VisitState.EXPECTED, VisitState.CANCELLED}


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    # The first and last days of the calendar have no neighbours in every zone.
    return day if date.min.year < day.year < date.max.year else None


def may_report(actor: Actor) -> bool:
    """Whether an actor may make reports anywhere."""
    return facilities_with(actor, MAKE_REPORT).exists()


def visit_by_reference(reference: str, actor: Actor) -> Visit | None:
    """The visit of this reference, if the actor may report on it."""
    visits = visible(Visit.objects.all(), actor, MAKE_REPORT)
    return visits.filter(reference__iexact=reference.strip()).first()
