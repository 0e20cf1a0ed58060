"""Makers of reports: each kind has one, and nobody loads what draws paper before he needs it."""

import subprocess
import sys

import pytest

from scif.reporting.makers import maker_of
from scif.reporting.models import ReportKind


@pytest.mark.parametrize("kind", ReportKind.values)
def test_each_kind_has_a_maker(kind: str) -> None:
    assert callable(maker_of(kind))


def test_what_draws_and_signs_is_not_loaded_with_the_site() -> None:
    loaded = subprocess.run(
        [sys.executable, "-c", "import django, sys; django.setup(); print(*sys.modules)"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split()
    assert "scif.reporting.makers" in loaded
    assert not {"pyhanko", "reportlab"} & set(loaded)
