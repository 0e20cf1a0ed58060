"""The bench can make the broker deaf: here one of the test's own, for no other test to wait for."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from pytest_django import Settings

from hardware.models import Gateway
from scif.console.bench.acts import broker_cut
from scif.kernel.errors import Refused
from scif.runtime.child import wait_ready
from scif.runtime.places import make_places
from scif.runtime.valkey import Valkey


@pytest.fixture
def broker(settings: Settings) -> Iterator[Valkey]:
    with tempfile.TemporaryDirectory() as directory:
        Path(directory).chmod(0o755)
        valkey = Valkey(make_places(Path(directory)))
        child = valkey.start()
        wait_ready("Valkey", child, valkey.ready)
        settings.VALKEY_URL = valkey.url
        yield valkey
        child.stop()


def test_the_broker_answers_nobody_for_a_while(broker: Valkey) -> None:
    assert "Gateway b7 decides without it" in broker_cut(Gateway(code="b7", name="Gateway b7"))
    with (
        redis.Redis.from_url(broker.url, socket_timeout=0.2) as client,
        pytest.raises(redis.TimeoutError),
    ):
        client.ping()
    with pytest.raises(Refused, match="away already"):
        broker_cut(Gateway(code="b7", name="Gateway b7"))
