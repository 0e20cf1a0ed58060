"""The ledger: no order and no parallelism overshoots a cap, and nothing spent is forgotten."""

import json
import sqlite3
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from terminals.harness.ledger import CapReached, Ledger, LedgerError, PolicyReplaced
from terminals.harness.meters import Amounts, Meter
from terminals.harness.policy import Policy, PolicyError, parse
from tests.harness.rig import ENGAGEMENT, NOTHING, stand_in_policy


def _policy(
    version: int = 1, already: Mapping[str, int] = NOTHING, **caps: int
) -> tuple[Policy, str]:
    return _capped(caps, version, already)


def _capped(
    caps: Mapping[str, int], version: int = 1, already: Mapping[str, int] = NOTHING
) -> tuple[Policy, str]:
    text = json.dumps(stand_in_policy(version=version, already=already, caps=caps))
    return parse(text), text


@contextmanager
def _ledger(policy: Policy, text: str) -> Iterator[Ledger]:
    with tempfile.TemporaryDirectory() as folder:
        ledger = Ledger(Path(folder) / "ledger.sqlite")
        ledger.accept(policy, text)
        yield ledger
        ledger.close()


AMOUNTS = st.dictionaries(st.sampled_from(list(Meter)), st.integers(0, 40), max_size=4)
CAPS = st.fixed_dictionaries({meter.value: st.integers(0, 100) for meter in Meter})


@settings(max_examples=40, deadline=None)
@given(CAPS, st.lists(st.lists(AMOUNTS, max_size=6), min_size=2, max_size=8))
def test_no_parallelism_overshoots_a_cap(
    caps: dict[str, int], channels: list[list[dict[Meter, int]]]
) -> None:
    policy, text = _capped(caps)
    charged: list[Amounts] = []
    with _ledger(policy, text) as ledger:
        start = threading.Barrier(len(channels))

        def channel(mine: list[dict[Meter, int]]) -> None:
            start.wait()
            for amounts in mine:
                try:
                    ledger.charge(policy, amounts)
                except CapReached:
                    continue
                charged.append(amounts)

        threads = [threading.Thread(target=channel, args=(mine,)) for mine in channels]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        spent = ledger.spent(ENGAGEMENT)
        for meter in Meter:
            assert spent[meter] == sum(amounts.get(meter, 0) for amounts in charged)
            assert spent[meter] <= caps[meter.value]


@settings(max_examples=60, deadline=None)
@given(CAPS, st.lists(AMOUNTS, max_size=20))
def test_a_charge_is_refused_only_where_it_would_not_fit(
    caps: dict[str, int], charges: list[dict[Meter, int]]
) -> None:
    policy, text = _capped(caps)
    model = dict.fromkeys(Meter, 0)
    with _ledger(policy, text) as ledger:
        for amounts in charges:
            after = {meter: model[meter] + amounts.get(meter, 0) for meter in Meter}
            if all(after[meter] <= caps[meter.value] for meter in Meter):
                left = ledger.charge(policy, amounts)
                model = after
                assert left == {meter: caps[meter.value] - model[meter] for meter in Meter}
            else:
                with pytest.raises(CapReached) as reached:
                    ledger.charge(policy, amounts)
                assert after[reached.value.meter] > caps[reached.value.meter.value]
        assert ledger.spent(ENGAGEMENT) == model


def test_two_ledgers_of_one_file_share_their_caps(tmp_path: Path) -> None:
    """As two processes would."""
    policy, text = _policy(bits=10)
    one, other = Ledger(tmp_path / "l.sqlite"), Ledger(tmp_path / "l.sqlite")
    one.accept(policy, text)
    one.charge(policy, {Meter.BITS: 6})
    with pytest.raises(CapReached):
        other.charge(policy, {Meter.BITS: 5})
    assert other.charge(policy, {Meter.BITS: 4})[Meter.BITS] == 0


def test_what_was_spent_is_spent_after_a_restart(tmp_path: Path) -> None:
    policy, text = _policy(queries=2)
    ledger = Ledger(tmp_path / "l.sqlite")
    ledger.accept(policy, text)
    ledger.charge(policy, {Meter.QUERIES: 2})
    ledger.close()
    again = Ledger(tmp_path / "l.sqlite")
    assert again.documents() == {ENGAGEMENT: text}
    with pytest.raises(CapReached):
        again.charge(policy, {Meter.QUERIES: 1})


