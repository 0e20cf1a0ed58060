"""What the cost page shows: the comparison, its break-down, its drivers, its curves, as words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from access.models import CostScenario
from access.rules.cost import (
    FACILITY_PARTS,
    INPUTS,
    Account,
    Driver,
    InputKey,
    InputRefused,
    Measure,
    Part,
    Values,
    account_of,
    curve_of,
    drivers_of,
)
from access.selectors.cost import Figures, figures_of, values_of
from access.selectors.cost_words import account_lines, amount, plain, signed, unit_words
from scif.console.cost_plots import Curve, Stack, Swing, curve_plot, stack_plot, swing_plot
from scif.facilities.models import Facility

# The plot's parts, in the order of their letters: five can be told from one another.
PILES = (
    (gettext_lazy("Room and equipment"), [p for p in FACILITY_PARTS if p is not Part.GUARDS]),
    (gettext_lazy("Guards"), [Part.GUARDS]),
    (gettext_lazy("Auditor's hour"), [Part.AUDITOR]),
    (gettext_lazy("Work lost to waiting, search, breaks and slower work"), [Part.LOST_WORK]),
    (gettext_lazy("Travel"), [Part.TRAVEL]),
)
SWINGS = (10, 25, 50)
MOST_DRIVERS = 8
SHARES = [Decimal(share) for share in range(2, 101, 2)]
SHOWN_SHARES = (10, 20, 35, 50, 60, 80, 100)


@dataclass(frozen=True, slots=True)
class Reckoned:
    """A scenario and its account; ``current`` is the one on the form, perhaps not saved."""

    scenario: CostScenario
    values: Values
    account: Account
    current: bool


@dataclass(frozen=True, slots=True)
class Table:
    """Heads and rows of words; ``strong`` rows are sums."""

    heads: Sequence[str]
    rows: Sequence[tuple[str, Sequence[str], bool]]


@dataclass(frozen=True, slots=True)
class CostFigures:
    """Everything on the right side of the page."""

    headline: str
    piles: Sequence[str]
    stacks: SafeString
    accounts: Table
    swings: SafeString | None
    drivers: Table | None
    curves: SafeString
    shares: Table
    names: Sequence[str]
    left_out: Sequence[str]


def cost_figures(
    facility: Facility,
    listed: Sequence[CostScenario],
    *,
    current: CostScenario | None = None,
    figures: Figures | None = None,
    swing: int = SWINGS[1],
    measure: Measure = Measure.TOTAL,
) -> CostFigures | None:
    """The comparison of the listed scenarios; the current one with the figures on its form.

    None where not one of them can be reckoned. A scenario that lacks a figure is named as left out.
    """
    reckoned: list[Reckoned] = []
    left_out = []
    for each in listed:
        here = current is not None and each.pk == current.pk
        given = figures if here and figures is not None else figures_of(each)
        try:
            values = values_of(given)
            reckoned.append(Reckoned(each, values, account_of(values), here))
        except InputRefused as error:
            left_out.append(f"{each.name}: {_(INPUTS[error.key].meaning)}, {error}")
    if not reckoned:
        return None
    chosen = next((each for each in reckoned if each.current), None)
    drivers = []
    if chosen is not None:
        drivers = drivers_of(chosen.values, swing=Decimal(swing), measure=measure)
    return CostFigures(
        headline=_headline(facility, chosen) if chosen else "",
        piles=[str(name) for name, _parts in PILES],
        stacks=_stacks(facility, reckoned),
        accounts=_accounts(facility, reckoned),
        swings=_swings(facility, chosen, drivers, measure) if chosen else None,
        drivers=_drivers(facility, drivers) if chosen else None,
        curves=_curves(facility, reckoned),
        shares=_shares(reckoned),
        names=[each.scenario.name for each in reckoned],
        left_out=left_out,
    )


def money(facility: Facility, value: Decimal) -> str:
    """An amount with the facility's currency before it."""
    return f"{facility.currency} {amount(value)}"


