"""A session with a stock client: what passes, what is counted, and every way in which it ends."""

import time
from pathlib import Path

import pytest

from scif.kernel.errors import Refused
from terminals.bastion.ledger import Ledger
from terminals.bastion.wire import Scope
from tests.bastion.rig import PLENTY, rig

pytestmark = pytest.mark.ssh


def budget(limit: int, key: str = "engagement:e-9") -> dict[str, object]:
    return {"key": key, "limit": limit, "charged": 0}


async def test_bytes_pass_and_are_counted_both_ways(tmp_path: Path) -> None:
    async with rig(tmp_path) as made:
        grant = await made.admit()
        laptop = await made.connect(grant)
        assert await made.echoes(laptop)
        opened = await made.event("opened", grant=grant["id"])
        assert (opened["session"], opened["address"]) == (grant["session"], "127.0.0.1")
        assert await made.link.lock(Scope.GRANT, grant["id"], "badge_out") == [grant["id"]]
        cut = await made.event("cut", grant=grant["id"])
        assert (cut["reason"], cut["up"], cut["down"]) == ("badge_out", 11, 6)
        assert await laptop.over() == 255


@pytest.mark.parametrize("by", list(Scope))
async def test_a_lock_ends_what_it_names_and_nothing_else(by: Scope, tmp_path: Path) -> None:
    async with rig(tmp_path) as made:
        named, other = await made.admit(), await made.admit(engagement="e-2")
        laptops = [await made.connect(each) for each in (named, other)]
        assert all([await made.echoes(each) for each in laptops])
        value = "" if by is Scope.ALL else named["id" if by is Scope.GRANT else str(by)]
        ended = await made.link.lock(by, value, "test")
        assert ended == ([named["id"], other["id"]] if by is Scope.ALL else [named["id"]])
        await laptops[0].over()
        assert await laptops[1].says(b"still") is (by is not Scope.ALL)


async def test_the_job_at_the_harness_only_loses_its_connection(tmp_path: Path) -> None:
    async with rig(tmp_path) as made:
        grant = await made.admit()
        assert await made.echoes(await made.connect(grant))
        assert made.harness.live == 1
        await made.link.lock(Scope.ALL, "", "test")
        await made.harness.idle.wait()
        fresh = await made.admit()
        assert await made.echoes(await made.connect(fresh))


async def test_the_last_byte_of_a_budget_arrives_and_no_other(tmp_path: Path) -> None:
    async with rig(tmp_path) as made:
        grant = await made.admit(budgets=[budget(1_000_003), budget(PLENTY, "model:m-9")])
        laptop = await made.connect(grant)
        order = b"pour 2000000\n"
        laptop.stdin.write(order)
        assert len(await laptop.rest()) == 1_000_003 - len(order)
        cut = await made.event("cut", grant=grant["id"], reason="budget_used_up")
        assert cut["up"] + cut["down"] == 1_000_003


async def test_what_passed_counts_after_a_restart(tmp_path: Path) -> None:
    async with rig(tmp_path) as made:
        laptop = await made.connect(await made.admit(budgets=[budget(9_000)]))
        laptop.stdin.write(b"pour 5000\n")
        assert len(await laptop.stdout.readexactly(5_000)) == 5_000
    ledger = Ledger(tmp_path / "ledger.sqlite")
    assert ledger.known() == {"engagement:e-9": 5_010}
    ledger.close()
    async with rig(tmp_path) as made:
        laptop = await made.connect(await made.admit(budgets=[budget(9_000)]))
        laptop.stdin.write(b"pour 5000\n")
        assert len(await laptop.rest()) == 9_000 - 5_010 - 10


async def test_what_the_control_plane_knows_counts_where_the_ledger_is_lost(
    tmp_path: Path,
) -> None:
    async with rig(tmp_path) as made:
        known = {**budget(9_000), "charged": 8_900}
        laptop = await made.connect(await made.admit(budgets=[known]))
        laptop.stdin.write(b"pour 5000\n")
        assert len(await laptop.rest()) == 100 - 10


async def test_a_budget_is_one_for_all_its_sessions(tmp_path: Path) -> None:
    async with rig(tmp_path) as made:
        grants = [await made.admit(budgets=[budget(300_000)]) for _ in range(2)]
        laptops = [await made.connect(each) for each in grants]
        for laptop in laptops:
            laptop.stdin.write(b"pour 250000\n")
        got = [len(await laptop.rest()) for laptop in laptops]
        cuts = [await made.event("cut", grant=grant["id"]) for grant in grants]
        assert sum(cut["up"] + cut["down"] for cut in cuts) == 300_000
        assert sum(got) == sum(cut["down"] for cut in cuts)


async def test_a_limit_that_is_lowered_holds_at_once(tmp_path: Path) -> None:
    async with rig(tmp_path) as made:
        grant = await made.admit(budgets=[budget(9_000)])
        laptop = await made.connect(grant)
        assert await made.echoes(laptop)
        await made.link.budget("engagement:e-9", 10)
        await made.event("cut", grant=grant["id"], reason="budget_used_up")
        assert await laptop.rest() == b""


