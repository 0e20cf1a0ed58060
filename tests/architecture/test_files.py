"""Files stay readable, and say nothing of the machine they were written on."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT, files, name_of

LONGEST = 450
# One file on purpose: a stranger copies it to another machine and reads it there.
LONGER = {"scif/journal/verifier.py": 540}


@pytest.mark.parametrize("path", list(files()), ids=name_of)
def test_a_file_is_about_one_noun(path: Path) -> None:
    lines = len(path.read_text(encoding="utf-8").splitlines())
    longest = LONGER.get(name_of(path), LONGEST)
    assert lines <= longest, f"{name_of(path)} has {lines} lines; is there a noun to split by?"


def tracked() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    return [ROOT / line for line in listed.stdout.splitlines() if (ROOT / line).is_file()]


def test_requirements_carry_hashes_and_no_address() -> None:
    for path in sorted((ROOT / "requirements").glob("*.txt")):
        text = path.read_text()
        assert "--hash=sha256:" in text
        assert not re.search(r"https?://|--(extra-)?index-url|--find-links", text), name_of(path)


def test_pages_load_nothing_from_outside() -> None:
    found = [
        name_of(path)
        for path in tracked()
        if path.suffix in {".html", ".css", ".js"}
        and "vendor" not in path.parts
        and re.search(
            r"(?:src|href|url\(|from|import)\s*[=(]?\s*[\"']?https?://(?!www\.w3\.org)",
            path.read_text(errors="ignore"),
        )
    ]
    assert not found


def test_no_inline_script_or_style_in_templates() -> None:
    pattern = re.compile(
        r"<script(?![^>]*\bsrc=)[^>]*>\s*[^\s<]|\sstyle=|\son[a-z]+=[\"']", re.IGNORECASE
    )
    found = [
        name_of(path)
        for path in sorted((ROOT / "templates").rglob("*.html"))
        if pattern.search(
            re.sub(r'<script[^>]*type="application/json"[^>]*>', "", path.read_text())
        )
    ]
    assert not found


def test_vendored_files_match_their_hashes() -> None:
    sums = sorted(ROOT.glob("static/**/SHA256SUMS")) + sorted(ROOT.glob("tests/**/SHA256SUMS"))
    assert sums, "vendored files carry their SHA-256"
    for listing in sums:
        checked = subprocess.run(
            ["sha256sum", "--quiet", "-c", listing.name],
            cwd=listing.parent,
            capture_output=True,
            text=True,
            check=False,
        )
        assert checked.returncode == 0, checked.stdout + checked.stderr
