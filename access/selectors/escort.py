"""Who is escorted by whom at a facility, now and today."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import QuerySet

from access.models import Duty
from scif.facilities.models import Facility
from scif.kernel.clock import now
from scif.people.models import Person


def escorts_now(facility: Facility) -> dict[UUID, Person]:
    """The escort of each person who is on an escorted duty at this moment."""
    duties = _escorted(facility, now(), now()).order_by("-starts_at", "pk")
    return {duty.person_id: duty.escort for duty in duties if duty.escort is not None}


def escorting_now(facility: Facility) -> Mapping[UUID, list[Person]]:
    """Whom each escort accompanies at this moment."""
    found: dict[UUID, list[Person]] = defaultdict(list)
    for duty in _escorted(facility, now(), now()).order_by("person__name"):
        if duty.escort_id is not None and duty.person not in found[duty.escort_id]:
            found[duty.escort_id].append(duty.person)
    return found


def escorted_soon(facility: Facility, within: timedelta) -> list[Duty]:
    """The escorted duties that last, or begin within a time, the first to come first."""
    return list(_escorted(facility, now(), now() + within).order_by("starts_at", "person__name"))


def _escorted(facility: Facility, start: datetime, end: datetime) -> QuerySet[Duty]:
    """The escorted duties that touch a span, its last moment included."""
    return Duty.objects.select_related("person__organisation", "escort").filter(
        facility=facility, escort__isnull=False, starts_at__lte=end, ends_at__gt=start
    )
