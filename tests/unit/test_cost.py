"""The cost of an audit-hour: the published illustration, the drivers, and what always holds."""

from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from access.rules.cost import (
    FACILITY_PARTS,
    ILLUSTRATION,
    INPUTS,
    STARTS,
    InputKey,
    InputRefused,
    Measure,
    Part,
    ScenarioKind,
    Values,
    account_of,
    curve_of,
    drivers_of,
    fault_of,
)
from access.rules.cost.starts import Published

SWING = Decimal(25)
ROUNDING = Decimal("0.000001")


def dollars(amount: Decimal) -> int:
    return int(amount.quantize(Decimal(1), ROUND_HALF_UP))


def bare(kind: ScenarioKind) -> Values:
    return {key: figure.value for key, figure in STARTS[kind].items()}


def value_of(key: InputKey) -> st.SearchStrategy[Decimal]:
    """Anything that fits a figure, in the range that people type."""
    known = INPUTS[key]
    most = min(known.most, Decimal(100_000))
    return st.integers(int(known.least * 100), int(most * 100)).map(lambda n: Decimal(n) / 100)


# The first draw of a process looks through the sources for constants, however quick the rest is.
patient = settings(suppress_health_check=[HealthCheck.too_slow])
values = st.fixed_dictionaries({key: value_of(key) for key in InputKey})


@pytest.mark.parametrize("row", ILLUSTRATION, ids=lambda row: str(row.facility))
def test_the_published_illustration_comes_out(row: Published) -> None:
    account = account_of(row.values)
    assert (dollars(account.facility), dollars(account.total)) == (row.facility, row.total)


def test_what_the_illustration_does_not_name_is_said_to_be_inferred() -> None:
    start = STARTS[ScenarioKind.OWN_ROOM]
    inferred = {key for key, figure in start.items() if "Inferred" in figure.source}
    assert inferred == {
        InputKey.ACCREDITATION,
        InputKey.LIFE,
        InputKey.MAINTENANCE,
        InputKey.RUNNING,
        InputKey.GUARD_COVER,
        InputKey.OPEN_HOURS,
        InputKey.EQUIPMENT,
        InputKey.EQUIPMENT_LIFE,
        InputKey.AUDITOR_RATE,
        InputKey.TIME_LOST,
        InputKey.SLOWER_WORK,
        InputKey.TRIP_COST,
        InputKey.TRIP_HOURS,
    }


@pytest.mark.parametrize(
    ("key", "value"),
    [("life", "20"), ("maintenance", "12"), ("accreditation", "200000"), ("open_hours", "2500")],
)
def test_another_inferred_figure_would_miss_the_illustration(key: str, value: str) -> None:
    moved = [{**row.values, InputKey(key): Decimal(value)} for row in ILLUSTRATION]
    found = [(dollars(a.facility), dollars(a.total)) for a in map(account_of, moved)]
    assert found != [(row.facility, row.total) for row in ILLUSTRATION]


@pytest.mark.parametrize("row", ILLUSTRATION[:3], ids=lambda row: str(row.facility))
def test_guards_and_utilisation_drive_the_room_and_construction_does_not(row: Published) -> None:
    found = [each.key for each in drivers_of(row.values, swing=SWING, measure=Measure.FACILITY)]
    place = found.index
    assert place(InputKey.UTILISATION) < place(InputKey.GUARD_RATE) < place(InputKey.BUILD_COST)


def test_a_driver_stays_within_what_fits() -> None:
    full = {**bare(ScenarioKind.SHARED), InputKey.UTILISATION: Decimal(90)}
    drivers = {d.key: d for d in drivers_of(full, swing=SWING, measure=Measure.TOTAL)}
    assert drivers[InputKey.UTILISATION].high == 100
    assert drivers[InputKey.UTILISATION].low == Decimal("67.5")
    # What is nothing stays nothing, and moves nothing.
    assert InputKey.RUNNING not in drivers


def test_each_way_to_house_audits_has_all_figures_with_source_and_day() -> None:
    assert set(STARTS) == set(ScenarioKind)
    for figures in STARTS.values():
        assert set(figures) == set(INPUTS)
        assert all(figure.source and figure.dated for figure in figures.values())
        assert all(not fault_of(key, figure.value) for key, figure in figures.items())


def test_a_laptop_alone_costs_neither_room_nor_guard() -> None:
    parts = account_of(bare(ScenarioKind.LAPTOP_ONLY)).parts
    nothing = (Part.CONSTRUCTION, Part.ACCREDITATION, Part.MAINTENANCE, Part.GUARDS, Part.TRAVEL)
    assert [parts[part] for part in nothing] == [0] * len(nothing)
    assert parts[Part.EQUIPMENT] > 0


def test_half_the_work_done_doubles_its_price() -> None:
    half = {**bare(ScenarioKind.SHARED), InputKey.SLOWER_WORK: Decimal(50)}
    parts = account_of(half).parts
    assert parts[Part.LOST_WORK] == parts[Part.AUDITOR]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        (InputKey.UTILISATION, Decimal(0)),
        (InputKey.UTILISATION, Decimal(101)),
        (InputKey.TIME_LOST, Decimal(100)),
        (InputKey.LIFE, Decimal(0)),
        (InputKey.SEATS, Decimal(-1)),
        (InputKey.GUARD_RATE, Decimal("NaN")),
        (InputKey.BUILD_COST, Decimal("Infinity")),
        (InputKey.TRIP_HOURS, None),
    ],
)
def test_a_figure_that_does_not_fit_is_refused_by_name(key: InputKey, value: Decimal) -> None:
    wrong = {k: v for k, v in {**bare(ScenarioKind.SHARED), key: value}.items() if v is not None}
    with pytest.raises(InputRefused) as refused:
        account_of(wrong)
    assert refused.value.key is key


@patient
@given(values)
def test_the_parts_are_the_total_and_none_is_negative(given_values: Values) -> None:
    account = account_of(given_values)
    assert all(part >= 0 for part in account.parts.values())
    assert set(account.parts) == set(Part)
    rest = sum(account.parts[part] for part in Part if part not in FACILITY_PARTS)
    assert abs(account.facility + rest - account.total) <= ROUNDING * (1 + account.total)


@patient
@given(values)
def test_a_fuller_room_costs_no_more_an_hour_and_the_same_a_year(given_values: Values) -> None:
    half, full = curve_of(given_values, [Decimal(50), Decimal(100)])
    assert full.total <= half.total
    assert abs(full.facility_year - half.facility_year) <= ROUNDING * (1 + full.facility_year)


@patient
@given(values, st.sampled_from(Measure))
def test_drivers_come_by_strength_and_each_one_moves(
    given_values: Values, measure: Measure
) -> None:
    spans = [each.span for each in drivers_of(given_values, swing=SWING, measure=measure)]
    assert spans == sorted(spans, reverse=True)
    assert all(spans)
