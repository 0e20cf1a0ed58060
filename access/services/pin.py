"""PINs of visitors: drawn and shown once, or chosen unseen; kept only as a keyed verifier (R24)."""

import secrets
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from access.events import VisitChanged
from access.models import BadgeAssignment, Visit
from access.rules.states import VisitAction, VisitState
from access.selectors.visit import visit_pin
from access.services.orders import policy_number
from access.services.pin_choice import pin_keep, pins_check
from access.services.visit import facility_of, visit_advance, visit_lock
from scif.kernel.actor import Actor
from scif.kernel.errors import Refused, require
from scif.kernel.events import gathered, publish

ISSUE = "access.issue_badge"


@transaction.atomic
@gathered()
def pin_set(*, visit_id: UUID, actor: Actor) -> str:
    """Draw the PIN of a visitor who holds his badge; with it the visit is checked in.

    Returns the digits, to be shown once. INVARIANT: they are written nowhere. Refuses where the
    visitor was given one in this visit: he may be reading it on another tablet (``pin_replace``).
    """
    visit = _at_the_desk(visit_id, actor)
    _unchanged(visit, None)
    return _draw(visit, actor)


@transaction.atomic
@gathered()
def pin_replace(*, visit_id: UUID, replaces: datetime | None, actor: Actor) -> str:
    """Draw another PIN for a visitor who was given one, which is void from now on.

    ``replaces`` is when the PIN that is to end was set, as the actor was told; another one that
    was made meanwhile is not voided unseen.
    """
    visit = _at_the_desk(visit_id, actor)
    _unchanged(visit, replaces)
    return _draw(visit, actor)


@transaction.atomic
@gathered()
def visit_pin_choose(
    *,
    visit_id: UUID,
    pin: str,
    pin_again: str,
    second: str = "",
    second_again: str = "",
    replaces: datetime | None = None,
    actor: Actor,
) -> Visit:
    """Give a visitor who holds his badge the PIN that he typed twice, unseen by the guard.

    Who he is was checked when he came. Without ``second`` a second PIN of before ends as well.
    Refuses what the policy calls too short, too long or too easy to guess (``pins_check``), and
    to void another PIN than that of ``replaces``. With it the visit is checked in.
    INVARIANT: the digits are written nowhere.
    """
    visit = _at_the_desk(visit_id, actor)
    _unchanged(visit, replaces)
    pins_check(facility_of(visit), (pin, pin_again), (second, second_again))
    _give(visit, pin, second, actor)
    return visit


def _unchanged(visit: Visit, seen: datetime | None) -> None:
    """Refuse to void a PIN of this visit that the actor was not told of."""
    given = visit_pin(visit)
    if given is None or given.set_at == seen:
        return
    told = {"at": f"{localtime(given.set_at):%H:%M}", "who": given.set_by or _("somebody else")}
    raise Refused(
        "pin_given",
        _("A PIN was made at %(at)s by %(who)s: the visitor may have it already.") % told,
        _("Ask the visitor. If he has none, make a new one; the first is void then."),
    )


def _draw(visit: Visit, actor: Actor) -> str:
    digits = policy_number(facility_of(visit), "pin_digits")
    require(
        digits >= 4, "policy_incomplete", _("The policy allows a PIN of less than four digits.")
    )
    pin = "".join(secrets.choice("0123456789") for _digit in range(digits))
    _give(visit, pin, "", actor)
    return pin


def _at_the_desk(visit_id: UUID, actor: Actor) -> Visit:
    """The visit, locked; refuses one that cannot be given a PIN now."""
    visit = visit_lock(visit_id=visit_id, actor=actor, permission=ISSUE)
    require(
        BadgeAssignment.objects.filter(visit=visit, returned_at=None).exists(),
        "no_badge",
        _("A PIN is given with a badge, and this visit has none."),
        _("Issue the badge first."),
    )
    require(
        visit.state in {VisitState.DEPOSITED, VisitState.BADGED, VisitState.OUTSIDE},
        "wrong_state",
        _("A PIN is given at the desk, before the door."),
    )
    return visit


def _give(visit: Visit, pin: str, second: str, actor: Actor) -> None:
    pin_keep(person=visit.person, facility=facility_of(visit), pin=pin, second=second, actor=actor)
    if visit.state == VisitState.DEPOSITED:
        visit_advance(visit=visit, action=VisitAction.ISSUE_BADGE, actor=actor)
    else:
        publish(VisitChanged(visit.pk))
