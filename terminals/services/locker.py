"""The locker that a laptop is kept in."""

from uuid import UUID

from django.db import transaction

from access.services.orders import locker_board, order_request
from hardware.models import Command, CommandState
from scif.kernel.actor import Actor
from scif.kernel.errors import Refused, require
from terminals.models import Terminal
from terminals.rules.states import TerminalState
from terminals.services.terminal import ISSUE, terminal_lock_row

OPENED_IN = frozenset({TerminalState.IN_STORE, TerminalState.INSPECTED, TerminalState.QUARANTINED})


@transaction.atomic
def terminal_locker_open(*, terminal_id: UUID, actor: Actor) -> Command:
    """Order the locker of a laptop open, to take it out or to put it away."""
    terminal = terminal_lock_row(terminal_id=terminal_id, actor=actor, permission=ISSUE)
    require(
        TerminalState(terminal.state) in OPENED_IN,
        "locker_stays_shut",
        "The locker of this laptop stays shut now.",
        "Inspect the laptop first.",
    )
    if terminal.locker is None:
        raise Refused("no_locker", "This laptop is kept in no locker.", "Call an officer.")
    board = locker_board(terminal.locker.bank)
    return order_request(
        device=board,
        target=board.code,
        verb="locker_open",
        args={"lock": terminal.locker.lock},
        lifetime="locker_lifetime",
        actor=actor,
    )


def locker_opened_require(terminal: Terminal) -> None:
    """Refuse unless the board says that the locker was opened by order since the last step."""
    if terminal.locker is None:
        return
    opened = Command.objects.filter(
        gateway__facility=terminal.facility_id,
        target=locker_board(terminal.locker.bank).code,
        verb="locker_open",
        args__lock=terminal.locker.lock,
        state=CommandState.CONFIRMED,
        issued_at__gte=terminal.state_since,
    )
    require(
        opened.exists(),
        "locker_not_opened",
        "The locker of this laptop has not been opened.",
        "Open it from here; the board confirms it.",
    )
