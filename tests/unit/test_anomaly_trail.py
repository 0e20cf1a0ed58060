"""The last hours of a session by the minute, and the plot that a reviewer is shown."""

import json
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scif.console.anomaly_plot import anomaly_plot, reading
from terminals.anomaly.policy import Part
from terminals.anomaly.trail import (
    MOST,
    Figure,
    Plot,
    Trail,
    TrailInvalid,
    noted,
    plot_of,
    trail_of,
    trail_record,
)
from tests.unit.anomaly_world import FEW, POLICY, USUAL, work

MINUTE = 29_000_000  # since the epoch
HALF = (MINUTE + 0.5) * 60


def trail(*down: int, keys: int = 0) -> Trail:
    """Two intervals a minute, each with so many bytes."""
    found: Trail = ()
    for number, count in enumerate(down):
        told = work(down=count, key_gaps=keys, key_gap_mean_us=50_000, key_gap_spread_us=1_000)
        for half in (0.25, 0.75):
            found = noted(found, (MINUTE + number + half) * 60, told.features)
    return found


def test_intervals_of_a_minute_are_counted_together() -> None:
    found = trail(100, 7)
    assert [(each.minute, each.bytes_down) for each in found] == [(MINUTE, 200), (MINUTE + 1, 14)]


def test_no_more_than_the_last_hours_are_kept_and_what_was_stored_is_the_same() -> None:
    found = trail(*range(MOST + 5), keys=3)
    assert len(found) == MOST
    assert found[-1].bytes_down == 2 * (MOST + 4)
    assert trail_of(json.loads(json.dumps(trail_record(found), allow_nan=False))) == found


@pytest.mark.parametrize("record", [None, {}, [1], [[1]], [[1, 2, 3, 4, 5, -1]], [["x"] * 6]])
def test_a_record_that_is_no_trail_is_refused(record: object) -> None:
    with pytest.raises(TrailInvalid):
        trail_of(record)


@pytest.mark.parametrize(
    ("part", "figure", "usual"),
    [
        (Part.BURST, Figure.BYTES, USUAL.busy_bytes / 5),
        (Part.LEAK, Figure.BYTES, USUAL.usual_bytes / 5),
        (Part.KEYS, Figure.RHYTHM, 1.0),
        (Part.SCRAPE, Figure.PAGES, None),
        (Part.HOURS, Figure.SHARE, POLICY.rare),
    ],
)
def test_each_part_shows_its_figure_beside_what_is_usual(
    part: Part, figure: Figure, usual: float | None
) -> None:
    plot = plot_of(part, trail(5_000, 9_000, keys=10), USUAL, POLICY)
    assert plot.figure is figure
    assert plot.usual == (usual if usual is None else pytest.approx(usual))
    assert len(plot.points) == (24 if figure is Figure.SHARE else 2)
    assert Plot.of(json.loads(json.dumps(plot.record()))).figure is figure


def test_a_script_s_rhythm_stands_far_above_its_person_s() -> None:
    plot = plot_of(Part.KEYS, trail(0, keys=10), USUAL, POLICY)
    # Fifty milliseconds apart, to one: 0.55 against 0.02.
    ((minute, times),) = plot.points
    assert minute == MINUTE
    assert times == pytest.approx(0.55 / 0.02, rel=0.01)
    assert not plot_of(Part.KEYS, trail(0, keys=2), USUAL, POLICY).points


@FEW
@given(
    st.sampled_from(list(Figure)),
    st.lists(st.tuples(st.integers(0, 10**8), st.floats(0, 1e15)), max_size=30),
    st.none() | st.floats(0, 1e15),
)
def test_every_plot_can_be_drawn_and_is_told_in_words(
    figure: Figure, points: list[tuple[int, float]], usual: float | None
) -> None:
    plot = Plot(figure, sorted(points), usual)
    drawn = ET.fromstring(anomaly_plot(plot, "Europe/London", "3"))
    assert drawn.get("role") == "img"
    assert drawn.get("aria-label") == reading(plot, "3")


def test_a_reading_names_the_most_and_the_usual() -> None:
    plot = plot_of(Part.BURST, trail(5_000, 90_000), USUAL, POLICY)
    assert reading(plot) == "Sent down, by the minute: at most 180 kB, usual is 20.0 kB"
