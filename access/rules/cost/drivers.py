"""Which figure moves the cost most: each one alone, by the same share, up and down."""

from dataclasses import dataclass
from decimal import Decimal

from access.rules.cost.account import Account, Values, account_of
from access.rules.cost.inputs import INPUTS, InputKey
from access.rules.words import Word

_HUNDRED = Decimal(100)


class Measure(Word):
    """Which cost of an audit-hour is looked at."""

    FACILITY = "facility"
    TOTAL = "total"

    def of(self, account: Account) -> Decimal:
        """That cost, in an account."""
        return account.facility if self is Measure.FACILITY else account.total


@dataclass(frozen=True, slots=True)
class Driver:
    """A figure moved down to ``low`` and up to ``high``, and what an audit-hour costs then."""

    key: InputKey
    low: Decimal
    high: Decimal
    cost_low: Decimal
    cost_high: Decimal

    @property
    def span(self) -> Decimal:
        """How far it moves the cost."""
        return abs(self.cost_high - self.cost_low)


def drivers_of(values: Values, *, swing: Decimal, measure: Measure) -> list[Driver]:
    """The figures that move the cost when moved by ``swing`` per cent, the strongest first.

    A figure stays within what fits it: of 90 % in use nothing above 100 % is tried.
    """
    found = []
    for key, known in INPUTS.items():
        step = values[key] * swing / _HUNDRED
        low = max(known.least, values[key] - step)
        high = min(known.most, values[key] + step)
        costs = [measure.of(account_of({**values, key: moved})) for moved in (low, high)]
        driver = Driver(key, low, high, *costs)
        if driver.span:
            found.append(driver)
    return sorted(found, key=lambda driver: (-driver.span, driver.key))
