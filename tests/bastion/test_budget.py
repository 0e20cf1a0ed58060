"""Budgets and the ledger: never a byte too many, whoever draws, in whatever order."""

import asyncio
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from terminals.bastion.budget import Budget, Rate
from terminals.bastion.ledger import Ledger, LedgerError
from tests.bastion.overshoot import play
from tests.bastion.rig import rig

KEY = "engagement:e-1"


class Watch:
    """Who is told about a budget."""

    def __init__(self) -> None:
        self.changed = asyncio.Event()
        self.failed = asyncio.Event()

    def budget(self, ledger: Ledger, lease: int) -> Budget:
        return Budget(
            KEY,
            ledger.known().get(KEY, 0),
            ledger,
            lease,
            changed=lambda _: self.changed.set(),
            failed=lambda _: self.failed.set(),
        )


@given(
    limit=st.integers(0, 5_000),
    lease=st.integers(1, 2_000),
    wanted=st.lists(st.integers(1, 900), max_size=30),
)
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_what_passes_was_promised_before_and_never_exceeds_the_limit(
    limit: int, lease: int, wanted: list[int], tmp_path: Path
) -> None:
    path = tmp_path / "ledger.sqlite"
    path.unlink(missing_ok=True)

    async def draw() -> int:
        ledger, watch = Ledger(path), Watch()
        budget = watch.budget(ledger, lease)
        budget.told(limit)
        passed = 0
        for amount in wanted:
            left = amount
            while left and not budget.used_up:
                if not budget.ready:
                    watch.changed.clear()
                    await asyncio.wait_for(watch.changed.wait(), 10)
                    continue
                taken = min(left, budget.ready)
                budget.take(taken)
                passed, left = passed + taken, left - taken
        # As after `kill -9`: nothing is settled.
        ledger.close()
        return passed

    passed = asyncio.run(draw())
    assert passed == min(limit, sum(wanted))
    after = Ledger(path)
    promised = after.known().get(KEY, 0)
    after.close()
    assert passed <= promised <= min(limit, passed + lease)
    # Of a small budget a crash takes a small part.
    assert promised - passed <= max(1, lease // 64, limit // 16)


def test_more_than_is_ready_cannot_be_taken(tmp_path: Path) -> None:
    async def draw() -> None:
        budget = Watch().budget(Ledger(tmp_path / "ledger.sqlite"), 100)
        budget.limit = 50
        with pytest.raises(ValueError, match="1 bytes of 0"):
            budget.take(1)

    asyncio.run(draw())


def test_a_limit_that_is_lowered_below_what_is_promised_holds_at_once(tmp_path: Path) -> None:
    async def draw() -> None:
        ledger, watch = Ledger(tmp_path / "ledger.sqlite"), Watch()
        budget = watch.budget(ledger, 1_000)
        budget.told(16_000)
        await asyncio.wait_for(watch.changed.wait(), 10)
        budget.take(100)
        assert budget.ready > 200
        budget.told(300)
        assert budget.ready == 200
        budget.take(200)
        assert budget.used_up
        ledger.close()

    asyncio.run(draw())


def test_without_a_ledger_nothing_is_ready(tmp_path: Path) -> None:
    async def draw() -> None:
        ledger, watch = Ledger(tmp_path / "ledger.sqlite"), Watch()
        budget = watch.budget(ledger, 100)
        ledger.close()
        budget.told(50)
        await asyncio.wait_for(watch.failed.wait(), 10)
        assert budget.ready == 0

    asyncio.run(draw())


def test_two_bastions_cannot_share_a_ledger(tmp_path: Path) -> None:
    first = Ledger(tmp_path / "ledger.sqlite")
    with pytest.raises(LedgerError, match="locked"):
        Ledger(tmp_path / "ledger.sqlite")
    first.close()


def test_a_ledger_that_is_none_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / "ledger.sqlite").write_bytes(b"no database" * 400)
    with pytest.raises(LedgerError, match="not a database"):
        Ledger(tmp_path / "ledger.sqlite")


@given(
    rate=st.integers(1, 10_000),
    burst=st.integers(1, 10_000),
    steps=st.lists(st.tuples(st.integers(0, 3_000), st.integers(1, 20_000)), max_size=40),
)
def test_the_rate_cap_holds_over_any_time(
    rate: int, burst: int, steps: list[tuple[int, int]]
) -> None:
    now, passed = 0.0, 0
    bucket = Rate(rate, burst, lambda: now)
    for milliseconds, wanted in steps:
        now += milliseconds / 1_000
        taken = min(wanted, bucket.ready)
        bucket.take(taken)
        passed += taken
        assert passed <= burst + rate * now
        if taken < wanted:
            now += bucket.wait(wanted - taken) + 1e-9
            assert bucket.ready >= min(wanted - taken, burst) - 1


def test_a_cap_that_is_told_anew_holds_from_then_on() -> None:
    now = 0.0
    bucket = Rate(1_000_000, 500_000, lambda: now)
    bucket.told(1_000, 8_000)
    assert bucket.ready == 8_000  # what was saved up for the larger one is gone
    bucket.take(8_000)
    now += 3.0
    assert bucket.ready == 3_000
    bucket.told(1_000_000, 500_000)
    assert bucket.ready == 3_000
    now += 1.0
    assert bucket.ready == 500_000


@pytest.mark.ssh
async def test_eight_channels_race_for_random_budgets(tmp_path: Path) -> None:
    """A few; `make faults` plays more, and all of them with LONG=1."""
    async with rig(tmp_path, {"lease": 20_000}) as made:
        found = await play(made, seed=1, count=25)
    assert found.overshoot == 0
    assert found.short == 0
