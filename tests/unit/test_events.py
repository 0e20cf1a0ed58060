"""The event registry: what is gathered is handed on once, at the end, or not at all."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from scif.kernel import events


@dataclass(frozen=True)
class Happened:
    """Something."""

    number: int


@dataclass(frozen=True)
class Followed:
    """What follows from it."""

    number: int


@pytest.fixture
def told() -> Iterator[list[object]]:
    told: list[object] = []

    def happened(event: Happened) -> None:
        told.append(event)
        events.publish(Followed(event.number % 2))

    events.subscribe(Happened, happened)
    events.subscribe(Followed, told.append)
    yield told
    del events._handlers[Happened], events._handlers[Followed]


def test_without_gathering_each_is_handed_on_at_once(told: list[object]) -> None:
    events.publish(Happened(1))
    events.publish(Happened(1))
    assert told == [Happened(1), Followed(1), Happened(1), Followed(1)]


def test_equal_events_are_handed_on_once_when_the_outermost_block_ends(
    told: list[object],
) -> None:
    with events.gathered():
        events.publish(Happened(1))
        with events.gathered():
            events.publish(Happened(2))
            events.publish(Happened(1))
        assert told == []
    assert told == [Happened(1), Happened(2), Followed(1), Followed(0)]


def test_what_follows_from_gathered_events_is_gathered_too(told: list[object]) -> None:
    with events.gathered():
        events.publish(Happened(1))
        events.publish(Happened(3))
    assert told == [Happened(1), Happened(3), Followed(1)]


def test_after_an_exception_nothing_is_handed_on_and_the_next_block_begins_empty(
    told: list[object],
) -> None:
    with pytest.raises(RuntimeError):
        _breaks_off()
    with events.gathered():
        events.publish(Happened(3))
    assert told == [Happened(3), Followed(1)]


def _breaks_off() -> None:
    with events.gathered():
        events.publish(Happened(1))
        raise RuntimeError
