"""The control socket: what is understood, and what a control plane that was away hears."""

from pathlib import Path

import pytest

from scif.kernel.errors import Refused
from terminals.bastion.wire import Scope, decode, encode
from tests.bastion.rig import Rig, rig


async def refused(made: Rig, do: str, **fields: object) -> str:
    with pytest.raises(Refused) as found:
        await made.link.ask(do, **fields)
    return found.value.code


async def test_an_order_that_is_not_understood_does_nothing_and_is_answered(
    tmp_path: Path,
) -> None:
    async with rig(tmp_path) as made:
        grant = await made.admit()
        assert await refused(made, "unlock", by="all", value="") == "unknown_order"
        assert await refused(made, "lock", by="room", value="x", reason="x") == "bad_field"
        assert await refused(made, "lock", by="person", value="", reason="x") == "bad_field"
        assert await refused(made, "lock", by="all", value="") == "bad_field"
        assert await refused(made, "lock", by="all", value="", reason="x", but="me") == "bad_field"
        assert await refused(made, "grant", grant=[]) == "bad_field"
        assert await refused(made, "budget", key="nobody's", limit=1) == "no_such_budget"
        assert await refused(made, "rate", by="all", value="", rate=0, burst=1) == "bad_field"
        assert await refused(made, "rate", by="all", value="", rate=1) == "bad_field"
        assert await refused(made, "heartbeat", more=1) == "bad_field"
        assert await made.link.lock(Scope.ALL, "", "test") == [grant["id"]]


async def test_what_is_not_understood_is_no_sign_of_life(tmp_path: Path) -> None:
    async with rig(tmp_path, {"silence": 1.0}) as made:
        grant = await made.admit()
        made.unlink()
        made.relink(heartbeat=60.0)
        await made.event("hello", live=[grant["id"]])
        while not [each for each in made.events if each["tell"] == "cut"]:
            assert await refused(made, "heartbeat", more=1) == "bad_field"
        cut = await made.event("cut", grant=grant["id"])
        assert cut["reason"] == "control_silent"


async def test_a_control_plane_that_was_away_hears_what_happened(tmp_path: Path) -> None:
    async with rig(tmp_path) as made:
        grant = await made.admit(seconds=1)
        made.unlink()
        made.events.clear()
        made.relink()
        cut = await made.event("cut", grant=grant["id"])
        assert cut["reason"] == "expired"
        await made.event("caught_up")


async def test_more_budgets_than_a_message_holds_are_told_in_several(tmp_path: Path) -> None:
    async with rig(tmp_path, {"longest_message": 8_192}) as made:
        names = [f"engagement:{number}-{'é' * 150}" for number in range(9)]
        for name in names:
            await made.admit(budgets=[{"key": name, "limit": 9, "charged": 5}])
        made.events.clear()
        made.relink()
        await made.event("caught_up")
        told = [each["budgets"] for each in made.events if each["tell"] == "bytes"]
        assert {key: value for part in told for key, value in part.items()} == dict.fromkeys(
            names, 5
        )
        assert max(len(part) for part in told) <= 4


async def test_there_are_never_more_grants_than_an_answer_can_name(tmp_path: Path) -> None:
    async with rig(tmp_path, {"longest_message": 1_024}) as made:
        grants = [await made.admit() for _ in range(32)]
        with pytest.raises(Refused, match="32 live already"):
            await made.admit()
        assert len(await made.link.lock(Scope.ALL, "", "test")) == len(grants)
        await made.admit()


def test_what_is_encoded_is_read_back() -> None:
    message = {"do": "lock", "by": Scope.ALL, "value": "", "reason": "über\n"}
    assert encode(message).count(b"\n") == 1
    assert decode(encode(message)) == message
