"""What gateways are told of a change: what it changed, once."""

from collections.abc import Iterator

import pytest
from pytest_django import DjangoAssertNumQueries

from access.services.leaving import visit_turn_away
from access.services.projection import visit_project
from access.services.visit import visit_arrive, visit_identify
from hardware.models import SnapshotDelta
from tests.flows.desk_world import World, make_world, midday

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded_world")]


@pytest.fixture(autouse=True)
def _noon() -> Iterator[None]:
    with midday():
        yield


@pytest.fixture
def world() -> World:
    return make_world()


def told_since(version: int) -> list[tuple[str, str, bool]]:
    """Kind, key and whether it is known now, of what was told after a version."""
    deltas = SnapshotDelta.objects.filter(gateway="ml", version__gt=version).order_by("version")
    return [(delta.kind, delta.key, delta.payload is not None) for delta in deltas]


def newest() -> int:
    return SnapshotDelta.objects.filter(gateway="ml").latest("version").version


def test_a_visit_is_told_with_its_person_then_by_itself_and_then_withdrawn(world: World) -> None:
    key, person = str(world.visit.pk), str(world.visit.person_id)
    before = newest()
    visit_arrive(visit_id=world.visit.pk, actor=world.guard)
    assert told_since(before) == [("entry", key, True), ("person", person, True)]
    before = newest()
    visit_identify(
        visit_id=world.visit.pk,
        document="passport",
        last_characters="7fa2",
        photo_matches=True,
        actor=world.guard,
    )
    assert told_since(before) == [("entry", key, True)]
    before = newest()
    visit_turn_away(visit_id=world.visit.pk, reason="Test", actor=world.guard)
    assert told_since(before)[0] == ("entry", key, False)
    assert [kind for kind, _, _ in told_since(before)] == ["entry", "person"]


def test_what_is_known_already_is_not_told_again_and_costs_little(
    world: World, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    visit_arrive(visit_id=world.visit.pk, actor=world.guard)
    before = newest()
    with django_assert_max_num_queries(24):
        visit_project(visit_id=world.visit.pk)
    assert newest() == before
