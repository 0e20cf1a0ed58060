"""No session without presence, read-in and attestation, whatever happens in whatever order."""

import os
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest

from access.rules.decision import decide
from access.rules.facts import BasisKind, Facts, Stage
from access.rules.states import EngagementState, VisitState
from hardware.decider import Outcome
from terminals.anomaly.policy import Act
from terminals.rules.session import (
    RULES,
    Effect,
    Entry,
    Moment,
    SessionFacts,
    Verdict,
    objections_told,
    session_decide,
)
from terminals.rules.session_wording import SAID, WORDINGS
from terminals.rules.states import TerminalState
from tests.unit.decision_facts import (
    NOW,
    PERSON,
    altered,
    basis_with,
    valid,
)

ORDERS = 100_000 if os.environ.get("LONG") else 5_000
LENGTH = 40
MINUTES = timedelta(minutes=15)
LAWFUL = SessionFacts(
    now=NOW,
    visit="visit-1",
    entry=Entry(granted=True),
    lockdown=False,
    inside=True,
    certain=True,
    badge=True,
    two_persons=False,
    company=0,
    terminal=TerminalState.ISSUED,
    issued_to="visit-1",
    image_approved=True,
    attested_at=NOW,
    attested_for=MINUTES,
    terms=True,
    left=1,
    odd=frozenset(),
    upheld=False,
    moderated=False,
    moderator=False,
)


def test_lawful_facts_are_granted_at_every_moment() -> None:
    for moment in Moment:
        assert session_decide(LAWFUL, moment).granted


# Facts that matter only where another one asks for them.
BESIDE = {"company": {"two_persons": True}, "moderator": {"moderated": True}}


@pytest.mark.parametrize("name", [f.name for f in fields(SessionFacts) if f.name not in {"now"}])
def test_a_fact_that_is_missing_refuses(name: str) -> None:
    changed: dict[str, Any] = {**BESIDE.get(name, {}), name: "" if name == "visit" else None}
    facts = replace(LAWFUL, **changed)
    assert not session_decide(facts, Moment.BEGIN).granted


def test_nothing_known_is_every_objection() -> None:
    verdict = session_decide(SessionFacts(now=NOW, visit=""), Moment.BEGIN)
    assert len(verdict.objections) == len(RULES)
    assert {each.code for each in verdict.objections} <= set(WORDINGS)


def test_a_rule_that_raises_denies() -> None:
    verdict = session_decide(replace(LAWFUL, attested_at="soon"), Moment.BEGIN)  # type: ignore[arg-type]  # a broken fact
    assert [each.code for each in verdict.objections] == ["rule_error"]
    assert verdict.ends


def test_doubt_and_a_lost_moderator_hold_and_everything_else_ends() -> None:
    verdict = session_decide(SessionFacts(now=NOW, visit=""), Moment.RUN)
    held = {each.code for each in verdict.objections if each.effect is Effect.PAUSE}
    assert held == {"presence_uncertain", "moderator_missing"}
    doubtful = session_decide(replace(LAWFUL, certain=False), Moment.RUN)
    assert doubtful.ends is None
    assert doubtful.pauses is not None


def test_an_anomaly_holds_or_ends_by_what_it_asks_for() -> None:
    def said(*acts: Act) -> Verdict:
        return session_decide(replace(LAWFUL, odd=frozenset(acts)), Moment.RUN)

    assert said(Act.FLAG, Act.SLOW).granted
    paused = said(Act.FLAG, Act.PAUSE)
    assert paused.pauses is not None
    assert paused.pauses.code == "anomaly_waits"
    locked = said(Act.PAUSE, Act.LOCK)
    assert locked.ends is not None
    assert locked.ends.code == "anomaly_locked"
    assert session_decide(replace(LAWFUL, upheld=True), Moment.RUN).ends is not None
    assert not session_decide(
        replace(LAWFUL, odd=frozenset([Act.PAUSE])), Moment.BEGIN
    ).granted  # nobody signs in anew to be rid of a pause


def test_a_quote_that_grew_old_ends_no_session_and_begins_none() -> None:
    old = replace(LAWFUL, now=NOW + MINUTES + timedelta(seconds=1))
    assert session_decide(old, Moment.RUN).granted
    assert not session_decide(old, Moment.BEGIN).granted


def test_guard_and_laptop_learn_nothing_that_is_the_officer_s() -> None:
    for code, wording in WORDINGS.items():
        assert "{" not in wording.guard, code
    told = objections_told(
        session_decide(replace(LAWFUL, entry=Entry(False, ("read_in",))), Moment.RUN).objections
    )
    assert "read_in" in told[0]["message"]
    assert "read_in" not in told[0]["guard"] + SAID


