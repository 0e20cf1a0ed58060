"""Whatever is altered behind the triggers, the first bad entry is named: in the database by
`journal_verify`, in an exported bundle by the standalone verifier.
"""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from scif.journal import verifier
from scif.journal.models import Checkpoint, Entry
from scif.journal.notes import Signer, TreeHead
from scif.journal.selectors import Bundle, bundle, bundle_bytes, bundle_lines
from scif.journal.selectors.bundle import NotSigned
from scif.journal.services import body_purge
from scif.journal.verification import verify_journal
from scif.journal.verifier import EXIT, Fault
from scif.kernel.actor import Actor
from tests.flows.journal_lab import Lab

CHECKPOINTS = (100, 300, 600)
BAD = 350


@pytest.fixture
def lab(lab: Lab) -> Lab:
    lab.fill(*CHECKPOINTS)
    return lab


def _published(lab: Lab) -> str:
    return (lab.folder / "checkpoint").read_text()


def _database_fault(lab: Lab, *, published: bool = True) -> tuple[str, int | None]:
    with pytest.raises(Fault) as found:
        verify_journal(key=lab.signer.verifier, published=_published(lab) if published else None)
    return found.value.what, found.value.position


def _bundle_fault(lab: Lab, earlier: str | None = None) -> tuple[str, int | None]:
    key = verifier.read_key(str(lab.signer.verifier))
    head = verifier.read_head(earlier) if earlier else None
    with pytest.raises(Fault) as found:
        verifier.verify(bundle_lines(), key, head)
    return found.value.what, found.value.position


AT = f"WHERE position = {BAD}"
OTHER_HEADER = "replace(header, 'test.written', 'test.rewritten')"
REHASH = f"leaf_hash = sha256('\\x00'::bytea || convert_to({OTHER_HEADER}, 'UTF8') || body_hash)"
RETILE = (
    f"UPDATE journal_tile SET hashes = overlay(hashes PLACING (SELECT leaf_hash FROM journal_entry"
    f" {AT}) FROM {32 * (BAD % 256) + 1}) WHERE level = 0 AND index = {BAD // 256}"
)


@pytest.mark.parametrize(
    ("statements", "in_database", "in_bundle"),
    [
        pytest.param(
            [f"UPDATE journal_entry SET header = {OTHER_HEADER} {AT}"],
            ("altered header", BAD),
            ("altered header", BAD),
            id="header",
        ),
        pytest.param(
            [f"UPDATE journal_body SET content = '{{}}' {AT}"],
            ("altered body", BAD),
            ("altered body", BAD),
            id="body",
        ),
        pytest.param(
            [f"UPDATE journal_body SET salt = sha256('x') {AT}"],
            ("altered body", BAD),
            ("altered body", BAD),
            id="salt",
        ),
        pytest.param(
            [f"UPDATE journal_entry SET body_hash = sha256('x') {AT}"],
            ("altered header", BAD),
            ("altered header", BAD),
            id="hash of the body",
        ),
        pytest.param(
            [f"DELETE FROM journal_entry {AT}"],
            ("missing entry", BAD),
            ("missing entry", BAD),
            id="entry removed",
        ),
        pytest.param(
            [
                f"DELETE FROM journal_entry {AT}",
                f"UPDATE journal_entry SET position = position - 1 WHERE position > {BAD}",
            ],
            ("altered body", BAD),
            ("altered body", BAD),
            id="entry removed, others moved up",
        ),
        pytest.param(
            [f"UPDATE journal_entry SET header = {OTHER_HEADER}, {REHASH} {AT}"],
            ("not the signed entry", BAD),
            # A bundle has no tiles: the forger is caught between two checkpoints.
            ("not the signed entry", 300),
            id="header and its hash",
        ),
        pytest.param(
            [f"UPDATE journal_entry SET header = {OTHER_HEADER}, {REHASH} {AT}", RETILE],
            ("not the signed entry", 300),
            ("not the signed entry", 300),
            id="header, its hash and its tile",
        ),
        pytest.param(
            ["DELETE FROM journal_entry WHERE position >= 550"],
            ("truncated", 550),
            ("truncated", 550),
            id="tail cut",
        ),
        pytest.param(
            ["UPDATE journal_checkpoint SET note = replace(note, E'\\n600\\n', E'\\n599\\n')"],
            ("bad signature", None),
            ("bad signature", None),
            id="checkpoint",
        ),
        pytest.param(
            ["UPDATE journal_checkpoint SET root = sha256('x') WHERE size = 300"],
            ("bad signature", None),
            None,
            id="stored root",
        ),
        pytest.param(
            [
                (
                    f"UPDATE journal_tile SET hashes = overlay(hashes PLACING sha256('x') FROM "
                    f"{32 * (BAD % 256) + 1}) WHERE index = {BAD // 256}"
                )
            ],
            ("altered tree", BAD),
            None,
            id="tile",
        ),
        pytest.param(
            ["DELETE FROM journal_tile WHERE index = 1"], ("altered tree", 256), None, id="no tile"
        ),
        pytest.param(
            [
                f"UPDATE journal_body SET content = '{{}}' {AT}",
                "UPDATE journal_body SET content = '{}' WHERE position = 20",
            ],
            ("altered body", 20),
            ("altered body", 20),
            id="two bodies: the first",
        ),
    ],
)
def test_the_first_bad_entry_is_named(
    lab: Lab,
    statements: list[str],
    in_database: tuple[str, int | None],
    in_bundle: tuple[str, int | None] | None,
) -> None:
    lab.tamper(*statements)
    assert _database_fault(lab) == in_database
    if in_bundle:
        assert _bundle_fault(lab) == in_bundle
    else:
        assert verifier.verify(bundle_lines()).entries == 600


