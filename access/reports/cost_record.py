"""Cost scenarios as the journal tells them: what was added, changed and taken off, in its order."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from access.models import CostScenario
from access.reports.told import Told, told
from access.rules.cost import Account, Figure, InputKey, InputRefused, Values, account_of
from access.selectors.cost import figure_read, values_of
from scif.facilities.models import Facility
from scif.journal.models import Checkpoint, Entry
from scif.journal.selectors import Bundle, bundle
from scif.reporting.models import Report

ADDED, CHANGED, RETIRED = (
    "cost_scenario.added",
    "cost_scenario.changed",
    "cost_scenario.retired",
)


@dataclass(slots=True)
class ToldScenario:
    """A scenario as it stands after its entries. ``erased``: the text of one of them is gone."""

    name: str = ""
    inputs: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    erased: bool = False

    @property
    def figures(self) -> dict[InputKey, Figure]:
        """Its figures with their sources."""
        return {key: figure_read(self.inputs[key]) for key in InputKey if key in self.inputs}

    @property
    def values(self) -> Values:
        """Its bare figures."""
        return values_of(self.figures)

    @property
    def account(self) -> Account | None:
        """What an audit-hour comes to; None where a figure is missing or its text was erased."""
        try:
            return None if self.erased else account_of(self.values)
        except InputRefused:
            return None


@dataclass(frozen=True, slots=True)
class CostRecord:
    """The scenarios on a facility's list.

    INVARIANT: ``scenarios`` are read from ``entries`` alone, and those from the attached bundle.
    """

    report: Report
    facility: Facility
    bundle: Bundle
    entries: list[Told]
    scenarios: list[ToldScenario]


def cost_record(report: Report) -> CostRecord:
    """Read a facility's comparison, as of the latest checkpoint."""
    facility = report.facility
    signed = Checkpoint.objects.order_by("-size").values_list("size", flat=True).first() or 0
    entries = Entry.objects.filter(position__lt=signed)
    of_scenarios = entries.filter(
        facility_id=facility.pk,
        subject_type=CostScenario._meta.label_lower,
        kind__in=(ADDED, CHANGED, RETIRED),
    )
    asked = entries.filter(subject_type=Report._meta.label_lower, subject_id=str(report.pk))
    positions = of_scenarios.union(asked).values_list("position", flat=True)
    proven = bundle(sorted(positions))
    found = told(proven.data)
    return CostRecord(report, facility, proven, found, scenarios_told(found))


def scenarios_told(entries: Iterable[Told]) -> list[ToldScenario]:
    """The scenarios that are on the list after these entries, in the order of their making."""
    listed: dict[str, ToldScenario] = {}
    for entry in entries:
        if entry.kind == RETIRED:
            listed.pop(entry.subject_id, None)
        elif entry.kind in {ADDED, CHANGED}:
            scenario = listed.setdefault(entry.subject_id, ToldScenario())
            scenario.erased |= entry.erased
            scenario.name = entry.text("name") or scenario.name
            scenario.inputs |= entry.data.get("inputs", {})
            changes = entry.data.get("changes", {})
            scenario.inputs |= {key: change["new"] for key, change in changes.items()}
    return list(listed.values())
