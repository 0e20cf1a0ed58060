"""The pages of a report are bound to the journal: what the tables say otherwise is named."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, transaction
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader
from pytest_django.plugin import DjangoDbBlocker

from access.models import Visit
from access.reports.compare import SECTIONS, differences
from access.reports.facts import Fact, Facts
from access.reports.record import VisitRecord, visit_record
from access.reports.summary import chain
from access.reports.told import Named
from access.reports.visit import visit_report
from access.services.report import report_make
from scif.alarms.models import Alarm
from scif.journal.models import Outbox
from scif.journal.services import settle
from scif.reporting.kit.sign import Signatory
from scif.reporting.models import Report
from scif.runtime.postgres import Postgres
from tests.conftest import own_database
from tests.flows.booking_world import World, actor, make_world
from tests.flows.report_world import full_visit, sequencing

pytestmark = pytest.mark.usefixtures("asked")
BOX = "differ from the journal"


class Asked:
    """A finished visit, whose report was asked for."""

    world: World
    visit: Visit
    report: Report


@pytest.fixture(scope="module")
def asked(
    django_db_setup: None,
    postgres: Postgres,
    django_db_blocker: DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Asked]:
    """In a database of the module's own, in which the visit happened through the services."""
    with (
        own_database(postgres, django_db_blocker) as name,
        sequencing(postgres, name, tmp_path_factory.mktemp("journal")),
    ):
        made = Asked()
        made.world = make_world()
        made.visit = full_visit(made.world)
        made.report = report_make(visit_id=made.visit.pk, actor=actor(made.world.officer))
        settle(timeout_seconds=30)
        yield made


@contextmanager
def undone() -> Iterator[None]:
    """Whatever a test does to the tables is gone after it."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def run(statement: str) -> None:
    """As the web role, past every service."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == ("scif_web",)
        cursor.execute(statement)
        assert cursor.rowcount > 0


