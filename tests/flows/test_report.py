"""The record of a visit: made by the worker, readable, signed, and proved on another machine."""

import io
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import override_settings
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.signers import SimpleSigner
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext
from pypdf import PdfReader

from access.models import Visit
from access.reports.cells import position_text
from access.reports.record import visit_record
from access.services.attendee_escort import attendee_escort_change
from access.services.report import report_make
from scif.journal import verifier
from scif.journal.models import Entry
from scif.journal.services import settle
from scif.journal.services.purge import body_purge
from scif.kernel.actor import Actor
from scif.kernel.errors import Refused
from scif.people.models import Person
from scif.reporting.kit.sheet import Paper
from scif.reporting.kit.sign import KEY_FILE
from scif.reporting.models import Report
from scif.reporting.rules.states import ReportState
from scif.reporting.selectors import report_holds, reports_by_code, reports_visible
from scif.reporting.services import report_produce, report_retry
from scif.reporting.tasks import produce_waiting
from scif.runtime.postgres import Postgres
from tests.flows.booking_world import World, actor, make_world
from tests.flows.report_world import empty_visit, full_visit, sequencing

WORKER = Actor.system("worker")


@pytest.fixture
def world(committed_database: str, postgres: Postgres, tmp_path: Path) -> Iterator[World]:
    with sequencing(postgres, committed_database, tmp_path / "journal"):
        yield make_world()


def make(visit: Visit, world: World, paper: Paper = Paper.A4) -> Report:
    asked = report_make(visit_id=visit.pk, actor=actor(world.officer), paper=paper)
    report = report_produce(report_id=asked.pk, actor=WORKER)
    assert report.failure == ""
    assert report.state == ReportState.MADE
    return report


def content(report: Report) -> bytes:
    return bytes(report.file.content)


def text(report: Report) -> str:
    """All words of the report, however they were broken into lines."""
    pages = PdfReader(io.BytesIO(content(report))).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def attached(pdf: bytes) -> bytes:
    (found,) = PdfReader(io.BytesIO(pdf)).attachments["journal-bundle.jsonl"]
    return bytes(found)


def signature_status(pdf: bytes) -> tuple[bool, bool]:
    """Whether the signature is intact, and by the key of this installation."""
    signer: Any = SimpleSigner  # pyHanko leaves its loader untyped
    trusted = signer.load_pkcs12(settings.KEY_DIR / KEY_FILE).signing_cert
    (signature,) = PdfFileReader(io.BytesIO(pdf)).embedded_signatures
    status = validate_pdf_signature(
        signature, ValidationContext(trust_roots=[trusted], allow_fetching=False)
    )
    return status.intact and status.valid and status.bottom_line, status.trusted


