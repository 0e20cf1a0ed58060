"""Quarantine: placed by one person or by a finding, left by two."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from access.services.orders import policy_number
from scif.alarms.models import Gravity
from scif.alarms.services import alarm_raise
from scif.kernel.actor import Actor
from scif.kernel.clock import now
from scif.kernel.errors import Refused, require
from scif.kernel.text import text_of
from terminals.models import Quarantine, QuarantineEnd, Terminal
from terminals.rules.seals import seal_number
from terminals.rules.states import TERMINAL, TerminalAction, TerminalState
from terminals.selectors.attestation import attestation_fresh
from terminals.services.terminal import (
    LOCK,
    RELEASE,
    person_of,
    seals_check,
    terminal_advance,
    terminal_lock_row,
    terminal_tell,
)

QUARANTINED = "terminal_quarantined"


@transaction.atomic
def terminal_quarantine(*, terminal_id: UUID, reason: str, actor: Actor) -> Terminal:
    """Take a laptop out of use until two people have looked at it. One person is enough."""
    terminal = terminal_lock_row(terminal_id=terminal_id, actor=actor, permission=LOCK)
    reason = text_of(reason, "reason", missing=_("Say why the laptop is quarantined."))
    quarantine_place(terminal=terminal, reason=reason, actor=actor)
    return terminal


def quarantine_place(
    *,
    terminal: Terminal,
    reason: str,
    actor: Actor,
    action: TerminalAction = TerminalAction.QUARANTINE,
    kind: str = "terminal.quarantined",
    body: Mapping[str, Any] | None = None,
) -> None:
    """Quarantine a locked laptop for a finding, and raise the alarm; ends a lock with it.

    ``body``: what the entry tells beside the reason.
    """
    TERMINAL.next(TerminalState(terminal.state), action)
    moment = now()
    terminal.locks.filter(ended_at=None).update(ended_at=moment)
    Quarantine.objects.create(
        terminal=terminal, reason=reason[:300], placed_by_id=actor.person_id, placed_at=moment
    )
    terminal_advance(
        terminal=terminal,
        action=action,
        kind=kind,
        actor=actor,
        body={"reason": reason, **(body or {})},
    )
    alarm_raise(
        facility=terminal.facility,
        gravity=Gravity.ACT,
        kind=QUARANTINED,
        subject=terminal.asset_tag,
        message=f"Laptop {terminal.asset_tag} is quarantined: {reason}",
        actor=actor,
    )


@transaction.atomic
def terminal_release_ask(
    *, terminal_id: UUID, seals: Sequence[str], finding: str, actor: Actor
) -> Quarantine:
    """Ask that a laptop leave quarantine: seals read and whole, a quote accepted since.

    Nothing changes until another person releases it.
    """
    terminal = terminal_lock_row(terminal_id=terminal_id, actor=actor, permission=RELEASE)
    stay = _stay(terminal)
    finding = text_of(finding, "finding", missing=_("Say what was found."))
    require(
        not terminal.custodies.filter(ended_at=None).exists(),
        "in_custody",
        _("The laptop is in somebody's hands."),
        _("Take it back first."),
    )
    check = seals_check(terminal, seals)
    require(
        check.intact,
        "seals_differ",
        check.told,
        _("Inspect it, put new seals on and record them."),
    )
    attestation = attestation_fresh(terminal, now())
    decided = attestation.decided_at if attestation else None
    if attestation is None or decided is None or decided < stay.placed_at:
        raise Refused(
            "not_attested",
            _("It has not proved what it runs since it was quarantined."),
            _("Boot the laptop and have it prove what it runs."),
        )
    stay.asked_by_id, stay.asked_at = person_of(actor), now()
    stay.finding, stay.attestation = finding, attestation
    stay.seals_read = [seal_number(each) for each in seals]  # as the database compares them
    stay.save(update_fields=["asked_by", "asked_at", "finding", "seals_read", "attestation"])
    terminal_tell(
        terminal=terminal,
        kind="terminal.release_asked",
        actor=actor,
        body={
            "finding": finding,
            "seals": list(seals),
            "attestation": str(attestation.pk),
            "quarantine": str(stay.pk),
        },
    )
    return stay


@transaction.atomic
def terminal_release(*, terminal_id: UUID, actor: Actor) -> Terminal:
    """Release a laptop from quarantine: the second of two people; it goes back into the store."""
    terminal = terminal_lock_row(terminal_id=terminal_id, actor=actor, permission=RELEASE)
    stay = _stay(terminal)
    if stay.asked_at is None:
        raise Refused(
            "not_asked", _("Nobody has asked for the release."), _("Read its seals and ask first.")
        )
    require(
        stay.asked_by_id != person_of(actor),
        "same_person",
        _("You have asked for it yourself."),
        _("Another person releases it."),
    )
    waits = timedelta(minutes=policy_number(terminal.facility, "terminal_release_minutes"))
    require(
        now() < stay.asked_at + waits,
        "request_lapsed",
        _("This request is too old."),
        _("Read the seals and ask anew."),
    )
    require(
        seals_check(terminal, stay.seals_read).intact,
        "seals_differ",
        _("The seals on record have changed since."),
        _("Read the seals and ask anew."),
    )
    stay.released_by_id = actor.person_id
    stay.ended_at, stay.ended_how = now(), QuarantineEnd.RELEASED
    stay.save(update_fields=["released_by", "ended_at", "ended_how"])
    terminal_advance(
        terminal=terminal,
        action=TerminalAction.RELEASE,
        kind="terminal.released",
        actor=actor,
        body={"asked_by": str(stay.asked_by_id), "quarantine": str(stay.pk)},
    )
    return terminal


def quarantine_end(*, terminal: Terminal, how: QuarantineEnd) -> None:
    """End the stay of a locked laptop that leaves otherwise than by release."""
    stay = _stay(terminal)
    stay.ended_at, stay.ended_how = now(), how
    stay.save(update_fields=["ended_at", "ended_how"])


def _stay(terminal: Terminal) -> Quarantine:
    stays = Quarantine.objects.select_for_update(of=("self",), no_key=True)
    stay = stays.filter(terminal=terminal, ended_at=None).first()
    if stay is None:
        raise Refused("wrong_state", _("This laptop is not in quarantine."))
    return stay
