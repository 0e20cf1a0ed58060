"""Sessions of two: whoever is lost, comes back, is replaced or leaves, in any order."""

import asyncio
from collections.abc import Iterator, Mapping
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scif.kernel.errors import Refused
from terminals.bastion.grant import grant_of
from terminals.bastion.guards import ALL_GUARDS
from terminals.bastion.ledger import Ledger
from terminals.bastion.session import Session
from terminals.bastion.sessions import Rules, Sessions
from terminals.bastion.wire import Scope
from tests.bastion.rig import rig

RULES = Rules(
    lease=1_000, drain_seconds=1.0, certificate_seconds=120, key_bytes=64, key_pause=2.0,
    burst_gap=1.0, most_grants=100_000, most_items=100,
)  # fmt: skip
SUBJECT, FIRST, SECOND = "subject", "first", "second"
MODERATORS = (FIRST, SECOND)

_who = st.sampled_from((SUBJECT, *MODERATORS))
_beside = st.sampled_from(MODERATORS)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("lose"), _who),
        st.tuples(st.just("return"), _who),
        st.tuples(st.just("leave"), _beside),  # his session ends; he may sign in again
        st.tuples(st.just("sign in"), _beside),
        st.tuples(st.just("change"), _beside),
        st.tuples(st.sampled_from(["pause", "resume"]), st.just(SUBJECT)),
    ),
    max_size=30,
)


class Wire:
    """The connection of a session, as far as it can be cut."""

    def cut(self) -> None:
        """Nothing is behind it."""


class Room:
    """One who is moderated and two who can moderate him; what must hold is told from outside."""

    def __init__(self, ledger: Ledger, numbers: Iterator[int]) -> None:
        self.told: list[Mapping[str, Any]] = []
        self._sessions = Sessions(RULES, ledger, self.told.append, ALL_GUARDS)
        self._numbers = numbers
        self._grants: dict[str, Session] = {}
        self._wires: dict[str, Wire] = {}
        self.paused = False
        for who in MODERATORS:
            self.sign_in(who)
        self.sign_in(SUBJECT, needs=self._grants[FIRST].grant.id)
        self.beside = self._grants[FIRST].grant.id

    def sign_in(self, who: str, needs: str = "") -> None:
        """A fresh grant; the one before is over."""
        if who in self._grants:
            self.leave(who)
        told = {
            "id": f"{next(self._numbers):024x}", "session": who, "person": who, "terminal": who,
            "engagement": "e-1", "host": "127.0.0.1", "port": 9, "source": "127.0.0.1",
            "seconds": 3_600, "budgets": [{"key": "b", "limit": 10**9, "charged": 0}],
            "rate": 10**9, "burst": 10**9, "channels": 1, "warn_percent": [], "warn_seconds": [],
            "needs": needs,
        }  # fmt: skip
        self._grants[who] = self._sessions.admit(grant_of(told))

    def act(self, what: str, who: str) -> None:
        """One thing that happens, whether it can happen now or not."""
        match what:
            case "lose":
                self.lose(who)
            case "return":
                self.come_back(who)
            case "leave":
                self.leave(who)
            case "sign in":
                self.sign_in(who)
            case "change":
                self.change(who)
            case "pause":
                self._sessions.pause(Scope.GRANT, self.subject.grant.id)
                self.paused = True
            case "resume":
                self._sessions.resume(Scope.GRANT, self.subject.grant.id)
                self.paused = False

    def lose(self, who: str) -> None:
        """His network is gone."""
        if who in self._wires:
            self._sessions.disconnected(self._grants[who], self._wires.pop(who))

    def come_back(self, who: str) -> None:
        """His `ssh` connects, as the door lets it: one at a time, to a grant that lives."""
        if who not in self._wires and not self._grants[who].ended:
            self._wires[who] = Wire()
            self._sessions.connected(self._grants[who], self._wires[who], "127.0.0.1")

    def leave(self, who: str) -> None:
        """His session is cut, and the connection with it."""
        self._sessions.end(Scope.GRANT, self._grants[who].grant.id, "not_inside")
        self.lose(who)

    def change(self, who: str) -> None:
        """The control plane names another moderator."""
        self.beside = self._grants[who].grant.id
        self._sessions.need(self.subject.grant.id, self.beside)

    @property
    def subject(self) -> Session:
        """The session that is moderated."""
        return self._grants[SUBJECT]

    @property
    def flows(self) -> bool:
        """Whether a byte of his passes now, if he is there."""
        return not self.subject.held

    @property
    def may_flow(self) -> bool:
        """Whether it may: his moderator of this moment is connected, and nothing pauses him."""
        there = {self._grants[who].grant.id for who in self._wires}
        return self.beside in there and not self.paused


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ledger]:
    made = Ledger(tmp_path_factory.mktemp("moderators") / "ledger.sqlite")
    yield made
    made.close()


@pytest.fixture(scope="module")
def numbers() -> Iterator[int]:
    return count(1)


@given(steps=STEPS)
def test_it_flows_only_beside_a_moderator_and_always_can_again(
    ledger: Ledger, numbers: Iterator[int], steps: list[tuple[str, str]]
) -> None:
    async def play() -> None:
        room = Room(ledger, numbers)
        assert (room.flows, room.may_flow) == (False, False)
        for what, who in steps:
            room.act(what, who)
            assert room.flows == room.may_flow, (what, who)
        # INVARIANT: from wherever that led, one of the two at his laptop is enough.
        room.act("resume", SUBJECT)
        room.sign_in(SECOND)
        room.come_back(SECOND)
        room.change(SECOND)
        assert room.flows
        assert not room.subject.ended

    asyncio.run(play())


async def test_another_moderator_takes_over_while_the_laptop_stays_connected(
    tmp_path: Path,
) -> None:
    async with rig(tmp_path) as made:
        first, second = await made.admit(), await made.admit()
        grant = await made.admit(needs=first["id"])
        laptop = await made.connect(grant)
        watching = await made.connect(first)
        assert await made.echoes(laptop)
        await made.link.need(grant["id"], second["id"])
        laptop.stdin.write(b"held\n")
        await made.turns()
        await made.connect(second)
        assert await laptop.stdout.readline() == b"held\n"
        watching.process.kill()  # whoever is needed no more holds up nobody
        await made.event("closed", grant=first["id"])
        assert await laptop.says(b"on")


async def test_what_needs_another_is_needed_by_nobody_and_is_there(tmp_path: Path) -> None:
    async with rig(tmp_path) as made:
        first, second = await made.admit(), await made.admit()
        third = await made.admit(needs=first["id"])
        for grant, needs in ((first, second), (second, third), (second, second)):
            with pytest.raises(Refused, match="must need none"):
                await made.link.need(grant["id"], needs["id"])
        with pytest.raises(Refused, match="No session"):
            await made.link.need("ab" * 12, first["id"])
        with pytest.raises(Refused, match="needs is no text"):
            await made.link.need(third["id"], "")
