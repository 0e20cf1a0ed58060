"""What was measured at a facility, in words, and as figures for a cost scenario."""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from access.rules.cost import INPUTS, Figure, InputKey, MeasuredUse
from access.selectors.cost_words import amount

PERIODS = (30, 90, 365)


def measured_figures(use: MeasuredUse, *, today: date) -> Mapping[InputKey, Figure]:
    """The figures that the record gives; what it does not tell is left out."""
    source = _("Measured here, %(period)s, %(visits)s") % {
        "period": period_words(use),
        "visits": visit_words(use),
    }
    found = {
        InputKey.SEATS: Decimal(use.seats) if use.seats else None,
        InputKey.OPEN_HOURS: use.open_hours_year,
        InputKey.UTILISATION: use.utilisation,
        InputKey.TIME_LOST: use.time_lost,
    }
    return {
        key: Figure(_fitted(key, value), source, today)
        for key, value in found.items()
        if value is not None
    }


def measured_rows(use: MeasuredUse) -> list[tuple[str, str]]:
    """What was measured, line by line; what is missing says so."""
    nothing = _("not measured")
    spans = {
        _("Wait, arrival to inside"): use.mean("wait"),
        _("Breaks, out and in again"): use.mean("breaks"),
        _("Search and return, out to the end"): use.mean("search"),
        _("Inside"): use.mean("inside"),
    }
    rows = [
        (f"{name}, {_('mean')}", nothing if span is None else _minutes(span))
        for name, span in spans.items()
    ]
    shares = {
        _("Time on site lost"): use.time_lost,
        _("Seat hours in use"): use.utilisation,
    }
    rows += [
        (name, nothing if share is None else f"{amount(share, 1)} %")
        for name, share in shares.items()
    ]
    hours = _("%(available)s available, %(booked)s booked, %(used)s used")
    told = {"available": use.available, "booked": use.booked, "used": use.used}
    rows.append((_("Seat hours"), hours % {name: amount(value) for name, value in told.items()}))
    return rows


def period_words(use: MeasuredUse) -> str:
    """The period, first and last day."""
    return _("%(first)s to %(last)s") % {
        "first": date_format(use.first, "j M Y"),
        "last": date_format(use.last, "j M Y"),
    }


def visit_words(use: MeasuredUse) -> str:
    """How many visits were measured, and how many could not be."""
    count = len(use.visits)
    said = ngettext("%(count)d visit", "%(count)d visits", count) % {"count": count}
    if use.unclear:
        said += ngettext(
            " and %(count)d whose steps do not add up",
            " and %(count)d whose steps do not add up",
            use.unclear,
        ) % {"count": use.unclear}
    return said


def _fitted(key: InputKey, value: Decimal) -> Decimal:
    """To two places, and within what fits the figure."""
    known = INPUTS[key]
    return min(known.most, max(known.least, round(value, 2)))


def _minutes(span: timedelta) -> str:
    return _("%(count)s min") % {"count": amount(Decimal(span // timedelta(seconds=1)) / 60)}
