"""How a gateway's clock goes, as the officer's page of the hardware says it."""

import pytest

from hardware.models import Gateway, GatewayStatus
from scif.console.selectors.hardware_state import GatewayRow
from tests.architecture.sources import ROOT


@pytest.mark.parametrize(
    ("offset", "words"),
    [(-89_999, "clock 90.0 s ahead"), (1500, "clock 1.5 s behind"), (None, "")],
)
def test_it_is_ahead_or_behind_by_seconds(offset: int | None, words: str) -> None:
    status = GatewayStatus(gateway="g1", clock_offset_ms=offset)
    row = GatewayRow(Gateway(code="g1"), status, heard=None, behind=0, quarantined=0, devices=())
    assert row.clock == words


def test_the_page_says_it_so() -> None:
    page = (ROOT / "templates/admin/hardware.html").read_text(encoding="utf-8")
    assert "row.clock" in page
    assert "clock_offset_ms" not in page
