"""The parts around the plan: plots, shapes, markings, signatures, tags, vendored files."""

import hashlib
import json
import xml.etree.ElementTree as ET
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.template import Context, Template
from hypothesis import given
from hypothesis import strategies as st

from scif.console import plots
from scif.console.marking import marking_of
from scif.console.shapes import SHAPES, TONES
from scif.console.signatures import signature_view

ROOT = Path(__file__).resolve().parent.parent.parent


def rendered(source: str, **context: Any) -> str:
    return Template("{% load ui %}" + source).render(Context(context))


def of_class(root: ET.Element, name: str) -> list[ET.Element]:
    return [node for node in root.iter() if name in node.get("class", "").split()]


@pytest.mark.parametrize("folder", ["static", "tests/browser/vendor"])
def test_vendored_files_are_the_ones_whose_checksums_are_kept(folder: str) -> None:
    lines = (ROOT / folder / "SHA256SUMS").read_text().splitlines()
    for line in lines:
        digest, name = line.split()
        assert hashlib.sha256((ROOT / folder / name).read_bytes()).hexdigest() == digest, name
    assert lines


def test_no_template_or_script_writes_a_style_or_a_handler_inline() -> None:
    for path in [*ROOT.glob("templates/**/*.html"), *ROOT.glob("scif/console/*.py")]:
        text = path.read_text(encoding="utf-8")
        for forbidden in (' style="', "<style", " onclick=", " onload=", "javascript:"):
            assert forbidden not in text, (path, forbidden)
    for path in ROOT.glob("templates/**/*.html"):
        assert "<script>" not in path.read_text(encoding="utf-8"), path


def test_each_shape_has_a_tone_and_can_be_drawn() -> None:
    for shape in SHAPES:
        ET.fromstring(rendered("{% icon shape %}", shape=shape))
        assert f"chip {TONES[shape]}" in rendered("{% chip shape 'Fit' %}", shape=shape)


def test_bars_under_the_limit_are_marked_with_their_value() -> None:
    bars = [plots.Bar("Dec", 92), plots.Bar("Apr", 78), plots.Bar("Nov", None)]
    root = ET.fromstring(plots.bar_plot(bars, low=60, high=100, limit=80, words="Share in time"))
    assert root.get("aria-label") == "Share in time"
    assert len(of_class(root, "bar")) == 2
    (bad,) = [node for node in of_class(root, "bad") if node.tag == "text"]
    assert bad.text == "78"


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_bar_never_leaves_its_plot(value: float) -> None:
    root = ET.fromstring(plots.bar_plot([plots.Bar("", value)], low=0, high=10, words="w"))
    (bar,) = of_class(root, "bar")
    assert 0 <= float(bar.get("height", -1)) <= 100


def test_a_gap_in_a_line_stays_a_gap() -> None:
    lines = [plots.Line("7-114", [1, 2, None, 3, 4])]
    root = ET.fromstring(plots.line_plot(lines, ["a"] * 5, low=0, high=4, words="w"))
    assert len(of_class(root, "line")) == 2


def test_an_axis_without_a_length_is_refused() -> None:
    with pytest.raises(ValueError, match="low < high"):
        plots.line_plot([], [], low=1, high=1, words="w")


@given(st.floats(-100, 200), st.floats(-100, 200), st.sampled_from(["limited", "closed"]))
def test_a_stretch_stays_on_its_strip(start: float, end: float, state: str) -> None:
    root = ET.fromstring(plots.strip([plots.Stretch(start, end, state)], words="w"))
    for part in of_class(root, state):
        assert float(part.get("x", -1)) >= 0
        assert float(part.get("x", 0)) + float(part.get("width", 0)) <= 306.1


def test_the_response_clock_is_over_after_its_limit() -> None:
    since = datetime(2026, 11, 24, 11, 2, 42, tzinfo=UTC)
    late = ET.fromstring(plots.clock_bar(since, 901, 900, [plots.Mark(4, "sent")], words="w"))
    assert of_class(late, "over")
    assert of_class(late, "run")[0].get("data-since") == "2026-11-24T11:02:42+00:00"


def test_a_page_without_a_marking_says_so() -> None:
    assert "NOT MARKED" in rendered("{% marking_banner %}")
    assert "SECRET" in rendered("{% marking_banner %}", marking={"label": "SECRET", "tone": "s"})


@pytest.mark.parametrize(
    ("colour", "dark"), [("#FF8C00", True), ("#9B1C17", False), ("#FCE83A", True)]
)
def test_the_ink_of_a_marking_can_be_read_on_its_colour(colour: str, dark: bool) -> None:
    marking = marking_of({"name": "TOP SECRET", "colour": colour})
    assert marking is not None
    assert marking.dark_ink is dark


def test_a_colour_that_is_none_is_left_out() -> None:
    marking = marking_of({"name": "X", "colour": "red;} body{"})
    assert marking is not None
    assert marking.colour == ""


def test_a_stopped_act_carries_its_reason() -> None:
    html = rendered("{% big_action 'Go on' reason='Your signature is missing' %}")
    assert "disabled" in html
    assert "Your signature is missing" in html
    assert "btn go" not in html


def test_words_of_the_data_are_escaped() -> None:
    hostile = "<script>alert(1)</script>"
    items = [{"what": hostile, "mend": hostile}]
    html = rendered(
        "{% chip 'ok' x %}{% reasons items %}{% data_table cols rows %}{% icon 'ok' label=x %}",
        x=hostile,
        items=items,
        cols=[hostile],
        rows=[(hostile,)],
    )
    assert "<script>" not in html


def test_a_drawn_signature_becomes_a_path() -> None:
    strokes = [[[1, 2], [3, 4]], [[5, 5]]]
    value = {"kind": "drawn", "width": 300, "height": 140, "strokes": strokes}
    view = signature_view(json.dumps(value))
    assert view.strokes == "M1 2L3 4M5 5L5 5"
    assert view.view == "0 0 300 140"


@given(
    st.recursive(
        st.none() | st.integers() | st.text(), lambda s: st.lists(s) | st.dictionaries(st.text(), s)
    )
)
def test_what_is_no_signature_is_refused(value: Any) -> None:
    with pytest.raises(ValueError):
        signature_view(json.dumps(value))


@pytest.mark.parametrize(
    "value",
    [
        '{"kind": "typed", "text": "  "}',
        '{"kind": "drawn", "width": 1, "height": 1, "strokes": []}',
        '{"kind": "drawn", "width": 1, "height": 1, "strokes": [[]]}',
        '{"kind": "drawn", "width": 1, "height": 1, "strokes": [[["a", 1]]]}',
        '{"kind": "drawn", "width": NaN, "height": 1, "strokes": [[[1, 1]]]}',
        "no JSON",
    ],
)
def test_an_empty_or_broken_signature_is_refused(value: str) -> None:
    with pytest.raises(ValueError):
        signature_view(value)
