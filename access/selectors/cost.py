"""Reading cost scenarios: whose they are, and their figures as the rules take them."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet

from access.models import CostScenario
from access.rules.cost import Figure, InputKey, ScenarioKind, Values
from scif.facilities.models import Facility
from scif.kernel.actor import Actor
from scif.people.access import facilities_with, visible

VIEW = "access.view_cost"
CHANGE = "access.change_cost"
Figures = Mapping[InputKey, Figure]


def scenarios(actor: Actor, permission: str = VIEW) -> QuerySet[CostScenario]:
    """The scenarios on the lists of the actor's facilities."""
    listed = CostScenario.objects.filter(retired_at=None).select_related("facility")
    return visible(listed, actor, permission)


def scenarios_of(facility: Facility) -> list[CostScenario]:
    """The scenarios that a facility compares, in the order in which they were made."""
    kinds = [kind.value for kind in ScenarioKind]
    listed = facility.cost_scenarios.filter(retired_at=None)
    return sorted(listed, key=lambda each: (each.created_at, kinds.index(each.kind), each.name))


def may_change(facility: Facility, actor: Actor) -> bool:
    """Whether the actor may change this facility's scenarios."""
    return facilities_with(actor, CHANGE).filter(pk=facility.pk).exists()


def figures_of(scenario: CostScenario) -> dict[InputKey, Figure]:
    """The figures of a scenario; one that it does not hold is left out."""
    return {
        key: figure_read(scenario.inputs[key.value])
        for key in InputKey
        if key.value in scenario.inputs
    }


def values_of(figures: Figures) -> Values:
    """The bare values, as the rules reckon with them."""
    return {key: figure.value for key, figure in figures.items()}


def figure_read(stored: Mapping[str, Any]) -> Figure:
    """A figure as it is stored, read."""
    return Figure(
        Decimal(stored["value"]), str(stored["source"]), date.fromisoformat(stored["dated"])
    )


def figure_stored(figure: Figure) -> dict[str, str]:
    """A figure as it is stored and journaled."""
    return {
        "value": format(figure.value.normalize(), "f"),
        "source": figure.source,
        "dated": figure.dated.isoformat(),
    }
