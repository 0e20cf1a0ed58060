"""What the rules say of every session that is open; ``watcher.py`` says when is looked."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from scif.facilities.models import Zone
from scif.kernel.clock import now
from terminals.models import Session, SessionModerator
from terminals.rules.session import Moment, SessionFacts, Verdict, session_decide
from terminals.rules.session_states import OPEN_STATES
from terminals.selectors.anomaly import rate_of
from terminals.selectors.session_facts import (
    Seat,
    door_facts,
    lockdown_facts,
    seat_of,
    slow_facts,
    swift_facts,
    zones_of,
)


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
        # Of the last look at all: the facts that each session was judged by, and the rooms' zones.
        self._last: dict[UUID, tuple[Session, SessionFacts]] = {}
        self._zones: list[Zone] = []

    @property
    def standing(self) -> "Standing":
        """How the sessions stood when each was looked at last."""
        return Standing(tuple(self._last.values()), tuple(self._zones))

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
        self._last = {pk: last for pk, last in self._last.items() if pk in known}
        self._zones = zones_of(map(seat_of, found))
        return found

    def swift(self, sessions: Collection[Session]) -> list[Judged]:
        """By what doors and desk say now, and by the slower facts as they were read last."""
        # Before what is swift: of two facts that changed at once the later look names the cause.
        slower = {each.pk: self._slow.get(each.pk) or self._read(each) for each in sessions}
        at = now()
        seats = {session.pk: seat_of(session) for session in sessions}
        fresh = swift_facts(seats.values(), at, self._zones) if seats else {}
        moderators = _moderators(sessions)
        found = []
        for session in sessions:
            facts = replace(slower[session.pk], now=at, **fresh[session.terminal_id])
            self._last[session.pk] = session, facts
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


@dataclass(frozen=True, slots=True)
class Standing:
    """The sessions that were open at a look, each with the facts it was judged by, and the zones
    of their rooms.
    """

    sessions: tuple[tuple[Session, SessionFacts], ...] = ()
    zones: tuple[Zone, ...] = ()


class Doors:
    """Judges by what the doors say now and whether they are locked down, all else being as at the
    last look.

    A few small queries for all, so that who has gone out waits for nobody else's look.
    """

    def __init__(self) -> None:
        self._standing = Standing()
        self._ending: set[UUID] = set()

    def know(self, standing: Standing) -> None:
        """How they stand now; may come from another thread than the question."""
        self._standing = standing

    def judged(self) -> list[Judged]:
        """Those whom that ends or holds. One that it ends is named once.

        Whom nothing new is said of, the look has judged; so of a full house one is judged here.
        """
        at, standing, found = now(), self._standing, []
        self._ending &= {session.pk for session, _ in standing.sessions}
        seats = [seat_of(session) for session, _ in standing.sessions]
        inside = [seat for seat in seats if isinstance(seat, Seat)]
        doors = door_facts(inside, at, standing.zones) if inside else {}
        locked = lockdown_facts(seats)
        for session, last in standing.sessions:
            # Of who sits at a registered place no door says anything.
            said = {**doors.get(session.terminal_id, {}), **locked[session.terminal_id]}
            if session.pk in self._ending or _known(last, said):
                continue
            facts = replace(last, now=at, **said)
            verdict = session_decide(facts, Moment.RUN)
            if verdict.ends:
                self._ending.add(session.pk)
            if verdict.ends or verdict.pauses:
                found.append(Judged(session, verdict, rate_of(session, facts.odd or ())))
        return found


def _known(last: SessionFacts, said: Mapping[str, Any]) -> bool:
    return all(getattr(last, name) == value for name, value in said.items())
