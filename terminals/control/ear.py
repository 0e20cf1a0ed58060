"""The thread that hears what changes, and judges at once what a door says."""

import logging
import threading
from collections.abc import Callable
from typing import Final

from django.db import InterfaceError, OperationalError, connection

from terminals.control.hush import Hush
from terminals.control.watch import Doors, Judged, Standing
from terminals.services.follow import CHANNEL, SWIFT

logger = logging.getLogger(__name__)
AGAIN_SECONDS: Final = 0.5  # after the database was away
TURN_SECONDS: Final = 0.5  # how soon it sees that it is to stop


class Ear:
    """Hears the words of ``follow`` on a connection of its own.

    The look at everything takes its time, and neither a person who has gone out nor a lockdown is
    to wait for any: the doors' word, and whether they are locked down, is judged here, and
    ``judged`` called with what that ends or holds, before the watcher is told that there is
    something to look at.

    It adds no second opinion that could keep a session alive: it only ends and holds, and the next
    look judges the same anew. INVARIANT: nothing of it counts as a look. INVARIANT: no word of a
    door's waits for a look that failed, or is lost because judging it did.
    """

    def __init__(self, judged: Callable[[list[Judged]], None], hush: Hush) -> None:
        self._judged = judged
        self._hush = hush
        self._doors = Doors()
        self._lock = threading.Lock()  # over the next two
        self._words: set[str] = set()
        self._missed = False
        self._news = threading.Event()
        self._over = threading.Event()
        self._listens = threading.Event()
        self._thread = threading.Thread(target=self._run, name="ear", daemon=True)

    def start(self) -> None:
        """Begin, and wait for a moment until it hears; where the database is away it goes on."""
        self._thread.start()
        self._listens.wait(AGAIN_SECONDS)

    def stop(self) -> None:
        """Hear no more, and let nobody wait for what is heard."""
        self._over.set()
        self._news.set()

    def join(self) -> None:
        """Wait for its end."""
        self._thread.join()

    def know(self, standing: Standing) -> None:
        """How the sessions stand by which the doors' word is judged; none while standing by."""
        self._doors.know(standing)

    @property
    def heard(self) -> bool:
        """Whether there is something that nobody has taken."""
        return self._news.is_set()

    def wait(self, seconds: float) -> None:
        """Until something is heard, so long at most."""
        self._news.wait(seconds)

    def take(self) -> tuple[set[str], bool]:
        """The words since the last time, and whether some may have been missed."""
        with self._lock:
            self._news.clear()
            words, self._words = self._words, set()
            missed, self._missed = self._missed, False
        return words, missed

    def _run(self) -> None:
        while not self._over.is_set():
            try:
                self._hear()
            except (OperationalError, InterfaceError) as error:
                logger.warning("database away, trying again: %s", error)
            except Exception:
                # The watcher looks at intervals, whatever is heard here.
                logger.exception("the ear failed")
            finally:
                connection.close()
            self._over.wait(AGAIN_SECONDS)

    def _hear(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"LISTEN {CHANNEL}")
        self._take_in(set(), missed=True)
        self._listens.set()
        while not self._over.is_set():
            raw = connection.connection
            if raw is None:
                raise InterfaceError("the connection is gone")
            words = {told.payload for told in raw.notifies(timeout=TURN_SECONDS, stop_after=1)}
            if words:
                self._take_in(words)

    def _take_in(self, words: set[str], *, missed: bool = False) -> None:
        """Judge, then tell the watcher, whose look would take the processor from the judging."""
        try:
            if missed or SWIFT in words:
                with self._hush.asked():
                    if judged := self._doors.judged():
                        self._judged(judged)
        except (OperationalError, InterfaceError):
            raise
        except Exception:
            logger.exception("a door's word was not judged: the watcher looks at it")
        finally:
            self._tell(words, missed=missed)

    def _tell(self, words: set[str], *, missed: bool) -> None:
        with self._lock:
            self._words |= words
            self._missed |= missed
            self._news.set()
