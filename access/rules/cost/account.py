"""The account: what an audit-hour costs, part by part."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from access.rules.cost.inputs import INPUTS, InputKey, InputRefused, fault_of
from access.rules.words import Word

Values = Mapping[InputKey, Decimal]
_ONE, _HUNDRED = Decimal(1), Decimal(100)


class Part(Word):
    """One part of the cost of an audit-hour."""

    CONSTRUCTION = "construction"
    ACCREDITATION = "accreditation"
    MAINTENANCE = "maintenance"
    RUNNING = "running"
    EQUIPMENT = "equipment"
    GUARDS = "guards"
    AUDITOR = "auditor"
    LOST_WORK = "lost_work"
    TRAVEL = "travel"


# What the facility costs; the rest is the auditor's side.
FACILITY_PARTS = (
    Part.CONSTRUCTION,
    Part.ACCREDITATION,
    Part.MAINTENANCE,
    Part.RUNNING,
    Part.EQUIPMENT,
    Part.GUARDS,
)


@dataclass(frozen=True, slots=True)
class Account:
    """What one audit-hour costs: an hour in which one seat is in use.

    ``parts`` is money per audit-hour, ``audit_hours`` how many there are in a year.
    """

    audit_hours: Decimal
    parts: Mapping[Part, Decimal]

    @property
    def facility(self) -> Decimal:
        """The facility's share, per audit-hour."""
        return sum((self.parts[part] for part in FACILITY_PARTS), Decimal(0))

    @property
    def total(self) -> Decimal:
        """All of it, per audit-hour."""
        return sum(self.parts.values(), Decimal(0))

    @property
    def facility_year(self) -> Decimal:
        """What the facility costs in a year."""
        return self.facility * self.audit_hours


def account_of(values: Values) -> Account:
    """The account of a set of figures (docs/cost.md has the formula).

    Raises ``InputRefused`` for a figure that is missing or does not fit.
    """
    for key in INPUTS:
        fault = fault_of(key, values.get(key))
        if fault:
            raise InputRefused(key, fault)
    v = values
    hours = v[InputKey.SEATS] * v[InputKey.OPEN_HOURS] * v[InputKey.UTILISATION] / _HUNDRED
    construction = v[InputKey.AREA] * v[InputKey.BUILD_COST]
    year = {
        Part.CONSTRUCTION: construction / v[InputKey.LIFE],
        Part.ACCREDITATION: v[InputKey.ACCREDITATION] / v[InputKey.LIFE],
        Part.MAINTENANCE: construction * v[InputKey.MAINTENANCE] / _HUNDRED,
        Part.RUNNING: v[InputKey.RUNNING],
        Part.EQUIPMENT: v[InputKey.SEATS] * v[InputKey.EQUIPMENT] / v[InputKey.EQUIPMENT_LIFE],
        Part.GUARDS: v[InputKey.GUARD_POSTS]
        * v[InputKey.GUARD_RATE]
        * v[InputKey.GUARD_COVER]
        * v[InputKey.OPEN_HOURS],
    }
    # An hour's work costs 1/(1 - lost) hours of pay: half the work done doubles its price.
    done = (_ONE - v[InputKey.TIME_LOST] / _HUNDRED) * (_ONE - v[InputKey.SLOWER_WORK] / _HUNDRED)
    rate = v[InputKey.AUDITOR_RATE]
    return Account(
        audit_hours=hours,
        parts={
            **{part: money / hours for part, money in year.items()},
            Part.AUDITOR: rate,
            Part.LOST_WORK: rate / done - rate,
            Part.TRAVEL: v[InputKey.TRIP_COST] / v[InputKey.TRIP_HOURS],
        },
    )


def curve_of(values: Values, shares: Sequence[Decimal]) -> list[Account]:
    """The account at each share of seat hours in use (per cent), all else as it is."""
    return [account_of({**values, InputKey.UTILISATION: share}) for share in shares]
