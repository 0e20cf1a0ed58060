"""Costs in words: parts, units, amounts, for the page and for the report."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from access.rules.cost import FACILITY_PARTS, INPUTS, Account, InputKey, Part

PART_WORDS = {
    Part.CONSTRUCTION: gettext_lazy("Construction"),
    Part.ACCREDITATION: gettext_lazy("Accreditation"),
    Part.MAINTENANCE: gettext_lazy("Maintenance"),
    Part.RUNNING: gettext_lazy("Rent, power, alarm monitoring"),
    Part.EQUIPMENT: gettext_lazy("Equipment"),
    Part.GUARDS: gettext_lazy("Guards"),
    Part.AUDITOR: gettext_lazy("Auditor's hour"),
    Part.LOST_WORK: gettext_lazy("Work lost"),
    Part.TRAVEL: gettext_lazy("Travel"),
}


@dataclass(frozen=True, slots=True)
class AccountLine:
    """A line of an account: its name, what it reads, whether it is a sum."""

    name: str
    read: Callable[[Account], Decimal]
    strong: bool = False


def account_lines() -> list[AccountLine]:
    """The lines of an account: the facility's parts, the auditor's, their sums, then the year."""
    parts = [AccountLine(str(PART_WORDS[part]), _reader(part)) for part in Part]
    edge = len(FACILITY_PARTS)
    return [
        *parts[:edge],
        AccountLine(_("Facility"), lambda account: account.facility, strong=True),
        *parts[edge:],
        AccountLine(_("Total"), lambda account: account.total, strong=True),
        AccountLine(_("Audit-hours a year"), lambda account: account.audit_hours),
        AccountLine(_("Facility, a year"), lambda account: account.facility_year),
    ]


def _reader(part: Part) -> Callable[[Account], Decimal]:
    return lambda account: account.parts[part]


def unit_words(key: InputKey, currency: str) -> str:
    """A figure's unit, in the facility's currency."""
    return _(INPUTS[key].unit).replace("%(currency)s", currency)


def amount(value: Decimal, places: int = 0) -> str:
    """An amount, rounded and grouped, without its currency."""
    # Django's own formatting cuts off what it does not show.
    rounded = value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    return str(number_format(rounded, decimal_pos=places, force_grouping=True))


def plain(value: Decimal) -> str:
    """A figure with the places that it has, to two, grouped."""
    return str(
        number_format(Decimal(format(round(value, 2).normalize(), "f")), force_grouping=True)
    )


def signed(value: Decimal) -> str:
    """A difference with its sign."""
    return f"{'+' if value >= 0 else '-'}{amount(abs(value))}"
