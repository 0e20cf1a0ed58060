"""The fields of a harness's policy: nothing is lost between a lab's document and the form."""

import json
from collections.abc import Callable
from copy import deepcopy
from datetime import UTC, datetime
from functools import cache
from html.parser import HTMLParser
from typing import Any

import pytest
from django import forms
from hypothesis import given
from hypothesis import strategies as st

from scif.console.forms.harness_policy import HarnessPolicyField
from terminals.harness.kinds import CLASSES
from terminals.rules.harness_policy import LABS, policy_part
from terminals.views.policy_words import policy_drawn
from tests.harness.rig import stand_in_policy

KINDS = sorted(CLASSES)


class Page(HTMLParser):
    """What a browser would send of the fields of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.sent: dict[str, str] = {}
        self._choosing = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name, value = given.get("name") or "", given.get("value") or ""
        if tag == "select":
            self._choosing = name
        elif tag == "option" and "selected" in given:
            self.sent[self._choosing] = value
        elif tag == "textarea":
            self.sent[name] = ""
        elif tag == "input" and given.get("type") == "checkbox":
            if "checked" in given:
                self.sent[name] = value or "on"
        elif tag == "input":
            self.sent[name] = value


def part_of(kind: str) -> dict[str, Any]:
    document = stand_in_policy((kind,))
    return {name: document[name] for name in LABS}


def judged(kind: str) -> Callable[[object], object]:
    """As the terms' form judges what the lab of such a mandate says."""
    until = datetime(2027, 1, 1, tzinfo=UTC)
    return lambda part: part is None or policy_part("ENG-1", kind, part, until)


def form_on(
    part: dict[str, Any] | None,
    data: dict[str, str] | None = None,
    judge: Callable[[object], object] | None = None,
) -> forms.Form:
    class PolicyForm(forms.Form):
        policy = HarnessPolicyField(required=False)

    form = PolicyForm(data)
    field = form.fields["policy"]
    assert isinstance(field, HarnessPolicyField)
    field.begin(part, judge)
    return form


@cache
def sent_of(kind: str) -> dict[str, str]:
    """What a browser sends of the untouched form; drawing one takes long."""
    return sent_by(part_of(kind))


def sent_by(part: dict[str, Any] | None) -> dict[str, str]:
    return Page(str(form_on(part))).sent


def cleaned(part: dict[str, Any] | None, data: dict[str, str]) -> Any:
    form = form_on(part, data)
    assert form.is_valid(), form.errors
    return form.cleaned_data["policy"]


@pytest.mark.parametrize("kind", KINDS)
def test_sent_as_it_is_shown_it_is_the_same_document(kind: str) -> None:
    part = part_of(kind)
    assert part["operations"]
    before = deepcopy(part)
    assert cleaned(part, sent_by(part)) == before
    assert part == before


@given(kind=st.sampled_from(KINDS), number=st.integers(0, 10**15), data=st.data())
def test_one_number_changes_and_nothing_else(kind: str, number: int, data: st.DataObject) -> None:
    part, sent = part_of(kind), sent_of(kind)
    field = data.draw(st.sampled_from([name for name, value in sent.items() if value.isdigit()]))
    found = cleaned(part, {**sent, field: str(number)})
    path = field.removeprefix("policy_").split(".")
    expected = deepcopy(part)
    into = expected["operations"] if path[0] in expected["operations"] else expected
    for name in path[:-1]:
        into = into[name]
    into[path[-1]] = number
    assert found == expected


def test_an_operation_without_its_tick_is_taken_away() -> None:
    part = part_of("grey_box")
    sent = sent_by(part)
    del sent["policy_logprobs.allowed"]
    found = cleaned(part, sent)
    assert found["operations"] == {
        name: row for name, row in part["operations"].items() if name != "logprobs"
    }


