"""The bastion as a process of its own: started by its configuration, killed, asked to stop."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.bastion.process import spawned

pytestmark = pytest.mark.ssh


async def test_what_was_delivered_before_a_kill_is_never_forgotten(tmp_path: Path) -> None:
    """`make faults` does this many more times."""
    async with spawned(tmp_path, lease=10_000) as made:
        for number in range(3):
            await made.start()
            delivered = await made.delivered_until_killed(enough=20_000 + 5_000 * number)
            promised = made.ledger()["engagement:e-1"]
            assert made.total + delivered <= promised
            made.total = promised


async def test_it_stops_when_it_is_asked_to_and_settles(tmp_path: Path) -> None:
    async with spawned(tmp_path, lease=10_000) as made:
        await made.start()
        grant, laptop = await made.session()
        laptop.stdin.write(b"pour 500\n")
        await laptop.stdout.readexactly(500)
        assert await made.stop() == 0
        assert await laptop.over() == 255
        assert made.ledger() == {key["key"]: 509 for key in grant["budgets"]}


async def test_a_start_that_is_forbidden_says_why(tmp_path: Path) -> None:
    async with spawned(tmp_path, lease=10_000) as made:
        made.papers.host_key.chmod(0o640)
        status, said = await made.refusal()
        assert status == 2
        assert "its mode must be 0600" in said
        assert "Traceback" not in said


def test_the_bastion_loads_no_framework_and_no_database() -> None:
    before = "import sys; import terminals.bastion.__main__; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", before], capture_output=True, text=True, check=True
    ).stdout.split()
    assert not {"django", "celery", "psycopg", "redis"} & set(loaded)
