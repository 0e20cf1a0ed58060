"""The steps of a visit at the desk: arrival, identity, turning away, suspension."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from access.events import VisitChanged
from access.models import Visit, VisitStep
from access.rules.states import STEP_KINDS, VISIT, BookingState, VisitAction, VisitState
from access.selectors.visit import visit_out_of_time
from access.services.booking_end import booking_of_visit_lock, booking_settle
from scif.alarms.models import Gravity
from scif.alarms.services import alarm_raise
from scif.facilities.models import Facility
from scif.journal.services import append
from scif.kernel.actor import Actor
from scif.kernel.clock import now
from scif.kernel.errors import Refused, require
from scif.kernel.events import publish
from scif.kernel.text import text_of
from scif.people.access import lock, visible
from scif.people.naming import described, named

CHECK_IN = "access.check_in_visit"
CHECK_OUT = "access.check_out_visit"
SUSPEND = "access.suspend_visit"


def visit_lock(*, visit_id: UUID, actor: Actor, permission: str) -> Visit:
    """Lock a visit that the actor may act on; ``DoesNotExist`` (a 404) otherwise."""
    visits = Visit.objects.select_related("booking__area__facility", "person")
    return lock(visible(visits, actor, permission), visit_id)


def facility_of(visit: Visit) -> Facility:
    """The facility where the visit takes place."""
    return visit.booking.area.facility


def visit_told(visit: Visit) -> dict[str, str]:
    """The visit as the body of an entry about something else names it."""
    return {"visit": visit.reference, "visit_id": str(visit.pk)}


def visit_advance(
    *,
    visit: Visit,
    action: VisitAction,
    actor: Actor,
    details: Mapping[str, Any] | None = None,
    at: datetime | None = None,
) -> Visit:
    """Take one step of a locked visit: table, save, step row, journal, event.

    ``details`` may hold names and numbers: they go into the step and the erasable body. The body
    also names the visit, its new state and who did it, and at the identity check the visitor.
    """
    visit.state = VISIT.next(VisitState(visit.state), action)
    visit.save(update_fields=["state"])
    moment = at or now()
    VisitStep.objects.create(
        visit=visit, kind=action.value, at=moment, by_id=actor.person_id, details=details or {}
    )
    append(
        kind=STEP_KINDS[action],
        actor=actor,
        subject=visit,
        facility=facility_of(visit).pk,
        body={
            **(details or {}),
            **({"visitor": described(visit.person)} if action is VisitAction.IDENTIFY else {}),
            "visit": visit.reference,
            "state": visit.state,
            **named(actor),
        },
        occurred_at=moment,
    )
    publish(VisitChanged(visit.pk))
    return visit


@transaction.atomic
def visit_arrive(*, visit_id: UUID, actor: Actor) -> Visit:
    """Begin the check-in of an expected visitor.

    His booking must be approved, and its hour no further off than the policy's ``arrival_early``.
    """
    visit = visit_lock(visit_id=visit_id, actor=actor, permission=CHECK_IN)
    require(
        visit.booking.state == BookingState.APPROVED,
        "booking_not_approved",
        "The booking of this visit is not approved.",
        "Call the facility officer.",
    )
    if VisitAction.ARRIVE in VISIT.allowed(VisitState(visit.state)):
        untimely = visit_out_of_time(visit)
        if untimely is not None:
            said = untimely.wording.guard.format_map(untimely.params)
            raise Refused(untimely.code, said, untimely.remedy)
    return visit_advance(visit=visit, action=VisitAction.ARRIVE, actor=actor)


@transaction.atomic
def visit_identify(
    *, visit_id: UUID, document: str, last_characters: str, photo_matches: bool, actor: Actor
) -> Visit:
    """Record the identity check (R31). A photo that does not match turns the visitor away (R33).

    ``last_characters`` are the last four of the document's number, letters A to Z and digits as
    in its machine-readable lines (ICAO 9303) without fillers, kept as capitals: enough to find the
    document again, too few to copy it.
    """
    booking = booking_of_visit_lock(visit_id=visit_id, actor=actor, permission=CHECK_IN)
    visit = visit_lock(visit_id=visit_id, actor=actor, permission=CHECK_IN)
    document = text_of(
        document, "document", most=60, missing="Say which document was shown.", lines=False
    )
    last_characters = text_of(last_characters, "characters", most=20, lines=False)
    require(
        len(last_characters) == 4 and last_characters.isascii() and last_characters.isalnum(),
        "characters_wrong",
        "Enter the last four characters of the document's number: letters A to Z and digits only.",
    )
    details = {
        "document": document,
        "last_characters": last_characters.upper(),
        "photo_matches": photo_matches,
    }
    if photo_matches:
        return visit_advance(visit=visit, action=VisitAction.IDENTIFY, actor=actor, details=details)
    alarm_raise(
        facility=facility_of(visit),
        gravity=Gravity.ACT,
        kind="identity_mismatch",
        subject=visit.reference,
        message=f"Document and person do not match at the desk, visit {visit.reference}",
        actor=actor,
    )
    visit_advance(
        visit=visit,
        action=VisitAction.TURN_AWAY,
        actor=actor,
        details={**details, "reason": "identity_mismatch"},
    )
    booking_settle(booking=booking, actor=actor)
    return visit


@transaction.atomic
def visit_suspend(*, visit_id: UUID, reason: str, actor: Actor) -> Visit:
    """Stop a visit at once: the door closes for entry; who is inside is called out."""
    visit = visit_lock(visit_id=visit_id, actor=actor, permission=SUSPEND)
    reason = text_of(reason, "reason", missing="Say why the visit is suspended.")
    return visit_advance(
        visit=visit, action=VisitAction.SUSPEND, actor=actor, details={"reason": reason}
    )


@transaction.atomic
def visit_resume(*, visit_id: UUID, reason: str, actor: Actor) -> Visit:
    """Lift a suspension; who is not inside begins the check-in again."""
    visit = visit_lock(visit_id=visit_id, actor=actor, permission=SUSPEND)
    reason = text_of(reason, "reason", missing="Say why the suspension is lifted.")
    return visit_advance(
        visit=visit, action=VisitAction.RESUME, actor=actor, details={"reason": reason}
    )
