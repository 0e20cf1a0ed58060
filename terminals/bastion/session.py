"""One session: a grant as it is being used."""

import asyncio
from collections.abc import Callable
from enum import StrEnum
from typing import Any, Protocol

from terminals.bastion.budget import Budget, Rate
from terminals.bastion.features import Features, Way
from terminals.bastion.grant import Grant
from terminals.bastion.wire import Message


class End(StrEnum):
    """Why the bastion itself ends a session; an order brings a reason of its own."""

    EXPIRED = "expired"
    BUDGET = "budget_used_up"
    SILENCE = "control_silent"
    LEDGER = "ledger_failed"
    STOPPED = "bastion_stopped"


class Hold(StrEnum):
    """Why no byte flows at the moment, though the session goes on."""

    PAUSED = "paused"
    ALONE = "alone"  # the grant that it needs is not connected
    RATE = "rate"
    LEASE = "lease"


class Line(Protocol):
    """The SSH connection of a session."""

    def cut(self) -> None:
        """End it at once: what waits to be sent is thrown away and the peer is reset."""


class Side(Protocol):
    """One side of a channel: reads what its peer sends on, bytes that go ``way``."""

    way: Way

    def stop(self) -> None:
        """Read no more."""

    def look(self) -> None:
        """Read or not, as the session now stands."""

    def go(self) -> None:
        """Send on what waits, and read again."""

    def drop(self) -> None:
        """Throw away what waits and reset the connection, if it is one of its own."""

    def finish(self) -> None:
        """Throw away what waits; let arrive what was counted, then close."""


class Session:
    """INVARIANT: once ``ended`` no byte is taken, and ``ended`` is never taken back."""

    def __init__(
        self,
        grant: Grant,
        budgets: tuple[Budget, ...],
        rate: Rate,
        features: Features,
        *,
        tell: Callable[[Message], None],
        over: Callable[["Session"], None],
        used_up: Callable[[Budget], None],
        drain: float,
    ) -> None:
        self.grant = grant
        self.budgets = budgets
        self.features = features
        self.ended = ""
        self.needs = grant.needs  # the grant that must be connected beside, or none
        self.line: Line | None = None
        self.line_is_full = False
        self.sides: set[Side] = set()
        self.bytes = {Way.UP: 0, Way.DOWN: 0}
        self._rate = rate
        self._tell = tell
        self._over = over
        self._used_up = used_up
        self._drain = drain
        self._holds: set[Hold] = set()
        self._rate_timer: asyncio.TimerHandle | None = None
        self._told: set[tuple[str, int]] = set()
        self._loop = asyncio.get_running_loop()
        self._timers = [self._loop.call_later(grant.seconds, self.end, End.EXPIRED)]
        self._timers += [
            self._loop.call_later(grant.seconds - before, self._warn_time, before)
            for before in grant.warn_seconds
            if before < grant.seconds
        ]
        # One that begins so late is told at once, and of its warnings the one that says most.
        passed = [before for before in grant.warn_seconds if before >= grant.seconds]
        if passed:
            self._timers.append(self._loop.call_later(0, self._warn_time, min(passed)))
        if self.needs:
            self._holds.add(Hold.ALONE)

    @property
    def held(self) -> bool:
        """Whether bytes wait."""
        return bool(self._holds)

    def message(self, tell: str, **more: object) -> Message:
        """An event of this session."""
        return {"tell": tell, "grant": self.grant.id, "session": self.grant.session, **more}

    def counts(self) -> dict[str, int]:
        """Payload bytes that passed, each way."""
        return {"up": self.bytes[Way.UP], "down": self.bytes[Way.DOWN]}

    def take(self, amount: int, way: Way) -> int:
        """How many of these bytes pass now; they are counted. The others wait for :meth:`go`."""
        if self.ended or self._holds:
            return 0
        taken = min(amount, self._rate.ready, *(budget.ready for budget in self.budgets))
        if taken:
            self.bytes[way] += taken
            self.features.packet(way, taken)
            self._rate.take(taken)
            for budget in self.budgets:
                budget.take(taken)
                self._warn_bytes(budget)
        if any(budget.used_up for budget in self.budgets):
            # After this turn of the loop: the caller is about to send on what was taken.
            for budget in self.budgets:
                if budget.used_up:
                    self._loop.call_soon(self._used_up, budget)
        elif taken < amount:
            self._wait(amount - taken)
        return taken

    def _wait(self, amount: int) -> None:
        if any(not budget.ready for budget in self.budgets):
            self.hold(Hold.LEASE)
            return
        self.hold(Hold.RATE)
        self._rate_timer = self._loop.call_later(self._rate.wait(amount), self._rate_over)

    def _rate_over(self) -> None:
        self._rate_timer = None
        self.release(Hold.RATE)

    def cap(self, rate: int, burst: int) -> None:
        """Another rate cap from now on. INVARIANT: never more than the grant allows."""
        self._rate.told(min(rate, self.grant.rate), min(burst, self.grant.burst))
        if self._rate_timer is not None:
            # What waits was told to wait by the old numbers.
            self._rate_timer.cancel()
            self._rate_over()

    def line_full(self, *, full: bool) -> None:
        """The client does not read (or reads again): take nothing more from the harness for it."""
        self.line_is_full = full
        for side in list(self.sides):
            side.look()

    def hold(self, why: Hold) -> None:
        """Let no byte pass until this reason is released; reasons are told apart, not counted."""
        self._holds.add(why)
        for side in list(self.sides):
            side.stop()

    def release(self, why: Hold) -> None:
        """One reason less; bytes flow again after the last."""
        self._holds.discard(why)
        for side in list(self.sides):
            if self._holds or self.ended:
                return
            side.go()

    def end(self, reason: str) -> None:
        """Cut it, now. The job at the harness goes on: only the way to it is gone."""
        self._finish(reason)
        # First the connections: many sessions are silent before any of them is cleaned up.
        if self.line is not None:
            self.line.cut()
        self._loop.call_soon(self._drop)

    def _drop(self) -> None:
        for side in list(self.sides):
            side.drop()

    def end_drained(self, reason: str) -> None:
        """End it, but let the bytes arrive that were counted; for some seconds at most."""
        if self.ended:
            return
        self._finish(reason)
        for side in list(self.sides):
            side.finish()
        self._timers.append(self._loop.call_later(self._drain, self.end, reason))

    def _finish(self, reason: str) -> None:
        first, self.ended = not self.ended, self.ended or reason
        for timer in self._timers:
            timer.cancel()
        if self._rate_timer is not None:
            self._rate_timer.cancel()
        if first:
            self._tell(self.message("cut", reason=reason, **self.counts()))
            self._over(self)
            # In a later turn: many cuts are told before what is only evidence.
            self._loop.call_soon(self._tell_last)

    def _tell_last(self) -> None:
        """What passed since the last report: no session ends before its end was looked at."""
        told = self.features.taken()
        if told["bytes_up"] or told["bytes_down"]:
            self._tell(self.message("features", **told))

    def _warn_time(self, left: int) -> None:
        self._tell(self.message("warning", about="time", seconds_left=left))

    def _warn_bytes(self, budget: Budget) -> None:
        reached = budget.percent
        for percent in self.grant.warn_percent:
            if percent <= reached and (budget.key, percent) not in self._told:
                self._told.add((budget.key, percent))
                self._tell(
                    self.message("warning", about="bytes", budget=budget.key, percent=percent)
                )

    def report(self) -> dict[str, Any]:
        """What stands in the regular count of bytes."""
        return {"session": self.grant.session, **self.counts()}
