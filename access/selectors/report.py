"""Whose visits an actor may report on."""

from dataclasses import dataclass

from access.models import Visit
from scif.facilities.models import Level
from scif.kernel.actor import Actor
from scif.kernel.errors import NotPermitted
from scif.people.access import facilities_with, visible
from scif.reporting.permissions import MAKE_REPORT


@dataclass(frozen=True, slots=True)
class ReportScope:
    """The highest marking of the facilities that an actor may report on."""

    marking: Level | None


def report_scope(actor: Actor) -> ReportScope:
    """Where an actor may make reports; refuses ``not_permitted`` if nowhere.

    Levels of two schemes cannot be compared: then there is no common marking, and the page says
    to treat it as the highest.
    """
    facilities = facilities_with(actor, MAKE_REPORT).select_related("marking")
    levels = [facility.marking for facility in facilities]
    if not levels:
        raise NotPermitted(
            "not_permitted",
            "Your role does not allow making reports.",
            "Ask a facility officer.",
        )
    if len({level.scheme_id for level in levels}) > 1:
        return ReportScope(None)
    return ReportScope(max(levels, key=lambda level: level.rank))


def may_report(actor: Actor) -> bool:
    """Whether an actor may make reports anywhere."""
    return facilities_with(actor, MAKE_REPORT).exists()


def visit_by_reference(reference: str, actor: Actor) -> Visit | None:
    """The visit of this reference, if the actor may report on it."""
    visits = visible(Visit.objects.all(), actor, MAKE_REPORT)
    return visits.filter(reference__iexact=reference.strip()).first()
