"""Whatever reaches a harness adapter, it answers with a clear word."""

import pytest
from hypothesis import given

from tests.fuzz.names import LAB
from tests.fuzz.targets import TARGETS, Target
from tests.unit.hostile import inputs, modest


@pytest.fixture(scope="module", params=LAB)
def target(request: pytest.FixtureRequest) -> Target:
    """One for all examples: what one leaves behind, the next must bear."""
    return TARGETS[request.param]()


@modest
@given(inputs)
def test_any_bytes_are_borne(target: Target, data: bytes) -> None:
    target(data)
