"""What the control process reads and writes of the records; every function is one transaction.

Called in threads, each with a database connection of its own.
"""

import hashlib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models import Sum

from access.models import Engagement
from access.rules.facts import PolicyFacts
from scif.kernel.actor import Actor
from scif.kernel.clock import now
from scif.kernel.errors import Refused
from terminals.models import (
    EgressKind,
    EgressLedger,
    Outcome,
    Session,
    SessionModerator,
    Terminal,
    TerminalLock,
)
from terminals.rules.session import Moment, Objection, SessionFacts, Verdict, session_decide
from terminals.rules.session_states import OPEN_STATES, SessionState
from terminals.selectors.anomaly import odd_of, rate_of
from terminals.selectors.ledger import Budgets, budgets_of
from terminals.selectors.session_facts import Seat, door_facts, seat_of, slow_facts, swift_facts
from terminals.services.anomaly import anomaly_observe
from terminals.services.attestation import attestation_answer, attestation_ask
from terminals.services.follow import keys_of
from terminals.services.ledger import egress_record
from terminals.services.lock import terminal_lock_confirmed, terminal_lock_delivered
from terminals.services.session_moderator import session_moderated
from terminals.services.session_sign_in import SignIn, session_ask
from terminals.services.session_steps import (
    session_connected,
    session_counted,
    session_cut,
    session_cuts_watch,
    session_disconnected,
    session_end,
    session_granted,
    session_pause,
    session_resume,
    session_warned,
)

ACTOR: Final = Actor.system("control")
Message = Mapping[str, Any]
# The budget of an engagement's registered places, as the bastion knows it.
OFFSITE: Final = "offsite"
_ENVELOPE = frozenset({"tell", "grant", "session"})


@dataclass(frozen=True, slots=True)
class Judged:
    """A session that is open, what the rules say of it now, and what may pass.

    ``rate``: bytes a second and bytes at once. ``moderator`` is whose session lets a moderated one
    run now, ``recorded`` whose is on record.
    """

    session: Session
    verdict: Verdict
    rate: tuple[int, int]
    moderator: UUID | None = None
    recorded: UUID | None = None


class Watch:
    """Judges every open session again and again; keeps the slower facts between two looks."""

    def __init__(self) -> None:
        self._slow: dict[UUID, SessionFacts] = {}
        # Of the last look at all: the sessions, and the facts that they were judged by.
        self._open: list[Session] = []
        self._last: dict[UUID, SessionFacts] = {}

    def open_sessions(self) -> list[Session]:
        """All that are not over, with what is asked of them."""
        sessions = Session.objects.select_related(
            "visit__person", "visit__booking__area", "visit__booking__engagement__sponsor",
            "visit__booking__engagement__asset", "visit__booking__engagement__level__scheme",
            "area", "terms", "person", "terminal", "place__engagement__sponsor",
            "place__engagement__asset", "place__engagement__level__scheme",
        ).filter(state__in=OPEN_STATES)  # fmt: skip
        # Their policies are long, and the same for many: each is read once.
        places = ("visit__booking__area__facility__policy", "area__facility__policy",
                  "terminal__facility__policy", "place__facility__policy")  # fmt: skip
        found = list(sessions.order_by("granted_at", "pk").prefetch_related(*places))
        known = {session.pk for session in found}
        self._slow = {pk: facts for pk, facts in self._slow.items() if pk in known}
        self._last = {pk: facts for pk, facts in self._last.items() if pk in known}
        self._open = list(found)
        return found

    def doors(self) -> list[Judged]:
        """Those whom what the doors say now ends or holds, all else being as at the last look.

        A few small queries for a whole room, so that who has gone out waits for nobody else's look.
        """
        at, found = now(), []
        seats = [seat_of(session) for session in self._open if session.pk in self._last]
        fresh = door_facts((seat for seat in seats if isinstance(seat, Seat)), at)
        for session in list(self._open):
            said = fresh.get(session.terminal_id)
            if said is None or session.pk not in self._last:
                continue
            facts = replace(self._last[session.pk], now=at, **said)
            verdict = session_decide(facts, Moment.RUN)
            if verdict.ends or verdict.pauses:
                found.append(Judged(session, verdict, rate_of(session, facts.odd or ())))
            if verdict.ends:
                self._open.remove(session)  # ordered once; the next look reads what became of it
        return found

    def swift(self, sessions: Collection[Session]) -> list[Judged]:
        """By what doors and desk say now, and by the slower facts as they were read last."""
        at = now()
        seats = {session.pk: seat_of(session) for session in sessions}
        fresh = swift_facts(seats.values(), at) if seats else {}
        moderators = _moderators(sessions)
        found = []
        for session in sessions:
            slow = self._slow.get(session.pk) or self._read(session)
            facts = replace(slow, now=at, **fresh[session.terminal_id])
            self._last[session.pk] = facts
            verdict, rate = session_decide(facts, Moment.RUN), rate_of(session, facts.odd or ())
            beside = UUID(facts.moderator) if facts.moderated and facts.moderator else None
            found.append(Judged(session, verdict, rate, beside, moderators.get(session.pk)))
        return found

    def slow(self, session: Session) -> Judged:
        """By everything, read anew."""
        self._read(session)
        return self.swift([session])[0]

    def _read(self, session: Session) -> SessionFacts:
        facts = slow_facts(seat_of(session), now())
        self._slow[session.pk] = facts
        return facts


