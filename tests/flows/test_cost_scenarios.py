"""Cost scenarios: begun, copied, changed and taken off by officers, each act journaled."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from access.models import CostScenario
from access.rules.cost import (
    STARTS,
    Figure,
    InputKey,
    InputRefused,
    ScenarioKind,
    account_of,
)
from access.selectors.cost import figures_of, may_change, scenarios, scenarios_of, values_of
from access.services.cost import (
    FigureRefused,
    cost_scenario_change,
    cost_scenario_copy,
    cost_scenario_retire,
    cost_scenarios_start,
)
from scif.journal.models import Outbox
from scif.kernel.errors import Refused
from tests.flows.booking_world import World, actor, make_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return make_world()


@pytest.fixture
def begun(world: World) -> list[CostScenario]:
    return cost_scenarios_start(facility_id=world.facility.pk, actor=actor(world.officer))


def told(kind: str) -> dict[str, Any]:
    """The body of the newest entry of a kind."""
    rows = [row for row in Outbox.objects.order_by("-id") if row.fields["kind"] == kind]
    body: dict[str, Any] = rows[0].data
    return body


def change(scenario: CostScenario, world: World, **changes: Any) -> CostScenario:
    figures: dict[InputKey, Figure] = {**figures_of(scenario), **changes.pop("figures", {})}
    asked: dict[str, Any] = {"version": scenario.version, "name": scenario.name, **changes}
    return cost_scenario_change(
        scenario_id=scenario.pk, figures=figures, actor=actor(world.officer), **asked
    )


RATE = {InputKey.GUARD_RATE: Figure(Decimal("52.5"), "Contract G-7", date(2026, 10, 1))}


def test_a_comparison_begins_with_one_of_each_kind(world: World, begun: list[CostScenario]) -> None:
    listed = scenarios_of(world.facility)
    assert [each.kind for each in listed] == [kind.value for kind in ScenarioKind]
    for each in listed:
        assert figures_of(each) == STARTS[ScenarioKind(each.kind)]
    with pytest.raises(Refused) as refused:
        cost_scenarios_start(facility_id=world.facility.pk, actor=actor(world.officer))
    assert refused.value.code == "begun_already"


def test_a_change_keeps_what_each_figure_was(world: World, begun: list[CostScenario]) -> None:
    changed = change(begun[0], world, figures=RATE)
    assert figures_of(changed)[InputKey.GUARD_RATE] == RATE[InputKey.GUARD_RATE]
    assert changed.version == 2
    assert told("cost_scenario.changed")["changes"] == {
        "guard_rate": {
            "old": {
                "value": "45",
                "source": STARTS[ScenarioKind.OWN_ROOM][InputKey.GUARD_RATE].source,
                "dated": "2026-11-26",
            },
            "new": {"value": "52.5", "source": "Contract G-7", "dated": "2026-10-01"},
        }
    }


def test_a_copy_is_changed_and_the_first_one_stays(world: World, begun: list[CostScenario]) -> None:
    copy = cost_scenario_copy(
        scenario_id=begun[1].pk, name="Shared, new guards", actor=actor(world.officer)
    )
    assert figures_of(copy) == figures_of(begun[1])
    dearer = change(copy, world, figures=RATE)
    begun[1].refresh_from_db()
    first = account_of(values_of(figures_of(begun[1])))
    assert account_of(values_of(figures_of(dearer))).facility > first.facility
    assert told("cost_scenario.added")["copy_of"] == str(begun[1].pk)


def test_two_officers_do_not_overwrite_each_other(world: World, begun: list[CostScenario]) -> None:
    stale = CostScenario.objects.get(pk=begun[0].pk)
    change(begun[0], world, figures=RATE)
    with pytest.raises(Refused) as refused:
        change(stale, world, name="Mine")
    assert refused.value.code == "changed_meanwhile"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"name": " "}, "name_missing"),
        ({"name": "x" * 41}, "name_unfit"),
        ({"name": "Shared room"}, "name_taken"),
        ({}, "nothing_changed"),
        (
            {"figures": {InputKey.LIFE: Figure(Decimal(0), "A letter", date(2026, 1, 1))}},
            "figure_unfit",
        ),
        (
            {"figures": {InputKey.LIFE: Figure(Decimal(9), " ", date(2026, 1, 1))}},
            "source_missing",
        ),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_is_journaled(
    world: World, begun: list[CostScenario], changes: dict[str, Any], code: str
) -> None:
    before = Outbox.objects.count()
    with pytest.raises(Refused) as refused:
        change(begun[0], world, **changes)
    assert refused.value.code == code
    assert Outbox.objects.count() == before


def test_a_missing_figure_is_refused_by_its_name(world: World, begun: list[CostScenario]) -> None:
    figures = figures_of(begun[0])
    del figures[InputKey.SEATS]
    with pytest.raises(FigureRefused) as refused:
        cost_scenario_change(
            scenario_id=begun[0].pk,
            version=1,
            name="Own",
            figures=figures,
            actor=actor(world.officer),
        )
    assert refused.value.key is InputKey.SEATS
    with pytest.raises(InputRefused):
        account_of(values_of(figures))


def test_off_the_list_it_stays_on_record_and_its_name_is_free(
    world: World, begun: list[CostScenario]
) -> None:
    cost_scenario_retire(scenario_id=begun[0].pk, actor=actor(world.officer))
    assert begun[0].pk not in {each.pk for each in scenarios_of(world.facility)}
    assert CostScenario.objects.filter(pk=begun[0].pk).exists()
    cost_scenario_copy(scenario_id=begun[1].pk, name=begun[0].name, actor=actor(world.officer))
    with pytest.raises(CostScenario.DoesNotExist):
        change(begun[0], world, name="Again")


def test_only_officers_of_the_place_change_its_scenarios(
    world: World, begun: list[CostScenario]
) -> None:
    far = make_world("far")
    for person in (world.lead, far.officer):
        who = actor(person)
        assert not may_change(world.facility, who)
        assert not scenarios(who).filter(facility=world.facility).exists()
        with pytest.raises(CostScenario.DoesNotExist):
            cost_scenario_copy(scenario_id=begun[0].pk, name="Theirs", actor=who)
    with pytest.raises(CostScenario.DoesNotExist):
        cost_scenario_retire(scenario_id=uuid4(), actor=actor(world.officer))


def test_the_database_keeps_a_name_once(world: World, begun: list[CostScenario]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        CostScenario.objects.filter(pk=begun[0].pk).update(name=begun[1].name)
    with pytest.raises(IntegrityError), transaction.atomic():
        CostScenario.objects.filter(pk=begun[0].pk).update(kind="palace")


def test_another_source_for_the_same_value_is_a_change(
    world: World, begun: list[CostScenario]
) -> None:
    held = figures_of(begun[0])[InputKey.SEATS]
    new = replace(held, source="Counted")
    changed = change(begun[0], world, figures={InputKey.SEATS: new})
    assert figures_of(changed)[InputKey.SEATS] == new


def test_another_value_does_not_keep_the_source_of_the_one_before(
    world: World, begun: list[CostScenario]
) -> None:
    held = figures_of(begun[0])[InputKey.SEATS]
    more = replace(held, value=held.value + 1)
    changed = figures_of(change(begun[0], world, figures={InputKey.SEATS: more}))
    assert changed[InputKey.SEATS].value == more.value
    assert "named no source" in changed[InputKey.SEATS].source
    assert changed[InputKey.GUARD_POSTS] == figures_of(begun[0])[InputKey.GUARD_POSTS]
    counted = replace(more, value=more.value + 1, source="Counted")
    again = change(CostScenario.objects.get(pk=begun[0].pk), world,
                   figures={InputKey.SEATS: counted})  # fmt: skip
    assert figures_of(again)[InputKey.SEATS] == counted
