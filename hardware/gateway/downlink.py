"""From the centre to this gateway: signed deltas, and a heartbeat that also compares the clocks."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from hardware.gateway.centre import Centre, CentreAway, Status
from hardware.gateway.edge_journal import Draft, EdgeJournal
from hardware.gateway.recorder import Recorder
from hardware.gateway.snapshot import Delta, Snapshot, SnapshotRefused
from scif.kernel.clock import Clock

BATCH = 2_000
POLL_SECONDS = 0.25
HEARTBEAT_SECONDS = 1.0
MOST_OFFSET_MS = 2**31 - 1


class Downlink:
    """Keeps the snapshot up to date.

    INVARIANT: the snapshot counts as heard only after the centre showed that it still holds the
    version applied here and nothing after it; a centre that lost its history does not refresh it.
    INVARIANT: when it was heard is told by the centre's clock, so that a clock of ours that was set
    back is seen to be behind, and revives nothing.
    """

    def __init__(
        self,
        snapshot: Snapshot,
        centre: Centre,
        edge: EdgeJournal,
        recorder: Recorder,
        state: Callable[[], Mapping[str, Any]],
        clock: Clock,
        monotonic: Callable[[], float],
    ) -> None:
        self._snapshot = snapshot
        self._centre = centre
        self._edge = edge
        self._recorder = recorder
        self._state = state
        self._clock = clock
        self._monotonic = monotonic
        self._report_at = float("-inf")
        self._told: tuple[datetime, float] | None = None
        self.on_time: Callable[[datetime, float], None] = lambda theirs, at: None
        self.on_bulk: Callable[[], None] = lambda: None  # many records came at once
        self._refused = ""

    def step(self) -> None:
        """Pull what is new, report, and wait for news. Raises CentreAway."""
        try:
            news = self.pull()
            if news or self._monotonic() >= self._report_at:
                self.report()
            if not news:
                self._centre.wait(POLL_SECONDS)
        except CentreAway:
            self._centre.close()
            raise

    def pull(self) -> int:
        """Apply one batch of deltas; gives how many. Raises CentreAway."""
        asked_at = self._centre_time()
        mine = self._snapshot.version
        found = self._centre.deltas(self._snapshot.gateway, mine, BATCH)
        try:
            if not _follows(found, mine):
                return self._rebase(mine)
            news = found[1:] if mine else found
            self._snapshot.apply(news)
        except SnapshotRefused as refused:
            self._note(str(refused))
            raise CentreAway(str(refused)) from refused
        self._refused = ""
        if len(found) < BATCH:
            self._snapshot.heard(asked_at)
        else:
            self.on_bulk()
        return len(news)

    def _rebase(self, mine: int) -> int:
        """Take the full state: versions are missing, because they were compacted or lost."""
        full = self._centre.full(self._snapshot.gateway)
        if full is None:
            raise SnapshotRefused(f"the centre no longer has version {mine}")
        floor, deltas = full
        self._snapshot.rebase(floor, deltas)
        self._refused = ""
        self.on_bulk()
        return len(deltas)

    def report(self) -> None:
        """Say how this gateway is, and see how far the clocks are apart. Raises CentreAway."""
        before = self._clock()
        theirs = self._centre.report(
            Status(
                self._snapshot.gateway,
                self._snapshot.version,
                self._edge.seq,
                self._edge.clock_offset_ms,
                self._state(),
            )
        )
        self._edge.clock_offset_ms = _offset_ms(before, self._clock(), theirs)
        self._told = theirs, self._monotonic()
        self.on_time(*self._told)
        self._report_at = self._monotonic() + HEARTBEAT_SECONDS

    def _centre_time(self) -> datetime:
        """The centre's time by its last word and a clock that nobody sets; else our own."""
        if self._told is None:
            return self._clock()
        theirs, at = self._told
        return theirs + timedelta(seconds=self._monotonic() - at)

    def _note(self, reason: str) -> None:
        """Journal a refusal once, not at every attempt."""
        if reason != self._refused:
            self._refused = reason
            self._recorder.fact([Draft("snapshot.refused", {"reason": reason[:200]})])


def _follows(found: list[Delta], mine: int) -> bool:
    """Whether these begin with the version applied here, or with the first, and have no gap.

    The centre must still have the version applied here: one that lost its history has not.
    """
    if not found:
        return not mine
    return [delta.version for delta in found] == list(range(mine or 1, (mine or 1) + len(found)))


def _offset_ms(before: datetime, after: datetime, theirs: datetime) -> int:
    """How far the centre's clock is ahead of ours, taking the answer to be from halfway.

    A clock that has lost its date is off by years, which the centre's column does not hold.
    """
    halfway = before + (after - before) / 2
    offset = round((theirs - halfway).total_seconds() * 1000)
    return max(-MOST_OFFSET_MS, min(MOST_OFFSET_MS, offset))
