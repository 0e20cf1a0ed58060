"""What follows from a verdict: orders to the bastion, and what became of each to the records."""

import asyncio
import logging
from collections.abc import Coroutine, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from scif.kernel.errors import Refused
from terminals.bastion.wire import Scope
from terminals.control import records
from terminals.control.backlog import Backlog
from terminals.control.clerks import Clerks
from terminals.control.link import Link, Unconfirmed
from terminals.control.watch import Judged
from terminals.control.watcher import Seen
from terminals.models import Session, TerminalLock
from terminals.rules.session import Objection
from terminals.rules.session_endings import Cut, ending_of
from terminals.rules.session_states import SessionState

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Grants:
    """What the bastion has.

    ``live``: grants, and since when we know it (monotonic seconds); ``granting``: those that it is
    being told of; ``rates``: by grant. ``counts``: what it told last of one that it has cut, until
    that is on record.
    """

    live: dict[str, float] = field(default_factory=dict)
    granting: set[str] = field(default_factory=set)
    rates: dict[str, tuple[int, int]] = field(default_factory=dict)
    counts: dict[str, tuple[int, int]] = field(default_factory=dict)


class Orders:
    """Gives each order once at a time; INVARIANT: before anything is written down.

    ``told`` is what the bastion has told and nobody has kept yet; after ``again`` seconds an order
    that nobody confirmed may be given anew.
    """

    def __init__(
        self, link: Link, clerk: Clerks, grants: Grants, told: Backlog, again: float
    ) -> None:
        self._link = link
        self._clerk = clerk
        self._grants = grants
        self._told = told
        self._again = again
        # What is being ordered at this moment: an order is not given twice at once.
        self._under_way: set[tuple[str, str]] = set()
        self._limits: dict[str, int] = {}  # of budgets, not yet taken by the bastion
        self._tasks: set[asyncio.Task[Any]] = set()

    def seen(self, seen: Seen) -> None:
        """Order what follows from a look; all orders of one look go out in one turn of the loop."""
        self.judged(seen.judged)
        self._end_unknown(seen)
        for lock in seen.locks:
            self._soon("lock", str(lock.pk), self._lock(lock))
        self._limits |= {line["key"]: line["limit"] for line in seen.budgets}
        for key in self._limits:
            self._soon("budget", key, self._budget(key))

    def judged(self, found: Iterable[Judged]) -> None:
        """Order what follows from these verdicts."""
        for judged in found:
            session, verdict = judged.session, judged.verdict
            if verdict.ends:
                self._soon("end", session.grant_id, self.cut(session, ending_of(verdict.ends)))
            elif session.state == SessionState.CUTTING:
                self._soon("end", session.grant_id, self.cut(session, session.why))
            elif session.grant_id not in self._grants.granting:
                self._hold(session, verdict.pauses)
                if self._grants.rates.get(session.grant_id) != judged.rate:
                    self._soon("rate", session.grant_id, self._rate(session, judged.rate))
                if judged.moderator != judged.recorded:
                    self._soon("moderator", session.grant_id, self._moderate(judged))

    def _end_unknown(self, seen: Seen) -> None:
        """INVARIANT: a grant whose session is not open on record, whoever ended it there, ends."""
        if seen.known is None:
            return
        spared = seen.known | self._grants.granting
        for grant, since in self._grants.live.items():
            if since < seen.began and grant not in spared:
                self._soon("end", grant, self._end(grant))

    async def _end(self, grant: str) -> None:
        logger.error("grant %s lives at the bastion and no session of it is open", grant)
        await self._link.lock(Scope.GRANT, grant, Cut.UNKNOWN)

    def _hold(self, session: Session, objection: Objection | None) -> None:
        if objection is not None and session.state == SessionState.LIVE:
            self._soon("hold", session.grant_id, self._pause(session, objection))
        elif objection is None and session.state == SessionState.PAUSED:
            self._soon("hold", session.grant_id, self._resume(session))

    def _soon(self, what: str, about: str, doing: Coroutine[Any, Any, None]) -> None:
        """Begin an order, unless the same one is under way."""
        if (what, about) in self._under_way:
            doing.close()
            return
        self._under_way.add((what, about))
        task = asyncio.get_running_loop().create_task(self._ordered(what, about, doing))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _ordered(self, what: str, about: str, doing: Coroutine[Any, Any, None]) -> None:
        try:
            await doing
        except (Refused, Unconfirmed) as error:
            # A later look orders it again; what stays unconfirmed becomes an alarm.
            logger.warning("%s %s: %s", what, about, error)
            await asyncio.sleep(self._again)
        finally:
            self._under_way.discard((what, about))

    async def cut(self, session: Session, why: str) -> None:
        """End a session: order it, then write that down, then hear that it has ended."""
        cutting = asyncio.ensure_future(self._link.lock(Scope.GRANT, session.grant_id, why))
        await asyncio.sleep(0)  # the order is out before anything is written down
        try:
            await self._clerk.do(records.cut, session.pk, why)
        finally:
            ended = await cutting
        if session.grant_id not in ended and session.grant_id not in self._grants.granting:
            # The bastion had ended it already, or never had it: what it told of it comes first.
            await self._told.events_kept()
            up, down = self._grants.counts.pop(session.grant_id, (0, 0))
            await self._clerk.do(records.ended, session.pk, why, up, down)

    async def _pause(self, session: Session, objection: Objection) -> None:
        await self._link.pause(Scope.GRANT, session.grant_id)
        await self._clerk.do(records.paused, session.pk, objection)

    async def _resume(self, session: Session) -> None:
        await self._link.resume(Scope.GRANT, session.grant_id)
        await self._clerk.do(records.resumed, session.pk)

    async def _rate(self, session: Session, rate: tuple[int, int]) -> None:
        await self._link.rate(Scope.GRANT, session.grant_id, *rate)
        self._grants.rates[session.grant_id] = rate
        logger.warning("session %s: %d bytes a second, %d at once", session.pk, *rate)

    async def _moderate(self, judged: Judged) -> None:
        """The bastion waits for another one from now on; with nobody it waits for the last."""
        session, beside = judged.session, judged.moderator
        if beside is not None:
            needed = await self._clerk.do(records.grant_id, beside)
            await self._link.need(session.grant_id, needed)
        await self._clerk.do(records.moderated, session.pk, beside)

    async def _lock(self, lock: TerminalLock) -> None:
        """Requested, delivered, confirmed: three facts."""
        told = asyncio.ensure_future(
            self._link.lock(Scope.TERMINAL, str(lock.terminal_id), Cut.LOCKED)
        )
        await asyncio.sleep(0)
        try:
            if not told.done():  # it is on a link that stands
                await self._clerk.do(records.lock_delivered, lock.pk)
        finally:
            await told
        await self._clerk.do(records.lock_confirmed, lock.pk)

    async def _budget(self, key: str) -> None:
        """Tell a limit until the bastion has it; one that changed meanwhile is told again."""
        limit = self._limits[key]
        with suppress(Refused):  # nobody draws on it
            await self._link.budget(key, limit)
        if self._limits.get(key) == limit:
            del self._limits[key]