CUT = (
    "DELETE FROM journal_entry WHERE position >= 300",
    "DELETE FROM journal_body WHERE position >= 300",
    "DELETE FROM journal_tile WHERE index > 0",
    "DELETE FROM journal_checkpoint WHERE size > 300",
)


def test_a_journal_cut_with_its_checkpoints_contradicts_what_was_published(lab: Lab) -> None:
    kept = _published(lab)
    lab.tamper(*CUT)
    assert verify_journal().entries == 300
    assert _database_fault(lab) == ("truncated", 300)
    assert _bundle_fault(lab, kept) == ("truncated", 300)


def test_a_second_history_under_the_same_key_is_a_fork(lab: Lab) -> None:
    kept = _published(lab)
    lab.tamper(*CUT)
    (lab.folder / "checkpoint").unlink()
    lab.fill(650, kind="test.invented")
    assert verify_journal(key=lab.signer.verifier).entries == 650
    with pytest.raises(Fault, match="forked: entry 300"):
        verify_journal(published=kept)
    assert _bundle_fault(lab, kept) == ("forked", 300)
    earlier = verifier.read_head(kept)
    with pytest.raises(Fault, match="forked"):
        verifier.verify(bundle_lines([3], earlier=TreeHead.parse(kept)), None, earlier)


def test_a_fork_of_the_same_length(lab: Lab) -> None:
    kept = _published(lab)
    lab.tamper(*CUT)
    (lab.folder / "checkpoint").unlink()
    lab.fill(600, kind="test.invented")
    assert _bundle_fault(lab, kept) == ("forked", None)


@pytest.fixture
def chosen(lab: Lab) -> Bundle:
    return bundle([0, 255, 256, BAD, 599])


def _lines(data: bytes) -> list[dict[str, object]]:
    return [json.loads(line) for line in data.decode().splitlines()]


def _verify(lines: list[dict[str, object]]) -> verifier.Verified:
    return verifier.verify(json.dumps(line) for line in lines)


def test_chosen_entries_hold_with_their_proofs(lab: Lab, chosen: Bundle) -> None:
    assert chosen.data == bundle_bytes([599, 0, 256, BAD, 255, 0])
    assert chosen.checkpoint == Checkpoint.objects.get(size=600).note
    verified = _verify(_lines(chosen.data))
    assert (verified.entries, verified.code) == (5, chosen.code)
    assert bundle([0, 255, 256, BAD, 598]).code != chosen.code
    assert [len(part) for part in chosen.code.split("-")] == [4, 4, 4, 4]


