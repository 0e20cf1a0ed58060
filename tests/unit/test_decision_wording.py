"""The right words for each audience, and nothing that leaks downwards."""

import re
import string
from itertools import product
from pathlib import Path

import pytest

import access.rules
from access.rules import facts as f
from access.rules.decision import decide
from access.rules.entry import OBLIGATIONS
from access.rules.objection import Objection
from access.rules.wording import (
    AWAITED_TEXTS,
    OBLIGATION_TEXTS,
    OPEN_ITEM_TEXTS,
    READER_TEXTS,
    SEE_GUARD,
    WORDINGS,
)
from hardware.decider import Outcome
from tests.unit import decision_facts as v
from tests.unit.decision_broken import BROKEN

SOURCES = Path(access.rules.__file__).parent
# A parameter that the guard or the visitor may read: a local time of his own entry.
SAFE = {"time", "opens"}
# What names a reason that a person outside the office must not learn from a decision.
TELLING = re.compile(
    r"compartment|caveat|read in|citizen|suspend|revok|duress|need to know|TOP SECRET|noforn",
    re.IGNORECASE,
)


def parameters(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("code", sorted(WORDINGS))
def test_guard_and_visitor_texts_take_no_secret(code: str) -> None:
    wording = WORDINGS[code]
    assert parameters(wording.guard) <= SAFE
    assert parameters(wording.visitor) <= SAFE
    assert not parameters(wording.who)
    assert not TELLING.search(wording.guard)
    assert not TELLING.search(wording.visitor) or code.startswith("visit")
    assert all((wording.message, wording.remedy, wording.who, wording.guard, wording.visitor))


def test_every_code_that_is_raised_has_words_and_every_word_is_used() -> None:
    text = "\n".join(path.read_text() for path in SOURCES.rglob("*.py"))
    decider = (SOURCES.parent / "decider.py").read_text()
    used = set(re.findall(r'(?:Objection|cls)\(\s*"(\w+)"', text + decider))
    assert used == set(WORDINGS)


def test_every_obligation_has_words() -> None:
    assert {duty.name for duty in OBLIGATIONS} == set(OBLIGATION_TEXTS)
    assert all(
        act.title and act.guard for act in (*OBLIGATION_TEXTS.values(), *OPEN_ITEM_TEXTS.values())
    )


@pytest.mark.parametrize("row", BROKEN, ids=lambda row: f"{row[0]}-{row[4]}")
def test_no_compartment_teammate_or_party_leaks(
    row: tuple[str, f.BasisKind, f.Stage, v.Change, str],
) -> None:
    _, kind, stage, broken, _ = row
    decision = decide(broken(v.valid(kind, stage)), stage)
    secrets = {v.SECRET_WORD, "HALYARD", v.OTHER, v.SPONSOR, v.ENGAGEMENT, "asset-1", "NOFORN"}
    for objection in (*decision.objections, *decision.pending):
        shown = f"{objection.guard} {objection.visitor} {decision.reader_text}"
        assert not any(secret in shown for secret in secrets), objection.code


def test_the_officer_reads_what_guard_and_visitor_do_not() -> None:
    objection = Objection("not_read_in", {"compartments": v.SECRET_WORD})
    assert v.SECRET_WORD in objection.message
    assert v.SECRET_WORD not in objection.guard
    assert objection.visitor == SEE_GUARD


def test_the_reader_shows_the_same_whatever_the_reason() -> None:
    shown = {
        decide(broken(v.valid(kind, stage)), stage).reader_text
        for _, kind, stage, broken, _ in BROKEN
    }
    assert shown == {SEE_GUARD}
    assert set(READER_TEXTS.values()) == {"Go ahead", "Enter PIN", SEE_GUARD}
    assert set(AWAITED_TEXTS.values()) == {"Enter PIN", "Second person, please"}
    assert decide(v.valid(f.BasisKind.VISIT), f.Stage.DOOR).reader_text == "Go ahead"


def test_a_visitor_learns_when_his_own_time_is() -> None:
    late = v.change("basis", window=f.Window(v.NOW - v.HOUR, v.NOW))(v.valid(f.BasisKind.VISIT))
    (objection,) = decide(late, f.Stage.DOOR).objections
    assert objection.visitor == "Your time ended 24 Nov 2026 10:00 GMT."
    assert objection.guard == "Time ended 24 Nov 2026 10:00 GMT. Extend, or see the person out."


def test_texts_fill_for_every_objection() -> None:
    for (_, kind, stage, broken, _), part in product(BROKEN, ("message", "remedy")):
        for objection in decide(broken(v.valid(kind, stage)), stage).objections:
            assert "{" not in getattr(objection, part)


def test_the_reader_asks_for_the_pin_only_where_it_is_awaited() -> None:
    waiting = v.fact(factors=f.Factors())(v.valid(f.BasisKind.VISIT))
    decision = decide(waiting, f.Stage.DOOR)
    assert (decision.outcome, decision.reader_text) == (Outcome.PENDING, "Enter PIN")


# What a remedy may begin with. One that tells a fact ("The level is lowered.") reads as if it was.
ORDERS = frozenset(
    {
        *("Add", "Ask", "Assign", "Book", "Brief", "Bring", "Change", "Check"),
        *("Choose", "Count", "Cover", "Decide", "Declare", "Enter", "Find", "Finish"),
        *("Give", "Go", "Have", "Issue", "Let", "Lift", "Lower", "Make"),
        *("Mend", "Name", "Obtain", "Open", "Present", "Publish", "Put", "Record"),
        *("Register", "Renew", "Reopen", "Restore", "Review", "Set", "Shut", "Sign"),
        *("Sweep", "Try", "Use", "Wait"),
    }
)


@pytest.mark.parametrize("code", sorted(WORDINGS))
def test_a_remedy_is_an_order(code: str) -> None:
    assert WORDINGS[code].remedy.split()[0].rstrip(",") in ORDERS