def test_another_document_stands_in_the_place_of_all_fields() -> None:
    part, other = part_of("grey_box"), part_of("white_box")
    pasted = {"policy_pasted": json.dumps(other)}
    assert cleaned(part, {**sent_by(part), **pasted}) == other
    assert cleaned(None, {**sent_by(None), **pasted}) == other


def test_none_where_no_adapter_stands_before_the_harness() -> None:
    part = part_of("grey_box")
    assert cleaned(None, sent_by(None)) is None
    assert cleaned(part, {**sent_by(part), "policy_without": "on"}) is None


@pytest.mark.parametrize("text", ["", "many", "1.5", "1" * 5000])
def test_what_is_no_number_is_said_at_its_field(text: str) -> None:
    part = part_of("grey_box")
    form = form_on(part, {**sent_by(part), "policy_caps.queries": text})
    assert not form.is_valid()
    page = str(form)
    assert page.count("A whole number is needed.") == 1
    assert 'aria-describedby="policy_caps.queries_error"' in page
    assert Page(page).sent["policy_caps.queries"] == text


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("caps.queries", "-1", "At least 0."),
        ("caps.bits", "9" * 20, "At most 1\u202f000\u202f000\u202f000\u202f000\u202f000."),
        ("parallel", "0", "At least 1."),
        ("limits.logprobs.items", "0", "At least 1."),
        ("limits.logprobs.items", "2", "answers with up to 5 items"),
        ("limits.logprobs.digits", "1", "answers with 2 digits"),
        ("complete.seconds", "0", "At least 1."),
        ("complete.most_answer", "1", "At least 2."),
        ("complete.gives", "internals", "The mandate&#x27;s kind of access does not give this."),
        ("logprobs.gives", "text", "no limit of items and digits"),
    ],
)
def test_what_the_adapter_would_not_take_is_said_at_its_field_in_words(
    field: str, typed: str, said: str
) -> None:
    part = part_of("grey_box")
    form = form_on(part, {**sent_by(part), f"policy_{field}": typed}, judged("grey_box"))
    assert not form.is_valid()
    told = str(form.errors["policy"][0])
    assert told.partition(": ")[0]
    assert "$" not in told
    assert field not in told
    error = str(form).partition(f'id="policy_{field}_error">')[2].partition("</span>")[0]
    assert said in error
    assert "$" not in str(form)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"caps": {"queries": 1}}, "How much may be asked: Something is missing"),
        ({"caps": None}, "How much may be asked: "),
        ({"kinds": ["white_box"]}, "The document says exactly this: bytes_per_token, caps"),
        (
            {"operations": {"complete": {"gives": "text"}}},
            "Have the model answer a prompt: Something is missing",
        ),
        ({"operations": {"Their Probe": {}}}, "What may be asked: A name begins"),
        ({"parallel": 1.5}, "At the same time: A whole number is needed."),
    ],
)
def test_of_a_typed_document_the_place_is_named_in_words(change: Any, said: str) -> None:
    other = {**part_of("grey_box"), **change}
    form = form_on(None, {"policy_pasted": json.dumps(other)}, judged("grey_box"))
    assert not form.is_valid()
    told = str(form.errors["policy"][0])
    assert told.startswith(said)
    assert "$" not in told


@pytest.mark.parametrize("text", ["{", "null", "[" * 100_000])
def test_what_is_no_document_is_refused_and_shown_again(text: str) -> None:
    form = form_on(None, {"policy_pasted": text})
    assert not form.is_valid()
    assert text in str(form)


def test_words_and_units_stand_where_names_and_json_stood() -> None:
    part = part_of("white_box")
    part["operations"]["their_own_probe"] = deepcopy(part["operations"]["complete"])
    for page in (str(form_on(part)), str(policy_drawn(part))):
        assert "Information given away" in page
        assert "bits" in page
        assert "Have the model answer a prompt" in page
        assert "Their own probe" in page
        assert "text of at most 4\u202f000 bytes" in page
        assert "{" not in page
    assert "no adapter" in policy_drawn(None)
