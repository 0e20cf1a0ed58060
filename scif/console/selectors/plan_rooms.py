"""What is written over the rooms of any plan, the desk's and the officers' alike."""

from typing import Any

from django.utils.translation import gettext as _

from access.selectors.desk_zone import zones_uncounted
from access.selectors.lockdown import areas_of, lockdowns_in_force
from scif.facilities.models import Facility

Rooms = dict[str, dict[str, Any]]


def uncounted_over(rooms: Rooms, facility: Facility) -> None:
    """Write over each room, by its area's code, that it is to be counted first."""
    for zone in zones_uncounted(facility):
        rooms.setdefault(zone.area.code, {}).update(tag=_("count first"), tag_tone="stop")


def lockdown_over(rooms: Rooms, facility: Facility) -> None:
    """Write over each room that it is locked down: graver than all else that is written there."""
    for lockdown in lockdowns_in_force(facility):
        for area in areas_of(lockdown):
            rooms.setdefault(area.code, {}).update(tint="alarm", tag=_("lockdown"), tag_tone="stop")
