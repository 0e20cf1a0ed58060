"""Who of the sponsor sits beside a moderated session, from when to when."""

from uuid import UUID

from django.db import transaction

from scif.kernel.actor import Actor
from scif.kernel.clock import now
from terminals.models import Session, SessionModerator
from terminals.rules.session_states import SessionState
from terminals.services.session_record import session_lock_row, session_tell


@transaction.atomic
def session_moderated(*, session_id: UUID, moderator_id: UUID | None, actor: Actor) -> Session:
    """Record whose session lets this one run from now on, or that nobody's does.

    Nothing to do where that is on record, or the session is over.
    """
    session = session_lock_row(session_id=session_id, actor=actor)
    present = session.moderators.select_related("moderator").filter(until=None).first()
    before = None if present is None else present.moderator_id
    if session.state == SessionState.ENDED or before == moderator_id:
        return session
    moment = now()
    if present is not None:
        present.until = moment
        present.save(update_fields=["until"])
    beside = None
    if moderator_id is not None:
        beside = Session.objects.select_related("person").get(pk=moderator_id)
        SessionModerator.objects.create(session=session, moderator=beside, since=moment)
    session_tell(
        session=session,
        kind="session.moderated" if beside else "session.unmoderated",
        actor=actor,
        body={
            "moderator": str(beside.pk) if beside else None,
            "moderator_person": str(beside.person_id) if beside else None,
            "before": str(before) if before else None,
        },
    )
    return session