def run_verifier(bundle: bytes, folder: Path) -> subprocess.CompletedProcess[str]:
    path = folder / "bundle.jsonl"
    path.write_bytes(bundle)
    return subprocess.run(
        [sys.executable, "-I", str(Path(verifier.__file__)), str(path)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_record_shows_the_visit(world: World) -> None:
    visit = full_visit(world)
    shown = text(make(visit, world))
    for expected in (
        visit.reference,
        visit.booking.reference,
        world.engagement.reference,
        "Phone, Pixel 8",
        "MED-0012",
        "Passport, checked by",
        "Badge V-18 is of an earlier visit.",
        "A device stays with the visitor under an approval.",
        "Clear",
        "7714-201, 7714-202",
        "1 refusal at a door",
        "BR, PT",
        "Escort has left",
        "Two-person rule broken",
        "Nobody knew for certain who was inside",
    ):
        assert expected in shown


def test_the_record_shows_what_was_wrong_with_who_was_inside(world: World) -> None:
    visit = full_visit(world)
    facts = visit_record(make(visit, world)).facts
    (out,) = [each.at for each in facts.passages.values() if each.direction == "out"]
    assert [(each.concern, each.at, each.overdue_at, each.until) for each in facts.concerns] == [
        ("escort_lost", world.at(10.0), None, world.at(10.05)),
        ("two_person_broken", world.at(11.0), world.at(11.05), out),
        ("uncertain", world.at(11.1), None, world.at(11.2)),
    ]


def test_the_record_says_who_escorted_the_visitor(world: World) -> None:
    visit = empty_visit(world)
    assert "Escort None named" in text(make(visit, world))
    for escort, reason in ((world.discloser, "Not cleared"), (world.colleague, "Taken ill")):
        attendee_escort_change(
            booking_id=visit.booking_id,
            person_id=visit.person_id,
            escort_id=escort.pk,
            reason=reason,
            actor=WORKER,
        )
    shown = text(make(visit, world))
    assert f"Escort {world.discloser.name}, then {world.colleague.name}" in shown
    assert "differ" not in shown  # the journal and the tables say the same


def test_every_page_is_marked_top_and_bottom(world: World) -> None:
    report = make(full_visit(world), world)
    pages = PdfReader(io.BytesIO(content(report))).pages
    assert len(pages) > 1
    for page in pages:
        assert page.extract_text().split("\n").count("TIER 0") >= 2


def test_what_lies_above_the_ceiling_is_withheld(world: World) -> None:
    shown = text(make(full_visit(world), world))
    assert world.engagement.title not in shown
    assert "Withheld" in shown


def test_a_scope_within_the_ceiling_raises_the_marking(world: World) -> None:
    world.facility.marking = world.engagement.level
    world.facility.save()
    report = make(full_visit(world), world)
    assert report.marking == world.engagement.level
    assert world.engagement.title in text(report)
    assert f"({world.engagement.level.code}) Scope" in text(report)


def test_the_signature_is_of_the_installations_key(world: World) -> None:
    assert signature_status(content(make(full_visit(world), world))) == (True, True)


def test_one_altered_byte_of_the_file_is_detected(world: World) -> None:
    report = make(full_visit(world), world)
    pdf = bytearray(content(report))
    at = pdf.index(b"stream") + 40
    pdf[at] ^= 1
    assert not signature_status(bytes(pdf))[0]
    settle(timeout_seconds=30)
    held = report_holds(report, held=bytes(pdf))
    assert (held.same_file, held.signed, held.file) == (False, False, True)
    assert report_holds(report, held=content(report)).all


def test_the_bundle_is_proved_on_another_machine(world: World, tmp_path: Path) -> None:
    report = make(full_visit(world), world)
    run = run_verifier(attached(content(report)), tmp_path)
    assert run.returncode == 0, run.stdout + run.stderr
    assert report.code in run.stdout


def test_one_altered_letter_of_the_bundle_is_named(world: World, tmp_path: Path) -> None:
    report = make(full_visit(world), world)
    altered = attached(content(report)).replace(b"badge.issued", b"badge.issueb", 1)
    run = run_verifier(altered, tmp_path)
    position = Entry.objects.filter(kind="badge.issued").order_by("position")[0].position
    assert run.returncode == 1
    assert f"entry {position}" in run.stdout


def test_nobody_elses_reads_and_badges_are_in_the_bundle(world: World) -> None:
    bundle = attached(content(make(full_visit(world), world)))
    assert b"read-t-1" in bundle
    assert b"other-1" not in bundle
    assert b"V-ANOTHER" not in bundle


def test_a_visit_of_which_nothing_happened(world: World) -> None:
    report = make(empty_visit(world), world)
    shown = text(report)
    assert "Expected" in shown
    assert "Not checked" in shown
    assert shown.count("None.") >= 7


@pytest.mark.parametrize(
    "name",
    [
        "محمد بن سلمان الأحمد",
        "שלמה בן־דוד",
        "王小明",
        "김철수",
        "Александр Ελευθερία",
        "Nguyễn Thị Hồng Nhung",
        "Wolfeschlegelsteinhausenbergerdorff" * 4,
        "สมชาย",
        "Eve\u202egnp.exe",
    ],
)
def test_names_of_any_script_and_length(world: World, name: str) -> None:
    person = Person.objects.create(name=name, organisation=world.lead.organisation)
    report = make(empty_visit(world, person), world)
    numbered = any(letter in name for letter in "ส\u202e")
    assert ("[U+" in text(report)) is numbered


def test_what_was_erased_is_said_with_its_entry(world: World, tmp_path: Path) -> None:
    visit = full_visit(world)
    settle(timeout_seconds=30)
    kinds = ("door.read", "custody_item.added", "visit.searched", "return.signed")
    positions = [entry.position for entry in Entry.objects.filter(kind__in=kinds)]
    body_purge(
        positions=positions,
        reason="spill",
        requested_by=actor(world.officer),
        approved_by=actor(world.colleague),
    )
    report = make(visit, world)
    shown = text(report)
    assert "differ from the journal" not in shown
    assert "Pixel 8" not in shown
    assert "Bag and pockets" not in shown
    purge = Entry.objects.get(kind="body.purged", subject_id=str(positions[-1]))
    assert f"entry {' '.join(position_text(purge.position).split())}" in shown
    assert shown.count("text erased on") >= 8
    # Three reads of the visitor, erased; those of another person are in no line.
    assert shown.count("Erased text erased on") == 4
    assert run_verifier(attached(content(report)), tmp_path).returncode == 0


def test_letter_paper(world: World) -> None:
    report = make(empty_visit(world), world, Paper.LETTER)
    box = PdfReader(io.BytesIO(content(report))).pages[0].mediabox
    assert (box.width, box.height) == (612, 792)


def test_a_second_request_while_one_waits_is_the_same(world: World) -> None:
    visit = empty_visit(world)
    first = report_make(visit_id=visit.pk, actor=actor(world.officer))
    assert report_make(visit_id=visit.pk, actor=actor(world.officer)) == first


def test_another_paper_asked_for_meanwhile_is_made_too(world: World) -> None:
    visit = empty_visit(world)
    asked = [
        report_make(visit_id=visit.pk, actor=actor(world.officer), paper=paper)
        for paper in (Paper.A4, Paper.LETTER)
    ]
    produce_waiting()
    assert [Report.objects.get(pk=each.pk).paper for each in asked] == ["A4", "Letter"]
    assert {Report.objects.get(pk=each.pk).state for each in asked} == {ReportState.MADE}


def test_the_worker_makes_whatever_waits(world: World) -> None:
    visits = [empty_visit(world), empty_visit(world, world.member)]
    for visit in visits:
        report_make(visit_id=visit.pk, actor=actor(world.officer))
    produce_waiting()
    assert {report.subject_id for report in Report.objects.filter(state="made")} == {
        visit.pk for visit in visits
    }


def test_making_it_twice_changes_nothing(world: World) -> None:
    report = make(empty_visit(world), world)
    again = report_produce(report_id=report.pk, actor=WORKER)
    assert again.sha256 == report.sha256
    assert Entry.objects.filter(kind="report.made").count() <= 1


def test_an_auditor_and_another_facilitys_officer_cannot(world: World) -> None:
    visit = empty_visit(world)
    other = make_world("cam")
    for person in (world.lead, other.officer):
        with pytest.raises(Visit.DoesNotExist):
            report_make(visit_id=visit.pk, actor=actor(person))
    report = make(visit, world)
    assert list(reports_visible(actor(world.officer))) == [report]
    assert not reports_visible(actor(world.lead)).exists()
    assert not reports_visible(actor(other.officer)).exists()


def test_the_code_finds_the_report_however_it_is_typed(world: World) -> None:
    report = make(empty_visit(world), world)
    typed = report.code.lower().replace("-", " ").replace("0", "o")
    assert reports_by_code(typed) == [report]
    assert reports_by_code("0000-0000-0000-0000") == []
    assert reports_by_code("' OR 1=1") == []
    settle(timeout_seconds=30)
    assert report_holds(report).all


def test_a_missing_key_fails_in_words_and_can_be_asked_again(world: World, tmp_path: Path) -> None:
    visit = empty_visit(world)
    with override_settings(KEY_DIR=tmp_path):  # others of this run read the keys meanwhile
        asked = report_make(visit_id=visit.pk, actor=actor(world.officer))
        failed = report_produce(report_id=asked.pk, actor=WORKER)
    assert failed.state == ReportState.FAILED
    assert "report.p12" in failed.failure
    report_retry(report_id=failed.pk, actor=actor(world.officer))
    assert report_produce(report_id=failed.pk, actor=WORKER).state == ReportState.MADE
    with pytest.raises(Refused):
        report_retry(report_id=failed.pk, actor=actor(world.officer))
