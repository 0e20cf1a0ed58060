"""Which change of a device changes what its wires mean, or opens a door anew."""

from collections.abc import Mapping
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from hardware.services.rewiring import meanings, rewires

WIRES = st.dictionaries(
    st.sampled_from(["contact_input", "rex_input", "tamper_input"]), st.integers(0, 3), max_size=3
)


def said(options: Mapping[str, Any], portal: str | None = "D1") -> dict[str, Any]:
    return {"bus": "b", "address": 1, "portal": portal, "options": options}


@given(WIRES, WIRES)
def test_any_other_wire_or_use_of_it_is_another_meaning(
    one: dict[str, int], other: dict[str, int]
) -> None:
    assert rewires(said(one), said(other)) == (one != other)
    assert not rewires(said(one), said({**one, "inputs": 8, "power_input": 5}))
    assert rewires(said(one), {}) == bool(one)


@given(WIRES.filter(bool), st.lists(st.integers(0, 3), unique=True))
def test_how_a_used_input_rests_is_part_of_what_it_means(
    wires: dict[str, int], closed: list[int]
) -> None:
    touched = bool(set(closed) & set(wires.values()))
    assert rewires(said(wires), said({**wires, "normally_closed": closed})) == touched


def test_a_door_of_several_means_the_same_as_a_door_alone() -> None:
    alone = meanings(said({"contact_input": 1}))
    several = meanings(said({"portals": {"D1": {"contact_input": 1}}}, None))
    assert alone == several


@given(WIRES)
def test_an_output_that_comes_opens_a_door_and_one_that_goes_leaves_it_shut(
    wires: dict[str, int],
) -> None:
    opens = {**wires, "output": 1}
    assert rewires(said(wires), said(opens))
    assert rewires(said(opens), said({**wires, "output": 2}))
    assert not rewires(said(opens), said(wires))
    assert rewires(said(opens), {}) == bool(wires)


def test_a_reader_is_of_one_door_and_one_way_until_two_agree() -> None:
    def reader(portal: str | None, direction: str | None) -> dict[str, Any]:
        return {**said({}, portal), "direction": direction}

    inward = reader("D1", "in")
    for other in (reader("D1", "out"), reader("D2", "in"), {**inward, "address": 2}):
        assert rewires(inward, other)
        assert rewires(other, inward)
    assert not rewires(inward, {})
