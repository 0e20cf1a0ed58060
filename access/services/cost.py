"""Cost scenarios: begun from what is published, copied, changed figure by figure, taken off."""

from collections.abc import Mapping
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _

from access.models import CostScenario
from access.models.cost import KIND_WORDS
from access.rules.cost import INPUTS, STARTS, Figure, InputKey, ScenarioKind, fault_of
from access.selectors.cost import CHANGE, figure_stored, figures_of, scenarios
from scif.facilities.models import Facility
from scif.journal.services import append
from scif.kernel.actor import Actor
from scif.kernel.clock import now
from scif.kernel.errors import Refused, require
from scif.kernel.text import text_of
from scif.people.access import lock, visible

NAME_LENGTH, SOURCE_LENGTH = 40, 200


class FigureRefused(Refused):
    """A figure does not fit; ``key`` says which."""

    def __init__(self, key: InputKey, fault: str) -> None:
        super().__init__("figure_unfit", f"{_(INPUTS[key].meaning)}: {fault}")
        self.key = key


@transaction.atomic
def cost_scenarios_start(*, facility_id: UUID, actor: Actor) -> list[CostScenario]:
    """Begin a facility's comparison: one scenario of each kind, from the shipped figures.

    Refuses (``begun_already``) where the facility has scenarios.
    """
    facility = _facility_lock(facility_id, actor)
    require(
        not CostScenario.objects.filter(facility=facility, retired_at=None).exists(),
        "begun_already",
        _("This facility compares scenarios already."),
        _("Copy one of them."),
    )
    return [
        _scenario_add(facility, str(KIND_WORDS[kind]).capitalize(), kind, STARTS[kind], None, actor)
        for kind in ScenarioKind
    ]


@transaction.atomic
def cost_scenario_copy(*, scenario_id: UUID, name: str, actor: Actor) -> CostScenario:
    """A copy under another name, to be changed; the first one stays as it is."""
    first = scenarios(actor, CHANGE).get(pk=scenario_id)
    facility = _facility_lock(first.facility_id, actor)
    name = _name_free(facility, name)
    kind = ScenarioKind(first.kind)
    return _scenario_add(facility, name, kind, figures_of(first), first, actor)


@transaction.atomic
def cost_scenario_change(
    *,
    scenario_id: UUID,
    version: int,
    name: str,
    figures: Mapping[InputKey, Figure],
    actor: Actor,
) -> CostScenario:
    """Set a scenario's name and all of its figures; the journal keeps what each one was.

    A figure that is another one, with the source and the day of the one before, says that no source
    was named: what is published keeps its word to itself.
    Refuses (``changed_meanwhile``) where ``version`` is not the present one, and raises
    :class:`FigureRefused` for a figure that is missing or does not fit.
    """
    seen = scenarios(actor, CHANGE).get(pk=scenario_id)
    facility = _facility_lock(seen.facility_id, actor)
    scenario = lock(scenarios(actor, CHANGE), scenario_id)
    require(
        scenario.version == version,
        "changed_meanwhile",
        _("Somebody has changed this scenario meanwhile."),
        _("Open it again, see what it says now, and change that."),
    )
    name = _name_free(facility, name, scenario)
    told = _stored(_sourced(scenario, figures))
    changes = {
        key: {"old": scenario.inputs.get(key), "new": told[key]}
        for key in told
        if scenario.inputs.get(key) != told[key]
    }
    before = scenario.name
    require(bool(changes) or name != before, "nothing_changed", _("Nothing would change."))
    scenario.name, scenario.inputs = name, told
    scenario.version += 1
    scenario.changed_at = now()
    scenario.save(update_fields=["name", "inputs", "version", "changed_at"])
    append(
        kind="cost_scenario.changed",
        actor=actor,
        subject=scenario,
        facility=facility.pk,
        body={"name": name, "before": before, "version": scenario.version, "changes": changes},
    )
    return scenario


@transaction.atomic
def cost_scenario_retire(*, scenario_id: UUID, actor: Actor) -> CostScenario:
    """Take a scenario off the list; it stays on record, and its name is free again."""
    scenario = lock(scenarios(actor, CHANGE), scenario_id)
    scenario.retired_at = now()
    scenario.save(update_fields=["retired_at"])
    append(
        kind="cost_scenario.retired",
        actor=actor,
        subject=scenario,
        facility=scenario.facility_id,
        body={"name": scenario.name},
    )
    return scenario


def _facility_lock(facility_id: UUID, actor: Actor) -> Facility:
    """The facility, locked, so that two people do not give one name to two scenarios."""
    return lock(visible(Facility.objects.all(), actor, CHANGE), facility_id)


def _name_free(facility: Facility, name: str, of: CostScenario | None = None) -> str:
    """The name, unless another scenario of the facility bears it."""
    name = text_of(
        name, "name", most=NAME_LENGTH, missing=_("Give the scenario a name."), lines=False
    )
    taken = CostScenario.objects.filter(facility=facility, retired_at=None, name=name)
    if of is not None:
        taken = taken.exclude(pk=of.pk)
    require(
        not taken.exists(),
        "name_taken",
        _("Another scenario of this facility bears this name."),
        _("Choose another name."),
    )
    return name


def _scenario_add(
    facility: Facility,
    name: str,
    kind: ScenarioKind,
    figures: Mapping[InputKey, Figure],
    first: CostScenario | None,
    actor: Actor,
) -> CostScenario:
    at = now()
    scenario = CostScenario.objects.create(
        facility=facility,
        name=name,
        kind=kind.value,
        inputs=_stored(figures),
        created_at=at,
        changed_at=at,
    )
    append(
        kind="cost_scenario.added",
        actor=actor,
        subject=scenario,
        facility=facility.pk,
        body={
            "name": name,
            "kind": kind.value,
            "copy_of": None if first is None else str(first.pk),
            "inputs": scenario.inputs,
        },
    )
    return scenario


def _sourced(scenario: CostScenario, figures: Mapping[InputKey, Figure]) -> dict[InputKey, Figure]:
    """The figures, none with the source of another one."""
    zone, before = ZoneInfo(scenario.facility.time_zone), figures_of(scenario)
    today = now().astimezone(zone).date()
    unnamed = _("set by an officer, who named no source")
    return {
        key: Figure(figure.value, unnamed, today)
        if key in before and _borrows(figure, before[key])
        else figure
        for key, figure in figures.items()
    }


def _borrows(figure: Figure, before: Figure) -> bool:
    same = (figure.source.strip(), figure.dated) == (before.source, before.dated)
    return same and figure.value != before.value


def _stored(figures: Mapping[InputKey, Figure]) -> dict[str, dict[str, str]]:
    """All figures as they are stored; each one fits and says where it comes from."""
    told = {}
    for key in INPUTS:
        figure = figures.get(key)
        fault = fault_of(key, None if figure is None else figure.value)
        if figure is None or fault:
            raise FigureRefused(key, fault)
        source = text_of(
            figure.source,
            "source",
            most=SOURCE_LENGTH,
            missing=_("Say where each figure comes from."),
            lines=False,
        )
        told[key.value] = figure_stored(Figure(figure.value, source, figure.dated))
    return told
