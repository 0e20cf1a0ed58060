"""The thread that looks at every open session, at once where something has changed."""

import logging
import threading
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from django.db import InterfaceError, OperationalError, connection

from terminals.control import records
from terminals.control.records import Judged
from terminals.models import Session, TerminalLock
from terminals.selectors.control import LOCK_NAME
from terminals.services.follow import BUDGET, CHANNEL, SWIFT

logger = logging.getLogger(__name__)
LOCK: Final = "SELECT pg_try_advisory_lock(hashtextextended(%s, 0))"
AGAIN_SECONDS: Final = 0.5  # after the database was away


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

    What doors and desk say is looked at first, for all; the slower facts one session after the
    other, those that a word is about before the others. ``see`` is called after every part, and a
    word of a door waits for no more than the part that is under way.
    """

    def __init__(self, poll: float, refresh: float, see: Callable[[Seen], None]) -> None:
        self._poll = poll
        self._refresh = refresh
        self._see = see
        self._watch = records.Watch()
        self._read_at: dict[UUID, float] = {}
        self._words: set[str] = set()  # heard, and not looked at yet
        self._alone: bool | None = None  # not known before the first try
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watcher", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Look no more after the look that is under way."""
        self._over.set()

    def join(self) -> None:
        """Wait for the end of that look."""
        self._thread.join()

    def _run(self) -> None:
        while not self._over.is_set():
            try:
                alone = self._is_alone()
                if alone != self._alone:
                    self._alone = alone
                    logger.warning("works" if alone else "stands by: another control process works")
                if alone:
                    self._look_on()
            except (OperationalError, InterfaceError) as error:
                logger.warning("database away, trying again: %s", error)
            except Exception:
                # It does not look, and so nothing is told to the bastion: an error ends sessions.
                logger.exception("the watch failed")
            connection.close()
            self._over.wait(AGAIN_SECONDS)

    def _is_alone(self) -> bool:
        """Whether no other control process works; a second one stands by and tells nobody."""
        with connection.cursor() as cursor:
            cursor.execute(LOCK, [LOCK_NAME])
            row = cursor.fetchone()
            cursor.execute(f"LISTEN {CHANNEL}")
        return bool(row and row[0])

    def _look_on(self) -> None:
        # What was told while nobody listened is gone: every limit is told anew.
        self._words = {f"{BUDGET} {each.engagement_id}" for each in self._watch.open_sessions()}
        while not self._over.is_set():
            began, words = time.monotonic(), self._words
            self._words = set()
            sessions = self._watch.open_sessions()
            self._listen(0)
            self._read_at = {each.pk: self._read_at.get(each.pk, 0.0) for each in sessions}
            for each in records.about(sessions, words):
                self._read_at[each.pk] = 0.0
            judged, known = self._watch.swift(sessions), frozenset(s.grant_id for s in sessions)
            self._see(Seen(judged, records.locks_waiting(), _budgets(words), known, began))
            self._listen(0)
            records.cuts_watch()
            self._slowly(sessions)
            if not self._words:
                self._listen(self._poll)

    def _slowly(self, sessions: list[Session]) -> None:
        """Read the slower facts that are due, the oldest first; breaks off for what is heard."""
        began = time.monotonic()
        due = began - self._refresh
        for session in sorted(sessions, key=lambda each: self._read_at[each.pk]):
            self._listen(0)
            if self._words or self._read_at[session.pk] > due:
                break
            self._see(Seen([self._watch.slow(session)]))
            self._read_at[session.pk] = time.monotonic()
            if time.monotonic() - began > self._poll:
                break  # the swift facts are due again; the others are read in the next turns

    def _listen(self, seconds: float) -> None:
        """Hear what has changed; what a door says is judged at once, before anything else."""
        raw = connection.connection
        if raw is None:
            raise InterfaceError("the connection is gone")
        heard = {told.payload for told in raw.notifies(timeout=seconds, stop_after=1)}
        if SWIFT in heard:
            self._see(Seen(self._watch.doors()))
        self._words |= heard


def _budgets(words: Collection[str]) -> list[dict[str, Any]]:
    """The limits that these words are about."""
    named = [word.split() for word in words]
    return [
        line for what, *about in named if what == BUDGET for line in records.budget_lines(about[0])
    ]
