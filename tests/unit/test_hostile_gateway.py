"""Whatever reaches a gateway, no door opens, no record changes, and it goes on."""

import pytest
from hypothesis import given

from tests.fuzz.names import GATEWAY
from tests.fuzz.targets import TARGETS, Target
from tests.unit.hostile import inputs, modest


@pytest.fixture(scope="module", params=GATEWAY)
def target(request: pytest.FixtureRequest) -> Target:
    """One for all examples: what one leaves behind, the next must bear."""
    return TARGETS[request.param]()


@modest
@given(inputs)
def test_any_bytes_are_borne(target: Target, data: bytes) -> None:
    target(data)