async def test_a_lock_holds_while_the_last_bytes_of_a_budget_are_on_their_way(
    tmp_path: Path,
) -> None:
    async with rig(tmp_path, {"drain_seconds": 60.0}) as made:
        grant = await made.admit(budgets=[budget(60_000)])
        client = await made.client(grant)
        _, writer = await client.open_connection(grant["host"], grant["port"])
        assert client._transport is not None
        client._transport.pause_reading()  # a frozen laptop: the end of the channel never comes
        writer.write(b"pour 900000\n")
        await made.event("cut", grant=grant["id"], reason="budget_used_up")
        assert not [each for each in made.events if each["tell"] == "closed"]
        assert await made.link.lock(Scope.PERSON, grant["person"], "test") == [grant["id"]]
        await made.event("closed", grant=grant["id"])  # long before the drain is over
        client.abort()


async def test_warnings_come_at_their_shares_and_times(tmp_path: Path) -> None:
    async with rig(tmp_path) as made:
        laptop = await made.connect(await made.admit(budgets=[budget(1_000)]))
        laptop.stdin.write(b"pour 800\n")
        await laptop.stdout.readexactly(800)
        for percent in (50, 80):
            await made.event("warning", about="bytes", budget="engagement:e-9", percent=percent)
        brief = await made.admit(seconds=2, warn_seconds=[1])
        await made.event("warning", grant=brief["id"], about="time", seconds_left=1)
        await made.event("cut", grant=brief["id"], reason="expired")
        assert not [each for each in made.events if each.get("percent") == 95]


async def test_one_that_begins_within_a_warning_s_time_is_told_so_at_once(tmp_path: Path) -> None:
    async with rig(tmp_path) as made:
        late = await made.admit(seconds=360, warn_seconds=[1_800, 600, 120])
        await made.event("warning", grant=late["id"], about="time", seconds_left=600)
        # That it is within half an hour says less.
        assert [e["seconds_left"] for e in made.events if e["tell"] == "warning"] == [600]


async def test_the_rate_cap_slows_and_loses_nothing(tmp_path: Path) -> None:
    async with rig(tmp_path) as made:
        laptop = await made.connect(await made.admit(rate=200_000, burst=50_000))
        begun = time.monotonic()
        laptop.stdin.write(b"pour 150000\n")
        assert len(await laptop.stdout.readexactly(150_000)) == 150_000
        assert time.monotonic() - begun >= 0.5


async def test_a_pause_holds_every_byte_and_loses_none(tmp_path: Path) -> None:
    async with rig(tmp_path) as made:
        grant = await made.admit()
        laptop = await made.connect(grant)
        assert await made.echoes(laptop)
        assert await made.link.pause(Scope.PERSON, grant["person"]) == [grant["id"]]
        before = made.harness.heard
        laptop.stdin.write(b"held\n")
        laptop.stdin.write_eof()
        await made.turns()
        assert made.harness.heard == before
        await made.link.resume(Scope.PERSON, grant["person"])
        assert await laptop.rest() == b"held\n"


async def test_who_needs_a_moderator_waits_for_one_and_never_for_good(tmp_path: Path) -> None:
    async with rig(tmp_path) as made:
        moderator = await made.admit()
        grant = await made.admit(needs=moderator["id"])
        laptop = await made.connect(grant)
        laptop.stdin.write(b"echo\nfirst\n")
        await made.event("opened", grant=grant["id"])
        await made.turns()
        assert made.harness.heard == 0
        watching = await made.connect(moderator)
        assert await laptop.stdout.readline() == b"first\n"
        watching.process.kill()
        await made.event("closed", grant=moderator["id"])
        laptop.stdin.write(b"second\n")
        await made.turns()
        assert made.harness.heard == len(b"first\n")
        await made.connect(moderator)
        assert await laptop.stdout.readline() == b"second\n"
        # Nobody comes back: the time of the grant goes on, and it ends.
        await made.link.lock(Scope.GRANT, moderator["id"], "left")
        late = await made.admit(needs=moderator["id"], seconds=1)
        await made.event("cut", grant=late["id"], reason="expired")


async def test_no_two_sessions_wait_for_each_other(tmp_path: Path) -> None:
    async with rig(tmp_path) as made:
        first = made.grant()
        second = await made.admit(needs=first["id"])
        with pytest.raises(Refused, match="must need none"):
            await made.link.grant({**first, "needs": second["id"]})
        await made.link.grant(first)


async def test_a_silent_control_plane_ends_every_session(tmp_path: Path) -> None:
    async with rig(tmp_path, {"silence": 2.0}) as made:
        grant = await made.admit()
        laptop = await made.connect(grant)
        assert await made.echoes(laptop)
        made.unlink()
        assert await laptop.over() == 255
        made.relink()
        cut = await made.event("cut", grant=grant["id"])
        assert cut["reason"] == "control_silent"


