"""What every step of a session shares: the lock, the one way to change its state, the entry."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from access.services.visit import visit_told
from scif.journal.services import append
from scif.kernel.actor import Actor
from scif.kernel.events import publish
from scif.people.access import lock, visible
from terminals.events import SessionChanged
from terminals.models import Session
from terminals.rules.session_states import SESSION, SessionAction, SessionState
from terminals.services.terminal import place_told

# No role holds it: sessions are begun, held and ended by the control process alone.
RUN = "terminals.run_session"


def session_lock_row(*, session_id: UUID, actor: Actor) -> Session:
    """Lock a session. Lock order: before its laptop."""
    sessions = Session.objects.select_related(
        "visit__booking__area__facility__policy", "visit__person", "engagement__asset",
        "area", "place__facility__policy", "place__engagement__sponsor",
        "terminal__facility__policy", "person", "terms",
    )  # fmt: skip
    return lock(visible(sessions, actor, RUN), session_id)


def session_advance(
    *,
    session: Session,
    action: SessionAction,
    kind: str,
    actor: Actor,
    fields: tuple[str, ...] = (),
    body: Mapping[str, Any] | None = None,
) -> None:
    """Take one step of a locked session: table, save, journal, event.

    INVARIANT: the only place of the product where a session's state changes.
    """
    session.state = SESSION.next(SessionState(session.state), action).value
    session.save(update_fields=["state", *fields])
    session_tell(session=session, kind=kind, actor=actor, body=body)


def where_told(session: Session) -> dict[str, str]:
    """What a session stands on, as the body of an entry names it."""
    if session.visit is not None:
        return visit_told(session.visit)
    return place_told(session.place)


def session_tell(
    *, session: Session, kind: str, actor: Actor, body: Mapping[str, Any] | None = None
) -> None:
    """Journal something about a session and tell who follows it."""
    append(
        kind=kind,
        actor=actor,
        subject=session,
        facility=session.terminal.facility_id,
        body={
            "terminal": session.terminal.asset_tag,
            "engagement": session.engagement.reference,
            "state": session.state,
            **where_told(session),
            **(body or {}),
        },
    )
    publish(SessionChanged(session.pk))
