"""The reports about an engagement's use: drawn from the journal, held against the ledger."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader
from pytest_django.plugin import DjangoDbBlocker

from access.models import Engagement
from access.selectors.marking import mandates_banner
from scif.alarms.models import Alarm
from scif.facilities.models import Facility
from scif.journal import verifier
from scif.journal.services import settle
from scif.kernel.actor import Actor
from scif.kernel.errors import Refused
from scif.people.models import Person
from scif.reporting.kit.sign import Signatory
from scif.reporting.models import Report, ReportKind
from scif.reporting.selectors import report_holds, reports_visible
from scif.reporting.services import report_download, report_produce
from scif.runtime.postgres import Postgres
from terminals.reports.egress import egress_report
from terminals.reports.use_entries import DEBITS, ITEMS, SESSIONS
from terminals.reports.use_record import use_record
from terminals.selectors.ledger import ledger_head
from terminals.services.airlock_read import airlock_read
from terminals.services.use_report import use_report_make
from tests.flows.desk_world import actor_named
from tests.flows.use_world import DOWN, JUDGES, REVIEWED, TEXT, UP, Used, sealed, used_apart

WORKER = Actor.system("worker")
FACILITY = "ml"


@pytest.fixture(scope="module")
def used(
    django_db_setup: None,
    postgres: Postgres,
    django_db_blocker: DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Used]:
    """In a database of the module's own, whose journal is numbered and signed."""
    with used_apart(postgres, django_db_blocker, tmp_path_factory.mktemp("use")) as made:
        yield made


