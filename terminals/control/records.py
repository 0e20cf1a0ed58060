"""What the control process reads and writes of the records; every function is one transaction.

Called in threads, each with a database connection of its own.
"""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from access.rules.facts import PolicyFacts
from scif.kernel.actor import Actor
from scif.kernel.clock import now
from scif.kernel.errors import Refused
from terminals.control import limits
from terminals.models import ControlLook, Outcome, Session, Terminal, TerminalCustody, TerminalLock
from terminals.models.custody import CustodyEnd
from terminals.rules.session import Objection
from terminals.rules.session_states import OPEN_STATES
from terminals.rules.session_wording import SAID, SAID_ANYWHERE, SAID_OUTSIDE
from terminals.selectors.anomaly import odd_of, rate_of
from terminals.selectors.ledger import budgets_of
from terminals.services.attestation import attestation_answer, attestation_ask
from terminals.services.follow import keys_of
from terminals.services.lock import terminal_lock_confirmed, terminal_lock_delivered
from terminals.services.session_moderator import session_moderated
from terminals.services.session_sign_in import SignIn, session_ask
from terminals.services.session_steps import (
    session_cut,
    session_cuts_watch,
    session_end,
    session_granted,
    session_pause,
    session_resume,
)

ACTOR: Final = Actor.system("control")


def moderated(session_id: UUID, moderator_id: UUID | None) -> None:
    """Somebody else moderates it, or nobody does."""
    session_moderated(session_id=session_id, moderator_id=moderator_id, actor=ACTOR)


def grant_id(session_id: UUID) -> str:
    """What the bastion knows a session by."""
    return Session.objects.values_list("grant_id", flat=True).get(pk=session_id)


def about(sessions: Collection[Session], words: Collection[str]) -> list[Session]:
    """The sessions that one of these words is about (``terminals/services/follow.py``)."""
    return [session for session in sessions if keys_of(session) & set(words)]


def looked() -> None:
    """Leave word that the control process looks (``terminals/selectors/control.py``)."""
    ControlLook.objects.bulk_create(
        [ControlLook(at=now())],
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=["at"],
    )


def locks_waiting() -> list[TerminalLock]:
    """Locks of laptops that the bastion has not confirmed."""
    locks = TerminalLock.objects.filter(confirmed_at=None, ended_at=None)
    return list(locks.order_by("requested_at"))


def lock_delivered(lock_id: UUID) -> None:
    """The order is on its way to a bastion that listens."""
    terminal_lock_delivered(lock_id=lock_id, actor=ACTOR)


def lock_confirmed(lock_id: UUID) -> None:
    """The bastion says that no session of the laptop is open."""
    terminal_lock_confirmed(lock_id=lock_id, actor=ACTOR)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question to a laptop's TPM."""

    terminal_id: UUID
    attestation_id: UUID
    nonce: str


def said(serial: str) -> str:
    """All that whoever sits at a laptop is told of a no: whom to turn to.

    By where it is out for, or was when it was lost; a serial that is on no record may be anywhere.
    """
    if not Terminal.objects.filter(serial=serial).exists():
        return SAID_ANYWHERE
    custodies = TerminalCustody.objects.filter(terminal__serial=serial)
    last = custodies.order_by("-issued_at").first()
    if last is None or last.place_id is None or last.ended_how == CustodyEnd.RETURNED:
        return SAID
    return SAID_OUTSIDE


def nonce(serial: str) -> Asked:
    """A fresh question to a laptop's TPM; ``DoesNotExist`` for an unknown one."""
    terminal = Terminal.objects.get(serial=serial)
    asked = attestation_ask(terminal_id=terminal.pk, actor=ACTOR)
    return Asked(terminal.pk, asked.pk, asked.nonce)


def answered(
    attestation_id: UUID, quote: bytes, signature: bytes, session_key: bytes, source: str
) -> bool:
    """Judge the quote, for this digest of the session's key; the verdict is kept in any case.

    ``source`` is the address that the answer came from.
    """
    judged = attestation_answer(
        attestation_id=attestation_id,
        quote=quote,
        signature=signature,
        session_key=session_key,
        source=source,
        actor=ACTOR,
    )
    return judged.outcome == Outcome.ACCEPTED


def sign_in(
    terminal_id: UUID, badge: bytes, pin: str, source: str, *, proved: bool, again: bool = False
) -> SignIn:
    """Badge and PIN at a laptop. INVARIANT: the badge's number goes no further than here."""
    return session_ask(
        terminal_id=terminal_id,
        credential=hashlib.sha256(badge).hexdigest(),
        pin=pin,
        source=source,
        proved=proved,
        again=again,
        actor=ACTOR,
    )


def running(terminal_id: UUID) -> Session | None:
    """The session that a laptop has."""
    return Session.objects.filter(terminal=terminal_id, state__in=OPEN_STATES).first()


def grant_of(session: Session) -> dict[str, Any]:
    """What the bastion is told of a session (``terminals/bastion/grant.py``)."""
    facility, terms = session.terminal.facility, session.terms
    policy = PolicyFacts(version=facility.policy.label, values=facility.policy.values)
    budgets = budgets_of(session.engagement, facility.pk)
    rate, burst = rate_of(session, odd_of(session))
    outside = session.place is not None
    steps = ("soon", "near", "last")
    return {
        "id": session.grant_id,
        "session": str(session.pk),
        "person": str(session.person_id),
        "terminal": str(session.terminal_id),
        "engagement": str(session.engagement_id),
        "host": terms.harness_host,
        "port": terms.harness_port,
        "source": session.source,
        "seconds": max(1, int((session.ends_at - now()).total_seconds())),
        "budgets": list(limits.lines(session.engagement, budgets, outside=outside)),
        "rate": rate,
        "burst": burst,
        "channels": terms.channels,
        "warn_percent": [policy.number(f"session_{step}_percent") for step in steps],
        "warn_seconds": [60 * policy.number(f"session_{step}_minutes") for step in steps],
        "needs": _needs(session),
    }


def _needs(session: Session) -> str:
    """The grant that must be connected beside: its moderator's, as it is on record."""
    beside = session.moderators.filter(until=None).values_list("moderator__grant_id", flat=True)
    return beside.first() or ""


def certificate_seconds(session: Session) -> int:
    """How long its certificate lives."""
    policy = session.terminal.facility.policy
    facts = PolicyFacts(version=policy.label, values=policy.values)
    return facts.number("session_certificate_seconds")


def granted(session_id: UUID) -> bool:
    """The bastion has the grant; False where the session was cut meanwhile."""
    try:
        session_granted(session_id=session_id, actor=ACTOR)
    except Refused:
        return False
    return True


def cut(session_id: UUID, why: str) -> None:
    """The order to end it is out."""
    session_cut(session_id=session_id, why=why, actor=ACTOR)


def ended(session_id: UUID, why: str, up: int = 0, down: int = 0) -> None:
    """It is over; what the bastion counted last of it, where it has told that."""
    session_end(session_id=session_id, why=why, up=up, down=down, actor=ACTOR)


def paused(session_id: UUID, objection: Objection) -> None:
    """The bastion holds its bytes."""
    session_pause(session_id=session_id, why=objection.code, actor=ACTOR)


def resumed(session_id: UUID) -> None:
    """The bastion lets them flow again."""
    session_resume(session_id=session_id, actor=ACTOR)


def cuts_watch() -> None:
    """Say which cut nobody has confirmed."""
    session_cuts_watch(actor=ACTOR)
