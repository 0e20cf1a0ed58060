"""One running sum (CUSUM) for each part of the detector; an alarm once one reaches its limit.

E. S. Page, Biometrika 41 (1954): S ← max(0, S + score). The state belongs to a person in an
engagement and lives on from session to session: logging out pays nothing back. It is JSON, and
the same state and intervals always give the same findings.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from terminals.anomaly.features import Interval
from terminals.anomaly.meter import Measured, Meter, Reading, Window, measure
from terminals.anomaly.parts import JUDGES, Evidence, Judge
from terminals.anomaly.policy import AnomalyPolicy, Part, Usual

VERSION = 1
_MOST = 1e12  # no sum needs to be higher, and none may become infinite


class StateInvalid(ValueError):
    """A record is not a state of this version."""


@dataclass(frozen=True, slots=True)
class Level:
    """The sum of one part; since it last lay at nought, how long, and how much was counted.

    ``grade``: 0 nothing, 1 an anomaly, 2 a grave one. INVARIANT: it only rises, until a person has
    reviewed it; neither silence nor good behaviour takes an alarm back.
    """

    height: float = 0.0
    seconds: float = 0.0
    counted: float = 0.0
    grade: int = 0


@dataclass(frozen=True, slots=True)
class State:
    """What the detector remembers between two intervals."""

    meter: Meter
    levels: dict[Part, Level]

    @classmethod
    def new(cls) -> "State":
        """Nothing was seen yet."""
        return cls(Meter(), {part: Level() for part in Part})


@dataclass(frozen=True, slots=True)
class Finding:
    """An anomaly: which part, how grave, and the figures that explain it (wording.py).

    ``seconds`` and ``counted`` since the sum last lay at nought. ``interval``: in which it was
    noticed. ``policy_version`` tells by which numbers it was judged.
    """

    part: Part
    grade: int
    seconds: float
    counted: float
    interval: Interval
    policy_version: str


def observe(
    state: State,
    interval: Interval,
    usual: Usual,
    policy: AnomalyPolicy,
    judges: Mapping[Part, Judge] = JUDGES,
) -> tuple[State, Measured, tuple[Finding, ...]]:
    """The state after this interval, what was measured, and findings that are new or graver."""
    meter, measured = measure(state.meter, interval, policy)
    levels, findings = dict(state.levels), []
    for part, judge in judges.items():
        evidence = judge(measured, usual, policy)
        if evidence is None:
            continue
        before = levels[part]
        after = levels[part] = _added(before, evidence, policy.parts[part].limit, policy.grave)
        if after.grade > before.grade:
            findings.append(_finding(part, after, interval, policy))
    return State(meter, levels), measured, tuple(findings)


def standing(state: State, interval: Interval, policy: AnomalyPolicy) -> tuple[Finding, ...]:
    """Every anomaly that nobody has reviewed yet, as of the last interval."""
    return tuple(
        _finding(part, level, interval, policy)
        for part, level in state.levels.items()
        if level.grade
    )


def reviewed(state: State, part: Part) -> State:
    """The state once a person has looked at a part's anomaly: its sum begins anew."""
    return replace(state, levels={**state.levels, part: Level()})


def _added(level: Level, evidence: Evidence, limit: float, grave: float) -> Level:
    height = min(max(level.height + evidence.score, 0.0), _MOST)
    grade = 2 if height >= limit * grave else 1 if height >= limit else 0
    if not height:
        return Level(grade=max(level.grade, grade))
    return Level(
        height,
        min(level.seconds + evidence.seconds, _MOST),
        min(level.counted + evidence.counted, _MOST * _MOST),
        max(level.grade, grade),
    )


def _finding(part: Part, level: Level, interval: Interval, policy: AnomalyPolicy) -> Finding:
    return Finding(part, level.grade, level.seconds, level.counted, interval, policy.version)


def record_of(state: State) -> dict[str, Any]:
    """The state as JSON."""
    meter, window, reading = state.meter, state.meter.window, state.meter.reading
    return {
        "version": VERSION,
        "idle": None if math.isinf(meter.idle) else meter.idle,
        "window": [getattr(window, name) for name in Window.__slots__],
        "reading": [getattr(reading, name) for name in Reading.__slots__],
        "levels": {
            str(part): [getattr(level, name) for name in Level.__slots__]
            for part, level in state.levels.items()
        },
    }


def state_of(record: Mapping[str, Any]) -> State:
    """The state of a record; raises :class:`StateInvalid` for anything else."""
    if record.get("version") != VERSION:
        raise StateInvalid("version")
    try:
        idle = record["idle"]
        meter = Meter(
            math.inf if idle is None else _number(idle),
            Window(*_numbers(record["window"], Window.__slots__)),
            Reading(*_numbers(record["reading"], Reading.__slots__)),
        )
        levels = {part: Level(*_numbers(record["levels"][part], Level.__slots__)) for part in Part}
    except StateInvalid:
        raise
    except (KeyError, TypeError, ValueError) as error:
        raise StateInvalid(str(error)) from error
    return State(meter, levels)


def _numbers(values: Any, names: Iterable[str]) -> list[Any]:
    return [_number(value) for value, _ in zip(values, names, strict=True)]


def _number(value: Any) -> Any:
    if type(value) not in {int, float} or not math.isfinite(value) or value < 0:
        raise StateInvalid(repr(value))
    return value
