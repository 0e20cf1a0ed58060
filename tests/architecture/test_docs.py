"""The documentation says what the code and the database say, and points nowhere else."""

import os
import re
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from access.rules.matrix import document as decision_matrix
from access.rules.offline_page import document as offline_contract
from scif.runtime.keys import SIGNING_KEYS, SYMMETRIC_KEYS
from tests.architecture.database_roles import document as database_roles
from tests.architecture.sources import ROOT, files, name_of

PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
# A word in code type that looks like a file of the project, or a make target.
FILE = re.compile(r"`((?:[\w.@-]+/)*[\w.@-]+\.(?:py|md|yml|toml|html|css|js|txt|sh|service))`")
FOLDER = re.compile(
    r"`((?:access|deploy|docs|hardware|inspections|scif|static|templates|terminals|tests)/[\w/.@-]*)`"
)
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
TARGET = re.compile(r"`make ([a-z]+)")
# Files of an installation, and names that stand for many.
ELSEWHERE = {"verifier.py", "manage.py"}


def _page(path: Path) -> str:
    return path.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_pages_name_files_that_exist(path: Path) -> None:
    text = _page(path)
    named = {*FILE.findall(text), *FOLDER.findall(text)} - ELSEWHERE
    missing = [
        name
        for name in sorted(named)
        if "/" in name and not (ROOT / name).exists() and not (path.parent / name).exists()
    ]
    assert not missing


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_links_lead_somewhere_inside(path: Path) -> None:
    broken = [
        link
        for link in LINK.findall(_page(path))
        if not link.startswith("http") and not (path.parent / link).exists()
    ]
    assert not broken


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_pages_name_make_targets_that_exist(path: Path) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    missing = [
        name for name in TARGET.findall(_page(path)) if not re.search(rf"^{name}:", makefile, re.M)
    ]
    assert not missing


def test_the_decision_matrix_is_current() -> None:
    page = ROOT / "docs" / "decision-matrix.md"
    if os.environ.get("UPDATE_DOCS"):
        page.write_text(decision_matrix(), encoding="utf-8")
    assert _page(page) == decision_matrix(), "python -m access.rules.matrix writes it"


def test_the_offline_contract_is_current() -> None:
    page = ROOT / "docs" / "offline-contract.md"
    if os.environ.get("UPDATE_DOCS"):
        page.write_text(offline_contract(), encoding="utf-8")
    assert _page(page) == offline_contract(), "python -m access.rules.offline_page writes it"


def test_the_page_of_database_roles_is_current(
    role_connection: Callable[[str], psycopg.Connection[tuple[object, ...]]],
) -> None:
    page, current = ROOT / "docs" / "database-roles.md", database_roles(role_connection("scif_web"))
    if os.environ.get("UPDATE_DOCS"):
        page.write_text(current, encoding="utf-8")
    assert _page(page) == current, "UPDATE_DOCS=1 writes it"


OF_GATEWAYS = ("store.GATEWAY.aes", "edge.GATEWAY.ed25519", "edge.GATEWAY.pub")


def test_every_key_has_its_paragraph() -> None:
    text = _page(ROOT / "docs" / "keys.md")
    made = {f"{name}.ed25519" for name in SIGNING_KEYS} | set(SYMMETRIC_KEYS)
    others = {"control.pub", "report.p12", "report.crt", *OF_GATEWAYS}
    missing = [key for key in made | others if f"`{key}`" not in text]
    assert not missing


def test_the_life_of_a_badge_read_names_real_events() -> None:
    """Each event that the page names is one that some file of the product writes or reads."""
    source = "\n".join(_page(path) for path in files())
    text = _page(ROOT / "docs" / "life-of-a-badge-read.md") + _page(
        ROOT / "docs" / "life-of-a-visit.md"
    )
    events = set(re.findall(r"`([a-z]+\.[a-z_]+)`", text)) - {"edge.sqlite", "snapshot.bin"}
    unknown = [event for event in sorted(events) if f'"{event}"' not in source]
    assert len(events) > 15
    assert not unknown


def test_every_decision_record_is_in_the_index() -> None:
    index = _page(ROOT / "docs" / "adr" / "README.md")
    records = [path.name for path in sorted((ROOT / "docs" / "adr").glob("0*.md"))]
    assert [name for name in records if f"({name})" not in index] == []
    assert [name[:4] for name in records] == [f"{n:04}" for n in range(1, len(records) + 1)]