def _moderators(sessions: Collection[Session]) -> dict[UUID, UUID]:
    rows = SessionModerator.objects.filter(session__in=sessions, until=None)
    return dict(rows.values_list("session", "moderator"))


def moderated(session_id: UUID, moderator_id: UUID | None) -> None:
    """Somebody else moderates it, or nobody does."""
    session_moderated(session_id=session_id, moderator_id=moderator_id, actor=ACTOR)


def grant_id(session_id: UUID) -> str:
    """What the bastion knows a session by."""
    return Session.objects.values_list("grant_id", flat=True).get(pk=session_id)


def about(sessions: Collection[Session], words: Collection[str]) -> list[Session]:
    """The sessions that one of these words is about (``terminals/services/follow.py``)."""
    return [session for session in sessions if keys_of(session) & set(words)]


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


def nonce(serial: str) -> tuple[UUID, UUID, str]:
    """A laptop, the question to its TPM and the nonce; ``DoesNotExist`` for an unknown one."""
    terminal = Terminal.objects.get(serial=serial)
    asked = attestation_ask(terminal_id=terminal.pk, actor=ACTOR)
    return terminal.pk, asked.pk, asked.nonce


def answered(attestation_id: UUID, quote: bytes, signature: bytes) -> bool:
    """Judge the quote; the verdict is kept whatever becomes of the request."""
    judged = attestation_answer(
        attestation_id=attestation_id, quote=quote, signature=signature, actor=ACTOR
    )
    return judged.outcome == Outcome.ACCEPTED


