"""No session without presence, read-in and attestation, whatever the services did before it."""

from collections.abc import Iterator
from random import Random

import pytest
from pytest_django.plugin import DjangoDbBlocker

from scif.runtime.postgres import Postgres
from tests.conftest import own_database
from tests.flows.session_mutants import MUTANTS, caught
from tests.flows.session_orders import World, live, make_orders_world, play
from tests.flows.terminal_world import ticking

ORDERS = 30  # `python -m tests.faults orders` plays more


@pytest.fixture(scope="module")
def world(
    django_db_setup: None, postgres: Postgres, django_db_blocker: DjangoDbBlocker
) -> Iterator[World]:
    with own_database(postgres, django_db_blocker, seeded=True):
        with ticking():
            made = make_orders_world()
        yield made


def test_no_grant_without_what_it_stands_on(world: World) -> None:
    found = play(world, Random(7), ORDERS)
    assert found.lacked == []
    assert found.granted > 0  # the orders are not all hopeless


@pytest.mark.parametrize(
    ("spoils", "mends"),
    [
        (["leaves"], ["enters"]),
        (["another leaves"], ["another enters"]),
        (["doubt"], ["counted"]),
        (["lockdown"], ["lifted"]),
        (["locked"], ["unlocked"]),
        (["returned"], ["issued"]),
        (["quote refused"], ["attested"]),
        (["time"], ["heartbeat"]),
        (["debriefed"], ["read in"]),
        (["need revoked"], ["need granted"]),
        (["suspended"], ["resumed"]),
    ],
)
def test_what_spoils_it_refuses_and_what_mends_it_grants(
    world: World, spoils: list[str], mends: list[str]
) -> None:
    assert live(world, spoils) is None
    assert live(world, [*spoils, *mends]) == []


@pytest.mark.parametrize("name", ["badge revoked", "image withdrawn"])
def test_what_nothing_mends_refuses(world: World, name: str) -> None:
    assert live(world, [name]) is None


@pytest.mark.parametrize("name", MUTANTS)
def test_the_oracle_objects_to_a_mutant(world: World, postgres: Postgres, name: str) -> None:
    assert caught(world, postgres, name)
