"""What is usual for a person: the kind's prior, giving way to the person's own sessions.

Each session is kept as a few figures. A figure of the person is the median over the sessions, drawn
to the prior as if that were ``prior_sessions`` sessions, on a logarithmic scale; of the time in an
hour, the session that has the most of it is left out. So:

- **One bad session** among three or more moves no figure out of the range of the others and the
  prior, and makes no hour usual.
- **INVARIANT: all sessions bad** cannot move a figure further from the prior than ``factor``, nor,
  after n sessions, than factor^(n / (n + prior_sessions)).

Sessions with an anomaly that no person has found harmless are not to be learnt from: who calls
``learned`` sees to that.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from statistics import median
from typing import Any

from terminals.anomaly.policy import AnomalyPolicy, Usual

VERSION = 1
HOURS = 24
# An hour stands for its neighbours as well: no day begins by the bell.
_SPREAD = ((-1, 0.25), (0, 0.5), (1, 0.25))


class BaselineInvalid(ValueError):
    """A record is not a baseline of this version."""


@dataclass(frozen=True, slots=True)
class Session:
    """What is kept of a session; None where it brought too little to tell. Units as in ``Usual``.

    ``hours``: seconds attended by hour of the local day.
    """

    usual_bytes: float | None
    busy_bytes: float | None
    even_keys: float | None
    quick_keys: float | None
    even_pages: float | None
    hours: tuple[float, ...]


FIGURES = tuple(field.name for field in fields(Session) if field.name != "hours")


@dataclass(frozen=True, slots=True)
class Baseline:
    """A person's sessions, oldest first; empty for a newcomer. JSON by ``record`` and ``of``."""

    sessions: tuple[Session, ...] = ()

    def learned(self, session: Session, policy: AnomalyPolicy) -> "Baseline":
        """The baseline with one more session; the oldest are forgotten."""
        return Baseline((*self.sessions, session)[-policy.sessions_kept :])

    def usual(self, prior: Usual, policy: AnomalyPolicy) -> Usual:
        """What is usual for this person."""
        found = {name: self._figure(name, getattr(prior, name), policy) for name in FIGURES}
        found["busy_bytes"] = max(found["busy_bytes"], found["usual_bytes"])
        return Usual(**found, hours=self._hours(prior, policy))

    def _figure(self, name: str, prior: float, policy: AnomalyPolicy) -> float:
        far = math.log(policy.factor)
        own = [
            min(max(math.log(max(value, 1e-9) / prior), -far), far)
            for session in self.sessions
            if (value := getattr(session, name)) is not None
        ]
        if not own:
            return prior
        weight = len(own) / (len(own) + policy.prior_sessions)
        return prior * math.exp(weight * median(own))

    def _hours(self, prior: Usual, policy: AnomalyPolicy) -> tuple[float, ...]:
        shares = [_shares(session.hours) for session in self.sessions if any(session.hours)]
        weight = policy.prior_sessions + max(len(shares) - 1, 0)
        if not weight:
            return prior.hours
        found = []
        for hour in range(HOURS):
            own = [share[hour] for share in shares]
            rest = sum(own) - max(own, default=0.0)
            found.append((policy.prior_sessions * prior.hours[hour] + rest) / weight)
        return tuple(
            sum(part * found[(hour + step) % HOURS] for step, part in _SPREAD)
            for hour in range(HOURS)
        )

    def record(self) -> dict[str, Any]:
        """The baseline as JSON."""
        return {
            "version": VERSION,
            "sessions": [
                {name: getattr(session, name) for name in FIGURES} | {"hours": list(session.hours)}
                for session in self.sessions
            ],
        }

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> "Baseline":
        """The baseline of a record; raises :class:`BaselineInvalid` for anything else."""
        try:
            if record["version"] != VERSION:
                raise BaselineInvalid("version")
            return cls(tuple(_session(each) for each in record["sessions"]))
        except (KeyError, TypeError, AttributeError) as error:
            raise BaselineInvalid(str(error)) from error


def _shares(hours: tuple[float, ...]) -> list[float]:
    whole = sum(hours)
    return [each / whole for each in hours]


def _session(record: Mapping[str, Any]) -> Session:
    hours = tuple(_number(each) for each in record["hours"])
    if len(hours) != HOURS:
        raise BaselineInvalid("hours")
    figures = {name: None if record[name] is None else _number(record[name]) for name in FIGURES}
    return Session(**figures, hours=hours)


def _number(value: Any) -> float:
    if type(value) not in {int, float} or not math.isfinite(value) or value < 0:
        raise BaselineInvalid(repr(value))
    return float(value)
