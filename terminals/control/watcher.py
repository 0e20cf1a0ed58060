"""The thread that looks at every open session, at once where something has changed."""

import logging
import threading
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from django.db import InterfaceError, OperationalError, connection

from terminals.control import limits, records
from terminals.control.ear import Ear
from terminals.control.hush import Hush
from terminals.control.watch import Judged, Standing, Watch
from terminals.models import Session, TerminalLock
from terminals.selectors.control import LOCK_NAME
from terminals.services.follow import BUDGET

logger = logging.getLogger(__name__)
LOCK: Final = "SELECT pg_try_advisory_lock(hashtextextended(%s, 0))"
AGAIN_SECONDS: Final = 0.5  # after the database was away
LOOKED_SECONDS: Final = 1.0  # between two words that it looks


@dataclass(frozen=True, slots=True)
class Seen:
    """What came of a look: verdicts, locks to order, limits to tell.

    ``known`` are the grants of all sessions that were open when it ``began`` (monotonic seconds);
    None where it did not look at all.
    """

    judged: list[Judged] = field(default_factory=list)
    locks: list[TerminalLock] = field(default_factory=list)
    budgets: list[dict[str, Any]] = field(default_factory=list)
    known: frozenset[str] | None = None
    began: float = 0.0


class Watcher:
    """Looks at intervals of ``poll`` seconds, and whenever a word of ``follow`` comes.

    What doors and desk say, and a lockdown, is looked at first, for all; the slower facts one
    session after the other, those that a word is about before the others. ``see`` is called after
    every part. What a door says, and a lockdown, is judged by the ear meanwhile, whatever the look
    is at: ``judged`` is called with what came of that, in the ear's thread; the look keeps the
    ``hush`` for so long.
    """

    def __init__(
        self,
        poll: float,
        refresh: float,
        see: Callable[[Seen], None],
        judged: Callable[[list[Judged]], None],
        hush: Hush,
    ) -> None:
        self._poll = poll
        self._refresh = refresh
        self._see = see
        self._hush = hush
        self._ear = Ear(judged, hush)
        self._watch = Watch()
        self._read_at: dict[UUID, float] = {}
        self._alone: bool | None = None  # not known before the first try
        self._said_at = float("-inf")
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watcher", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Look no more after the look that is under way."""
        self._over.set()
        self._ear.stop()

    def join(self) -> None:
        """Wait for the end of that look."""
        self._thread.join()
        self._ear.join()

    def _run(self) -> None:
        self._hush.keep()
        self._ear.start()
        while not self._over.is_set():
            try:
                alone = self._is_alone()
                if alone != self._alone:
                    self._alone = alone
                    logger.warning("works" if alone else "stands by: another control process works")
                if alone:
                    self._look_on()
                else:
                    self._ear.know(Standing())
                    self._ear.take()  # nobody's words while it stands by
            except (OperationalError, InterfaceError) as error:
                logger.warning("database away, trying again: %s", error)
            except Exception:
                # It does not look, and so nothing is told to the bastion: an error ends sessions.
                # The ear judges on, as they stood: who goes out waits for no look that failed.
                logger.exception("the watch failed")
            connection.close()
            self._over.wait(AGAIN_SECONDS)

    def _is_alone(self) -> bool:
        """Whether no other control process works; a second one stands by and tells nobody."""
        with connection.cursor() as cursor:
            cursor.execute(LOCK, [LOCK_NAME])
            row = cursor.fetchone()
        return bool(row and row[0])

    def _look_on(self) -> None:
        missed = True
        while not self._over.is_set():
            began = time.monotonic()
            words, missed_since = self._ear.take()
            sessions = self._watch.open_sessions()
            if missed or missed_since:
                # What was told while nobody listened is gone: every limit is told anew.
                words |= {f"{BUDGET} {each.engagement_id}" for each in sessions}
            missed = False
            self._read_at = {each.pk: self._read_at.get(each.pk, 0.0) for each in sessions}
            for each in records.about(sessions, words):
                self._read_at[each.pk] = 0.0
            judged, known = self._watch.swift(sessions), frozenset(s.grant_id for s in sessions)
            self._see(Seen(judged, records.locks_waiting(), _budgets(words), known, began))
            # Not before what follows is ordered: of what stands so, the ear judges changes alone.
            self._ear.know(self._watch.standing)
            records.cuts_watch()
            if time.monotonic() - self._said_at >= LOOKED_SECONDS:
                records.looked()
                self._said_at = time.monotonic()
            if not self._slowly(sessions) and not self._ear.heard:
                self._ear.wait(self._poll)

    def _slowly(self, sessions: list[Session]) -> bool:
        """Read the slower facts that are due, the oldest first; breaks off for what is heard.

        Gives whether some are due still: a full house waits for no next turn between its parts.
        """
        began = time.monotonic()
        due = began - self._refresh
        for session in sorted(sessions, key=lambda each: self._read_at[each.pk]):
            if self._ear.heard or self._over.is_set() or self._read_at[session.pk] > due:
                break
            self._see(Seen([self._watch.slow(session)]))
            self._read_at[session.pk] = time.monotonic()
            if time.monotonic() - began > self._poll:
                break  # the swift facts are due again; the others are read in the next turns
        self._ear.know(self._watch.standing)
        return any(read_at <= due for read_at in self._read_at.values())


def _budgets(words: Collection[str]) -> list[dict[str, Any]]:
    """The limits that these words are about."""
    named = [word.split() for word in words]
    return [
        line for what, *about in named if what == BUDGET for line in limits.budget_lines(about[0])
    ]