CHANGES: list[tuple[int, str, object, tuple[str, int | None]]] = [
    (4, "header", "{}", ("altered header", BAD)),
    (4, "body", "{}", ("altered body", BAD)),
    (4, "salt", "00" * 16, ("altered body", BAD)),
    (4, "proof", [], ("not the signed entry", BAD)),
    (4, "proof", ["00" * 32] * 10, ("not the signed entry", BAD)),
    (4, "position", BAD + 1, ("missing entry", BAD)),
    (0, "positions", [0, 255, 256, BAD, 598], ("missing entry", 598)),
    (0, "positions", [0, 255, 256, BAD], ("unreadable", 599)),
    (0, "positions", [0, 255, 256, BAD, 599, 601], ("missing entry", 601)),
    (0, "checkpoints", [], ("unreadable", None)),
    (0, "checkpoints", ["x"], ("unreadable", None)),
    (0, "format", "other", ("unreadable", None)),
    (0, "note", "read this first", ("unreadable", None)),
    (4, "note", "read this first", ("unreadable", None)),
]


def test_a_changed_bundle_fails(chosen: Bundle) -> None:
    for line, field, value, fault in CHANGES:
        lines = _lines(chosen.data)
        lines[line][field] = value
        with pytest.raises(Fault) as found:
            _verify(lines)
        assert (found.value.what, found.value.position) == fault


def test_what_a_line_says_twice_is_not_read(chosen: Bundle) -> None:
    lines = [json.dumps(line) for line in _lines(chosen.data)]
    lines[4] = lines[4].replace('{"', '{"body": "of a forger", "', 1)
    with pytest.raises(Fault, match=r"line 5 .* says a thing twice"):
        verifier.verify(lines)


def test_a_pdf_is_not_a_bundle_and_is_told_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pdf = tmp_path / "report.pdf"
    pdf.write_bytes(b"%PDF-1.7\n\xff\xfe")
    assert verifier.main([str(pdf)]) == EXIT["unreadable"]
    said = capsys.readouterr().out
    assert "this is a PDF; give the bundle attached to it" in said
    assert "\\x" not in said


def test_a_forged_leaf_of_a_bundle_fails_by_its_proof(chosen: Bundle) -> None:
    lines = _lines(chosen.data)
    header = str(lines[4]["header"]).replace("test.written", "test.rewritten")
    body_hash = bytes.fromhex(str(lines[4]["body_hash"]))
    lines[4]["header"] = header
    leaf = sha256(b"\x00" + header.encode() + body_hash).hexdigest()
    lines[4]["leaf_hash"] = leaf
    with pytest.raises(Fault, match=f"not the signed entry: entry {BAD}"):
        _verify(lines)


