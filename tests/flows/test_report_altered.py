"""Whoever holds the web role's password alters a report: the page that checks codes says so."""

import io
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client, override_settings
from django.urls import reverse
from pypdf import PdfReader, PdfWriter

from access.services.report import report_check, report_make
from scif.alarms.models import Alarm
from scif.journal.models import Entry
from scif.journal.services import append, body_purge, settle
from scif.kernel.actor import Actor
from scif.kernel.errors import Refused
from scif.people.models import User
from scif.reporting.models import Report, ReportFile
from scif.reporting.selectors import Holds, Told
from scif.reporting.services import report_download, report_produce
from scif.runtime.postgres import Postgres
from tests.flows.booking_world import World, actor, make_world
from tests.flows.report_world import empty_visit, sequencing

VERIFY = reverse("reports:verify")
WORKER = Actor.system("worker")


@pytest.fixture
def world(committed_database: str, postgres: Postgres, tmp_path: Path) -> Iterator[World]:
    with sequencing(postgres, committed_database, tmp_path / "journal"):
        yield make_world()


@pytest.fixture
def report(world: World) -> Report:
    asked = report_make(visit_id=empty_visit(world).pk, actor=actor(world.officer))
    made = report_produce(report_id=asked.pk, actor=WORKER)
    assert made.failure == ""
    settle(timeout_seconds=30)
    return made


def check(report: Report, world: World, held: bytes | None = None, code: str = "") -> Holds:
    found = report_check(code=code or report.code, held=held, actor=actor(world.lead))
    return next(holds for each, holds in found if each.pk == report.pk)


def page(world: World, code: str, held: bytes | None = None) -> str:
    client = Client()
    client.force_login(User.objects.get(pk=world.lead.user.pk))
    data: dict[str, object] = {"code": code}
    if held is not None:
        data["file"] = SimpleUploadedFile("report.pdf", held, content_type="application/pdf")
    return client.post(VERIFY, data).content.decode()


def replaced(report: Report, content: bytes) -> None:
    """What the web role may write: another file, and its digest."""
    ReportFile.objects.filter(report=report).update(content=content)
    Report.objects.filter(pk=report.pk).update(sha256=sha256(content).hexdigest())


def append_alone(report: Report, body: dict[str, object]) -> None:
    """Another entry of its making, journaled as whoever has the web role's password may."""
    with transaction.atomic():
        append(
            kind="report.made",
            actor=WORKER,
            subject=report,
            facility=report.facility_id,
            body=body,
        )
    settle(timeout_seconds=30)


def alarms() -> list[tuple[str, str]]:
    return list(Alarm.objects.filter(kind="report_altered").values_list("kind", "subject"))


def test_a_true_report_holds_and_raises_nothing(report: Report, world: World) -> None:
    true = bytes(report.file.content)
    holds = check(report, world, true)
    assert holds.all
    assert (holds.told, holds.file, holds.signed, holds.same_file) == (
        Told.AGREES,
        True,
        True,
        True,
    )
    assert not alarms()


def test_a_file_changed_together_with_its_digest_is_told_and_alarmed(
    report: Report, world: World
) -> None:
    true = bytes(report.file.content)
    forged = true + b"\n% a page more\n"
    replaced(report, forged)
    said = page(world, report.code, forged)
    for words in ("Record altered", "File not signed here", "Stored file altered"):
        assert words in said
    assert "Your file differs" in said
    assert "Nothing is proven" in said
    assert alarms() == [("report_altered", report.reference)]
    # Who holds the true file is told that it is the true one, by the digest in the journal.
    said = page(world, report.code, true)
    assert "Your file is the same" in said
    assert "File signed here" in said
    assert "Stored file altered" in said
    assert sha256(true).hexdigest()[:8] in said
    assert len(alarms()) == 1
    with pytest.raises(Refused, match="not the one that was signed"):
        report_download(report_id=report.pk, actor=actor(world.officer))


def test_another_code_or_state_hides_no_report(report: Report, world: World) -> None:
    Report.objects.filter(pk=report.pk).update(code="AAAA-BBBB-CCCC-DDDD")
    assert check(report, world).told is Told.DIFFERS
    assert check(report, world, code="AAAA-BBBB-CCCC-DDDD").told is Told.DIFFERS
    Report.objects.filter(pk=report.pk).update(state="failed", checkpoint="", code=report.code)
    holds = check(report, world)
    assert (holds.told, holds.signature, holds.journal) == (Told.DIFFERS, False, False)
    ReportFile.objects.filter(report=report).delete()
    assert check(report, world).file is False


def test_a_second_entry_of_its_making_does_not_replace_the_first(
    report: Report, world: World
) -> None:
    forged = bytes(report.file.content) + b"%"
    first = Entry.objects.get(kind="report.made")
    body = {**first.body.data, "sha256": sha256(forged).hexdigest()}
    replaced(report, forged)
    append_alone(report, body)
    holds = check(report, world, forged)
    assert (holds.told, holds.file, holds.same_file) == (Told.DIFFERS, False, False)


def test_a_whole_report_that_web_invented_bears_no_signature(report: Report, world: World) -> None:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(bytes(report.file.content))))
    unsigned = io.BytesIO()
    writer.write(unsigned)
    forged, digest = unsigned.getvalue(), sha256(unsigned.getvalue()).hexdigest()
    body = {**Entry.objects.get(kind="report.made").body.data, "sha256": digest}
    invented = Report.objects.get(pk=report.pk)
    invented.pk, invented.reference, invented.sha256 = None, "R-F0RGED", digest
    invented.save(force_insert=True)
    ReportFile.objects.create(report=invented, content=forged)
    append_alone(invented, {**body, "reference": "R-F0RGED"})
    holds = check(invented, world, forged)
    assert (holds.told, holds.same_file, holds.signed, holds.all) == (
        Told.AGREES,
        True,
        False,
        False,
    )


def test_where_the_text_of_the_making_is_erased_only_the_signature_speaks(
    report: Report, world: World
) -> None:
    made = Entry.objects.get(kind="report.made")
    body_purge(
        positions=[made.position],
        reason="spill",
        requested_by=actor(world.officer),
        approved_by=actor(world.colleague),
    )
    settle(timeout_seconds=30)
    holds = check(report, world, bytes(report.file.content))
    assert (holds.told, holds.file, holds.same_file) == (Told.ERASED, None, None)
    assert holds.signed
    assert not holds.all
    assert not alarms()


def test_without_the_certificate_nothing_is_proven(
    report: Report, world: World, tmp_path: Path
) -> None:
    with override_settings(KEY_DIR=tmp_path):  # others of this run read the keys meanwhile
        holds = check(report, world)
        assert "Signature not checked" in page(world, report.code)
    assert (holds.signed, holds.all) == (None, False)
