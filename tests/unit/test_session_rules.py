"""No session without presence, read-in and attestation, whatever happens in whatever order."""

from dataclasses import fields, replace
from datetime import timedelta
from random import Random
from typing import Any

import pytest

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
from terminals.rules.session_endings import cut_early
from terminals.rules.session_wording import SAID, WORDINGS
from terminals.rules.states import TerminalState
from tests.unit.decision_facts import (
    NOW,
)
from tests.unit.session_life import play

ORDERS = 1_000  # `python -m tests.faults orders` plays more
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
    escorted=False,
    terminal=TerminalState.ISSUED,
    issued_to="visit-1",
    image_approved=True,
    attested_at=NOW,
    attested_for=MINUTES,
    terms=True,
    told=True,
    left=1,
    odd=frozenset(),
    upheld=False,
    moderated=False,
    moderator="",
    heard_at=NOW,
    silence=timedelta(hours=1),
)


def test_a_lock_from_afar_ends_a_session_before_its_time() -> None:
    assert cut_early("locked_from_afar", ordered=False)
    assert cut_early("lockdown", ordered=True)
    assert not cut_early("expired", ordered=True)
    assert not cut_early("client_closed", ordered=False)


def test_lawful_facts_are_granted_at_every_moment() -> None:
    for moment in Moment:
        assert session_decide(LAWFUL, moment).granted


# Facts that matter only where another one asks for them.
BESIDE = {"company": {"two_persons": True}, "moderator": {"moderated": True}}
# What counts outside the room only (tests/unit/test_offsite_rules.py).
ELSEWHERE = {"offsite"}


@pytest.mark.parametrize(
    "name", [f.name for f in fields(SessionFacts) if f.name not in {"now", *ELSEWHERE}]
)
def test_a_fact_that_is_missing_refuses(name: str) -> None:
    changed: dict[str, Any] = {**BESIDE.get(name, {}), name: "" if name == "visit" else None}
    facts = replace(LAWFUL, **changed)
    assert not session_decide(facts, Moment.BEGIN).granted


def test_nothing_known_is_every_objection() -> None:
    verdict = session_decide(SessionFacts(now=NOW, visit="", where=None), Moment.BEGIN)
    assert len(verdict.objections) == len(RULES)
    assert {each.code for each in verdict.objections} <= set(WORDINGS)


def test_a_rule_that_raises_denies() -> None:
    verdict = session_decide(replace(LAWFUL, attested_at="soon"), Moment.BEGIN)  # type: ignore[arg-type]  # a broken fact
    assert [each.code for each in verdict.objections] == ["rule_error"]
    assert verdict.ends


def test_doubt_a_guest_and_a_lost_moderator_hold_and_everything_else_ends() -> None:
    verdict = session_decide(SessionFacts(now=NOW, visit=""), Moment.RUN)
    held = {each.code for each in verdict.objections if each.effect is Effect.PAUSE}
    assert held == {"presence_uncertain", "escorted_inside", "moderator_missing"}
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


@pytest.mark.parametrize("moment", [Moment.BEGIN, Moment.RUN])
def test_an_agent_that_is_silent_begins_nothing_and_ends_what_runs(moment: Moment) -> None:
    limit = timedelta(seconds=30)
    heard = replace(LAWFUL, silence=limit, heard_at=NOW - limit)
    assert session_decide(heard, moment).granted
    silent = session_decide(replace(heard, now=NOW + timedelta(milliseconds=1)), moment)
    assert silent.ends is not None
    assert [each.code for each in silent.objections] == ["agent_silent"]


def test_guard_and_laptop_learn_nothing_that_is_the_officer_s() -> None:
    for code, wording in WORDINGS.items():
        assert "{" not in wording.guard, code
    told = objections_told(
        session_decide(replace(LAWFUL, entry=Entry(False, ("read_in",))), Moment.RUN).objections
    )
    assert "read_in" in told[0]["message"]
    assert "read_in" not in told[0]["guard"] + SAID


def test_no_grant_without_presence_read_in_and_attestation() -> None:
    found = play(Random(7), ORDERS)
    assert found.lacked == []
    assert found.granted > ORDERS / 200  # the orders are not all hopeless
