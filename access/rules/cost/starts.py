"""Sets of figures to begin with, and the illustration that the reckoning is held against.

A figure here is data that an officer copies and replaces; no rule reads it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from access.rules.cost.account import Values
from access.rules.cost.inputs import InputKey
from access.rules.words import Word


class ScenarioKind(Word):
    """How an audit is housed."""

    OWN_ROOM = "own_room"
    SHARED = "shared"
    ROUND_THE_CLOCK = "round_the_clock"
    TEMPORARY = "temporary"
    LAPTOP_ONLY = "laptop_only"


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure, whose word it is, and of which day."""

    value: Decimal
    source: str
    dated: date


PUBLIC = "Vendors' pages, unaudited: 350 to 1,000 per sq ft"
PUBLISHED = "Published illustration: 600 sq ft, 4 seats, 2 posts at 45 an hour"
INFERRED = "Inferred from the published illustration, which does not name it"
ASSUMED = "Assumed; replace by the facility's own figure"
LIMIT = "Limit of a temporary secure working area: under 40 h a month, 12 months at most (ICD 705)"
ABSENT = "Not part of this arrangement"
TAKEN_DOWN = date(2026, 11, 26)

_K = InputKey
_Given = tuple[str, str]

# The illustration's room. What it names is published; the rest had to be inferred (docs/cost.md).
_ROOM: Mapping[InputKey, _Given] = {
    _K.AREA: ("600", PUBLISHED),
    _K.BUILD_COST: ("700", PUBLIC),
    _K.ACCREDITATION: ("50000", INFERRED),
    _K.LIFE: ("12", INFERRED),
    _K.MAINTENANCE: ("8", INFERRED),
    _K.RUNNING: ("0", INFERRED),
    _K.GUARD_POSTS: ("2", PUBLISHED),
    _K.GUARD_RATE: ("45", PUBLISHED),
    _K.GUARD_COVER: ("1", INFERRED),
    _K.SEATS: ("4", PUBLISHED),
    _K.OPEN_HOURS: ("2000", INFERRED),
    _K.UTILISATION: ("35", PUBLISHED),
    _K.EQUIPMENT: ("0", INFERRED),
    _K.EQUIPMENT_LIFE: ("3", INFERRED),
    _K.AUDITOR_RATE: ("100", INFERRED),
    _K.TIME_LOST: ("0", INFERRED),
    _K.SLOWER_WORK: ("20", INFERRED),
    _K.TRIP_COST: ("550", INFERRED),
    _K.TRIP_HOURS: ("24", INFERRED),
}

_SHARED: Mapping[InputKey, _Given] = {**_ROOM, _K.UTILISATION: ("60", PUBLISHED)}

_GIVEN: Mapping[ScenarioKind, Mapping[InputKey, _Given]] = {
    ScenarioKind.OWN_ROOM: _ROOM,
    ScenarioKind.SHARED: _SHARED,
    ScenarioKind.ROUND_THE_CLOCK: {**_SHARED, _K.OPEN_HOURS: ("8760", PUBLISHED)},
    ScenarioKind.TEMPORARY: {
        **_ROOM,
        _K.AREA: ("200", ASSUMED),
        _K.BUILD_COST: ("350", PUBLIC),
        _K.ACCREDITATION: ("10000", ASSUMED),
        _K.LIFE: ("1", LIMIT),
        _K.OPEN_HOURS: ("468", LIMIT),
        _K.UTILISATION: ("60", ASSUMED),
    },
    ScenarioKind.LAPTOP_ONLY: {
        **_ROOM,
        _K.AREA: ("0", ABSENT),
        _K.BUILD_COST: ("0", ABSENT),
        _K.ACCREDITATION: ("0", ABSENT),
        _K.RUNNING: ("40000", ASSUMED),
        _K.GUARD_POSTS: ("0", ABSENT),
        _K.UTILISATION: ("60", ASSUMED),
        _K.EQUIPMENT: ("6000", ASSUMED),
        _K.SLOWER_WORK: ("10", ASSUMED),
        _K.TRIP_COST: ("0", ABSENT),
    },
}

STARTS: Mapping[ScenarioKind, Mapping[InputKey, Figure]] = {
    kind: {
        key: Figure(Decimal(value), source, TAKEN_DOWN) for key, (value, source) in given.items()
    }
    for kind, given in _GIVEN.items()
}


@dataclass(frozen=True, slots=True)
class Published:
    """A row of the published illustration: its figures, and its result in whole dollars."""

    values: Values
    facility: int
    total: int


def _row(facility: int, total: int, **changes: str) -> Published:
    values = {key: Decimal(value) for key, (value, _source) in _ROOM.items()}
    values |= {InputKey(key): Decimal(value) for key, value in changes.items()}
    return Published(values, facility, total)


ILLUSTRATION = (
    _row(46, 193, build_cost="350", utilisation="60"),
    _row(90, 238, build_cost="700", utilisation="35"),
    _row(235, 383, build_cost="1000", utilisation="15"),
    _row(41, 189, build_cost="700", utilisation="60", open_hours="8760"),
)
