"""A laptop's session begins and ends: the steps of the laptop, whoever keeps the session."""

from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from scif.kernel.actor import Actor
from scif.kernel.clock import now
from scif.kernel.errors import Refused, require
from terminals.models import Terminal
from terminals.rules.states import TerminalAction, TerminalState
from terminals.selectors.attestation import attestation_fresh
from terminals.services.terminal import ISSUE, terminal_advance, terminal_lock_row


@transaction.atomic
def terminal_session_open(*, terminal_id: UUID, person_id: UUID, actor: Actor) -> Terminal:
    """Let a session on record begin: the laptop is issued to this person, and a quote holds."""
    terminal = terminal_lock_row(terminal_id=terminal_id, actor=actor, permission=ISSUE)
    custody = terminal.custodies.filter(ended_at=None).first()
    require(
        custody is not None and custody.person_id == person_id,
        "not_issued_to_him",
        "This laptop is not issued to this person.",
    )
    if attestation_fresh(terminal, now()) is None:
        raise Refused(
            "not_attested",
            _("This laptop has not proved lately what it runs."),
            _("It is booted anew and proves what it runs."),
        )
    terminal_advance(
        terminal=terminal,
        action=TerminalAction.OPEN_SESSION,
        kind="terminal.session_opened",
        actor=actor,
        body={"person": str(person_id)},
    )
    return terminal


@transaction.atomic
def terminal_session_close(*, terminal_id: UUID, reason: str, actor: Actor) -> Terminal:
    """Let a session end. Where the laptop has left the session otherwise, nothing is to be done."""
    terminal = terminal_lock_row(terminal_id=terminal_id, actor=actor, permission=ISSUE)
    if TerminalState(terminal.state) is TerminalState.IN_SESSION:
        terminal_advance(
            terminal=terminal,
            action=TerminalAction.CLOSE_SESSION,
            kind="terminal.session_closed",
            actor=actor,
            body={"reason": reason},
        )
    return terminal
