"""What becomes of a session with anomalies, and by when a person must have looked at it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from terminals.anomaly.detector import Finding
from terminals.anomaly.policy import ACTS, Act, AnomalyPolicy, Part


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
    findings: Iterable[Finding], raised_at: datetime, now: datetime, policy: AnomalyPolicy
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


def _further(place: int, steps: int) -> int:
    return min(place + max(steps, 0), len(ACTS) - 1)
