"""What a page or a report is marked with: the highest label of what it holds."""

from collections.abc import Iterable

from django.db.models import QuerySet

from access.models import Engagement
from scif.facilities.models import Compartment, Facility, Level


class Banner:
    """A marking that rises with what is put under it.

    INVARIANT: of each scheme the highest level that is held, then every compartment: no part of a
    page or report lies above its banner.
    """

    def __init__(self) -> None:
        self._levels: dict[str, Level] = {}
        self._compartments: set[str] = set()

    def hold(self, level: Level, compartments: Iterable[Compartment] = ()) -> None:
        """Put a part with this label under it."""
        known = self._levels.get(level.scheme.code)
        if known is None or level.rank > known.rank:
            self._levels[level.scheme.code] = level
        self._compartments |= {compartment.code for compartment in compartments}

    @property
    def levels(self) -> list[Level]:
        """The highest level of each scheme, by the scheme's code."""
        return [level for _code, level in sorted(self._levels.items())]

    @property
    def label(self) -> str:
        """As it stands on the page; empty where nothing is held."""
        names = " / ".join(level.name.upper() for level in self.levels)
        return "//".join(filter(None, [names, *sorted(self._compartments)]))

    @property
    def colour(self) -> str:
        """The level's own, where there is one level."""
        return self.levels[0].colour if len(self._levels) == 1 else ""


def facilities_banner(engagements: QuerySet[Engagement]) -> Banner:
    """The markings of the facilities that mandates touch: for pages without a mandate's words."""
    banner = Banner()
    for facility in _facilities(engagements):
        banner.hold(facility.marking)
    return banner


def mandates_banner(engagements: QuerySet[Engagement]) -> Banner:
    """For pages with the words of these mandates: title, what is studied.

    They bear their own label; facts about people, times and bytes the lowest of the facility's
    scheme, as in its reports (``access/reports/portions.py``).
    """
    banner = Banner()
    for facility in _facilities(engagements):
        banner.hold(lowest_of(facility.marking))
    labelled = engagements.select_related("level__scheme").prefetch_related("compartments")
    for engagement in labelled:
        banner.hold(engagement.level, engagement.compartments.all())
    return banner


def lowest_of(level: Level) -> Level:
    """The lowest level of a level's scheme."""
    lowest = Level.objects.filter(scheme=level.scheme_id).select_related("scheme")
    return lowest.order_by("rank").first() or level


def _facilities(engagements: QuerySet[Engagement]) -> QuerySet[Facility]:
    found = Facility.objects.filter(areas__engagements__in=engagements.order_by().values("pk"))
    return found.select_related("marking__scheme").distinct()
