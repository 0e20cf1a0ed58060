"""A laptop over the counter: issued to a visit, taken back from whoever has it.

One that goes out of the house is issued by ``custody_outside.py`` and comes back the same way.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from access.rules.states import VISIT_MAY_ENTER, VisitState
from access.rules.strokes import strokes_digest
from access.services.visit import CHECK_IN, visit_lock, visit_told
from scif.alarms.services import alarm_clear
from scif.kernel.actor import Actor
from scif.kernel.clock import now
from scif.kernel.errors import Refused, require
from scif.people.naming import name_of
from terminals.models import HandOver, Terminal, TerminalCustody, TerminalSignature
from terminals.models.custody import CustodyEnd
from terminals.rules.seals import SealCheck
from terminals.rules.states import TERMINAL, TerminalAction, TerminalState
from terminals.selectors.attestation import attestation_fresh
from terminals.services.locker import locker_opened_require
from terminals.services.quarantine import quarantine_place
from terminals.services.silence import silence_over
from terminals.services.terminal import (
    ISSUE,
    person_of,
    place_told,
    seals_check,
    terminal_advance,
    terminal_lock_row,
    terminal_tell,
)

OVERDUE = "terminal_overdue"
UPHELD = "anomaly_upheld"


@transaction.atomic
def terminal_issue(
    *,
    visit_id: UUID,
    terminal_id: UUID,
    seals: Sequence[str],
    strokes: Mapping[str, Any],
    actor: Actor,
) -> TerminalCustody:
    """Hand a laptop to a checked-in visitor, who signs for it.

    Out of its own locker, its seals read and whole, a quote accepted just now. Seals that differ
    issue nothing: ``terminal_quarantine`` follows.
    """
    visit = visit_lock(visit_id=visit_id, actor=actor, permission=CHECK_IN)
    terminal = terminal_lock_row(terminal_id=terminal_id, actor=actor, permission=ISSUE)
    guard = person_of(actor)
    require(
        terminal.facility_id == visit.booking.area.facility_id,
        "other_facility",
        "This laptop belongs to another facility.",
    )
    require(
        VisitState(visit.state) in VISIT_MAY_ENTER,
        "not_checked_in",
        "This visitor is not checked in.",
        "Finish the check-in first.",
    )
    require(guard != visit.person_id, "own_visit", "Nobody issues a laptop to himself.",
            "Ask a colleague.")  # fmt: skip
    require(
        not visit.terminals.filter(ended_at=None).exists(),
        "has_terminal",
        "This visitor has a laptop.",
        "Take it back first.",
    )
    TERMINAL.next(TerminalState(terminal.state), TerminalAction.ISSUE)
    locker_opened_require(terminal)
    seals_require(seals_check(terminal, seals))
    if attestation_fresh(terminal, now()) is None:
        raise Refused(
            "not_attested",
            _("This laptop has not proved lately what it runs."),
            _("Boot it at the desk and have it prove what it runs."),
        )
    require(bool(strokes), "signature_empty", "The signature is empty.", "Sign on the glass.")
    moment = now()
    custody = TerminalCustody.objects.create(
        terminal=terminal,
        person_id=visit.person_id,
        visit=visit,
        locker=terminal.locker,
        issued_by_id=guard,
        issued_at=moment,
        seals_issued=list(seals),
    )
    signed = hand_over_sign(custody, HandOver.ISSUE, visit.person_id, strokes, moment)
    terminal_advance(
        terminal=terminal,
        action=TerminalAction.ISSUE,
        kind="terminal.issued",
        actor=actor,
        body={
            "person": str(visit.person_id),
            "seals": list(seals),
            "locker": str(terminal.locker) if terminal.locker else None,
            **signed,
            **visit_told(visit),
        },
    )
    return custody


@transaction.atomic
def terminal_return(
    *, terminal_id: UUID, seals: Sequence[str], strokes: Mapping[str, Any], actor: Actor
) -> Terminal:
    """Take a laptop back, signed for by the guard; never refused for what is wrong with it.

    One that is locked stays locked: another person lifts that before it is inspected. Seals that
    differ put it into quarantine; whoever brought it may go on leaving.
    """
    terminal = terminal_lock_row(terminal_id=terminal_id, actor=actor, permission=ISSUE)
    guard = person_of(actor)
    custody = terminal.custodies.select_related("visit", "place").filter(ended_at=None).first()
    if custody is None:
        raise Refused("not_issued", "Nobody has this laptop.")
    require(guard != custody.person_id, "own_visit", "Nobody takes a laptop back from himself.",
            "Ask a colleague.")  # fmt: skip
    require(bool(strokes), "signature_empty", "The signature is empty.", "Sign on the glass.")
    check, moment = seals_check(terminal, seals), now()
    custody.ended_at, custody.ended_how = moment, CustodyEnd.RETURNED
    custody.taken_back_by_id, custody.seals_returned = guard, list(seals)
    custody.save(update_fields=["ended_at", "ended_how", "taken_back_by", "seals_returned"])
    signed = hand_over_sign(custody, HandOver.RETURN, guard, strokes, moment)
    body = {
        "person": str(custody.person_id),
        "seals": list(seals),
        "intact": check.intact,
        **signed,
        **(visit_told(custody.visit) if custody.visit else place_told(custody.place)),
    }
    if terminal.state == TerminalState.LOCKED:
        terminal_tell(terminal=terminal, kind="terminal.returned", actor=actor, body=body)
    else:
        terminal_advance(
            terminal=terminal,
            action=TerminalAction.RETURN,
            kind="terminal.returned",
            actor=actor,
            body=body,
        )
    custody_over(terminal=terminal, why="returned", actor=actor)
    if not check.intact and terminal.state != TerminalState.QUARANTINED:
        quarantine_place(terminal=terminal, reason=check.words, actor=actor)
    return terminal


def custody_over(*, terminal: Terminal, why: str, actor: Actor) -> None:
    """End what stood because somebody had the laptop: it is late, silent, to be taken from him."""
    for kind in (OVERDUE, UPHELD):
        alarm_clear(
            facility=terminal.facility,
            kind=kind,
            subject=terminal.asset_tag,
            note=why,
            actor=actor,
        )
    silence_over(terminal=terminal, why=why, actor=actor)


def seals_require(check: SealCheck) -> None:
    """Refuse where the seals that were read are not those on record."""
    require(
        check.intact,
        "seals_differ",
        check.told,
        "Read them again; if they differ, quarantine the laptop and take another one.",
    )


def hand_over_sign(
    custody: TerminalCustody,
    hand_over: HandOver,
    signer_id: UUID,
    strokes: Mapping[str, Any],
    at: datetime,
) -> dict[str, str]:
    """Keep a signature; gives what the entry says of it."""
    TerminalSignature.objects.create(
        custody=custody,
        hand_over=hand_over,
        signer_id=signer_id,
        strokes=dict(strokes),
        signed_at=at,
    )
    return {
        "custody": str(custody.pk),
        "signer": str(signer_id),
        "signer_name": name_of(signer_id),
        "strokes_sha256": strokes_digest(strokes),
    }
