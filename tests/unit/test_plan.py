"""The floor plan: what is drawn, what is said, and that no text of the data becomes markup."""

import xml.etree.ElementTree as ET
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scif.console import outline
from scif.console.plan import plan_svg
from scif.console.plan_facts import DOOR_WORDS, plan_facts
from tests.browser.gallery.room import BENCH_STATE, DEVICES, GEOMETRY, STATE


def drawn(geometry: Any = GEOMETRY, state: Any = STATE, **options: Any) -> ET.Element:
    return ET.fromstring(str(plan_svg(geometry, state, **options)))


def of_class(root: ET.Element, name: str) -> list[ET.Element]:
    return [node for node in root.iter() if name in node.get("class", "").split()]


def texts(root: ET.Element) -> list[str]:
    return [node.text or "" for node in root.iter("text")]


def one_door(**state: Any) -> ET.Element:
    geometry = GEOMETRY | {"doors": [GEOMETRY["doors"][2]]}
    return drawn(geometry, {"doors": {"D3": state} if state else {}})


def test_the_perimeter_is_the_outer_line_of_its_rooms_only() -> None:
    (perimeter,) = of_class(drawn(), "perim")
    corners = {"220 200", "350 200", "350 10", "780 10", "780 490", "220 490"}
    data = perimeter.get("d", "")
    assert all(corner in data for corner in corners)
    assert "10 490" not in data.replace("220 490", "").replace("780 490", "")
    assert "M500 10L500 200" not in data


@pytest.mark.parametrize("status", list(DOOR_WORDS))
def test_each_status_of_a_door_has_its_own_drawing(status: str) -> None:
    root = one_door(status=status)
    tone = DOOR_WORDS[status][0]
    assert bool(of_class(root, "bolt")) == (status == "locked")
    assert bool(of_class(root, "swing")) == (status in {"ajar", "held", "forced"})
    if tone:
        assert of_class(root, tone)


def test_a_door_that_nobody_reported_on_is_never_drawn_as_locked() -> None:
    for root in (one_door(), one_door(status="melted")):
        assert of_class(root, "off")
        assert not of_class(root, "bolt")


def test_an_open_leaf_turns_about_its_hinge() -> None:
    leaf = of_class(one_door(status="held"), "leaf")[0]
    assert leaf.get("d") == "M350 401L389 425.4"


def test_a_door_with_an_address_is_a_link_that_says_its_state() -> None:
    root = one_door(status="held", words="Held open, limit 30 s", url="/doors/D3/")
    (link,) = list(root.iter("a"))
    assert link.get("href") == "/doors/D3/"
    assert link.get("aria-label") == "Door D3: Held open, limit 30 s"
    hit = of_class(root, "hit")[0]
    assert float(hit.get("width", 0)) >= 56


def test_people_take_the_shape_of_their_part_and_only_given_names_are_shown() -> None:
    nameless = {"people": [{"initials": "IC", "kind": "visitor", "room": "A"}]}
    assert "IC" in texts(drawn(state=nameless))
    assert not of_class(drawn(state=nameless), "name")
    assert {"Carvalho", "+12 min"} <= set(texts(drawn()))
    assert len(of_class(drawn(), "ring")) == 1


def test_more_people_than_seats_are_counted_not_dropped() -> None:
    crowd = [{"initials": f"P{n}", "kind": "visitor", "room": "B"} for n in range(5)]
    said = texts(drawn(state={"people": crowd}))
    assert "P0" in said
    assert "and 4 more" in said


def test_somebody_in_no_room_of_the_plan_is_in_the_list() -> None:
    facts = plan_facts(GEOMETRY, {"people": [{"initials": "XX", "kind": "guard", "room": "roof"}]})
    assert any(fact.where == "Not on this plan" and "XX" in fact.words for fact in facts)


def test_the_list_says_what_the_plan_shows() -> None:
    said = {fact.where: fact.words for fact in plan_facts(GEOMETRY | DEVICES, STATE | BENCH_STATE)}
    assert said["Lockers"] == "5 of 12 lockers in use"
    assert said["R5"] == "No answer"
    said = {fact.where: fact.words for fact in plan_facts(GEOMETRY, STATE)}
    assert said["Door D3, vestibule to reading room A"] == "Held open, limit 30 s"
    assert "Demir, visitor, +12 min" in said["Reading room A"]
    assert said["Search"] == "nobody"


def test_focus_shows_one_room_and_compact_leaves_names_out() -> None:
    left, top, *_ = (float(part) for part in drawn(focus="A").get("viewBox", "").split())
    assert (left, top) == (342, 192)
    small = drawn(compact=True)
    assert "Carvalho" not in texts(small)
    assert {"D3", "D5"} == {text for text in texts(small) if text.startswith("D")}


@given(st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"]), min_size=1))
def test_no_text_of_the_data_becomes_markup(words: str) -> None:
    hostile = f'{words}"><script>alert(1)</script>'
    geometry = {
        "width": 100,
        "height": 100,
        "name": hostile,
        "rooms": [
            {"code": "A", "name": hostile, "polygon": [[0, 0], [9, 0], [9, 9]], "label_at": [1, 1]}
        ],
        "doors": [{"code": hostile, "at": [5, 5], "plate_at": [5, 5]}],
        "lockers": [],
    }
    state = {
        "doors": {hostile: {"status": "held", "words": hostile, "url": hostile}},
        "people": [{"initials": hostile, "name": hostile, "note": hostile, "room": "A"}],
    }
    root = drawn(geometry, state)
    assert not list(root.iter("script"))
    assert hostile in texts(root)


@pytest.mark.parametrize("bad", ["1 onload=x", None, float("nan"), float("inf")])
def test_a_coordinate_is_a_finite_number(bad: Any) -> None:
    geometry = {"width": 10, "height": bad, "rooms": []}
    with pytest.raises((TypeError, ValueError)):
        plan_svg(geometry, {})


@given(st.integers(1, 400), st.integers(1, 400), st.integers(1, 400))
def test_two_rooms_that_touch_have_one_outline(left: int, right: int, deep: int) -> None:
    rooms = [
        [(0, 0), (left, 0), (left, deep), (0, deep)],
        [(left, 0), (left + right, 0), (left + right, deep), (left, deep)],
    ]
    loops = outline.outline(rooms)
    assert len(loops) == 1
    assert {(0.0, 0.0), (left + right, 0.0), (left + right, deep), (0.0, deep)} <= set(loops[0])


@given(st.integers(40, 500), st.integers(40, 500))
def test_an_inset_lies_inside(wide: int, deep: int) -> None:
    room = [(0.0, 0.0), (wide, 0.0), (wide, deep), (0.0, deep)]
    assert outline.inset(room, 8) == [(8, 8), (wide - 8, 8), (wide - 8, deep - 8), (8, deep - 8)]
    assert outline.inset(room[::-1], 8)[0] == (8, deep - 8)
