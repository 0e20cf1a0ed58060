"""Which rows of the inbox are a gateway's own, whatever somebody put beside them."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from hardware.rules.inbox import GENESIS, Arrived, sort_arrived


def chain(count: int, sealed: set[int], *, seq: int = 0, digest: str = GENESIS) -> list[Arrived]:
    """Sound rows behind an entry, in their order; those numbered in ``sealed`` have a seal."""
    rows = []
    for number in range(1, count + 1):
        own = f"{number:064x}"
        rows.append(Arrived(number, seq + number, digest, own, sound=True, sealed=number in sealed))
        digest = own
    return rows


def test_everything_up_to_the_last_seal_is_genuine_and_the_rest_waits() -> None:
    rows = chain(5, {2, 4})
    found = sort_arrived(0, GENESIS, rows)
    assert found.genuine == tuple(rows[:4])
    assert found.forged == ()


def test_without_a_seal_or_behind_a_gap_everything_waits() -> None:
    assert sort_arrived(0, GENESIS, chain(3, set())).genuine == ()
    gap = [row for row in chain(5, {5}) if row.seq != 3]
    assert sort_arrived(0, GENESIS, gap).genuine == ()
    assert sort_arrived(0, GENESIS, gap).forged == ()


def test_a_forged_row_keeps_no_true_one_out() -> None:
    rows = chain(3, {3})
    planted = Arrived(9, 2, rows[0].hash, "f" * 64, sound=True, sealed=False)
    found = sort_arrived(0, GENESIS, [planted, *rows])
    assert found.genuine == tuple(rows)
    assert found.forged == (planted,)


def test_a_seal_on_a_row_that_says_something_else_is_no_seal() -> None:
    first, second = chain(2, {2})
    altered = Arrived(2, 2, first.hash, second.hash, sound=False, sealed=True)
    found = sort_arrived(0, GENESIS, [first, altered])
    assert found.genuine == ()
    assert found.forged == (altered,)


def test_a_sealed_row_of_another_history_is_not_continued() -> None:
    other = chain(3, {3}, digest="a" * 64)
    assert sort_arrived(0, GENESIS, other).genuine == ()


@given(
    st.integers(1, 12),
    st.sets(st.integers(1, 12)),
    st.lists(
        st.tuples(st.integers(1, 12), st.integers(0, 15), st.booleans(), st.booleans()), max_size=12
    ),
    st.randoms(),
)
def test_no_row_of_a_stranger_is_ever_taken(
    count: int,
    sealed: set[int],
    planted: list[tuple[int, int, bool, bool]],
    shuffle: Random,
) -> None:
    """A stranger can copy hashes and seals, and make sound rows; he cannot seal a sound one."""
    rows = chain(count, sealed)
    before = {row.seq: row.prev_hash for row in rows}
    strange = [
        Arrived(
            100 + number,
            seq,
            before.get(seq, GENESIS),
            f"{16 + number:060x}abcd" if sound else f"{seq:064x}",
            sound=sound,
            sealed=copied and not sound,
        )
        for number, (seq, _, sound, copied) in enumerate(planted)
    ]
    mixed = [*rows, *strange]
    shuffle.shuffle(mixed)
    found = sort_arrived(0, GENESIS, mixed)
    last = max((number for number in sealed if number <= count), default=0)
    assert found.genuine == tuple(rows[:last])
    assert not {row.row for row in found.forged} & {row.row for row in rows}
    assert {row.row for row in found.forged} >= {
        row.row for row in strange if not row.sound or row.seq <= last
    }
