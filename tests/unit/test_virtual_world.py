"""The oracles of the simulation are awake: each mutant is caught, and the true code passes."""

from collections.abc import Sequence

import pytest

from tests.faults.virtual.acts import Step
from tests.faults.virtual.mutants import MUTANTS
from tests.faults.virtual.oracles import NAMES
from tests.faults.virtual.play import invent, replay, shrink
from tests.faults.virtual.scripts import SCRIPTS


@pytest.mark.parametrize("name", MUTANTS)
def test_a_mutant_is_caught_by_its_oracle_and_the_true_code_is_not(name: str) -> None:
    seams, oracles = MUTANTS[name]
    broken = replay(SCRIPTS[name], seams)
    assert broken is not None, "the mutant lives"
    assert broken.oracle in oracles, broken
    assert replay(SCRIPTS[name]) is None


def test_every_oracle_has_a_mutant() -> None:
    assert set().union(*(oracles for _, oracles in MUTANTS.values())) == set(NAMES)


@pytest.mark.parametrize("seed", ["first", "second"])
def test_the_true_code_passes_a_short_run(seed: str) -> None:
    run = invent(seed, visit_hours=40)
    assert run.broken is None
    assert run.world.visit_seconds >= 40 * 3600


def test_the_seed_decides_the_script() -> None:
    assert invent("same", 10).steps == invent("same", 10).steps
    assert invent("same", 10).steps != invent("other", 10).steps


def test_a_failing_script_is_cut_down_to_what_it_needs() -> None:
    steps: list[Step] = [("wait", float(number)) for number in range(100)]

    def fails(script: Sequence[Step]) -> bool:
        return ("wait", 17.0) in script and ("wait", 60.0) in script

    assert shrink(steps, fails) == [("wait", 17.0), ("wait", 60.0)]
