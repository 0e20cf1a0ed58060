"""Everything that the record of a visit shows: the journal's words, and where the tables differ."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from access.models import Signature, Visit
from access.reports.compare import Difference, differences
from access.reports.entries import visit_entries
from access.reports.facts import Facts, StepFact
from access.reports.journaled import journaled
from access.reports.laptop import laptop_strokes
from access.reports.portions import Portions
from access.reports.tables import recorded
from access.reports.times import Times
from access.reports.told import Told, told
from access.rules.states import VisitAction
from access.rules.strokes import strokes_digest
from scif.facilities.models import Compartment, Facility, Level
from scif.journal.selectors import Bundle, bundle
from scif.reporting.models import Report


@dataclass(frozen=True, slots=True)
class VisitRecord:
    """A visit as its journal entries tell it.

    INVARIANT: ``facts`` is read from ``entries`` alone, and those from the bundle that is attached;
    of the tables come only the places' settings, and strokes that match their journaled digest.
    ``mandate_shown``: the engagement's label fits. ``name_now``: the visitor's name today, where it
    is another one.
    """

    report: Report
    facility: Facility
    bundle: Bundle
    entries: list[Told]
    facts: Facts
    strokes: Mapping[str, Any]
    differences: list[Difference]
    portions: Portions
    times: Times
    mandate_shown: bool
    name_now: str

    def step(self, action: VisitAction) -> StepFact | None:
        """The last step of a kind."""
        found = [step for step in self.facts.steps.values() if step.kind == action.value]
        return found[-1] if found else None

    def scope(self) -> tuple[Level | None, list[Compartment]]:
        """The label of the mandate's material, as the journal has it."""
        mandate = self.facts.mandate
        level = Level.objects.filter(pk=mandate.level).first() if mandate.level else None
        return level, list(Compartment.objects.filter(pk__in=mandate.compartments))


def visit_record(report: Report) -> VisitRecord:
    """Read the visit of a report, as of the latest checkpoint."""
    visit = Visit.objects.select_related(
        "person",
        "booking__area__facility",
        "booking__requester",
        "booking__decided_by",
        "booking__engagement__asset",
        "booking__engagement__sponsor__organisation",
        "booking__engagement__lab_approved_by",
        "booking__engagement__facility_approved_by",
    ).get(pk=report.subject_id)
    facility = report.facility
    portions = Portions(facility.marking)
    found = visit_entries(visit, report, portions)
    proven = bundle(found.positions)
    entries = told(proven.data)
    facts = journaled(entries)
    facts = replace(facts, mandate=replace(facts.mandate, state=found.mandate_state))
    times = Times(facility.time_zone, facts.booking.starts_at or report.requested_at)
    visitor = facts.visit.visitor
    return VisitRecord(
        report=report,
        facility=facility,
        bundle=proven,
        entries=entries,
        facts=facts,
        strokes=_strokes(visit, facts),
        differences=differences(facts, _comparable(recorded(visit), facts, found), times),
        portions=portions,
        times=times,
        mandate_shown=found.mandate_shown,
        name_now=_name_now(visit, visitor.key if visitor else "", visitor.name if visitor else ""),
    )


def _comparable(tables: Facts, journal: Facts, found: Any) -> Facts:
    """The tables' facts; of a mandate above the ceiling only what the pages show."""
    if found.mandate_shown:
        return tables
    kept = {name: getattr(journal.mandate, name) for name in ("title", "asset", "level")}
    compartments = journal.mandate.compartments
    return replace(tables, mandate=replace(tables.mandate, compartments=compartments, **kept))


def _strokes(visit: Visit, facts: Facts) -> dict[str, Any]:
    """Strokes by digest. INVARIANT: drawn is only what was drawn when the entry was written."""
    signed = [*facts.signatures.values(), *facts.laptop_signatures]
    wanted = {fact.digest for fact in signed if fact.digest}
    rows = Signature.objects.filter(assignment__visit=visit).values_list("strokes", flat=True)
    kept = [*rows, *laptop_strokes(visit.pk)]
    return {digest: strokes for strokes in kept if (digest := strokes_digest(strokes)) in wanted}


def _name_now(visit: Visit, key: str, name: str) -> str:
    now = str(visit.person)
    return now if str(visit.person_id) == key and now != name else ""