def test_a_body_left_out_of_a_bundle_is_named(
    chosen: Bundle, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = _lines(chosen.data)
    for line in lines[4:]:
        line["body"] = line["salt"] = None
    stripped = tmp_path / "stripped.jsonl"
    stripped.write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert verifier.main([str(stripped)]) == EXIT["erased without record"]
    said = capsys.readouterr().out
    assert f"entry {BAD}: body missing, no record of its erasure in this bundle" in said
    assert chosen.code not in said


def test_a_bundle_of_erased_entries_brings_their_records(lab: Lab) -> None:
    sequencer = lab.sequencer()

    def erase(position: int) -> None:
        who, other = _person(), _person()
        body_purge(positions=[position], reason="spill", requested_by=who, approved_by=other)
        sequencer.move()

    erase(BAD)
    with pytest.raises(NotSigned):
        bundle([5, BAD])
    erase(600)  # the record of the first erasure, whose reason was a spill itself
    sequencer.sign(at_once=True)
    lines = _lines(bundle([5, BAD]).data)
    assert [line["position"] for line in lines[1:]] == [5, BAD, 600, 601]
    assert _verify(lines).erased == [BAD, 600]
    lines[0]["positions"] = [5, BAD, 600]
    with pytest.raises(Fault, match="erased without record: entry 600"):
        _verify(lines[:-1])
    # An erasure is recorded by a later entry of the journal, not by one that is about another.
    lines = _lines(bundle([5, BAD]).data)
    lines[1]["body"] = lines[1]["salt"] = None
    with pytest.raises(Fault, match="erased without record: entry 5"):
        _verify(lines)


def test_a_whole_journal_shows_whether_an_erasure_is_on_record(lab: Lab) -> None:
    body_purge(positions=[3], reason="spill", requested_by=_person(), approved_by=_person())
    sequencer = lab.sequencer()
    sequencer.move()
    sequencer.sign(at_once=True)
    key = verifier.read_key(str(lab.signer.verifier))
    assert verifier.verify(bundle_lines(), key).erased == [3]
    lab.tamper(f"UPDATE journal_body SET salt = NULL, content = NULL {AT}")
    assert _bundle_fault(lab) == ("erased without record", BAD)


def _person() -> Actor:
    return Actor.user(uuid4(), uuid4())


def test_what_no_checkpoint_covers_cannot_be_bundled(lab: Lab) -> None:
    with pytest.raises(NotSigned):
        bundle([600])


@pytest.fixture
def elsewhere(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run the verifier as on another machine: one file, no packages, no settings."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    shutil.copy(verifier.__file__, folder / "verifier.py")

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-I", "-S", str(folder / "verifier.py"), *arguments],
            cwd=folder,
            env={"PATH": "/usr/bin:/bin", "PYTHONIOENCODING": "utf-8"},
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def test_export_and_verify_on_another_machine(
    lab: Lab, elsewhere: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    whole, part = str(lab.var / "whole.jsonl"), str(lab.var / "part.jsonl")
    kept = lab.var / "kept"
    kept.write_text(Checkpoint.objects.get(size=100).note)
    key = str(lab.folder / "vkey")
    for command in (
        ["journal_export", whole],
        ["journal_export", part, "--from", "250", "--to", "400", "--checkpoint", str(kept)],
    ):
        exported = lab.manage("scif_web", *command)
        assert exported.returncode == 0, exported.stderr
    for path in (whole, part):
        result = elsewhere(path, "--key", key, "--checkpoint", str(kept))
        assert (result.returncode, result.stdout[:2]) == (0, "OK"), result.stdout + result.stderr
    without = elsewhere(part, "--checkpoint", str(lab.folder / "checkpoint"))
    assert without.returncode == 0
    assert "source you trust" in without.stdout
    # What was left out of chosen entries changes the code alone.
    assert "chosen entries: compare the code" in without.stdout
    assert "chosen entries" not in elsewhere(whole).stdout

    other_key = str(Signer(lab.signer.name, Ed25519PrivateKey.generate()).verifier)
    assert elsewhere(whole, "--key", other_key).returncode == EXIT["bad signature"]
    assert elsewhere(str(kept)).returncode == EXIT["unreadable"]
    assert elsewhere("nowhere").returncode == EXIT["unreadable"]
    lines = Path(part).read_text().splitlines(keepends=True)
    Path(part).write_text("".join(lines[:50]))
    result = elsewhere(part)
    assert result.returncode == EXIT["missing entry"]
    assert "entry 299" in result.stdout


def test_a_range_without_the_readers_checkpoint_says_so(
    lab: Lab, elsewhere: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    part, kept = lab.var / "part", lab.var / "kept"
    part.write_bytes(bundle_bytes([5]))
    kept.write_text(Checkpoint.objects.get(size=100).note)
    result = elsewhere(str(part), "--checkpoint", str(kept))
    assert result.returncode == EXIT["cannot be checked"]


def test_the_command_names_the_first_bad_entry(lab: Lab) -> None:
    good = lab.manage("scif_web", "journal_verify")
    assert good.returncode == 0, good.stderr
    assert "600 entries hold; 600 of them are under 3 signed checkpoints" in good.stdout
    lab.tamper(f"UPDATE journal_body SET content = '{{}}' {AT}")
    bad = lab.manage("scif_web", "journal_verify")
    assert bad.returncode == EXIT["altered body"]
    assert f"altered body: entry {BAD}" in bad.stderr
    assert Entry.objects.count() == 600
