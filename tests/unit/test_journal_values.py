"""What a body may hold, and the tree that grows in memory."""

import json
from collections import OrderedDict
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import StrEnum
from hashlib import sha256
from uuid import UUID

import pytest
from django.utils.translation import gettext_lazy
from hypothesis import given
from hypothesis import strategies as st

from scif.journal.merkle import Frontier, perfect_root
from scif.journal.services.append import jsonable, timestamp
from scif.journal.tree import TILE, GrowingTree, split
from scif.kernel.canonical import canonical_json


class Colour(StrEnum):
    RED = "red"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        (
            datetime(2026, 3, 1, 12, tzinfo=timezone(timedelta(hours=2))),
            "2026-03-01T10:00:00.000000Z",
        ),
        (date(2026, 3, 1), "2026-03-01"),
        (Decimal("1.50"), "1.50"),
        (Colour.RED, "red"),
        (gettext_lazy("kind"), "kind"),
        ((1, None, True), [1, None, True]),
        (
            OrderedDict(b={"a": [UUID(int=0)]}),
            {"b": {"a": ["00000000-0000-0000-0000-000000000000"]}},
        ),
    ],
)
def test_values_become_json(value: object, text: object) -> None:
    assert jsonable(value) == text


@pytest.mark.parametrize("value", [b"raw", {1, 2}, object(), 1.5, [0.1]])
def test_what_has_no_one_form_is_refused(value: object) -> None:
    with pytest.raises(TypeError):
        canonical_json(jsonable(value))


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        timestamp(datetime(2026, 3, 1))  # noqa: DTZ001  the very thing that is refused


@given(st.datetimes(timezones=st.just(UTC)))
def test_times_sort_as_text(moment: datetime) -> None:
    later = moment + timedelta(microseconds=1) if moment.year < 9999 else moment
    assert len(timestamp(moment)) == 27
    assert timestamp(moment) <= timestamp(later)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abc"), inner, max_size=4),
    max_leaves=20,
)


@given(json_values)
def test_json_passes_unchanged(value: object) -> None:
    assert json.loads(canonical_json(jsonable(value))) == value


@given(st.lists(st.integers(1, 900), min_size=1, max_size=6))
def test_batches_of_any_size_grow_one_tree(batches: list[int]) -> None:
    tree, frontier = GrowingTree(), Frontier()
    leaves: list[bytes] = []
    for batch in batches:
        fresh = [sha256(bytes([at % 256, at // 256 % 256])).digest() for at in range(batch)]
        start = len(leaves) // TILE
        leaves += fresh
        full = tree.extend(fresh)
        assert [index for level, index, _ in full if level == 0] == list(
            range(start, len(leaves) // TILE)
        )
        for _, index, hashes in full:
            assert split(hashes) == leaves[index * TILE : (index + 1) * TILE]
        for leaf in fresh:
            frontier.append(leaf)
        assert tree.root() == frontier.root()
        assert tree.size == len(leaves)


def test_a_tile_above_stands_for_256_below() -> None:
    tree, leaf = GrowingTree(), sha256(b"leaf").digest()
    full = tree.extend([leaf] * (TILE * TILE + 5))
    (level, index, hashes), *others = [tile for tile in full if tile[0] > 0]
    assert (level, index, others) == (1, 0, [])
    assert split(hashes) == [perfect_root([leaf] * TILE)] * TILE
    assert [len(pending) for pending in tree.pending] == [5, 0, 1]
