"""The control process: the rules' word to the bastion, the bastion's word to the records.

One loop in the main thread keeps the link and answers laptops. The *watcher*, a thread, looks at
every open session; the *ear*, another, hears what doors say and waits for no look; the *clerk*
writes. While the ear judges, the others keep a *hush*. What must end is ordered before it is
written down: the bastion is told first, and says so itself if this process dies in between.
"""

import asyncio
import logging
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from scif.kernel.clock import now
from scif.kernel.errors import Refused
from terminals.bastion.wire import Message, Scope
from terminals.control import records, told
from terminals.control.backlog import Backlog
from terminals.control.certificate import certificate, key_digest
from terminals.control.clerks import Clerks
from terminals.control.hush import Hush
from terminals.control.link import Link, Unconfirmed
from terminals.control.orders import Grants, Orders
from terminals.control.watch import Judged
from terminals.control.watcher import Seen, Watcher
from terminals.models import Session
from terminals.rules.session_endings import Cut

logger = logging.getLogger(__name__)
ORDERED_SECONDS = 0.05  # for so long the ear waits for the loop, whatever that is at


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
        self._told = Backlog()
        # One clerk for what happens in an order; several for laptops, so that none delays others.
        hush = Hush()
        self._clerk = Clerks(1, "clerk", hush)
        self._desk = Clerks(timing.clerks, "desk", hush)
        self._watcher = Watcher(
            timing.poll, timing.refresh, self._see_soon, self._judged_soon, hush
        )
        self._loop: asyncio.AbstractEventLoop
        self._grants = Grants()
        self._orders = Orders(self._link, self._clerk, self._grants, self._told, timing.heartbeat)
        self._looked = 0.0

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
            self._clerk.leave()
            self._desk.leave()

    async def begin(self, terminal_id: UUID, badge: bytes, pin: str, source: str, key: str,
                    *, proved: bool) -> dict[str, str] | None:  # fmt: skip
        """Sign somebody in: what his laptop needs to connect, or None. Refuses an unusable key.

        ``proved``: whether the quote that came with this very question was accepted.
        """
        ask = partial(records.sign_in, terminal_id, badge, pin, source, proved=proved)
        asked = await self._desk.do(ask)
        if [each.code for each in asked.objections] == ["session_running"]:
            await self._end_running(terminal_id)
            asked = await self._desk.do(partial(ask, again=True))
        session = asked.session
        if session is None:
            codes = ", ".join(each.code for each in asked.objections)
            logger.warning("laptop %s at %s: %s", terminal_id, source, codes)
            return None
        self._grants.granting.add(session.grant_id)
        try:
            return await self._grant(session, key)
        finally:
            self._grants.granting.discard(session.grant_id)

    async def _grant(self, session: Session, key: str) -> dict[str, str] | None:
        try:
            seconds = await self._desk.do(records.certificate_seconds, session)
            signed = certificate(
                self._authority, key=key, grant=session.grant_id, source=session.source, at=now(),
                seconds=seconds,
            )  # fmt: skip
            grant = await self._desk.do(records.grant_of, session)
            await self._link.grant(grant)
            self._grants.rates[session.grant_id] = grant["rate"], grant["burst"]
            # It lives at the bastion of this link; a later hello writes the list anew.
            self._grants.live[session.grant_id] = time.monotonic()
        except (Refused, Unconfirmed, LookupError) as error:
            logger.warning("session %s is not granted: %s", session.pk, error)
            await self._give_up(session)
            return None
        # Cut while the bastion was being told: then it is told of the end as well.
        if not await self._desk.do(records.granted, session.pk):
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
            await self._link.lock(Scope.GRANT, session.grant_id, Cut.NOT_GRANTED)
        except (Refused, Unconfirmed) as error:
            logger.warning("grant %s: %s", session.grant_id, error)
        await self._clerk.do(records.ended, session.pk, Cut.NOT_GRANTED)

    async def _end_running(self, terminal_id: UUID) -> None:
        running = await self._clerk.do(records.running, terminal_id)
        # One that is being granted at this moment is not undone: of two who race, one works.
        if running is not None and running.grant_id not in self._grants.granting:
            await self._orders.cut(running, Cut.AGAIN)
            await self._told.events_kept()

    async def said(self, serial: str) -> str:
        """Whom a laptop sends whoever sits at it to; see :func:`records.said`."""
        return await self._desk.do(records.said, serial)

    async def nonce(self, serial: str) -> records.Asked:
        """A fresh question to a laptop's TPM; see :func:`records.nonce`."""
        return await self._desk.do(records.nonce, serial)

    async def answered(
        self, attestation_id: UUID, quote: bytes, signature: bytes, key: str, source: str
    ) -> bool:
        """The answer of its TPM; whether it is accepted for this key. Refuses an unusable one."""
        digest = key_digest(key)
        return await self._desk.do(
            records.answered, attestation_id, quote, signature, digest, source
        )

    def _see_soon(self, seen: Seen) -> None:
        """Called by the watcher, in its thread."""
        self._soon(self._see, seen)

    def _see(self, seen: Seen) -> None:
        self._looked = time.monotonic()
        self._orders.seen(seen)

    def _judged_soon(self, judged: list[Judged]) -> None:
        """Called by the ear, in its thread; gives back when what must end is ordered.

        INVARIANT: it is no look, and keeps nothing alive.
        """
        ordered = threading.Event()
        self._soon(self._order, judged, ordered)
        ordered.wait(ORDERED_SECONDS)

    def _soon(self, act: Callable[..., None], *told: Any) -> None:
        """In the loop, for another thread; a look that outlasts the loop tells nobody."""
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(act, *told)

    def _order(self, judged: list[Judged], ordered: threading.Event) -> None:
        self._orders.judged(judged)
        # An order begins in the next turn of the loop, and is on the link in the one after.
        self._loop.call_soon(self._loop.call_soon, ordered.set)

    def _hear(self, message: Message) -> None:
        """An event of the bastion, in its order; a session's end is no event that may wait."""
        if message["tell"] == "hello":
            self._grants.live = dict.fromkeys(map(str, message["live"]), time.monotonic())
        elif message["tell"] == "cut":
            self._grants.live.pop(str(message["grant"]), None)
            self._grants.rates.pop(str(message["grant"]), None)
            counts = int(message["up"]), int(message["down"])
            self._grants.counts[str(message["grant"])] = counts
        self._told.put(message)

    async def _write(self) -> None:
        """Keep what the bastion tells, one thing after the other."""
        while True:
            message = await self._told.next()
            try:
                if message["tell"] == "caught_up":
                    await self._reconcile()
                else:
                    await self._clerk.do(told.heard, message)
                    if message["tell"] == "cut":
                        self._grants.counts.pop(str(message["grant"]), None)
            except Exception:
                # Counts are told whole again with the next report; the others are in the log.
                logger.exception("an event of the bastion was not kept: %s", message)

    async def _reconcile(self) -> None:
        live = [*self._grants.live, *self._grants.granting]
        for grant in await self._clerk.do(told.reconcile, live):
            if grant not in self._grants.granting:
                await self._link.lock(Scope.GRANT, grant, Cut.UNKNOWN)
