"""What the bastion refuses, and that each refusal is the work of the guard that is named for it."""

from pathlib import Path

import pytest

from terminals.bastion.guards import Guard
from tests.bastion.hostile import CASES
from tests.bastion.hostile_case import Case, succeeds

pytestmark = pytest.mark.ssh


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
async def test_it_is_refused_and_passes_without_its_guard(case: Case, tmp_path: Path) -> None:
    for name in ("guarded", "lax"):
        (tmp_path / name).mkdir()
    assert not await succeeds(case, tmp_path / "guarded", guarded=True)
    assert await succeeds(case, tmp_path / "lax", guarded=False)


def test_each_guard_has_a_case() -> None:
    lacked = {
        guard
        for case in CASES
        if "guards" in case.without
        for guard in set(Guard) - case.without["guards"]
    }
    assert lacked == set(Guard)
    assert len(CASES) >= 40
