"""What a gateway has loaded is not walked by the collector any more."""

import gc
from collections.abc import Iterator

import pytest

from scif.kernel.memory import settle


@pytest.fixture
def collector() -> Iterator[None]:
    """The collector as it was, afterwards."""
    yield
    gc.unfreeze()


def walked(record: object) -> bool:
    """Whether a full collection would look at it."""
    return any(each is record for each in gc.get_objects())


def test_only_what_comes_later_is_walked(collector: None) -> None:
    stays = {"person": ["p1"]}
    assert walked(stays)
    settle()
    later = {"person": ["p2"]}
    assert not walked(stays)
    assert walked(later)
