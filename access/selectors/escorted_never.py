"""Where nobody under escort ever gets in, in words, for whoever sets up an area or an escort."""

from collections.abc import Iterable

from django.utils.translation import ngettext

from access.rules.pair import no_place_beside
from scif.facilities.models import Area, Facility


def escorted_never(areas: Iterable[Area]) -> list[str]:
    """A warning for each area whose places two cleared people fill before anybody escorted."""
    return [
        ngettext(
            "Nobody under escort ever enters %(area)s: it has %(places)d place, and two cleared "
            "people must be inside first. Give it more places, or meet elsewhere.",
            "Nobody under escort ever enters %(area)s: it has %(places)d places, and two cleared "
            "people must be inside first. Give it more places, or meet elsewhere.",
            area.capacity,
        )
        % {"area": area.name, "places": area.capacity}
        for area in areas
        if area.capacity is not None
        and no_place_beside(capacity=area.capacity, two_person=area.two_person)
    ]


def escorted_never_at(facility: Facility) -> list[str]:
    """The same for every area of a facility that has a door."""
    areas = Area.objects.filter(facility=facility, zones__isnull=False)
    return escorted_never(areas.distinct().order_by("name"))
