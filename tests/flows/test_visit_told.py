"""What went wrong in a visit stands in the tables of its record, not among its entries alone."""

import io
from collections.abc import Iterator
from datetime import timedelta

import pytest
from pypdf import PdfReader
from pytest_django.plugin import DjangoDbBlocker

from access.models import EligibilityStatus, NeedToKnow
from access.reports.record import VisitRecord, visit_record
from access.rules.states import VisitState
from access.services.badge import badge_issue_request, badge_lose
from access.services.badge_end import badge_report_lost
from access.services.clearance import eligibility_change, need_to_know_revoke
from access.services.report import report_make
from scif.journal.services import settle
from scif.kernel.actor import Actor
from scif.kernel.clock import now
from scif.reporting.kit.shapes import read_signature
from scif.reporting.models import Report, ReportKind
from scif.reporting.services import report_produce
from scif.runtime.postgres import Postgres
from terminals.models import AnomalyVerdict
from terminals.services.anomaly_review import anomaly_review
from terminals.services.loss import terminal_find, terminal_report_lost
from terminals.services.use_report import use_report_make
from tests.flows.control_acts import anomaly_observe
from tests.flows.session_world import CONTROL
from tests.flows.use_world import BURST, Used, used_apart

WORKER = Actor.system("worker")


@pytest.fixture(scope="module")
def used(
    django_db_setup: None,
    postgres: Postgres,
    django_db_blocker: DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Used]:
    """A visit in which much goes wrong while its visitor is inside."""
    with used_apart(postgres, django_db_blocker, tmp_path_factory.mktemp("visit")) as made:
        _goes_wrong(made)
        settle(timeout_seconds=30)
        yield made


def _goes_wrong(used: Used) -> None:
    world, terminal = used.room.store.world, used.room.terminal
    visit = world.again()
    badge_lose(visit_id=visit.pk, actor=world.guard)
    world.encoded(badge_issue_request(visit_id=visit.pk, actor=world.guard))
    second = visit.badges.get(returned_at=None).badge
    badge_report_lost(badge_id=second.pk, reason="Fell into the lift shaft", actor=used.officer)
    (odd,) = anomaly_observe(session_id=used.runs.pk, features=BURST, actor=CONTROL)
    anomaly_review(
        anomaly_id=odd.pk, verdict=AnomalyVerdict.UPHELD, reason="Nobody asked", actor=used.officer
    )
    terminal_report_lost(
        terminal_id=terminal.pk,
        last_seen_at=now() - timedelta(minutes=1),
        last_seen_where="Table 2",
        circumstances="Not at his seat",
        actor=world.guard,
    )
    terminal_find(terminal_id=terminal.pk, where="Behind the cupboard", actor=world.guard)
    (held,) = visit.person.eligibilities.all()
    eligibility_change(
        eligibility_id=held.pk,
        status=EligibilityStatus.SUSPENDED,
        reason="The authority's letter",
        actor=used.officer,
    )
    need = NeedToKnow.objects.get(person=visit.person, engagement=used.engagement)
    need_to_know_revoke(need_to_know_id=need.pk, reason="He has seen enough", actor=used.lab)


def made(used: Used) -> Report:
    visit = used.room.store.world.again()
    asked = report_make(visit_id=visit.pk, actor=used.officer)
    report = report_produce(report_id=asked.pk, actor=WORKER)
    assert report.failure == ""
    return report


@pytest.fixture(scope="module")
def report(used: Used) -> Report:
    return made(used)


@pytest.fixture
def record(used: Used, report: Report) -> VisitRecord:
    return visit_record(report)


def words(report: Report) -> str:
    pages = PdfReader(io.BytesIO(bytes(report.file.content))).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def table(report: Report, title: str, until: str) -> str:
    """What stands between the notes of two tables."""
    found = words(report).partition(title)[2].partition(until)[0]
    assert found, title
    return found


def test_what_took_the_right_to_be_inside_away_is_a_concern(record: VisitRecord) -> None:
    assert record.facts.visit.state == VisitState.INSIDE
    found = [each.concern for each in record.facts.concerns]
    assert found[-2:] == ["clearance_suspended", "need_to_know_ended"]
    shown = table(record.report, "and about what he did there", "handed over, lost")
    assert "Clearance suspended" in shown
    assert "Need to know ended" in shown
    assert "None." not in shown


def test_an_anomaly_that_was_upheld_is_a_concern_and_a_false_alarm_none(
    record: VisitRecord,
) -> None:
    upheld = [each.concern for each in record.facts.concerns if "Upheld" in each.concern]
    assert len(upheld) == 1
    assert not any("false alarm" in each.concern for each in record.facts.concerns)
    shown = table(record.report, "what an officer found", "all of these are in the attached")
    assert "Upheld by an officer" in shown
    assert "Nobody asked" in shown
    assert "A false alarm" in shown


def test_every_badge_stands_among_the_steps_with_what_became_of_it(
    record: VisitRecord,
) -> None:
    first, second = record.facts.badges[0].badge, record.facts.badges[-1].badge
    assert [(each.kind, each.badge, each.another) for each in record.facts.badges] == [
        ("badge.issued", first, False),
        ("badge.lost", first, False),
        ("badge.issued", second, True),
        ("badge.lost", second, False),
    ]
    shown = table(record.report, "every badge of the visit", "as drawn on the glass")
    assert "Another badge handed over" in shown
    assert "Fell into the lift shaft" in shown
    assert f"badge: {second}" in shown


def test_a_laptop_that_was_lost_and_found_is_told(record: VisitRecord) -> None:
    shown = table(record.report, "what an officer found", "all of these are in the attached")
    for said in ("Issued", "Reported lost", "Not at his seat", "Table 2", "Found again"):
        assert said in shown
    assert "Behind the cupboard" in shown


def test_the_outcome_says_what_went_wrong(record: VisitRecord) -> None:
    said = words(record.report).partition("Engagement")[0] + words(record.report)
    assert "no refusal at a door; 3 concerns while inside; 2 badges lost" in said
    assert "laptop reported lost and found again" in said


def test_who_signed_for_the_laptop_is_drawn(used: Used, record: VisitRecord) -> None:
    (signed,) = record.facts.laptop_signatures
    assert (signed.purpose, signed.party) == ("issue", "visitor")
    assert signed.signer is not None
    assert signed.signer.key == str(used.room.store.world.visit.person_id)
    assert read_signature(record.strokes[signed.digest])
    shown = table(record.report, "as drawn on the glass", "as the doors' gateways counted")
    assert used.room.terminal.asset_tag in shown


def test_both_reports_count_the_sessions_alike(used: Used, report: Report) -> None:
    worked_again = used.room.store.world.again().sessions.count()
    asked = use_report_make(
        engagement_id=used.engagement.pk,
        facility_id=used.room.store.world.facility.pk,
        kind=ReportKind.ENGAGEMENT,
        actor=used.lab,
    )
    use = words(report_produce(report_id=asked.pk, actor=WORKER))
    assert f"{worked_again}, one still running," in use
    assert f"{worked_again} sessions, one still running" in words(report)