@dataclass
class Life:
    """A person, a room and a laptop, to which things happen in any order."""

    now: datetime
    entry: Facts
    inside: bool = False
    certain: bool = True
    badge: bool = False
    company: int = 0
    lockdown: bool = False
    terminal: TerminalState = TerminalState.IN_STORE
    issued_to: str | None = None
    attested_at: datetime | None = None
    image: bool = True
    left: int = 3

    def facts(self) -> SessionFacts:
        """As the selectors make them; read-ins by the decision of access itself."""
        asked = decide(replace(self.entry, now=self.now), Stage.ARRIVAL)
        granted = asked.outcome is Outcome.GRANTED
        return SessionFacts(
            now=self.now, visit="visit-1", entry=Entry(granted), lockdown=self.lockdown,
            inside=self.inside, certain=self.certain, badge=self.badge, two_persons=True,
            company=self.company, terminal=self.terminal, issued_to=self.issued_to,
            image_approved=self.image, attested_at=self.attested_at, attested_for=MINUTES,
            terms=True, left=self.left, odd=frozenset(), upheld=False, moderated=False,
            moderator=False,
        )  # fmt: skip

    @property
    def read_in(self) -> bool:
        """Whether nobody has taken the compartments away."""
        return self.entry.person == PERSON


def _person(life: Life, **values: object) -> None:
    life.entry = altered(life.entry, person=altered(PERSON, **values))


def _hold(life: Life, state: TerminalState, visit: str | None) -> None:
    life.terminal, life.issued_to = state, visit


def _mandate(life: Life, state: EngagementState) -> None:
    basis = life.entry.basis
    life.entry = basis_with(life.entry, engagement=replace(basis.engagement, state=state))  # type: ignore[union-attr]  # a visit has one


EVENTS: dict[str, Callable[[Life], None]] = {
    "enters": lambda life: setattr(life, "inside", True),
    "leaves": lambda life: setattr(life, "inside", False),
    "doubt": lambda life: setattr(life, "certain", False),
    "counted": lambda life: setattr(life, "certain", True),
    "badge": lambda life: setattr(life, "badge", True),
    "badge revoked": lambda life: setattr(life, "badge", False),
    "another enters": lambda life: setattr(life, "company", 1),
    "another leaves": lambda life: setattr(life, "company", 0),
    "lockdown": lambda life: setattr(life, "lockdown", True),
    "lifted": lambda life: setattr(life, "lockdown", False),
    "issued": lambda life: _hold(life, TerminalState.ISSUED, "visit-1"),
    "returned": lambda life: _hold(life, TerminalState.RETURNED, None),
    "issued to another": lambda life: setattr(life, "issued_to", "visit-2"),
    "locked": lambda life: setattr(life, "terminal", TerminalState.LOCKED),
    "attested": lambda life: setattr(life, "attested_at", life.now),
    "quote refused": lambda life: setattr(life, "attested_at", None),
    "image withdrawn": lambda life: setattr(life, "image", False),
    "image approved": lambda life: setattr(life, "image", True),
    "debriefed": lambda life: _person(life, indoctrinations=()),
    "read in": lambda life: _person(life),
    "agreement void": lambda life: _person(life, nda=None),
    "suspended": lambda life: _mandate(life, EngagementState.SUSPENDED),
    "resumed": lambda life: _mandate(life, EngagementState.ACTIVE),
    "time": lambda life: setattr(life, "now", life.now + timedelta(minutes=4)),
    "a day": lambda life: setattr(life, "now", life.now + timedelta(days=1)),
}
# So that a grant is not too rare: what makes one comes more often than what spoils it.
HELPFUL = ("enters", "counted", "badge", "another enters", "lifted", "issued", "attested",
           "image approved", "read in", "resumed")  # fmt: skip


def test_no_grant_without_presence_read_in_and_attestation() -> None:
    chance, granted, names = Random(7), 0, [*EVENTS, *HELPFUL * 3]
    lawful = valid(BasisKind.VISIT, Stage.ARRIVAL)
    for _ in range(ORDERS):
        life = Life(NOW, basis_with(lawful, state=VisitState.INSIDE))
        for name in chance.choices(names, k=LENGTH):
            EVENTS[name](life)
        facts = life.facts()
        if session_decide(facts, Moment.BEGIN).granted:
            granted += 1
            assert life.inside
            assert life.certain
            assert life.badge
            assert life.company
            assert life.read_in
            assert not life.lockdown
            assert life.attested_at is not None
            assert life.now - life.attested_at <= MINUTES
            assert (life.terminal, life.issued_to) == (TerminalState.ISSUED, "visit-1")
            assert life.now < NOW + timedelta(hours=3)  # the window
            assert life.entry.basis.engagement.state is EngagementState.ACTIVE  # type: ignore[union-attr]  # the same
    assert granted > ORDERS / 200  # the orders are not all hopeless
