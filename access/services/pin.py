"""PINs: random, shown once, kept only as a keyed verifier (R24)."""

import secrets
from uuid import UUID

from django.conf import settings
from django.db import transaction

from access.events import PersonChanged, VisitChanged
from access.models import BadgeAssignment, Pin
from access.rules.pin import pin_verifier
from access.rules.states import VisitAction, VisitState
from access.services.orders import policy_number
from access.services.visit import facility_of, visit_advance, visit_lock
from scif.journal.services import append
from scif.kernel.actor import Actor
from scif.kernel.clock import now
from scif.kernel.errors import require
from scif.kernel.events import gathered, publish
from scif.kernel.keys import KeyStore

ISSUE = "access.issue_badge"
KEY = "pin.hmac"


@transaction.atomic
@gathered()
def pin_set(*, visit_id: UUID, actor: Actor) -> str:
    """Draw a PIN for a visitor who holds his badge; with it the visit is checked in.

    Returns the digits, to be shown once. INVARIANT: they are written nowhere. Asked again, it
    draws another one, and the one before is void.
    """
    visit = visit_lock(visit_id=visit_id, actor=actor, permission=ISSUE)
    facility = facility_of(visit)
    require(
        BadgeAssignment.objects.filter(visit=visit, returned_at=None).exists(),
        "no_badge",
        "A PIN is given with a badge, and this visit has none.",
        "Issue the badge first.",
    )
    require(
        visit.state in {VisitState.DEPOSITED, VisitState.BADGED, VisitState.OUTSIDE},
        "wrong_state",
        "A PIN is given at the desk, before the door.",
    )
    digits = policy_number(facility, "pin_digits")
    require(digits >= 4, "policy_incomplete", "The policy allows a PIN of less than four digits.")
    pin = "".join(secrets.choice("0123456789") for _ in range(digits))
    key = KeyStore(settings.KEY_DIR).secret(KEY)
    Pin.objects.update_or_create(
        person=visit.person,
        facility=facility,
        defaults={
            "verifier": pin_verifier(key=key, person_id=str(visit.person_id), pin=pin),
            "duress_verifier": "",
            "set_at": now(),
        },
    )
    append(kind="pin.set", actor=actor, subject=visit.person, facility=facility.pk)
    publish(PersonChanged(visit.person_id))
    if visit.state == VisitState.DEPOSITED:
        visit_advance(visit=visit, action=VisitAction.ISSUE_BADGE, actor=actor)
    else:
        publish(VisitChanged(visit.pk))
    return pin
