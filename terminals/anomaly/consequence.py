"""What becomes of a session with anomalies, and by when a person must have looked at it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from terminals.anomaly.policy import ACTS, Act, AnomalyPolicy, Part


class Graded(Protocol):
    """A finding, as far as its consequence goes: which part, how grave (1, 2)."""

    @property
    def part(self) -> Part:
        """The part of the detector."""

    @property
    def grade(self) -> int:
        """1 an anomaly, 2 a grave one."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A finding that waits for a review, and since when; a grave one stands twice, once as each."""

    part: Part
    grade: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Consequence:
    """``act`` holds from now on; ``review_by`` is when it turns graver, unless somebody reviewed.

    ``review_by`` is None where nothing graver is left. ``overdue``: a review was missed already.
    """

    act: Act
    because: tuple[Part, ...]
    review_by: datetime | None
    overdue: bool


def consequence(
    findings: Iterable[Graded], raised_at: datetime, now: datetime, policy: AnomalyPolicy
) -> Consequence | None:
    """What follows from the findings that nobody has reviewed; None from none.

    ``raised_at``: when the first of them was. The gravest act counts, a grave finding's is one
    further, and several parts that agree are one further still. INVARIANT: a finding more, a graver
    one, or a later hour never makes it milder.
    """
    found = tuple(findings)
    if not found:
        return None
    places = [
        _further(ACTS.index(policy.parts[each.part].act), steps=each.grade - 1) for each in found
    ]
    because = tuple(dict.fromkeys(each.part for each in found))
    place = _further(max(places), steps=min(len(because) - 1, 1))
    review_by, overdue = raised_at + policy.review[ACTS[place]], False
    while now >= review_by and place < len(ACTS) - 1:
        place, overdue = place + 1, True
        review_by += policy.review[ACTS[place]]
    overdue = overdue or now >= review_by
    last = place == len(ACTS) - 1 and now >= review_by
    return Consequence(ACTS[place], because, None if last else review_by, overdue)


def case_consequence(
    standings: Iterable[Standing], now: datetime, policy: AnomalyPolicy
) -> Consequence | None:
    """What follows from all that waits of a person; None from nothing.

    A finding that joins older ones begins no clock in the past: what follows from the first, from
    the first two and so on is worked out from the moment at which they stood together, and the
    gravest act counts, with the earliest deadline. INVARIANT: as of :func:`consequence`.
    """
    ordered = sorted(standings, key=lambda each: each.since)
    steps = [
        step
        for count, last in enumerate(ordered, 1)
        if (step := consequence(ordered[:count], last.since, now, policy)) is not None
    ]
    if not steps:
        return None
    return Consequence(
        max((each.act for each in steps), key=ACTS.index),
        steps[-1].because,
        min((each.review_by for each in steps if each.review_by is not None), default=None),
        any(each.overdue for each in steps),
    )


def _further(place: int, steps: int) -> int:
    return min(place + max(steps, 0), len(ACTS) - 1)
