"""A laptop that came back: inspected by the checklist, put away."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from django.db import transaction

from scif.kernel.actor import Actor
from scif.kernel.clock import now
from scif.kernel.errors import require
from scif.kernel.text import text_of
from terminals.models import Terminal, TerminalInspection
from terminals.rules.checklist import CODES, checklist_failed
from terminals.rules.states import TERMINAL, TerminalAction, TerminalState
from terminals.services.locker import locker_opened_require
from terminals.services.quarantine import quarantine_place
from terminals.services.terminal import (
    INSPECT,
    ISSUE,
    person_of,
    seals_check,
    terminal_advance,
    terminal_lock_row,
    terminal_tell,
)


@transaction.atomic
def terminal_inspect(
    *,
    terminal_id: UUID,
    answers: Mapping[str, bool],
    seals: Sequence[str],
    remarks: str,
    actor: Actor,
) -> TerminalInspection:
    """Inspect a laptop that came back, by the whole checklist; a fault puts it into quarantine."""
    terminal = terminal_lock_row(terminal_id=terminal_id, actor=actor, permission=INSPECT)
    TERMINAL.next(TerminalState(terminal.state), TerminalAction.INSPECT)
    require(
        set(answers) == CODES,
        "checklist_incomplete",
        "Every item of the checklist is answered.",
    )
    remarks = text_of(remarks, "remarks")
    check, failed = seals_check(terminal, seals), checklist_failed(dict(answers))
    found = TerminalInspection.objects.create(
        terminal=terminal,
        inspector_id=person_of(actor),
        at=now(),
        answers=dict(answers),
        seals_read=list(seals),
        passed=check.intact and not failed,
        remarks=remarks,
    )
    body = {
        "inspection": str(found.pk),
        "failed": list(failed),
        "seals": list(seals),
        "intact": check.intact,
        "remarks": remarks,
    }
    if found.passed:
        terminal_advance(
            terminal=terminal,
            action=TerminalAction.INSPECT,
            kind="terminal.inspected",
            actor=actor,
            body=body,
        )
        return found
    terminal_tell(terminal=terminal, kind="terminal.inspection_failed", actor=actor, body=body)
    faults = [*([] if check.intact else [check.words]), *failed]
    quarantine_place(terminal=terminal, reason=", ".join(faults), actor=actor)
    return found


@transaction.atomic
def terminal_store(*, terminal_id: UUID, actor: Actor) -> Terminal:
    """Put an inspected laptop away; it may be issued again."""
    terminal = terminal_lock_row(terminal_id=terminal_id, actor=actor, permission=ISSUE)
    TERMINAL.next(TerminalState(terminal.state), TerminalAction.STORE)
    locker_opened_require(terminal)
    terminal_advance(
        terminal=terminal,
        action=TerminalAction.STORE,
        kind="terminal.stored",
        actor=actor,
        body={"locker": str(terminal.locker) if terminal.locker else None},
    )
    return terminal
