"""Faults that tests of the suite play already, run here again so that the table is whole."""

import os
import random
import re
import subprocess
import sys

from tests.bench.table import ROOT, Row, row

ROWS = {
    "another facility's objects, hostile names: every address and export": [
        "tests/api/test_every_url.py"
    ],
    "another facility's objects: the live link's groups": ["tests/api/test_live_link.py"],
    "journal edited, cut or forked: named, and refused by a witness": [
        "tests/flows/test_journal_tamper.py"
    ],
    "rows that somebody else wrote into the inbox: refused, told, and in nobody's way": [
        "tests/flows/test_inbox_forged.py",
        "tests/unit/test_inbox_rows.py",
    ],
    "what is no message, in the broker's queue: the doors go on": [
        "tests/hardware/test_gateway_worker.py"
    ],
    "hostile requests, clients and harnesses at the harness adapter": [
        "tests/harness/test_adapter.py",
        "tests/harness/test_adapter_answers.py",
        "tests/harness/test_adapter_streams.py",
        "tests/harness/test_stand_in.py",
        "tests/harness/test_proxy.py",
    ],
    "hostile text in SQL and journal": ["tests/flows/test_hostile_text.py"],
}


def play(chance: random.Random, long: bool) -> list[Row]:
    """Each with its number of tests; one that is skipped counts as not played."""
    return [_run(name, files) for name, files in ROWS.items()]


def _run(name: str, files: list[str]) -> Row:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *files],
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "scif.settings.test"},
        capture_output=True,
        text=True,
        check=False,
    )
    passed = sum(map(int, re.findall(r"(\d+) passed", done.stdout))) or done.stdout.count(".")
    bad = done.returncode != 0 or "skipped" in done.stdout
    said = done.stdout.strip().splitlines()[-1:] if bad else []
    return row(name, "holds", said[0][:100] if said else f"holds, {passed} tests", "", ok=not bad)