def sign_in(terminal_id: UUID, badge: bytes, pin: str, source: str, proved: bool) -> SignIn:
    """Badge and PIN at a laptop. INVARIANT: the badge's number goes no further than here."""
    return session_ask(
        terminal_id=terminal_id,
        credential=hashlib.sha256(badge).hexdigest(),
        pin=pin,
        source=source,
        proved=proved,
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
        "budgets": list(_lines(session.engagement, budgets, outside=session.place is not None)),
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


def budget_lines(said: str) -> list[dict[str, Any]]:
    """The limits of an engagement that has an open session, as the bastion takes them.

    ``said`` comes from a channel that every role of the database can speak on: what names no
    engagement has none.
    """
    try:
        engagement_id = UUID(said)
    except ValueError:
        return []
    session = (
        Session.objects.select_related("engagement__asset", "terminal")
        .filter(engagement=engagement_id, state__in=OPEN_STATES)
        .first()
    )
    if session is None:
        return []
    budgets = budgets_of(session.engagement, session.terminal.facility_id)
    return list(_lines(session.engagement, budgets, outside=True))


def _lines(engagement: Engagement, budgets: Budgets, *, outside: bool) -> Iterator[dict[str, Any]]:
    """The budgets that a session draws on: ``outside`` on one more, which is smaller."""
    # What is exported does not pass the bastion: it makes the limit smaller instead.
    yield {
        "key": f"engagement:{engagement.pk}",
        "limit": max(0, budgets.of_engagement - budgets.exported),
        "charged": budgets.spent - budgets.exported,
    }
    if budgets.of_model is not None:
        yield {
            "key": f"model:{engagement.asset_id}",
            "limit": max(0, budgets.of_model - budgets.exported_of_model),
            "charged": budgets.spent_of_model - budgets.exported_of_model,
        }
    if outside:
        # The bastion stops at the first that is used up, so that the lowest of them counts.
        yield {
            "key": f"{OFFSITE}:{engagement.pk}",
            "limit": budgets.of_offsite,
            "charged": budgets.spent_offsite,
        }


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


def ended(session_id: UUID, why: str) -> None:
    """It is over, without a last count."""
    session_end(session_id=session_id, why=why, actor=ACTOR)


def paused(session_id: UUID, objection: Objection) -> None:
    """The bastion holds its bytes."""
    session_pause(session_id=session_id, why=objection.code, actor=ACTOR)


def resumed(session_id: UUID) -> None:
    """The bastion lets them flow again."""
    session_resume(session_id=session_id, actor=ACTOR)


def cuts_watch() -> None:
    """Say which cut nobody has confirmed."""
    session_cuts_watch(actor=ACTOR)


def reconcile(live: Collection[str]) -> list[str]:
    """After a link was made: end what the bastion does not know; gives the grants it must end.

    ``live`` are the grants that it has. A session that is being granted at this moment by this
    process is not among those that are open here.
    """
    for session in Session.objects.filter(state__in=OPEN_STATES).exclude(grant_id__in=live):
        session_end(session_id=session.pk, why="bastion_lost_it", actor=ACTOR)
    lawful = Session.objects.filter(
        grant_id__in=live, state__in=(SessionState.LIVE, SessionState.PAUSED)
    )
    return sorted(set(live) - set(lawful.values_list("grant_id", flat=True)))


def heard(message: Message) -> None:
    """Keep what the bastion told; what it says of an unknown session passes by."""
    if message["tell"] == "bytes":
        _counts(message)
        return
    session = Session.objects.filter(grant_id=str(message.get("grant", ""))).first()
    if session is None:
        return
    pk = session.pk
    match message["tell"]:
        case "opened":
            session_connected(session_id=pk, actor=ACTOR)
        case "closed":
            up, down = int(message["up"]), int(message["down"])
            session_disconnected(session_id=pk, up=up, down=down, actor=ACTOR)
        case "cut":
            why, up, down = str(message["reason"]), int(message["up"]), int(message["down"])
            session_end(session_id=pk, why=why, up=up, down=down, actor=ACTOR)
        case "warning":
            session_warned(session_id=pk, warning=_warning(message), actor=ACTOR)
        case "features":
            told = {key: each for key, each in message.items() if key not in _ENVELOPE}
            anomaly_observe(session_id=pk, features=told, actor=ACTOR)


def _warning(message: Message) -> str:
    if message["about"] == "time":
        return f"{int(message['seconds_left']) // 60} min"
    return f"{int(message['percent'])} % of {str(message['budget']).split(':')[0]}"


@transaction.atomic
def _counts(message: Message) -> None:
    for grant, counts in message["grants"].items():
        session = Session.objects.filter(grant_id=grant, state__in=OPEN_STATES).first()
        if session is not None:
            session_counted(
                session_id=session.pk, up=int(counts["up"]), down=int(counts["down"]), actor=ACTOR
            )
    # Those of registered places first: what is missing there is missing in the whole as well.
    for key, passed in sorted(message["budgets"].items(), key=lambda each: _is_whole(each[0])):
        kind, _, pk = key.partition(":")
        if kind in {"engagement", OFFSITE}:
            _unaccounted(UUID(pk), int(passed), outside=kind == OFFSITE)


def _is_whole(key: str) -> bool:
    return not key.startswith(f"{OFFSITE}:")


def _unaccounted(engagement_id: UUID, passed: int, *, outside: bool) -> None:
    """What the bastion has let through, or promised, beyond what its sessions told.

    So much is missing where it was killed before it could tell. INVARIANT: never fewer here.
    """
    engagement = Engagement.objects.filter(pk=engagement_id).first()
    last = Session.objects.filter(engagement=engagement_id)
    if outside:
        last = last.exclude(place=None)
    joined = last.select_related("terminal__facility", "place")
    session = joined.order_by("-granted_at").first()
    if engagement is None or session is None:
        return
    rows = EgressLedger.objects.filter(engagement=engagement).exclude(kind=EgressKind.EXPORT)
    if outside:
        rows = rows.exclude(place=None)
    missing = passed - int(rows.aggregate(whole=Sum("bytes"))["whole"] or 0)
    if missing > 0:
        egress_record(
            engagement=engagement,
            facility=session.terminal.facility,
            kind=EgressKind.UNACCOUNTED,
            reference="bastion",
            amount=missing,
            place=session.place if outside else None,
            actor=ACTOR,
        )
