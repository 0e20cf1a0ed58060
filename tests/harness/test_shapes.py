"""What is left of an answer: only what is named, rounded, and counted."""

import math
from contextlib import suppress
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from terminals.harness import shapes, strict_json

MEASURES = st.builds(
    lambda low, size, digits: shapes.Measure(low, low + size, digits),
    st.integers(-1000, 1000),
    st.integers(0, 2000),
    st.integers(0, 6),
)
LEAVES: st.SearchStrategy[shapes.Shape] = st.one_of(
    st.builds(shapes.Text, st.integers(1, 50)),
    st.builds(
        lambda low, size: shapes.Whole(low, low + size),
        st.integers(-100, 100),
        st.integers(0, 500),
    ),
    MEASURES,
    st.just(shapes.Flag()),
    st.builds(
        lambda words: shapes.Choice(tuple(words)),
        st.lists(st.text(max_size=5), min_size=1, max_size=5, unique=True),
    ),
)
SHAPES: st.SearchStrategy[shapes.Shape] = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(shapes.Many, st.integers(1, 5), inner),
        st.builds(
            shapes.Fields, st.dictionaries(st.sampled_from(["a", "b", "c", "d"]), inner, max_size=4)
        ),
    ),
    max_leaves=6,
)
FINITE = st.decimals(-(10**6), 10**6, allow_nan=False, allow_infinity=False)


def _values(shape: shapes.Shape) -> st.SearchStrategy[Any]:
    """Answers of the right kinds, and with too much of everything."""
    match shape:
        case shapes.Text():
            return st.text(st.characters(codec="utf-8"), max_size=80)
        case shapes.Whole():
            return st.integers(-(10**15), 10**15)
        case shapes.Measure():
            return st.one_of(FINITE, st.integers(-(10**30), 10**30))
        case shapes.Flag():
            return st.booleans()
        case shapes.Choice(of):
            return st.sampled_from(of)
        case shapes.Many(_, of):
            return st.lists(_values(of), max_size=8)
        case shapes.Fields(fields):
            named = st.fixed_dictionaries({}, optional={k: _values(v) for k, v in fields.items()})
            return st.builds(
                lambda known, more: {**{f"x{key}": each for key, each in more.items()}, **known},
                named,
                st.dictionaries(st.text(max_size=3), st.integers(), max_size=3),
            )
    raise AssertionError(shape)


PAIRS = SHAPES.flatmap(lambda shape: st.tuples(st.just(shape), _values(shape)))
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), FINITE, st.text(max_size=10)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=3), inner, max_size=4)
    ),
    max_leaves=10,
)


@given(PAIRS)
def test_what_is_reduced_is_read_back_and_reduces_to_itself_at_its_price(
    pair: tuple[shapes.Shape, Any],
) -> None:
    shape, value = pair
    reduced, bits = shape.reduced(value, "answer")
    again, price = shape.reduced(strict_json.loads(strict_json.dumps(reduced)), "answer")
    assert strict_json.dumps(again) == strict_json.dumps(reduced)
    assert price == bits >= 0
    shape.checked(strict_json.loads(strict_json.dumps(reduced)), "answer")


@given(SHAPES, JSON)
def test_any_other_json_is_unfit_and_never_an_error(shape: shapes.Shape, value: Any) -> None:
    for judged in (shape.reduced, shape.checked):
        with suppress(shapes.UnfitError):
            judged(value, "answer")


@given(MEASURES, st.lists(FINITE, min_size=1, max_size=200))
def test_a_measure_has_no_more_values_than_are_counted(
    shape: shapes.Measure, values: list[Decimal]
) -> None:
    found = {strict_json.dumps(shape.reduced(value, "answer")[0]) for value in values}
    assert len(found) <= round(2 ** shape.reduced(Decimal(0), "answer")[1])
    for value in values:
        reduced, _ = shape.reduced(value, "answer")
        within = min(max(value, Decimal(shape.low)), Decimal(shape.high))
        assert abs(reduced - within) <= Decimal(5).scaleb(-shape.digits - 1)


@given(MEASURES, FINITE, FINITE)
def test_what_lies_in_one_step_cannot_be_told_apart(
    shape: shapes.Measure, value: Decimal, other: Decimal
) -> None:
    step = Decimal(1).scaleb(-shape.digits)
    centre = min(max(value, Decimal(shape.low)), Decimal(shape.high)).quantize(step)
    near = centre + (other % 1) * step * Decimal("0.49")
    assert shape.reduced(near, "a") == shape.reduced(centre, "a")


def test_both_noughts_are_one() -> None:
    shape = shapes.Measure(-1, 1, 2)
    written = {
        strict_json.dumps(shape.reduced(Decimal(text), "a")[0]) for text in ("0.001", "-0.001")
    }
    assert written == {b"0.0"}


def test_a_ranked_answer_keeps_its_top() -> None:
    shape = shapes.Many(2, shapes.Fields({"token": shapes.Text(8)}))
    answer = [{"token": "a", "logit": Decimal(1)}, {"token": "b"}, {"token": "c"}]
    assert shape.reduced(answer, "a")[0] == [{"token": "a"}, {"token": "b"}]


@given(st.text(st.characters(codec="utf-8"), min_size=1), st.integers(1, 20))
def test_text_is_cut_between_characters(text: str, most: int) -> None:
    kept, _ = shapes.Text(most).reduced(text, "a")
    assert text.startswith(kept)
    assert len(kept.encode()) <= most
    assert kept == text or len(kept.encode()) > most - 4


@pytest.mark.parametrize("value", [True, 1.5, "1", None, [], {}, Decimal("1.5")])
def test_a_whole_number_is_nothing_else(value: object) -> None:
    with pytest.raises(shapes.UnfitError):
        shapes.Whole(0, 9).reduced(value, "a")


@given(PAIRS)
def test_kraft_no_shape_sells_more_than_it_counts(pair: tuple[shapes.Shape, Any]) -> None:
    """For shapes with few answers: count them all."""
    shape, _ = pair
    every = _every(shape)
    assume(every is not None)
    assert every is not None
    weight = math.fsum(2.0 ** -shape.reduced(answer, "a")[1] for answer in every)
    assert weight <= 1 + 1e-9


def _every(shape: shapes.Shape, most: int = 3000) -> list[Any] | None:
    """All reduced answers of a shape; None where there are too many, or texts."""
    found: list[Any] | None = None
    match shape:
        case shapes.Whole(low, high):
            found = list(range(low, high + 1))
        case shapes.Measure(low, high, digits) if (high - low) * 10**digits < most:
            step = Decimal(1).scaleb(-digits)
            found = [low + step * place for place in range((high - low) * 10**digits + 1)]
        case shapes.Flag():
            found = [False, True]
        case shapes.Choice(of):
            found = list(of)
        case shapes.Many(longest, of):
            inner = _every(of)
            if inner is not None and sum(len(inner) ** size for size in range(longest + 1)) < most:
                found = [[]]
                layer: list[list[Any]] = [[]]
                for _ in range(longest):
                    layer = [[*each, one] for each in layer for one in inner]
                    found = [*found, *layer]
        case shapes.Fields(fields):
            found = [{}]
            for name, part in fields.items():
                inner = _every(part)
                if inner is None or len(found) * (len(inner) + 1) > most:
                    return None
                found = [*found, *({**each, name: one} for each in found for one in inner)]
    return found