def test_a_policy_advances_and_keeps_what_is_spent(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "l.sqlite")
    first, text = _policy(1, bits=10)
    ledger.accept(first, text)
    ledger.accept(first, text)  # the same once more is no change
    ledger.charge(first, {Meter.BITS: 9})
    second, newer = _policy(2, bits=8)
    ledger.accept(second, newer)
    with pytest.raises(PolicyError, match="2 is in force"):
        ledger.accept(first, text)
    with pytest.raises(PolicyError, match="2 is in force"):
        ledger.accept(*_policy(2, bits=1000))
    with pytest.raises(PolicyReplaced):
        ledger.charge(first, {Meter.BITS: 1})
    with pytest.raises(CapReached):  # a cap below what is spent stops all, whatever is asked
        ledger.charge(second, {Meter.QUERIES: 1})
    assert ledger.spent(ENGAGEMENT)[Meter.BITS] == 9


def test_a_new_disk_goes_on_from_what_the_control_plane_knows(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "l.sqlite")
    ledger.accept(*_policy(1, {**NOTHING, "bits": 7}, bits=10))
    assert ledger.spent(ENGAGEMENT)[Meter.BITS] == 7
    ledger.charge(_policy(1, bits=10)[0], {Meter.BITS: 2})
    ledger.accept(*_policy(2, {**NOTHING, "bits": 8}, bits=10))
    assert ledger.spent(ENGAGEMENT)[Meter.BITS] == 9  # what is spent here is never lowered


def test_an_engagement_without_a_policy_is_charged_nothing(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "l.sqlite")
    with pytest.raises(PolicyReplaced):
        ledger.charge(_policy()[0], {Meter.BITS: 0})


STATEMENTS: dict[str, str] = {
    "less spent": "UPDATE spent SET amount = amount - 1",
    "nothing spent": "DELETE FROM spent",
    "spent by another": "UPDATE spent SET engagement = 'other'",
    "a negative amount": "INSERT INTO spent VALUES ('other', 'bits', -1)",
    "an older policy": "UPDATE policy SET version = version",
}


@pytest.mark.parametrize("statement", STATEMENTS.values(), ids=STATEMENTS)
def test_the_file_itself_refuses(tmp_path: Path, statement: str) -> None:
    ledger = Ledger(tmp_path / "l.sqlite")
    policy, text = _policy()
    ledger.accept(policy, text)
    ledger.charge(policy, {Meter.BITS: 5})
    connection = sqlite3.connect(tmp_path / "l.sqlite")
    with pytest.raises(sqlite3.IntegrityError):
        connection.execute(statement)
    connection.close()


def _directory(path: Path) -> None:
    path.mkdir()


def _noise(path: Path) -> None:
    path.write_bytes(b"no database at all" * 500)


def _foreign(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE spent (engagement TEXT)")
    connection.commit()
    connection.close()


@pytest.mark.parametrize("damage", [_directory, _noise, _foreign])
def test_a_file_that_is_no_ledger_is_refused_at_the_start(
    tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    damage(tmp_path / "l.sqlite")
    with pytest.raises(LedgerError):
        Ledger(tmp_path / "l.sqlite")


def test_a_damaged_sum_counts_nothing_and_lets_nothing_out(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "l.sqlite")
    policy, text = _policy()
    ledger.accept(policy, text)
    connection = sqlite3.connect(tmp_path / "l.sqlite")
    connection.execute("INSERT OR REPLACE INTO spent VALUES (?, 'bits', 'many')", [ENGAGEMENT])
    connection.commit()
    connection.close()
    with pytest.raises(LedgerError):
        ledger.charge(policy, {Meter.BITS: 1})


def test_the_first_answer_to_a_question_stands(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "l.sqlite")
    assert ledger.kept(ENGAGEMENT, b"q") is None
    assert ledger.keep(ENGAGEMENT, b"q", b"first") == b"first"
    assert ledger.keep(ENGAGEMENT, b"q", b"second") == b"first"
    assert Ledger(tmp_path / "l.sqlite").kept(ENGAGEMENT, b"q") == b"first"
    assert ledger.kept("other", b"q") is None