def shown(asked: Asked) -> str:
    """All words of the report as it would be signed now."""
    asked.report.made_at = asked.report.requested_at
    made = visit_report(asked.report, Signatory.load(Path(settings.KEY_DIR)))
    pages = PdfReader(io.BytesIO(made.pdf)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def test_what_the_services_wrote_and_journaled_agrees(asked: Asked) -> None:
    with undone():
        record = visit_record(asked.report)
        assert record.differences == []
        assert BOX not in shown(asked)
        assert not Alarm.objects.filter(kind="records_differ").exists()
    assert len(record.facts.items) == 3
    assert len(record.facts.signatures) == 4
    assert len(record.facts.reads) == 3
    assert len(record.facts.passages) == 2
    assert len(record.facts.steps) == 9


def test_the_mandate_of_the_chain_shows_when_the_second_side_approved(asked: Asked) -> None:
    asked.report.made_at = asked.report.requested_at
    with undone():
        record = visit_record(asked.report)
    (approved,) = [e.at for e in record.entries if e.kind == "engagement.approved_by_facility"]
    link = chain(record)[0]
    assert (link.shape, link.when) == ("ok", record.times.minute(approved))
    assert link.when != record.times.minute(record.facts.mandate.valid_from)


FORGERIES = {
    "a thing": (
        "UPDATE access_custodyitem SET kind = 'Nothing electronic' WHERE kind LIKE 'Phone%'",
        ("Custody, Phone, Pixel 8: item", "Nothing electronic"),
    ),
    "a mark": (
        "UPDATE access_custodyitem SET mark = 'NO-MARK' WHERE kind LIKE 'Watch%'",
        ("Custody, Watch, Garmin: mark", "…61C0 03", "NO-MARK"),
    ),
    "a thing taken off": (
        "DELETE FROM access_custodyitem WHERE kind LIKE 'Watch%'",
        ("Custody, Watch, Garmin", "The line is missing"),
    ),
    "the identity check": (
        "UPDATE access_visitstep SET details = '{\"document\": \"FAKE\"}' WHERE kind = 'identify'",
        ("Step, identify: details", "last characters: 4417", "document: FAKE"),
    ),
    "the time of the search": (
        "UPDATE access_visitstep SET at = at - interval '2 hours' WHERE kind = 'search'",
        ("Step, search: time", "13:04:00", "11:04:00"),
    ),
    "a search that was": (
        "DELETE FROM access_visitstep WHERE kind = 'search'",
        ("Step, search", "The line is missing"),
    ),
    "who searched": (
        (
            "UPDATE access_visitstep SET by_id = (SELECT id FROM people_person"
            " WHERE name LIKE 'Rui%') WHERE kind = 'search'"
        ),
        ("Step, search: recorded by", "Helen Marsh ml", "Rui Costa ml"),
    ),
    "a refusal": (
        (
            "UPDATE access_accessdecision SET outcome = 'granted', objections = '[]'"
            " WHERE read_id = 'read-t-0'"
        ),
        ("Read, D-T2: outcome", "refused", "granted", "Badge V-18 is of an earlier visit"),
    ),
    "an opening": (
        "UPDATE access_accessdecision SET opened_at = NULL WHERE read_id = 'read-t-1'",
        ("Read, D-T2: opened",),
    ),
    "a read that was": (
        "DELETE FROM access_accessdecision WHERE read_id = 'read-t-0'",
        ("Read, D-T2", "The line is missing"),
    ),
    "a read that was not": (
        (
            "INSERT INTO access_accessdecision (id, read_id, portal_id, direction, person_id,"
            " visit_id, badge, basis, outcome, objections, obligations, policy_version,"
            " snapshot_version, occurred_at, gateway) SELECT gen_random_uuid(), 'planted',"
            " portal_id, direction, person_id, visit_id, badge, basis, outcome, objections,"
            " obligations, policy_version, snapshot_version,"
            " occurred_at + interval '1 minute', gateway"
            " FROM access_accessdecision WHERE read_id = 'read-t-1'"
        ),
        ("No entry tells this line",),
    ),
    "who approved the booking": (
        (
            "UPDATE access_booking SET decided_by_id = (SELECT id FROM people_person"
            " WHERE name LIKE 'Rui%')"
        ),
        ("Booking, B-", "decided by", "Helen Marsh ml", "Rui Costa ml"),
    ),
    "when it was approved": (
        "UPDATE access_booking SET decided_at = decided_at - interval '3 days'",
        ("Booking, B-", ": decided"),
    ),
    "who approved the mandate": (
        (
            "UPDATE access_engagement SET facility_approved_by_id = (SELECT id FROM people_person"
            " WHERE name LIKE 'Rui%') WHERE reference <> 'ENG-ML'"
        ),
        ("Mandate, ENG-", "facility approval", "Tomasz Wierzba ml", "Rui Costa ml"),
    ),
    "who signed": (
        (
            "UPDATE access_signature SET signer_id = (SELECT id FROM people_person"
            " WHERE name LIKE 'Rui%') WHERE purpose = 'deposit' AND party = 'guard'"
        ),
        ("Signature, deposit: signer", "Helen Marsh ml", "Rui Costa ml"),
    ),
    "a signature's strokes": (
        "UPDATE access_signature SET strokes = '{\"strokes\": [[[1, 1], [9, 9]]]}'",
        ("Signature, deposit: strokes, SHA-256", "strokes are not those of the entry"),
    ),
    "a passage": (
        (
            "UPDATE access_presenceevent SET occurred_at = occurred_at - interval '1 hour'"
            " WHERE direction = 'out'"
        ),
        ("Presence, out: time", "13:03:03", "12:03:03"),
    ),
    "a passage that was": (
        "DELETE FROM access_presenceevent WHERE direction = 'in'",
        ("Presence, in", "The line is missing"),
    ),
    "what the sweep found": (
        "UPDATE inspections_sweep SET items_found = '[\"Recorder\"]'",
        ("Sweep,", "found", "Recorder"),
    ),
    "who swept": (
        (
            "UPDATE inspections_sweep SET second_id = (SELECT id FROM people_person"
            " WHERE name LIKE 'Rui%')"
        ),
        ("Sweep,", "second", "Tomasz Wierzba ml", "Rui Costa ml"),
    ),
    "how it ended": (
        "UPDATE access_visit SET state = 'turned_away'",
        ("Visit, V-", "state", "complete", "turned_away"),
    ),
    "who came": (
        (
            "UPDATE access_visit SET person_id = (SELECT id FROM people_person"
            " WHERE name LIKE 'Rui%')"
        ),
        ("Visit, V-", "visitor", "Amara Nwosu ml", "Rui Costa ml"),
    ),
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_changed_table_is_named_and_the_page_shows_the_journal(
    asked: Asked, forgery: str
) -> None:
    statement, named = FORGERIES[forgery]
    with undone():
        before = visit_record(asked.report).facts
        run(statement)
        words = shown(asked)
        alarm = Alarm.objects.get(kind="records_differ")
        told = [row for row in Outbox.objects.all() if str(row) == "report.differed"]
        after = visit_record(asked.report).facts
    assert after == before
    assert BOX in words or "differs from the journal" in words
    assert [each for each in named if each not in words] == []
    assert alarm.gravity == "act"
    assert told[0].data["lines"]


def test_somebody_renamed_later_keeps_the_name_of_the_day(asked: Asked) -> None:
    with undone():
        run("UPDATE people_person SET name = 'Later Name' WHERE name LIKE 'Amara%'")
        run("UPDATE people_person SET name = 'Other Name' WHERE name LIKE 'Helen%'")
        words = shown(asked)
    assert BOX not in words
    assert "Amara Nwosu ml" in words
    assert "today: " in words
    # That name stands in no entry, and the proof box says so.
    assert "drawn from them, but for the name after today:" in words
    assert "Later Name" in words
    assert "Helen Marsh ml" in words
    assert "Other Name" not in words


def test_the_deposit_is_when_both_had_signed_it(asked: Asked) -> None:
    with undone():
        words = shown(asked)
    taken, emptied, returned = "09:11:00", "13:06:00", "13:07:00"
    first_page = words.partition("Reads and decisions")[0]
    assert first_page.count(taken) == 2, "of each thing in the locker"
    assert first_page.count(returned) == 2
    # When the locker was shut is neither: it was shut again after it was emptied.
    assert emptied not in first_page


def test_approvals_bear_their_dates_and_actors_their_names(asked: Asked) -> None:
    record = visit_record(asked.report)
    words = shown_rows(record)
    assert "user " in words
    assert str(asked.world.officer.user.pk)[:8] in words
    assert "Kari Solberg ml (user " in words


def shown_rows(record: VisitRecord) -> str:
    from access.reports.annex import entry_rows
    from access.reports.sections import approval_rows

    approvals = [row.cells for row in approval_rows(record)]
    assert all(cells[3] not in {"", "\u2013"} for cells in approvals)
    assert len(approvals) == 3
    return " ".join(str(cell) for row in entry_rows(record) for cell in row.cells)


def lines_of(facts: Facts) -> list[tuple[str, Any, str]]:
    """Every compared field of every line, by section and key."""
    found: list[tuple[str, Any, str]] = []
    for section in SECTIONS:
        value = getattr(facts, section)
        for key, fact in {"": value}.items() if isinstance(value, Fact) else value.items():
            found += [(section, key, each.name) for each in fields(fact) if each.compare]
    return found


def changed(value: Any, by: str) -> Any:
    """Another value of the same kind."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, datetime):
        return value + timedelta(seconds=1 + len(by))
    if isinstance(value, tuple):
        return (*value, by)
    if isinstance(value, dict):
        return {**value, "planted": by}
    if isinstance(value, Named) or value is None:
        return Named(f"another-{by}", by)
    return f"{value}{by}"


@pytest.fixture(scope="module")
def record(asked: Asked) -> VisitRecord:
    return visit_record(asked.report)


@given(st.data())
def test_whatever_field_differs_is_named(record: VisitRecord, data: st.DataObject) -> None:
    section, key, name = data.draw(st.sampled_from(lines_of(record.facts)))
    by = data.draw(st.text("abcé文7", min_size=1, max_size=12))
    value = getattr(record.facts, section)
    fact = value if isinstance(value, Fact) else value[key]
    forged = replace(fact, told=None, gone=(), **{name: changed(getattr(fact, name), by)})
    lines: Any = forged if isinstance(value, Fact) else {**value, key: forged}
    tables: dict[str, Any] = {section: lines}
    (found,) = differences(record.facts, replace(record.facts, **tables), record.times)
    assert found.what.startswith(str(SECTIONS[section]))
    assert fact.told is not None
    assert found.position == fact.told.position
    assert found.journal != found.records
