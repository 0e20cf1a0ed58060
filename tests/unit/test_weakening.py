"""What weakens a place: no field can be changed to and fro by one officer alone, unless it may."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scif.facilities.rules.weakening import NEVER, WEAKENS, weakened

CLOCK = st.sampled_from(["08:00", "09:30", "18:00", "23:59:59.999999"])
SPAN = st.tuples(CLOCK, st.sampled_from(["18:00", "20:00", "00:00"])).map(list)
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "hours": st.dictionaries(st.sampled_from(["mon", "tue"]), SPAN, max_size=2),
    "compartments": st.lists(st.sampled_from("abc"), unique=True).map(sorted),
    "caveats": st.lists(st.sampled_from("abc"), unique=True).map(sorted),
    "offline_rule": st.sampled_from(["deny", "enforce", "allow_and_flag"]),
    "anti_passback": st.sampled_from(["", "hard", "soft", "timed"]),
    "anti_passback_minutes": st.none() | st.integers(0, 5),
    "temporary_since": st.none() | st.dates().map(str),
    "first_day": st.dates().map(str),
    "last_day": st.dates().map(str),
    "interlock": st.sampled_from(["", "trap", "other"]),
    "valid_from": st.datetimes(timezones=st.just(UTC)).map(datetime.isoformat),
    "valid_until": st.none() | st.datetimes(timezones=st.just(UTC)).map(datetime.isoformat),
    "next_post": st.none() | st.uuids().map(str),
    **{name: st.integers(0, 9) for name in ("capacity", "minimum", "pulse_tenths", "held_seconds")},
    **{
        name: st.booleans()
        for name in (
            *("sid", "swept_after_use", "two_person", "withdrawn", "first_person_in"),
            *("has_contact", "pin_required", "bookable", "in_service"),
        )
    },
}
FIELDS = [(model, name) for model, fields in WEAKENS.items() for name in fields]


@pytest.mark.parametrize(("model", "name"), FIELDS)
@given(data=st.data())
def test_what_one_officer_may_do_he_cannot_undo_alone(
    model: str, name: str, data: st.DataObject
) -> None:
    values = VALUES.get(name, st.text(max_size=3))
    here, there = data.draw(values), data.draw(values)
    ways = [
        bool(weakened(model, {name: one}, {name: other}))
        for one, other in ((here, there), (there, here))
    ]
    assert not weakened(model, {name: here}, {name: here})
    if WEAKENS[model][name] is NEVER:
        assert ways == [False, False]
    else:
        assert any(ways) or here == there


@pytest.mark.parametrize(
    ("model", "name", "before", "after"),
    [
        ("portal", "pin_required", True, False),
        ("portal", "has_contact", True, False),
        ("portal", "interlock", "trap", ""),
        ("portal", "held_seconds", 30, 31),
        ("zone", "anti_passback", "hard", ""),
        ("zone", "anti_passback", "", "timed"),
        ("zone", "anti_passback_minutes", 10, None),
        ("zone", "minimum", 2, 0),
        ("area", "two_person", True, False),
        ("area", "offline_rule", "deny", "enforce"),
        ("area", "temporary_since", None, "2026-03-01"),
        ("area", "temporary_since", "2026-03-01", "2026-03-02"),
        ("area", "compartments", ["a", "b"], ["a", "c"]),
        ("area", "hours", {"mon": ["08:00", "18:00"]}, {"mon": ["08:00", "00:00"]}),
        ("area", "hours", {}, {"sun": ["08:00", "09:00"]}),
        ("closedday", "withdrawn", False, True),
        ("closedday", "last_day", "2026-12-24", "2026-12-23"),
        ("facility", "next_post", "one", None),
        ("facilityrole", "valid_until", "2026-12-24T08:00:00+00:00", None),
        # The later moment, though its text comes first.
        ("facilityrole", "valid_until", "2026-12-24T08:00:00+00:00", "2026-12-24T07:30:00-05:00"),
        ("facilityrole", "valid_from", "2026-12-24T08:00:00+00:00", "2026-12-24T08:30:00+01:00"),
    ],
)
def test_of_each_pair_one_way_weakens(model: str, name: str, before: Any, after: Any) -> None:
    assert weakened(model, {name: before, "x": 1}, {name: after, "x": 1}) == [name]
    if name != "compartments":
        assert not weakened(model, {name: after}, {name: before}) or name.startswith("anti")


def test_a_field_that_nobody_has_judged_weakens_and_a_new_record_does_not() -> None:
    assert weakened("portal", {"news": 1}, {"news": 2}) == ["news"]
    assert not weakened("portal", {}, {"pin_required": False})
