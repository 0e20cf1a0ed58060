"""The comparison of cost scenarios as a signed PDF, drawn from the journal and proved by it."""

import io
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from pypdf import PdfReader

from access.models import CostScenario
from access.reports.cost_record import cost_record
from access.rules.cost import Figure, InputKey, account_of
from access.selectors.cost import figures_of, scenarios_of, values_of
from access.services.cost import (
    cost_scenario_change,
    cost_scenario_copy,
    cost_scenario_retire,
    cost_scenarios_start,
)
from access.services.cost_report import cost_report_make
from scif.facilities.models import Facility
from scif.journal import verifier
from scif.journal.models import Entry
from scif.journal.services import settle
from scif.journal.services.purge import body_purge
from scif.kernel.actor import Actor
from scif.kernel.clock import now
from scif.kernel.errors import Refused
from scif.reporting.models import Report
from scif.reporting.rules.states import ReportState
from scif.reporting.selectors import report_holds
from scif.reporting.services import report_produce
from scif.runtime.postgres import Postgres
from tests.flows.booking_world import World, actor, make_world
from tests.flows.report_world import sequencing

WORKER = Actor.system("worker")


@pytest.fixture
def world(committed_database: str, postgres: Postgres, tmp_path: Path) -> Iterator[World]:
    with sequencing(postgres, committed_database, tmp_path / "journal"):
        yield make_world()


def begin(world: World) -> list[CostScenario]:
    """Five scenarios; one with a dearer guard, one off the list."""
    officer = actor(world.officer)
    begun = cost_scenarios_start(facility_id=world.facility.pk, actor=officer)
    dearer = Figure(Decimal(90), "Contract G-7", now().date())
    cost_scenario_change(
        scenario_id=begun[0].pk,
        version=1,
        name="Own room, dear guards",
        figures={**figures_of(begun[0]), InputKey.GUARD_RATE: dearer},
        actor=officer,
    )
    cost_scenario_copy(scenario_id=begun[1].pk, name="Shared as well", actor=officer)
    cost_scenario_retire(scenario_id=begun[3].pk, actor=officer)
    return begun


def make(world: World) -> Report:
    asked = cost_report_make(facility_id=world.facility.pk, actor=actor(world.officer))
    report = report_produce(report_id=asked.pk, actor=WORKER)
    assert report.failure == ""
    assert report.state == ReportState.MADE
    return report


def text(report: Report) -> str:
    pages = PdfReader(io.BytesIO(bytes(report.file.content))).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def test_the_pages_say_what_the_journal_says_and_prove_it(world: World) -> None:
    begin(world)
    Facility.objects.filter(pk=world.facility.pk).update(currency="CHF")
    report = make(world)
    said = text(report)
    listed = scenarios_of(world.facility)
    assert len(listed) == 5
    for scenario in listed:
        assert scenario.name in said
        account = account_of(values_of(figures_of(scenario)))
        assert f"{account.total:.0f}" in said
    assert "Temporary room" not in said.partition("Journal entries")[0]
    assert "Contract G-7" in said
    assert "CHF per hour" in said
    assert report_holds(report).all
    (attached,) = PdfReader(io.BytesIO(bytes(report.file.content))).attachments[
        "journal-bundle.jsonl"
    ]
    assert len(bytes(attached).decode().splitlines()) == 1 + report.entries
    assert verifier.read_head(report.checkpoint).size >= report.entries


def test_tables_that_somebody_altered_do_not_reach_the_pages(world: World) -> None:
    begun = begin(world)
    CostScenario.objects.filter(pk=begun[1].pk).update(name="Forged", inputs={})
    said = text(make(world))
    assert "Forged" not in said
    assert "Shared room" in said


def test_a_scenario_whose_text_is_erased_has_no_figures(world: World) -> None:
    begin(world)
    settle()
    added = Entry.objects.filter(kind="cost_scenario.added").order_by("position").first()
    assert added
    body_purge(
        positions=[added.position],
        reason="Spill",
        requested_by=actor(world.officer),
        approved_by=actor(world.colleague),
    )
    report = make(world)
    record = cost_record(report)
    erased = [each for each in record.scenarios if each.erased]
    assert [each.account for each in erased] == [None]
    assert "A figure is missing or was erased." in text(report)


def test_without_a_scenario_or_a_right_there_is_no_report(world: World) -> None:
    with pytest.raises(Refused) as refused:
        make(world)
    assert refused.value.code == "nothing_to_compare"
    begin(world)
    with pytest.raises(Facility.DoesNotExist):
        cost_report_make(facility_id=world.facility.pk, actor=actor(world.lead))
