"""Accreditations: recorded from the official's letter, suspended at once when in doubt (R1)."""

from datetime import date
from uuid import UUID

from django.db import transaction

from inspections.events import AccreditationChanged
from inspections.models import Accreditation
from inspections.rules.states import (
    ACCREDITATION,
    IN_FORCE,
    AccreditationAction,
    AccreditationState,
)
from scif.facilities.models import Area, Level
from scif.journal.services import append
from scif.kernel.actor import Actor
from scif.kernel.errors import require
from scif.kernel.events import publish
from scif.kernel.text import text_of
from scif.people.access import lock, visible

CHANGE = "inspections.change_accreditation"


@transaction.atomic
def accreditation_record(
    *,
    area_id: UUID,
    state: AccreditationState,
    official: str,
    letter: str,
    level: Level,
    issued_on: date,
    expires_on: date | None,
    conditions: str,
    actor: Actor,
) -> Accreditation:
    """Record an accreditation letter that is in force; the one before ends with it."""
    area = lock(visible(Area.objects.select_related("facility"), actor, CHANGE), area_id)
    require(
        state in IN_FORCE,
        "not_in_force",
        "Only a letter that accredits, finally or for the interim, is recorded here.",
    )
    require(
        bool(letter.strip() and official.strip()), "letter_missing", "Name letter and official."
    )
    for before in Accreditation.objects.filter(area=area, state__in=IN_FORCE):
        before.state = ACCREDITATION.next(
            AccreditationState(before.state), AccreditationAction.DE_ACCREDIT
        )
        before.save(update_fields=["state"])
        _tell(before, "accreditation.replaced", actor)
    accreditation = Accreditation.objects.create(
        area=area,
        state=state,
        official=official.strip(),
        letter=letter.strip(),
        level=level,
        issued_on=issued_on,
        expires_on=expires_on,
        conditions=conditions.strip(),
    )
    _tell(accreditation, "accreditation.recorded", actor)
    return accreditation


@transaction.atomic
def accreditation_suspend(*, accreditation_id: UUID, reason: str, actor: Actor) -> Accreditation:
    """Suspend an accreditation: nobody enters the area for work until a new letter."""
    accreditations = Accreditation.objects.select_related("area__facility")
    accreditation = lock(visible(accreditations, actor, CHANGE), accreditation_id)
    reason = text_of(reason, "reason", missing="Say why the accreditation is suspended.")
    accreditation.state = ACCREDITATION.next(
        AccreditationState(accreditation.state), AccreditationAction.SUSPEND
    )
    accreditation.save(update_fields=["state"])
    _tell(accreditation, "accreditation.suspended", actor, reason)
    return accreditation


def _tell(accreditation: Accreditation, kind: str, actor: Actor, reason: str = "") -> None:
    append(
        kind=kind,
        actor=actor,
        subject=accreditation,
        facility=accreditation.area.facility_id,
        body={"letter": accreditation.letter, "reason": reason},
    )
    publish(AccreditationChanged(accreditation.area_id))