def _headline(facility: Facility, chosen: Reckoned) -> str:
    said = _("%(name)s: %(total)s per audit-hour, of which the facility %(facility)s.")
    return said % {
        "name": chosen.scenario.name,
        "total": money(facility, chosen.account.total),
        "facility": money(facility, chosen.account.facility),
    }


def _stacks(facility: Facility, reckoned: Iterable[Reckoned]) -> SafeString:
    stacks = [
        Stack(
            each.scenario.name,
            [float(sum(each.account.parts[part] for part in parts)) for _name, parts in PILES],
            f"{amount(each.account.facility)} / {amount(each.account.total)}",
            each.current,
        )
        for each in reckoned
    ]
    words = _("Cost of an audit-hour in %(currency)s, facility and total: %(all)s")
    told = "; ".join(f"{stack.name} {stack.told}" for stack in stacks)
    return stack_plot(stacks, words=words % {"currency": facility.currency, "all": told})


def _accounts(facility: Facility, reckoned: Sequence[Reckoned]) -> Table:
    rows = [
        (line.name, [amount(line.read(each.account)) for each in reckoned], line.strong)
        for line in account_lines()
    ]
    heads = [_("%(currency)s per audit-hour") % {"currency": facility.currency}]
    return Table([*heads, *(each.scenario.name for each in reckoned)], rows)


def _swings(
    facility: Facility, chosen: Reckoned, drivers: Sequence[Driver], measure: Measure
) -> SafeString:
    base = measure.of(chosen.account)
    swings = [
        Swing(
            _(INPUTS[each.key].meaning),
            float(each.cost_low),
            float(each.cost_high),
            f"{signed(each.cost_low - base)} … {signed(each.cost_high - base)}",
        )
        for each in drivers[:MOST_DRIVERS]
    ]
    words = _("What moves the cost of an audit-hour, from %(base)s: %(all)s") % {
        "base": money(facility, base),
        "all": "; ".join(f"{swing.name} {swing.told}" for swing in swings),
    }
    return swing_plot(swings, base=float(base), words=words)


def _drivers(facility: Facility, drivers: Sequence[Driver]) -> Table:
    heads = [
        _("Figure"),
        _("From"),
        _("To"),
        _("Cost then, %(currency)s") % {"currency": facility.currency},
        _("Moves it by"),
    ]
    rows = [
        (
            _(INPUTS[each.key].meaning),
            [
                f"{plain(each.low)} {unit_words(each.key, facility.currency)}",
                plain(each.high),
                f"{amount(each.cost_low)} … {amount(each.cost_high)}",
                amount(each.span, 1),
            ],
            False,
        )
        for each in drivers
    ]
    return Table(heads, rows)


def _curves(facility: Facility, reckoned: Sequence[Reckoned]) -> SafeString:
    dearest = max(each.account.total for each in reckoned)
    top = _top(dearest * Decimal("1.25"))
    curves = []
    for place, each in enumerate(reckoned, start=1):
        costs = curve_of(each.values, SHARES)
        points = [
            (float(share), float(account.total))
            for share, account in zip(SHARES, costs, strict=True)
        ]
        here = (float(each.values[InputKey.UTILISATION]), float(each.account.total))
        curves.append(Curve(place, points, here, each.current))
    marks = [(float(top * part / 2), amount(top * part / 2)) for part in (0, 1, 2)]
    words = _("Cost of an audit-hour in %(currency)s over the share of seat hours in use")
    return curve_plot(
        curves, top=float(top), marks=marks, words=words % {"currency": facility.currency}
    )


def _shares(reckoned: Sequence[Reckoned]) -> Table:
    shares = [Decimal(share) for share in SHOWN_SHARES]
    columns = [curve_of(each.values, shares) for each in reckoned]
    rows = [
        (f"{share} %", [amount(column[place].total) for column in columns], False)
        for place, share in enumerate(SHOWN_SHARES)
    ]
    return Table([_("Seat hours in use"), *(each.scenario.name for each in reckoned)], rows)


def _top(value: Decimal) -> Decimal:
    """The end of the axis: the next round number with two leading digits."""
    step = Decimal(10) ** max(0, value.adjusted() - 1)
    return max(Decimal(2), (value // step + 1) * step)
