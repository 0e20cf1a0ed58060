"""Many release at once: an item leaves once, and no budget is passed."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from django.db import connection
from pytest_django import Settings

from scif.kernel.actor import Actor
from scif.kernel.errors import Refused
from terminals.models import AirlockItem, EgressLedger
from terminals.selectors.ledger import budgets_of
from terminals.services.airlock import airlock_reopen
from terminals.services.airlock_release import airlock_release
from tests.flows.airlock_world import Airlock, make_airlock

AT_ONCE = 8


@pytest.fixture
def airlock(committed_database: str, settings: Settings, tmp_path: Path) -> Airlock:
    settings.AIRLOCK_DIR = tmp_path
    return make_airlock()


def at_once(acts: list[Callable[[], object]]) -> list[str]:
    """Each in a thread with a connection of its own; gives what came of each."""
    barrier = Barrier(len(acts))

    def run(act: Callable[[], object]) -> str:
        try:
            connection.ensure_connection()
            barrier.wait()
            act()
        except Refused as refusal:
            return refusal.code
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(len(acts)) as pool:
        return sorted(pool.map(run, acts))


def release(item: AirlockItem, who: Actor) -> Callable[[], object]:
    return lambda: airlock_release(item_id=item.pk, actor=who)


def test_two_release_at_once_and_it_leaves_once(airlock: Airlock) -> None:
    item = airlock.checked()
    people = [airlock.lab, airlock.officer, airlock.reviewer, airlock.colleague]
    said = at_once([release(item, who) for who in people])
    assert said == ["done", "wrong_state", "wrong_state", "wrong_state"]
    assert EgressLedger.objects.filter(reference=item.reference).count() == 1


def test_both_second_approvals_at_once_make_it_checked_once(airlock: Airlock) -> None:
    item = airlock.sealed()
    airlock.approve(item, airlock.lab)
    said = at_once(
        [
            lambda: airlock.approve(item, airlock.officer),
            lambda: airlock.approve(item, airlock.colleague),
        ]
    )
    assert said == ["done", "wrong_state"]
    assert airlock.again(item).state == "checked"


def test_parallel_releases_never_pass_the_budget(airlock: Airlock) -> None:
    # 1,000 bytes for the engagement: seven of 140, and no eighth.
    items = [airlock.checked(f"{n}".encode() * 140) for n in range(AT_ONCE)]
    said = at_once([release(item, airlock.officer) for item in items])
    assert said == ["budget_exceeded"] + ["done"] * 7
    assert budgets_of(airlock.world.engagement, airlock.world.facility.pk).left == 20
    assert AirlockItem.objects.filter(state="released").count() == 7


def test_taken_back_while_it_is_released(airlock: Airlock) -> None:
    item = airlock.checked()
    said = at_once(
        [
            release(item, airlock.officer),
            lambda: airlock_reopen(item_id=item.pk, actor=airlock.author),
        ]
    )
    assert said == ["done", "wrong_state"]
    state = airlock.again(item).state
    assert EgressLedger.objects.filter(reference=item.reference).exists() == (state == "released")
