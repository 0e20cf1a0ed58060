"""A laptop that goes out of the house: issued for a registered place, with a day to be back."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from access.models import Pin
from access.services.orders import policy_number
from scif.kernel.actor import Actor
from scif.kernel.clock import now
from scif.kernel.errors import Refused, require
from scif.people.access import lock
from terminals.models import HandOver, RegisteredPlace, TerminalCustody
from terminals.rules.session import Moment, session_decide
from terminals.rules.states import TERMINAL, TerminalAction, TerminalState
from terminals.selectors.attestation import attestation_fresh
from terminals.selectors.offsite_facts import OffsiteSeat
from terminals.selectors.place import members_of, places_for
from terminals.selectors.session_facts import session_facts
from terminals.services.custody import hand_over_sign, seals_require
from terminals.services.locker import locker_opened_require
from terminals.services.terminal import (
    ISSUE,
    person_of,
    place_told,
    seals_check,
    terminal_advance,
    terminal_lock_row,
)


@transaction.atomic
def terminal_issue_outside(
    *,
    place_id: UUID,
    person_id: UUID,
    terminal_id: UUID,
    due_at: datetime,
    seals: Sequence[str],
    strokes: Mapping[str, Any],
    actor: Actor,
) -> TerminalCustody:
    """Hand a laptop to a member of an engagement who takes it to a registered place, and signs.

    Out of its own locker, its seals read and whole, a quote accepted just now, and nothing of the
    rules against it from now until ``due_at``. Lock order: place, then laptop.
    """
    place = lock(places_for(actor, ISSUE), place_id)
    terminal = terminal_lock_row(terminal_id=terminal_id, actor=actor, permission=ISSUE)
    person = members_of(place).get(pk=person_id)
    guard, moment = person_of(actor), now()
    require(
        terminal.facility_id == place.facility_id,
        "other_facility",
        _("This laptop belongs to another facility."),
    )
    require(
        guard != person_id,
        "own_laptop",
        _("Nobody issues a laptop to himself."),
        _("Ask a colleague."),
    )
    require(
        not TerminalCustody.objects.filter(
            person=person, place__isnull=False, ended_at=None
        ).exists(),
        "has_terminal",
        _("This person has a laptop outside."),
        _("Take it back first."),
    )
    _due_require(place, due_at, moment)
    TERMINAL.next(TerminalState(terminal.state), TerminalAction.ISSUE)
    _lawful_require(OffsiteSeat(place, person, terminal_id, ends_at=due_at), moment)
    require(
        Pin.objects.filter(person=person, facility=place.facility_id).exists(),
        "pin_missing",
        _("This person has no PIN of this facility and could not sign in."),
        _("Let a PIN be set at the desk or by an officer."),
    )
    locker_opened_require(terminal)
    seals_require(seals_check(terminal, seals))
    require(
        attestation_fresh(terminal, moment) is not None,
        "not_attested",
        _("No quote of this laptop holds."),
        _("Boot it at the desk and have it answer a nonce."),
    )
    require(bool(strokes), "signature_empty", _("The signature is empty."),
            _("Sign on the glass."))  # fmt: skip
    custody = TerminalCustody.objects.create(
        terminal=terminal,
        person=person,
        place=place,
        locker=terminal.locker,
        due_at=due_at,
        issued_by_id=guard,
        issued_at=moment,
        seals_issued=list(seals),
    )
    signed = hand_over_sign(custody, HandOver.ISSUE, person_id, strokes, moment)
    terminal_advance(
        terminal=terminal,
        action=TerminalAction.ISSUE,
        kind="terminal.issued",
        actor=actor,
        body={
            "person": str(person_id),
            "seals": list(seals),
            "locker": str(terminal.locker) if terminal.locker else None,
            "due_at": due_at,
            "engagement": place.engagement.reference,
            **place_told(place),
            **signed,
        },
    )
    return custody


def _due_require(place: RegisteredPlace, due_at: datetime, at: datetime) -> None:
    longest = at + timedelta(hours=policy_number(place.facility, "offsite_loan_hours"))
    require(
        at < due_at <= min(longest, place.valid_until),
        "due_unfit",
        _("It is to be back later than now, within the policy's time and the place's term."),
        _("Choose an earlier day."),
    )


def _lawful_require(seat: OffsiteSeat, at: datetime) -> None:
    """Refuse with the first thing that would stand against working there until it is back."""
    against = session_decide(session_facts(seat, at), Moment.ISSUE).objections
    if against:
        first = against[0]
        raise Refused(first.code, _(first.guard), _("The facility officer reads the reason."))
