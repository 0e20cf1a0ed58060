"""Wrong PINs lock a badge out: at this gateway, at all that can be heard, sooner when cut off."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.gateway_rig import Rig, credential_of


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    return Rig(tmp_path).start()


def pin_locked(rig: Rig) -> bool:
    """Whether the right PIN is refused at this gateway now."""
    rig.badge("ann")
    rig.keys("1234#")
    codes = [o["code"] for o in rig.events("door.read")[-1]["objections"]]
    return codes == ["pin_locked"]


def wrong(rig: Rig, times: int) -> None:
    for _ in range(times):
        rig.badge("ann")
        rig.keys("0000#")


def shared(rig: Rig, count: int, until: datetime | None = None) -> None:
    """What the centre tells of the other gateways."""
    record = {
        "count": count,
        "last_at": rig.time.wall.isoformat(),
        "until": until.isoformat() if until else None,
    }
    rig.tell("pin_lock", credential_of("ann"), record)


def test_wrong_pins_at_other_gateways_count_as_well(tmp_path: Path) -> None:
    rig = Rig(tmp_path).start()
    rig.admit("ann", pin="1234")
    shared(rig, 3)
    wrong(rig, 1)
    assert not pin_locked(rig)
    wrong(rig, 1)
    shared(rig, 4)
    assert pin_locked(rig)
    assert [body["count"] for body in rig.events("pin.failed")] == [1, 1]
    assert len(rig.events("pin.cleared")) == 1


def test_a_lock_out_of_another_gateway_holds_here_until_it_ends(tmp_path: Path) -> None:
    rig = Rig(tmp_path).start()
    rig.admit("ann", pin="1234")
    shared(rig, 5, rig.time.wall + timedelta(seconds=300))
    assert pin_locked(rig)
    rig.run(301, step=10)
    assert not pin_locked(rig)


def test_a_gateway_that_is_cut_off_allows_less(tmp_path: Path) -> None:
    rig = Rig(tmp_path, policy={"pin_max_failures": 5, "pin_max_failures_alone": 3}).start()
    rig.admit("ann", pin="1234")
    wrong(rig, 3)
    assert not pin_locked(rig)
    rig.run(6)  # nobody has confirmed since that nothing is newer
    wrong(rig, 3)
    assert pin_locked(rig)


def test_during_a_lock_out_a_right_pin_and_a_wrong_one_leave_the_same_record(rig: Rig) -> None:
    rig.admit("ann", pin="1234")
    wrong(rig, 5)
    told = []
    for pin in ("1234", "0000"):
        rig.badge("ann")
        rig.keys(f"{pin}#")
        body = rig.events("door.read")[-1]
        told.append({k: v for k, v in body.items() if k not in {"read_id", "continues"}})
    assert told[0] == told[1]
    assert [each["code"] for each in told[0]["objections"]] == ["pin_locked"]


def test_a_lock_out_says_until_when_and_that_a_new_pin_does_not_end_it(rig: Rig) -> None:
    rig.admit("ann", pin="1234")
    wrong(rig, 5)
    ends = datetime.fromisoformat(rig.events("pin.failed")[-1]["until"])
    rig.run(20, step=10)
    assert pin_locked(rig)
    said = rig.events("door.read")[-1]["objections"][0]
    assert f"until {ends:%H:%M:%S} here" in said["message"]
    assert f"until {ends:%H:%M:%S} here" in said["guard"]
    assert "a new PIN does not end it" in said["remedy"]
    assert "a new PIN does not end it" in said["guard"]


def test_a_wrong_pin_is_told_with_its_door(rig: Rig) -> None:
    rig.admit("ann", pin="1234")
    wrong(rig, 1)
    assert rig.events("pin.failed")[0]["portal"] == "D1"
