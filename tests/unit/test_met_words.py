"""What people read of a decision: what a rule says, not what it promises; no sentence twice."""

from access.rules.matrix import matrix
from scif.console.bench.decision import said_once
from scif.console.met import MEANINGS, met_words


def test_no_promise_to_the_coder_is_told_to_people() -> None:
    assert any("INVARIANT" in row.meaning for row in matrix())
    assert not any("INVARIANT" in words or words.endswith(".") for words in MEANINGS.values())
    assert all(MEANINGS.values())
    assert met_words(["accredited"]) == ["The area's accreditation is in force"]


def test_a_guards_text_says_once_what_two_of_its_acts_begin_with() -> None:
    acts = ["Do not let in. The room may not be used.", "Do not let in. Call the officer.", "Wait."]
    assert said_once(acts) == [
        "Do not let in. The room may not be used.",
        "Call the officer.",
        "Wait.",
    ]
