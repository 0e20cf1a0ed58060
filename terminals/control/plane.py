"""The control process: the rules' word to the bastion, the bastion's word to the records.

One loop in the main thread keeps the link and answers laptops. The *watcher*, a thread, looks at
every open session; the *clerk*, another, writes. What must end is ordered before it is written
down: the bastion is told first, and says so itself if this process dies in between.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import InterfaceError, OperationalError, connection

from scif.kernel.clock import now
from scif.kernel.errors import Refused
from terminals.bastion.wire import Message, Scope
from terminals.control import records
from terminals.control.certificate import certificate
from terminals.control.link import Link, Unconfirmed
from terminals.control.records import Judged
from terminals.control.watcher import Seen, Watcher
from terminals.models import Session, TerminalLock
from terminals.rules.session import Objection
from terminals.rules.session_states import SessionState

logger = logging.getLogger(__name__)
T = TypeVar("T")
AGAIN_SECONDS = 1.0  # after the database was away


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """In seconds. ``stale``: a watch that has not looked for so long is no watch, and the bastion
    is told nothing any more; it ends every session by its own clock.
    """

    heartbeat: float
    patience: float
    stale: float
    poll: float
    refresh: float  # the slower facts of every session, at the latest
    longest_message: int
    clerks: int  # laptops' questions at the same time; others wait


class Plane:
    """INVARIANT: no certificate before the rules have passed and the bastion has the grant."""

    def __init__(
        self, bastion: Path, authority: Ed25519PrivateKey, address: str, timing: Timing
    ) -> None:
        self.address = address
        self._authority = authority
        self._timing = timing
        self._link = Link(
            bastion,
            heartbeat=timing.heartbeat,
            patience=timing.patience,
            longest_message=timing.longest_message,
            heard=self._hear,
        )
        self._events: asyncio.Queue[Message] = asyncio.Queue()
        # One clerk for what happens in an order; several for laptops, so that none delays others.
        self._clerk = ThreadPoolExecutor(1, thread_name_prefix="clerk")
        self._desk = ThreadPoolExecutor(timing.clerks, thread_name_prefix="desk")
        self._watcher = Watcher(timing.poll, timing.refresh, self._see_soon)
        self._loop: asyncio.AbstractEventLoop
        # Grants that the bastion has, and since when we know it (monotonic seconds).
        self._live: dict[str, float] = {}
        self._looked = 0.0
        # What is being ordered at this moment: an order is not given twice at once.
        self._under_way: set[tuple[str, str]] = set()
        self._granting: set[str] = set()
        self._limits: dict[str, int] = {}  # of budgets, not yet taken by the bastion
        self._rates: dict[str, tuple[int, int]] = {}  # by grant, as the bastion has it
        self._tasks: set[asyncio.Task[Any]] = set()

    @property
    def works(self) -> bool:
        """Whether its watch looks: a standby's does not, nor one whose database is away."""
        return time.monotonic() - self._looked < self._timing.stale

    async def run(self) -> None:
        """Run until cancelled."""
        self._loop = asyncio.get_running_loop()
        self._watcher.start()
        keeping: asyncio.Task[None] | None = None
        writing = asyncio.create_task(self._write())
        try:
            while True:
                fresh = self.works
                if keeping is not None and keeping.done():
                    logger.error("the link broke off: %s", keeping.exception())
                    keeping = None
                if fresh and keeping is None:
                    keeping = asyncio.create_task(self._link.run())
                elif not fresh and keeping is not None:
                    logger.error("the watch stands still: the bastion is told nothing any more")
                    keeping.cancel()
                    keeping = None
                await asyncio.sleep(self._timing.heartbeat)
        finally:
            self._watcher.stop()
            writing.cancel()
            if keeping is not None:
                keeping.cancel()
            for pool in (self._clerk, self._desk):
                pool.shutdown(wait=False, cancel_futures=True)

    async def begin(self, terminal_id: UUID, badge: bytes, pin: str, source: str, key: str,
                    *, proved: bool) -> dict[str, str] | None:  # fmt: skip
        """Sign somebody in: what his laptop needs to connect, or None. Refuses an unusable key.

        ``proved``: whether the quote that came with this very question was accepted.
        """
        asked = await self._desks(records.sign_in, terminal_id, badge, pin, source, proved)
        if [each.code for each in asked.objections] == ["session_running"]:
            await self._end_running(terminal_id)
            asked = await self._desks(records.sign_in, terminal_id, badge, pin, source, proved)
        session = asked.session
        if session is None:
            codes = ", ".join(each.code for each in asked.objections)
            logger.warning("laptop %s at %s: %s", terminal_id, source, codes)
            return None
        self._granting.add(session.grant_id)
        try:
            return await self._grant(session, key)
        finally:
            self._granting.discard(session.grant_id)

    async def _grant(self, session: Session, key: str) -> dict[str, str] | None:
        try:
            seconds = await self._desks(records.certificate_seconds, session)
            signed = certificate(
                self._authority, key=key, grant=session.grant_id, source=session.source, at=now(),
                seconds=seconds,
            )  # fmt: skip
            grant = await self._desks(records.grant_of, session)
            await self._link.grant(grant)
            self._rates[session.grant_id] = grant["rate"], grant["burst"]
            # It lives at the bastion of this link; a later hello writes the list anew.
            self._live[session.grant_id] = time.monotonic()
        except (Refused, Unconfirmed, LookupError) as error:
            logger.warning("session %s is not granted: %s", session.pk, error)
            await self._give_up(session)
            return None
        # Cut while the bastion was being told: then it is told of the end as well.
        if not await self._desks(records.granted, session.pk):
            await self._give_up(session)
            return None
        return {
            "login": session.grant_id,
            "certificate": signed,
            "bastion": self.address,
            "harness": f"{session.terms.harness_host}:{session.terms.harness_port}",
        }

    async def _give_up(self, session: Session) -> None:
        """It has not begun. A bastion that has heard of it all the same is told to end it."""
        try:
            await self._link.lock(Scope.GRANT, session.grant_id, "not_granted")
        except (Refused, Unconfirmed) as error:
            logger.warning("grant %s: %s", session.grant_id, error)
        await self._clerks(records.ended, session.pk, "not_granted")

    async def _end_running(self, terminal_id: UUID) -> None:
        running = await self._clerks(records.running, terminal_id)
        # One that is being granted at this moment is not undone: of two who race, one works.
        if running is not None and running.grant_id not in self._granting:
            await self._cut(running, "signed_in_again")
            await self._events.join()

    async def nonce(self, serial: str) -> tuple[UUID, UUID, str]:
        """A fresh question to a laptop's TPM; see :func:`records.nonce`."""
        return await self._desks(records.nonce, serial)

    async def answered(self, attestation_id: UUID, quote: bytes, signature: bytes) -> bool:
        """The answer of its TPM; whether it is accepted."""
        return await self._desks(records.answered, attestation_id, quote, signature)

    def _see_soon(self, seen: Seen) -> None:
        """Called by the watcher, in its thread."""
        self._loop.call_soon_threadsafe(self._see, seen)

    def _see(self, seen: Seen) -> None:
        """Order what follows from a look; all orders of one look go out in one turn of the loop."""
        self._looked = time.monotonic()
        for judged in seen.judged:
            session, verdict = judged.session, judged.verdict
            if verdict.ends:
                self._soon("end", session.grant_id, self._cut(session, verdict.ends.code))
            elif session.state == SessionState.CUTTING:
                self._soon("end", session.grant_id, self._cut(session, session.why))
            elif session.grant_id not in self._granting:
                self._hold(session, verdict.pauses)
                if self._rates.get(session.grant_id) != judged.rate:
                    self._soon("rate", session.grant_id, self._rate(session, judged.rate))
                if judged.moderator != judged.recorded:
                    self._soon("moderator", session.grant_id, self._moderate(judged))
        self._end_unknown(seen)
        for lock in seen.locks:
            self._soon("lock", str(lock.pk), self._lock(lock))
        self._limits |= {line["key"]: line["limit"] for line in seen.budgets}
        for key in self._limits:
            self._soon("budget", key, self._budget(key))

    def _end_unknown(self, seen: Seen) -> None:
        """INVARIANT: a grant whose session is not open on record, whoever ended it there, ends."""
        if seen.known is None:
            return
        for grant, since in self._live.items():
            if since < seen.began and grant not in seen.known and grant not in self._granting:
                self._soon("end", grant, self._end(grant))

    async def _end(self, grant: str) -> None:
        logger.error("grant %s lives at the bastion and no session of it is open", grant)
        await self._link.lock(Scope.GRANT, grant, "unknown_grant")

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
        task = self._loop.create_task(self._ordered(what, about, doing))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _ordered(self, what: str, about: str, doing: Coroutine[Any, Any, None]) -> None:
        try:
            await doing
        except (Refused, Unconfirmed) as error:
            # A later look orders it again; what stays unconfirmed becomes an alarm.
            logger.warning("%s %s: %s", what, about, error)
            await asyncio.sleep(self._timing.heartbeat)
        finally:
            self._under_way.discard((what, about))

    async def _cut(self, session: Session, why: str) -> None:
        cutting = asyncio.ensure_future(self._link.lock(Scope.GRANT, session.grant_id, why))
        await asyncio.sleep(0)  # the order is out before anything is written down
        try:
            await self._clerks(records.cut, session.pk, why)
        finally:
            ended = await cutting
        if session.grant_id not in ended and session.grant_id not in self._granting:
            # The bastion had ended it already, or never had it: what it told of it comes first.
            await self._events.join()
            await self._clerks(records.ended, session.pk, why)

    async def _pause(self, session: Session, objection: Objection) -> None:
        await self._link.pause(Scope.GRANT, session.grant_id)
        await self._clerks(records.paused, session.pk, objection)

    async def _resume(self, session: Session) -> None:
        await self._link.resume(Scope.GRANT, session.grant_id)
        await self._clerks(records.resumed, session.pk)

    async def _rate(self, session: Session, rate: tuple[int, int]) -> None:
        await self._link.rate(Scope.GRANT, session.grant_id, *rate)
        self._rates[session.grant_id] = rate
        logger.warning("session %s: %d bytes a second, %d at once", session.pk, *rate)

    async def _moderate(self, judged: Judged) -> None:
        """The bastion waits for another one from now on; with nobody it waits for the last."""
        session, beside = judged.session, judged.moderator
        if beside is not None:
            needed = await self._clerks(records.grant_id, beside)
            await self._link.need(session.grant_id, needed)
        await self._clerks(records.moderated, session.pk, beside)

    async def _lock(self, lock: TerminalLock) -> None:
        """Requested, delivered, confirmed: three facts."""
        told = asyncio.ensure_future(
            self._link.lock(Scope.TERMINAL, str(lock.terminal_id), "locked_from_afar")
        )
        await asyncio.sleep(0)
        try:
            if not told.done():  # it is on a link that stands
                await self._clerks(records.lock_delivered, lock.pk)
        finally:
            await told
        await self._clerks(records.lock_confirmed, lock.pk)

    async def _budget(self, key: str) -> None:
        """Tell a limit until the bastion has it; one that changed meanwhile is told again."""
        limit = self._limits[key]
        with suppress(Refused):  # nobody draws on it
            await self._link.budget(key, limit)
        if self._limits.get(key) == limit:
            del self._limits[key]

    def _hear(self, message: Message) -> None:
        """An event of the bastion, in its order; a session's end is no event that may wait."""
        if message["tell"] == "hello":
            self._live = dict.fromkeys(map(str, message["live"]), time.monotonic())
        elif message["tell"] == "cut":
            self._live.pop(str(message["grant"]), None)
            self._rates.pop(str(message["grant"]), None)
        self._events.put_nowait(message)

    async def _write(self) -> None:
        """Keep what the bastion tells, one thing after the other."""
        while True:
            message = await self._events.get()
            try:
                if message["tell"] == "caught_up":
                    await self._reconcile()
                else:
                    await self._clerks(records.heard, message)
            except Exception:
                # Counts are told whole again with the next report; the others are in the log.
                logger.exception("an event of the bastion was not kept: %s", message)
            finally:
                self._events.task_done()

    async def _reconcile(self) -> None:
        live = [*self._live, *self._granting]
        for grant in await self._clerks(records.reconcile, live):
            if grant not in self._granting:
                await self._link.lock(Scope.GRANT, grant, "unknown_grant")

    async def _clerks(self, act: Callable[..., T], *arguments: Any) -> T:
        """Let the clerk do it, one thing after the other."""
        return await self._written(self._clerk, act, *arguments)

    async def _desks(self, act: Callable[..., T], *arguments: Any) -> T:
        """Let one of those do it who serve laptops."""
        return await self._written(self._desk, act, *arguments)

    async def _written(self, pool: ThreadPoolExecutor, act: Callable[..., T], *arguments: Any) -> T:
        """Where the database is away it waits and does it again."""
        while True:
            try:
                return await self._loop.run_in_executor(pool, _connected, act, *arguments)
            except (OperationalError, InterfaceError) as error:
                logger.warning("database away, trying again: %s", error)
                await asyncio.sleep(AGAIN_SECONDS)


def _connected(act: Callable[..., T], *arguments: Any) -> T:
    try:
        return act(*arguments)
    except (OperationalError, InterfaceError):
        connection.close()
        raise
