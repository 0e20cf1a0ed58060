"""What every act on a laptop shares: the lock, the one way to change its state, the entry."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from scif.journal.services import append
from scif.kernel.actor import Actor
from scif.kernel.clock import now
from scif.kernel.errors import NotPermitted
from scif.kernel.events import publish
from scif.people.access import lock, visible
from scif.people.naming import named
from terminals.events import TerminalChanged
from terminals.models import RegisteredPlace, Terminal
from terminals.rules.seals import SealCheck, seals_compare
from terminals.rules.states import TERMINAL, TerminalAction, TerminalState

CHANGE = "terminals.change_terminal"
ISSUE = "terminals.issue_terminal"
INSPECT = "terminals.inspect_terminal"
LOCK = "terminals.lock_terminal"
RELEASE = "terminals.release_terminal"
ATTEST = "terminals.attest_terminal"
REPORT = "terminals.report_loss"


def terminal_lock_row(*, terminal_id: UUID, actor: Actor, permission: str) -> Terminal:
    """Lock a laptop that the actor may act on; ``DoesNotExist`` (a 404) otherwise.

    Lock order: after the visit to which it is issued.
    """
    terminals = Terminal.objects.select_related("facility__policy", "image", "locker__bank")
    return lock(visible(terminals, actor, permission), terminal_id)


def terminal_advance(
    *,
    terminal: Terminal,
    action: TerminalAction,
    kind: str,
    actor: Actor,
    body: Mapping[str, Any] | None = None,
) -> None:
    """Take one step of a locked laptop: table, save, journal, event.

    INVARIANT: the only place of the product where a laptop's state changes.
    """
    terminal.state = TERMINAL.next(TerminalState(terminal.state), action)
    terminal.state_since = now()
    terminal.save(update_fields=["state", "state_since"])
    terminal_tell(terminal=terminal, kind=kind, actor=actor, body=body)


def terminal_tell(
    *, terminal: Terminal, kind: str, actor: Actor, body: Mapping[str, Any] | None = None
) -> None:
    """Journal something about a laptop and tell who follows it."""
    append(
        kind=kind,
        actor=actor,
        subject=terminal,
        facility=terminal.facility_id,
        body={
            "terminal": terminal.asset_tag,
            "state": terminal.state,
            **(body or {}),
            **named(actor),
        },
    )
    publish(TerminalChanged(terminal.pk))


def place_told(place: RegisteredPlace | None) -> dict[str, str]:
    """A registered place as the body of an entry about something else names it."""
    return {"place": place.name, "place_id": str(place.pk)} if place else {}


def person_of(actor: Actor) -> UUID:
    """The natural person who answers for an act."""
    if actor.person_id is None:
        raise NotPermitted("not_permitted", "A person does this, under his own name.")
    return actor.person_id


def seals_check(terminal: Terminal, read: Iterable[str]) -> SealCheck:
    """The numbers on record against those that were read off the laptop."""
    on_record = terminal.seals.filter(removed_at=None).values_list("number", "place")
    return seals_compare(dict(on_record), list(read))
