"""An area is sanitised for an uncleared person, and is not any more.

While it is, open storage asks a visitor for less: so two officers record it, and one ends it.
"""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from access.events import SanitisationChanged
from access.models import Sanitisation
from access.services.grant import by_two
from access.services.orders import policy_number
from scif.facilities.models import Area
from scif.journal.services import append
from scif.kernel.actor import Actor
from scif.kernel.clock import now
from scif.kernel.errors import Refused, require
from scif.kernel.events import publish
from scif.kernel.text import text_of
from scif.people.access import lock, visible

PERMISSION = "access.sanitise_area"


@by_two(permission=PERMISSION)
@transaction.atomic
def area_sanitise(*, area_id: UUID, note: str, ends_at: datetime, actor: Actor) -> Sanitisation:
    """Record that nothing classified lies open in an area, until ``ends_at`` at the latest (R38).

    Refuses a time beyond ``sanitised_hours`` of the policy, and where it is recorded already.
    """
    area = lock(visible(Area.objects.all(), actor, PERMISSION), area_id)
    note = text_of(note, "note", missing=_("Say what was done: what was covered or put away."))
    at = now()
    hours = policy_number(area.facility, "sanitised_hours")
    require(ends_at > at, "window_empty", _("The time that it holds for is over already."))
    require(
        ends_at <= at + timedelta(hours=hours),
        "too_long",
        _("An area is recorded as sanitised for %(hours)d hours at most.") % {"hours": hours},
        _("Record a shorter time, and record it anew when that is over."),
    )
    # One whose time is over holds nobody up until beat has ended it.
    for past in Sanitisation.objects.filter(area=area, ended_at=None, ends_at__lte=at):
        _end(past, past.ends_at, _("Its time is over"), actor)
    recorded = Sanitisation(
        area=area, recorded_by_id=actor.person_id, recorded_at=at, ends_at=ends_at, note=note
    )
    recorded.full_clean()
    recorded.save(force_insert=True)
    append(
        kind="sanitisation.recorded",
        actor=actor,
        subject=recorded,
        facility=area.facility_id,
        body={"area": area.code, "ends_at": ends_at, "note": note},
    )
    publish(SanitisationChanged(area.pk))
    return recorded


@transaction.atomic
def sanitisation_end(*, area_id: UUID, reason: str, actor: Actor) -> Sanitisation:
    """Record that an area is not sanitised any more; doors learn of it at once."""
    area = lock(visible(Area.objects.all(), actor, PERMISSION), area_id)
    recorded = Sanitisation.objects.filter(area=area, ended_at=None).first()
    if recorded is None:
        raise Refused("wrong_state", _("The area is not recorded as sanitised."))
    reason = text_of(reason, "reason", missing=_("Say why the area is not sanitised any more."))
    return _end(recorded, now(), reason, actor)


@transaction.atomic
def sanitisations_end_due(*, actor: Actor) -> None:
    """End each record whose time is over: doors know the time and closed by themselves."""
    due = Sanitisation.objects.filter(ended_at=None, ends_at__lte=now()).order_by("pk")
    for recorded in due.select_for_update(of=("self",), no_key=True, skip_locked=True):
        _end(recorded, recorded.ends_at, _("Its time is over"), actor)


def _end(recorded: Sanitisation, at: datetime, reason: str, actor: Actor) -> Sanitisation:
    recorded.ended_at = at
    recorded.save(update_fields=["ended_at"])
    append(
        kind="sanitisation.ended",
        actor=actor,
        subject=recorded,
        facility=recorded.area.facility_id,
        body={"area": recorded.area.code, "ended_at": at, "reason": reason},
    )
    publish(SanitisationChanged(recorded.area_id))
    return recorded
