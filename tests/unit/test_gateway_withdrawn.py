"""Somebody is inside and his right to be there is taken away: he is to be brought out (R27)."""

from pathlib import Path

import pytest

from access.rules import facts as f
from access.rules.entry import RULES
from access.rules.labels import Label
from access.rules.remaining import STANDS_ON
from tests.zone_rig import ZoneRig

ANN = ("right_withdrawn", ["person-ann"])


@pytest.fixture
def rig(tmp_path: Path) -> ZoneRig:
    """Ann of the staff is inside, and a guard on his shift."""
    rig = ZoneRig(tmp_path).start()
    rig.come("ann")
    rig.come("gus", f.DutyBasis)
    rig.enter("ann")
    rig.enter("gus")
    assert rig.inside == ["ann", "gus"]
    assert not rig.events("zone.concern")
    return rig


def concerns(rig: ZoneRig) -> list[tuple[str, list[str]]]:
    rig.run()
    return [(each["concern"], each["people"]) for each in rig.events("zone.concern")]


def test_a_right_that_is_ended_calls_somebody_until_its_holder_is_out(rig: ZoneRig) -> None:
    rig.withdraw("ann")
    assert concerns(rig) == [ANN]
    assert rig.show("ann", out=True) == "granted", "nobody is ever held"
    rig.pass_through()
    assert rig.inside == ["gus"]
    assert len(rig.events("zone.mended")) == 1


def test_a_right_that_is_given_back_ends_it(rig: ZoneRig) -> None:
    rig.come("ann", sponsor="")
    assert concerns(rig) == [ANN]
    rig.come("ann")
    rig.run()
    assert [each["concern"] for each in rig.events("zone.mended")] == ["right_withdrawn"]


def test_a_clearance_that_no_longer_reaches_is_one(rig: ZoneRig) -> None:
    rig.rule(unclassified=False, label=Label("US", 2))
    assert concerns(rig) == [("right_withdrawn", ["person-ann", "person-gus"])]


def test_a_shift_that_is_over_and_a_lockdown_are_none(rig: ZoneRig) -> None:
    rig.withdraw("gus")
    rig.rule(lockdown=True)
    assert concerns(rig) == []


def test_responders_and_who_is_under_escort_have_no_right_to_lose(rig: ZoneRig) -> None:
    rig.come("eve", f.EmergencyBasis)
    rig.enter("eve")
    rig.withdraw("eve")
    assert concerns(rig) == []


def test_only_rules_that_there_are_say_what_somebody_stands_on() -> None:
    assert {each.name for each in RULES} >= STANDS_ON
