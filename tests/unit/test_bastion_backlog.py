"""What waits to be kept of the bastion's word: events before reports, of counts the last alone."""

import asyncio
from collections.abc import Mapping
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from terminals.control.backlog import Backlog

EVENTS = ("opened", "closed", "cut", "warning")
KEEP = "keep"  # whoever keeps them may take one more
TOLD = st.lists(
    st.tuples(
        st.sampled_from([*EVENTS, "features", "bytes", "bytes", KEEP, KEEP]), st.sampled_from("abc")
    ),
    max_size=40,
)


def said(what: str, grant: str, number: int = 0) -> dict[str, Any]:
    if what != "bytes":
        return {"tell": what, "grant": grant, "number": number}
    up_down = {"up": number, "down": 2 * number}
    return {"tell": what, "grants": {grant: up_down}, "budgets": {f"engagement:{grant}": number}}


class Keeper:
    """Takes one message after the other, as many as it may."""

    def __init__(self, backlog: Backlog) -> None:
        self.kept: list[Mapping[str, Any]] = []
        self._backlog = backlog
        self._may = asyncio.Semaphore(0)
        self._task = asyncio.create_task(self._run())

    async def take(self, count: int = 1) -> None:
        for _ in range(count):
            self._may.release()
            # Until it has taken one, or waits for one.
            await asyncio.wait([self._task], timeout=0)

    async def leave(self) -> None:
        self._task.cancel()
        await asyncio.wait([self._task])

    async def _run(self) -> None:
        while await self._may.acquire():
            self.kept.append(await self._backlog.next())


@given(TOLD)
def test_events_and_features_in_their_order_and_every_count_in_the_end(
    told: list[tuple[str, str]],
) -> None:
    async def play() -> list[Mapping[str, Any]]:
        backlog = Backlog()
        keeper = Keeper(backlog)
        for number, (what, grant) in enumerate(told):
            if what == KEEP:
                await keeper.take()
            else:
                backlog.put(said(what, grant, number))
        await keeper.take(len(told) + 1)
        await keeper.leave()
        return keeper.kept

    kept = asyncio.run(play())
    whole = [said(*each, number) for number, each in enumerate(told)]
    for lane in (EVENTS, ("features",)):
        assert [m for m in kept if m["tell"] in lane] == [m for m in whole if m["tell"] in lane]
    for name in ("grants", "budgets"):
        last, known = dict[str, Any](), dict[str, Any]()
        for told_once in whole:
            last |= told_once.get(name, {})
        for kept_once in kept:
            known |= kept_once.get(name, {})
        assert known == last


def test_an_end_waits_for_no_report_and_of_counts_one_waits() -> None:
    async def play() -> list[Mapping[str, Any]]:
        backlog = Backlog()
        for number in range(50):
            backlog.put(said("bytes", "a", number))
        backlog.put(said("features", "a"))
        backlog.put(said("bytes", "b", 7))
        backlog.put(said("cut", "a"))
        return [await backlog.next() for _ in range(3)]

    kept = asyncio.run(play())
    assert [each["tell"] for each in kept] == ["cut", "bytes", "features"]
    assert kept[1]["grants"] == {"a": {"up": 49, "down": 98}, "b": {"up": 7, "down": 14}}


def test_who_waits_for_the_events_waits_for_none_that_comes_after() -> None:
    async def play() -> None:
        backlog = Backlog()
        keeper = Keeper(backlog)
        backlog.put(said("cut", "a"))
        waiting = asyncio.create_task(backlog.events_kept())
        await keeper.take()
        assert [each["tell"] for each in keeper.kept] == ["cut"]
        assert not waiting.done()  # it is taken, and not yet kept
        backlog.put(said("cut", "b"))
        backlog.put(said("bytes", "b"))
        await keeper.take()
        assert waiting.done()
        await keeper.leave()

    asyncio.run(play())


def test_where_nothing_waits_all_events_are_kept() -> None:
    async def play() -> None:
        backlog = Backlog()
        keeper = Keeper(backlog)
        await keeper.take()
        await asyncio.wait_for(backlog.events_kept(), 10)
        await keeper.leave()

    asyncio.run(play())


def test_a_new_link_has_told_all_only_once_its_counts_are_kept() -> None:
    async def play() -> list[str]:
        backlog = Backlog()
        for what in ("bytes", "caught_up", "bytes", "cut"):
            backlog.put(said(what, "a"))
        return [(await backlog.next())["tell"] for _ in range(3)]

    assert asyncio.run(play()) == ["cut", "bytes", "caught_up"]
