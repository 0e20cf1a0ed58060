"""Escorts at the gateway: who may come in beside one, and what happens when he leaves."""

from datetime import timedelta
from pathlib import Path

import pytest

from access.rules import facts as f
from access.rules.labels import Label
from tests.zone_rig import ZoneRig

SECRET = Label("US", 2)
MAINTENANCE = f.DutyPost.MAINTENANCE


@pytest.fixture
def rig(tmp_path: Path) -> ZoneRig:
    """Ann escorts Bob and Cleo, Dan is another escort; one at a time is the most."""
    rig = ZoneRig(tmp_path, values={"escort_ratio": 1}).start()
    rig.come("ann", f.EscortBasis, escorts="person-bob")
    rig.come("dan", f.EscortBasis, escorts="person-cleo")
    for name in ("bob", "cleo"):
        rig.come(name, f.DutyBasis, post=MAINTENANCE, escort="person-ann")
    return rig


def concern(rig: ZoneRig) -> tuple[str, list[str]]:
    """The newest concern and whom it is about."""
    body = rig.last("zone.concern")
    return body["concern"], body["people"]


def test_the_escort_enters_first_and_accompanies_no_more_than_the_policy_allows(
    rig: ZoneRig,
) -> None:
    assert rig.show("bob") == "refused"
    assert rig.codes() == ["escort_not_inside"]
    rig.enter("ann")
    rig.enter("bob")
    assert rig.inside == ["ann", "bob"]
    assert rig.show("cleo") == "refused"
    assert rig.codes() == ["escort_ratio"]
    # Another escort takes this person, as the refusal says.
    rig.come("cleo", f.DutyBasis, post=MAINTENANCE, escort="person-dan")
    rig.enter("dan")
    rig.enter("cleo")
    assert rig.inside == ["ann", "bob", "cleo", "dan"]


def test_an_escort_who_leaves_is_let_out_and_whoever_he_left_is_named(rig: ZoneRig) -> None:
    rig.enter("ann")
    rig.enter("bob")
    assert rig.show("ann", out=True) == "granted"
    assert rig.last("door.read")["obligations"] == ["escort_lost"]
    rig.pass_through()
    assert rig.inside == ["bob"]
    assert rig.last("zone.concern")["concern"] == "escort_lost"
    assert rig.last("zone.concern")["people"] == ["person-bob"]
    rig.enter("ann")
    assert rig.last("zone.mended")["concern"] == "escort_lost"
    rig.leave("ann")
    rig.leave("bob")
    assert len(rig.events("zone.concern")) == len(rig.events("zone.mended")) == 2


def test_who_takes_over_inside_is_the_escort_from_then_on(rig: ZoneRig) -> None:
    rig.enter("ann")
    rig.enter("bob")
    rig.enter("dan")
    rig.come("bob", f.DutyBasis, post=MAINTENANCE, escort="person-dan")
    rig.run()
    rig.leave("ann")
    assert not rig.events("zone.concern")
    assert rig.show("cleo") == "refused"
    rig.leave("dan")
    assert rig.last("zone.concern")["people"] == ["person-bob"]


def test_grounds_that_fall_away_inside_call_somebody_and_end_by_themselves(rig: ZoneRig) -> None:
    rig.enter("ann")
    rig.enter("bob")
    rig.rule(
        unclassified=False, label=SECRET, sanitised_until=rig.time.clock() + timedelta(minutes=3)
    )
    rig.run()
    assert concern(rig) == ("escort_unfit", ["person-bob"])
    rig.run(240, step=5)  # nobody moves and nobody is told: time alone ends it
    assert concern(rig) == ("not_sanitised", ["person-bob"])
    rig.rule(unclassified=True, label=None)
    rig.run()
    mended = [each["concern"] for each in rig.events("zone.mended")]
    # Ann herself was not cleared either for what the room had become.
    assert sorted(mended) == ["escort_unfit", "not_sanitised", "right_withdrawn"]
    rig.leave("bob")
    rig.leave("ann")
    assert len(rig.events("zone.concern")) == 3
