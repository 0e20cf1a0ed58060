"""Conflict walls: raised on somebody's word, ended with a reason."""

from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from access.events import WallChanged
from access.models import ConflictWall, WallKind
from access.selectors.people import people_of
from access.selectors.wall import may_decide
from scif.facilities.models import Facility
from scif.journal.services import append
from scif.kernel.actor import Actor
from scif.kernel.clock import now
from scif.kernel.errors import require
from scif.kernel.events import publish
from scif.people.access import lock, visible
from scif.people.models import Organisation, Person

CHANGE = "access.change_wall"


@transaction.atomic
def wall_raise(
    *,
    facility_id: UUID,
    party_ids: tuple[UUID, UUID],
    kind: WallKind,
    reason: str,
    approver_id: UUID,
    valid_from: date,
    valid_until: date | None,
    actor: Actor,
) -> ConflictWall:
    """Keep two parties apart at a facility; another person than who records it approves it.

    Bookings that stand already are not moved: whoever comes second is refused at the desk.
    """
    facility = lock(visible(Facility.objects.all(), actor, CHANGE), facility_id)
    require(
        approver_id != actor.person_id,
        "same_person",
        _("Whoever records a conflict wall does not approve it."),
        _("Name the person who decided it."),
    )
    approver = people_of(actor, CHANGE).get(pk=approver_id)
    require(
        may_decide(Person.objects.filter(pk=approver.pk), facility).exists(),
        "may_not_decide",
        _("This person may not decide on conflict walls of this facility."),
        _("Name an officer of it."),
    )
    require(bool(reason.strip()), "reason_missing", _("Say why the parties are kept apart."))
    parties = sorted(set(party_ids))
    first, second = parties[0], parties[-1]
    require(first != second, "same_party", _("A wall stands between two different parties."))
    wall = ConflictWall(
        facility=facility,
        party_a=Organisation.objects.get(pk=first),
        party_b=Organisation.objects.get(pk=second),
        kind=kind,
        reason=reason.strip(),
        approver=approver,
        valid_from=valid_from,
        valid_until=valid_until,
    )
    wall.full_clean()
    wall.save(force_insert=True)
    append(
        kind="wall.raised",
        actor=actor,
        subject=wall,
        facility=facility.pk,
        body={
            "parties": [str(first), str(second)],
            "kind": kind.value,
            "reason": wall.reason,
            "approver": str(approver_id),
            "valid_from": valid_from,
            "valid_until": valid_until,
        },
    )
    publish(WallChanged(wall.pk))
    return wall


@transaction.atomic
def wall_end(*, wall_id: UUID, reason: str, actor: Actor) -> ConflictWall:
    """End a conflict wall: the parties may meet again from now on."""
    wall = lock(visible(ConflictWall.objects.all(), actor, CHANGE), wall_id)
    require(wall.ended_at is None, "wrong_state", _("The wall has ended already."))
    require(bool(reason.strip()), "reason_missing", _("Say why the parties may meet again."))
    wall.ended_at = now()
    wall.save(update_fields=["ended_at"])
    append(
        kind="wall.ended",
        actor=actor,
        subject=wall,
        facility=wall.facility_id,
        body={"reason": reason.strip()},
    )
    publish(WallChanged(wall.pk))
    return wall
