"""All sessions of the bastion: grants come in, orders about them are carried out. Memory only."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from scif.kernel.errors import Refused, require
from terminals.bastion.budget import Budget, Rate
from terminals.bastion.features import Features
from terminals.bastion.grant import Grant
from terminals.bastion.guards import Guard
from terminals.bastion.ledger import Ledger
from terminals.bastion.session import End, Hold, Line, Session
from terminals.bastion.wire import Message, Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What the sessions need of the configuration (its words are explained there)."""

    lease: int
    drain_seconds: float
    certificate_seconds: int
    key_bytes: int
    key_pause: float
    burst_gap: float
    most_grants: int  # that live at once: an answer can name them all
    most_items: int  # of a report's message


class Sessions:
    """INVARIANT: nothing is allowed but by a grant, and no grant's id counts twice."""

    def __init__(
        self,
        rules: Rules,
        ledger: Ledger,
        tell: Callable[[Message], None],
        guards: frozenset[Guard],
    ) -> None:
        self._rules = rules
        self._ledger = ledger
        self._tell = tell
        self._guards = guards
        self._known = ledger.known()
        self._sessions: dict[str, Session] = {}
        self._spent: set[str] = set()
        self._budgets: dict[str, Budget] = {}
        self._turned_away: Counter[str] = Counter()
        self._reported: dict[str, int] = {}  # of each budget, as the last report told it

    def admit(self, grant: Grant) -> Session:
        """A new session; refuses an id that was there before, and one that needs a needing one."""
        if Guard.FRESH_GRANT in self._guards:
            require(grant.id not in self._spent, Guard.FRESH_GRANT, "This id has been used.")
        most = self._rules.most_grants
        require(len(self.live()) < most, "too_many_grants", f"{most} live already.")
        self._no_circle(grant.id, grant.needs)
        budgets = tuple(self._budget(line.key) for line in grant.budgets)
        for budget, line in zip(budgets, grant.budgets, strict=True):
            budget.told(line.limit, line.charged)
            self._look_at(budget)
        loop, rules = asyncio.get_running_loop(), self._rules
        session = Session(
            grant,
            budgets,
            Rate(grant.rate, grant.burst, loop.time),
            Features(rules.key_bytes, rules.key_pause, rules.burst_gap, loop.time),
            tell=self._tell,
            over=self._over,
            used_up=self._look_at,
            drain=rules.drain_seconds,
        )
        self._spent.add(grant.id)
        self._sessions[grant.id] = session
        if self._is_connected(session.needs):
            session.release(Hold.ALONE)
        for budget in budgets:
            self._look_at(budget)
        return session

    def find(self, login: str) -> Session | None:
        """The session of a login name; one that ended stays a while, to say so."""
        return self._sessions.get(login)

    def live(self) -> list[Session]:
        """Those that have not ended."""
        return [session for session in self._sessions.values() if not session.ended]

    def end(self, by: Scope, value: str, reason: str) -> list[Session]:
        """End what matches, for good: only a fresh grant opens a way again."""
        ended = [  # also one whose last bytes are still on their way
            each
            for each in self._sessions.values()
            if (not each.ended or each.line is not None) and each.grant.matches(by, value)
        ]
        for session in ended:
            session.end(reason)
        return ended

    def pause(self, by: Scope, value: str) -> list[Session]:
        """Hold the bytes of what matches. Time runs on: it ends with the grant at the latest."""
        held = list(self._matching(by, value))
        for session in held:
            session.hold(Hold.PAUSED)
        return held

    def resume(self, by: Scope, value: str) -> list[Session]:
        """Let the bytes flow again of what matches."""
        freed = list(self._matching(by, value))
        for session in freed:
            session.release(Hold.PAUSED)
        return freed

    def cap(self, by: Scope, value: str, rate: int, burst: int) -> list[Session]:
        """Another rate cap for what matches, within what each was granted."""
        capped = list(self._matching(by, value))
        for session in capped:
            session.cap(rate, burst)
        return capped

    def need(self, grant: str, needs: str) -> Session:
        """Another one must be connected from now on for a session to flow: a change of moderator.

        Refuses a session that does not live, and a circle.
        """
        session = self._sessions.get(grant)
        if session is None or session.ended:
            raise Refused("no_such_grant", "No session of this grant lives.")
        self._no_circle(grant, needs)
        session.needs = needs
        if self._is_connected(needs):
            session.release(Hold.ALONE)
        else:
            session.hold(Hold.ALONE)
        return session

    def limit(self, key: str, limit: int) -> None:
        """Another limit for a budget in use; refuses one that nobody draws on."""
        require(key in self._budgets, "no_such_budget", "No session draws on it.")
        self._budgets[key].told(limit)
        self._look_at(self._budgets[key])

    def connected(self, session: Session, line: Line, address: str) -> None:
        """The session has its connection."""
        session.line = line
        self._tell(session.message("opened", address=address))
        for waiting in self._needing(session):
            waiting.release(Hold.ALONE)

    def disconnected(self, session: Session, line: Line) -> None:
        """Its connection is gone; whoever needs it waits until it is back."""
        if session.line is not line:
            return
        session.line = None
        session.line_is_full = False
        for side in list(session.sides):
            side.drop()
        for waiting in self._needing(session):
            waiting.hold(Hold.ALONE)
        self._tell(session.message("closed", **session.counts()))

    def turn_away(self, reasons: list[Guard]) -> None:
        """Count who was not let in, until the next report."""
        self._turned_away.update(reasons)

    def passed(self) -> dict[str, int]:
        """Bytes that passed of each budget since its beginning, those of earlier runs included."""
        return self._known | {key: budget.passed for key, budget in self._budgets.items()}

    def report(self) -> Iterator[Message]:
        """What is told at regular intervals: every session, and the budgets that have changed."""
        passed = self.passed()
        changed = {key: each for key, each in passed.items() if self._reported.get(key) != each}
        self._reported = passed
        yield from self._counts(changed)
        for session in self.live():
            if session.line is not None:
                yield session.message("features", **session.features.taken())
        if self._turned_away:
            yield {"tell": "turned_away", "reasons": dict(self._turned_away)}
            self._turned_away.clear()

    def standing(self) -> Iterator[Message]:
        """Every count there is, for a link that knows none."""
        return self._counts(self.passed())

    def _counts(self, budgets: Mapping[str, int]) -> Iterator[Message]:
        """The counts of sessions and of these budgets, in messages that are short enough."""
        counts = {session.grant.id: session.counts() for session in self.live()}
        for part in _parts(counts, self._rules.most_items):
            yield {"tell": "bytes", "grants": part, "budgets": {}}
        for part in _parts(budgets, self._rules.most_items):
            yield {"tell": "bytes", "grants": {}, "budgets": part}

    def _matching(self, by: Scope, value: str) -> Iterator[Session]:
        return (each for each in self.live() if each.grant.matches(by, value))

    def _needing(self, session: Session) -> Iterator[Session]:
        return (each for each in self.live() if each.needs == session.grant.id)

    def _is_connected(self, needed: str) -> bool:
        beside = self._sessions.get(needed)
        return beside is not None and not beside.ended and beside.line is not None

    def _no_circle(self, grant: str, needs: str) -> None:
        """No two sessions wait for each other: what is needed needs nothing itself."""
        beside = self._sessions.get(needs)
        require(
            not needs
            or (
                needs != grant
                and not (beside and beside.needs)
                and not any(each.needs == grant for each in self.live())
            ),
            "needs_each_other",
            "The grant that this one needs must need none.",
        )

    def _budget(self, key: str) -> Budget:
        if key not in self._budgets:
            self._budgets[key] = Budget(
                key,
                self._known.get(key, 0),
                self._ledger,
                self._rules.lease,
                changed=self._more,
                failed=self._failed,
            )
        return self._budgets[key]

    def _drawing(self, budget: Budget) -> list[Session]:
        return [session for session in self.live() if budget in session.budgets]

    def _look_at(self, budget: Budget) -> None:
        if budget.used_up:
            for session in self._drawing(budget):
                session.end_drained(End.BUDGET)

    def _more(self, budget: Budget) -> None:
        for session in self._drawing(budget):
            session.release(Hold.LEASE)

    def _failed(self, budget: Budget) -> None:
        for session in self._drawing(budget):
            session.end(End.LEDGER)

    def _over(self, session: Session) -> None:
        # No certificate for it lives longer than this; its id stays spent.
        asyncio.get_running_loop().call_later(
            self._rules.certificate_seconds, self._forget, session
        )

    def _forget(self, session: Session) -> None:
        if self._sessions.get(session.grant.id) is session:
            del self._sessions[session.grant.id]


def _parts(whole: Mapping[str, Any], most: int) -> Iterator[dict[str, Any]]:
    items = iter(whole.items())
    while part := dict(islice(items, most)):
        yield part
