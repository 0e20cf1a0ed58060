"""Whatever code a laptop, its agent, the bastion or the control process gives has words."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from enum import StrEnum

import pytest

from terminals.bastion.session import End
from terminals.rules.attestation_wording import KEY, PROOF, proof_words
from terminals.rules.quote import Why
from terminals.rules.session import RULES, Moment, SessionFacts, Where, session_decide
from terminals.rules.session_endings import OTHERS, Cut, ending_words
from terminals.rules.session_wording import WORDINGS
from terminals.rules.tpm import Fault

CODE = re.compile(r"\b[a-z0-9]+(_[a-z0-9]+)+\b")
NOTHING_KNOWN = SessionFacts(now=datetime(2026, 3, 2, tzinfo=UTC), visit="")


@pytest.mark.parametrize("code", [*End, *Cut, *WORDINGS])
def test_an_ending_is_a_sentence(code: str) -> None:
    assert code in OTHERS or code in WORDINGS
    words = ending_words(code)
    assert " " in words
    assert code not in words


def test_a_session_whose_terms_were_replaced_is_not_told_that_there_are_none() -> None:
    words = ending_words("terms_missing")
    assert "The terms under which it began" in words
    assert "No terms" not in words


@pytest.mark.parametrize("why", Why)
def test_a_refused_proof_is_told_in_words(why: Why) -> None:
    assert " " in proof_words(why)
    assert not CODE.search(PROOF[why])


def test_a_proof_that_was_not_refused_needs_none() -> None:
    assert proof_words("") == ""


@pytest.mark.parametrize("fault", Fault)
def test_a_key_that_cannot_be_used_is_told_in_words(fault: Fault) -> None:
    assert " " in KEY[fault]
    assert not CODE.search(KEY[fault])


@pytest.mark.parametrize("where", Where)
@pytest.mark.parametrize("moment", Moment)
def test_whatever_objects_says_it_to_officer_and_guard(where: StrEnum, moment: Moment) -> None:
    found = session_decide(replace(NOTHING_KNOWN, where=Where(where)), moment).objections
    assert len(found) >= len([rule for rule in RULES if rule.applies(NOTHING_KNOWN, moment)]) / 3
    for each in found:
        for words in (each.message, each.guard, each.remedy):
            assert words
            assert not CODE.search(words), each.code