@contextmanager
def undone() -> Iterator[None]:
    """Whatever a test does to the tables is gone after it."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def asked(used: Used, kind: ReportKind, actor: Actor | None = None) -> Report:
    facility = Facility.objects.get(code=FACILITY)
    report = use_report_make(
        engagement_id=used.engagement.pk,
        facility_id=facility.pk,
        kind=kind,
        actor=actor or used.lab,
    )
    settle(timeout_seconds=30)
    return report


def made(used: Used, kind: ReportKind) -> Report:
    report = report_produce(report_id=asked(used, kind).pk, actor=WORKER)
    assert report.failure == ""
    return report


def words(pdf: bytes) -> str:
    return " ".join(" ".join(p.extract_text() for p in PdfReader(io.BytesIO(pdf)).pages).split())


def grouped(count: int) -> str:
    return f"{count:,}".replace(",", " ")


def test_the_use_is_told_with_every_visit_session_and_item(used: Used) -> None:
    report = made(used, ReportKind.ENGAGEMENT)
    said = words(bytes(report.file.content))
    assert used.engagement.reference in said
    assert str(used.cut.person) in said
    assert used.released.reference in said
    assert "Refusal rates" in said
    assert "The room is locked down" in said
    assert "times what this person takes" in said
    assert REVIEWED in said
    assert grouped(used.spent) in said
    assert "differ" not in said
    assert report_holds(report).all
    (attached,) = PdfReader(io.BytesIO(bytes(report.file.content))).attachments[
        "journal-bundle.jsonl"
    ]
    assert len(bytes(attached).decode().splitlines()) == 1 + report.entries
    assert verifier.read_head(report.checkpoint).size >= report.entries


def test_the_people_of_the_page_are_in_the_report(used: Used) -> None:
    said = words(bytes(made(used, ReportKind.ENGAGEMENT).file.content))
    team = said.partition("whom the mandate names")[2].partition("Journal entries")[0]
    members = used.engagement.members.select_related("person")
    reviewers = used.engagement.airlock_reviewers.select_related("person")
    assert members
    assert reviewers
    for person in (*(each.person for each in members), *(each.person for each in reviewers)):
        assert str(person) in team, person
    assert "Member, lead" in team
    assert "Appeal body" in team
    assert "0:00 hours" not in said
    # A hash is broken after groups alone.
    digest = used.released.versions.get().sha256
    assert " ".join(digest[at : at + 16] for at in range(0, 64, 16)) in said


def test_every_byte_is_in_the_account_and_agrees_with_the_ledger(used: Used) -> None:
    report = asked(used, ReportKind.EGRESS)
    record = use_record(report, (*SESSIONS, *ITEMS, *DEBITS))
    account, stated = record.told.account, record.told.statement
    assert record.missing == 0
    assert account.total == stated.count("here") == stated.count("spent") == used.spent
    assert account.exports == len(TEXT)
    assert account.beyond == 0
    assert stated.count("budget") - stated.count("left") == used.spent
    assert stated.told.text("head") == ledger_head(used.engagement.egress.all()).digest
    said = words(egress_report(report, Signatory.load(settings.KEY_DIR)).pdf)
    assert "How the model is built or trained" in said
    assert "Line 1 names a rate" in said
    assert "Decided: upheld" in said
    assert grouped(used.spent) in said


def test_the_lab_reads_its_own_mandate_and_the_facility_s_paper_withholds_it(used: Used) -> None:
    title = used.engagement.title
    assert used.engagement.level.rank > Facility.objects.get(code=FACILITY).marking.rank
    own = made(used, ReportKind.ENGAGEMENT)
    said = words(bytes(own.file.content))
    assert title in said
    assert "Withheld" not in said
    assert own.marking == used.engagement.level
    label = mandates_banner(Engagement.objects.filter(pk=used.engagement.pk)).label
    assert label.startswith(used.engagement.level.name.upper())
    assert said.startswith(label)
    client = Client()
    client.force_login(used.engagement.sponsor.officer.user)
    page = client.get(reverse("use:use", args=[used.engagement.pk]))
    assert f"<span>{label}</span>" in page.content.decode()
    asked_there = asked(used, ReportKind.ENGAGEMENT, used.officer)
    theirs = report_produce(report_id=asked_there.pk, actor=WORKER)
    said = words(bytes(theirs.file.content))
    assert title not in said
    assert "Withheld" in said
    # What bears the mandate's label is handed to the lab alone.
    assert reports_visible(used.lab).filter(pk=own.pk).exists()
    assert not reports_visible(used.officer).filter(pk=own.pk).exists()
    assert reports_visible(used.officer).filter(pk=theirs.pk).exists()


def test_tables_that_somebody_altered_do_not_reach_the_pages(used: Used) -> None:
    report = asked(used, ReportKind.EGRESS)
    with undone():
        Engagement.objects.filter(pk=used.engagement.pk).update(title="Forged")
        Person.objects.filter(pk=used.cut.person_id).update(name="Forged")
        record = use_record(report, (*SESSIONS, *ITEMS, *DEBITS))
    cut = next(each for each in record.told.sessions if each.key == str(used.cut.pk))
    assert (cut.up, cut.down) == (UP, DOWN)
    assert cut.person
    assert cut.person.name == str(used.cut.person)
    assert record.mandate.title != "Forged"


def test_bytes_that_were_changed_after_they_were_sealed_stand_among_the_items(used: Used) -> None:
    item = sealed(used.engagement, used.author, "Table 3", b"Other rates.\n")
    version = item.versions.get()
    (kept,) = (settings.AIRLOCK_DIR / "kept").rglob(version.sha256)
    kept.write_bytes(b"Forged")
    with pytest.raises(Refused, match="no longer those that were sealed"):
        airlock_read(item_id=item.pk, version_id=version.pk, actor=used.lab)
    settle(timeout_seconds=30)
    for kind in (ReportKind.EGRESS, ReportKind.ENGAGEMENT):
        said = words(bytes(made(used, kind).file.content))
        items = said.partition("of every item its last sealed version")[2]
        items = items.partition("Entry")[2].partition("Journal entries")[0]
        assert f"{item.reference} out Bytes of version 1 were changed after they were" in items
        assert "every approval void" in items


def test_a_decision_of_an_appeal_is_no_vote(used: Used) -> None:
    said = words(bytes(made(used, ReportKind.EGRESS).file.content))
    appeals = said.partition("votes of the appeal body that agree")[2]
    appeals = appeals.partition("Terms of the laptops")[0]
    assert appeals.count("Vote: uphold") == len(JUDGES)
    assert appeals.count("Decided: upheld the appeal body by the votes above") == 1


def test_what_ends_at_midnight_is_told_by_its_last_day(used: Used) -> None:
    record = use_record(asked(used, ReportKind.EGRESS), SESSIONS)
    midnight = datetime(2026, 12, 21, tzinfo=ZoneInfo(record.facility.time_zone))
    assert record.last_day(midnight) == "20 Dec 2026"
    assert record.last_day(midnight + timedelta(hours=9)) == "21 Dec 2026"
    assert record.last_day(None) == record.day(None)


def test_only_the_lab_and_who_makes_reports_there_have_them(used: Used) -> None:
    report = made(used, ReportKind.EGRESS)
    for actor in (used.lab, used.officer):
        assert reports_visible(actor).filter(pk=report.pk).exists()
        assert report_download(report_id=report.pk, actor=actor)[0] == report
    facility = Facility.objects.get(code=FACILITY)
    for login in (*JUDGES, used.cut.person.user.username):
        stranger = actor_named(login)
        assert not reports_visible(stranger).filter(pk=report.pk).exists()
        with pytest.raises(Engagement.DoesNotExist):
            use_report_make(
                engagement_id=used.engagement.pk,
                facility_id=facility.pk,
                kind=ReportKind.EGRESS,
                actor=stranger,
            )
        with pytest.raises(Report.DoesNotExist):
            report_download(report_id=report.pk, actor=stranger)


def test_a_ledger_that_somebody_changed_is_named_and_alarmed(used: Used) -> None:
    # The last of its file: the ledger loses no row, this one neither.
    report = asked(used, ReportKind.EGRESS)
    report.made_at = report.requested_at
    with undone():
        # What a session moved is told twice: by its end in the journal, by the ledger's rows.
        before = egress_report(report, Signatory.load(settings.KEY_DIR))
        assert "differ" not in words(before.pdf)
        assert not Alarm.objects.filter(kind="records_differ").exists()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO terminals_egressledger (id, facility_id, engagement_id, asset_id,"
            " kind, reference, bytes, at) SELECT gen_random_uuid(), facility_id,"
            " engagement_id, asset_id, 'export', 'X-FORGED', 11, now()"
            " FROM terminals_egressledger LIMIT 1"
        )
    forged = asked(used, ReportKind.EGRESS)
    forged.made_at = forged.requested_at
    with undone():
        said = words(egress_report(forged, Signatory.load(settings.KEY_DIR)).pdf)
        assert "Journal and ledger differ by 11 bytes" in said
        assert Alarm.objects.get(kind="records_differ").subject == used.engagement.reference