async def test_a_control_plane_that_is_started_anew_in_time_ends_nothing(tmp_path: Path) -> None:
    async with rig(tmp_path) as made:
        grant = await made.admit()
        laptop = await made.connect(grant)
        assert await made.echoes(laptop)
        made.unlink()
        made.relink()
        await made.event("hello", live=[grant["id"]])
        assert await laptop.says(b"still")


async def test_a_session_is_slowed_and_let_go_again_within_its_grant(tmp_path: Path) -> None:
    async with rig(tmp_path, {"report_seconds": 0.2}) as made:
        grant, other = await made.admit(burst=50_000, rate=10**9), await made.admit()
        await made.link.rate(Scope.GRANT, grant["id"], 1_000, 8_000)
        laptop = await made.connect(grant)
        assert await made.echoes(await made.connect(other))
        before = time.monotonic()
        laptop.stdin.write(b"pour 60000\n")
        await laptop.stdout.readexactly(7_000)
        told = await made.event("bytes", after=len(made.events), budgets={})
        assert told["grants"][grant["id"]]["down"] < 8_001 + 1_000 * (time.monotonic() - before)
        assert told["grants"][other["id"]]["down"] == 6
        await made.link.rate(Scope.GRANT, grant["id"], 10**12, 10**12)
        await laptop.stdout.readexactly(53_000)
        assert time.monotonic() - before < 20  # by the slow cap it would take 52 s


async def test_no_order_makes_a_session_faster_than_its_grant(tmp_path: Path) -> None:
    async with rig(tmp_path, {"report_seconds": 0.2}) as made:
        grant = await made.admit(burst=8_000, rate=1_000)
        laptop = await made.connect(grant)
        await made.link.rate(Scope.GRANT, grant["id"], 10**12, 10**12)
        before = time.monotonic()
        laptop.stdin.write(b"pour 60000\n")
        await laptop.stdout.readexactly(7_000)
        told = await made.event("bytes", after=len(made.events), budgets={})
        assert told["grants"][grant["id"]]["down"] < 8_001 + 1_000 * (time.monotonic() - before)


async def test_what_passed_last_is_told_after_the_end(tmp_path: Path) -> None:
    """Whoever pours and is gone before the next report is looked at all the same."""
    async with rig(tmp_path, {"report_seconds": 60.0}) as made:
        grant, idle = await made.admit(), await made.admit()
        assert await made.echoes(await made.connect(grant))
        await made.link.lock(Scope.ALL, "", "test")
        last = await made.event("features", grant=grant["id"])
        assert (last["bytes_up"], last["bytes_down"]) == (11, 6)
        told = [each["tell"] for each in made.events if each.get("grant") == grant["id"]]
        assert told.index("cut") < told.index("features")
        assert not [
            each for each in made.events if each["tell"] == "features"
            and each["grant"] == idle["id"]
        ]  # fmt: skip


async def test_reports_tell_bytes_and_what_the_session_looked_like(tmp_path: Path) -> None:
    async with rig(tmp_path, {"report_seconds": 0.3}) as made:
        grant = await made.admit(budgets=[budget(9_000)])
        laptop = await made.connect(grant)
        assert await made.echoes(laptop)
        await made.event("bytes", budgets={"engagement:e-9": 17})
        features = [each for each in made.events if each["tell"] == "features"]
        assert sum(each["bytes_up"] for each in features) == 11
        assert sum(each["bytes_down"] for each in features) == 6
        assert sum(each["channels"] for each in features) == 1
        bare = await made.ssh(None, "-N", f"{grant['id']}@127.0.0.1")
        await bare.over()
        turned = await made.event("turned_away")
        assert turned["reasons"] == {"a_bare_key": 1}


async def test_a_report_names_the_budgets_that_changed_and_a_new_link_hears_of_all(
    tmp_path: Path,
) -> None:
    async with rig(tmp_path, {"report_seconds": 0.1}) as made:
        await made.admit(budgets=[{"key": "engagement:still", "limit": 9_000, "charged": 7}])
        grant = await made.admit(budgets=[budget(9_000)])
        await made.event("bytes", budgets={"engagement:still": 7, "engagement:e-9": 0})
        assert await made.echoes(await made.connect(grant))
        await made.event("bytes", budgets={"engagement:e-9": 17})
        made.events.clear()
        made.relink()
        await made.event("bytes", budgets={"engagement:still": 7, "engagement:e-9": 17})


async def test_nothing_is_kept_for_a_client_that_does_not_read(tmp_path: Path) -> None:
    """A hostile one offers a window of gigabytes and leaves it all to us."""
    async with rig(tmp_path, {"report_seconds": 0.3}) as made:
        grant = await made.admit()
        client = await made.client(grant)
        _, writer = await client.open_connection(grant["host"], grant["port"], window=2**31 - 1)
        assert client._transport is not None
        client._transport.pause_reading()
        writer.write(b"pour 300000000\n")
        counted = await made.stalled([grant["id"]])
        assert 0 < counted[0]["down"] < 30_000_000
        assert await made.link.lock(Scope.ALL, "", "test") == [grant["id"]]
        client.abort()
