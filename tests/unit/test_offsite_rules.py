"""No session outside without every one of the facts that stand in the place of presence."""

from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminals.rules.offsite import OffsiteFacts, closes_at
from terminals.rules.place_states import PlaceState
from terminals.rules.session import Effect, Entry, Moment, SessionFacts, Where, session_decide
from terminals.rules.session_wording import WORDINGS
from terminals.rules.states import TerminalState
from tests.unit.decision_facts import NOW

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
ALWAYS = {day: (time(0), time(0)) for day in range(7)}
PLACE = OffsiteFacts(
    permitted=True,
    place=PlaceState.APPROVED,
    since=NOW - DAY,
    until=NOW + DAY,
    level=3,
    ceiling=3,
    source="192.0.2.7",
    network="192.0.2.0/28",
    hours=ALWAYS,
    time_zone="Europe/London",
    due_at=NOW + DAY,
    signed=True,
    seals=True,
    attested_for=10 * MINUTE,
    left=1,
    debriefed=True,
)
LAWFUL = SessionFacts(
    now=NOW,
    visit="person place",
    where=Where.OFFSITE,
    entry=Entry(granted=True),
    lockdown=False,
    badge=True,
    two_persons=False,
    company=0,
    terminal=TerminalState.ISSUED,
    issued_to="person place",
    image_approved=True,
    attested_at=NOW,
    attested_for=15 * MINUTE,
    terms=True,
    left=1,
    moderated=False,
    moderator="",
    told=True,
    odd=frozenset(),
    upheld=False,
    heard_at=NOW,
    silence=MINUTE,
    offsite=PLACE,
)
# One broken fact each: what is otherwise, and the word for it. ``offsite`` in the second part.
Broken = tuple[Mapping[str, Any], Mapping[str, Any], str]
BROKEN: dict[str, Broken] = {
    "kind not known": ({"where": None}, {}, "where_unknown"),
    "access refuses": ({"entry": Entry(False, ("read_in",))}, {}, "entry_refused"),
    "lockdown": ({"lockdown": True}, {}, "lockdown"),
    "badge gone": ({"badge": False}, {}, "badge_not_active"),
    "two people asked for": ({"two_persons": True}, {}, "two_person_broken"),
    "laptop locked": ({"terminal": TerminalState.LOCKED}, {}, "terminal_not_out"),
    "another's laptop": ({"issued_to": "another place"}, {}, "not_issued"),
    "image withdrawn": ({"image_approved": False}, {}, "image_not_approved"),
    "quote refused": ({"attested_at": None}, {}, "not_attested_lately"),
    "quote old": ({"attested_at": NOW - 11 * MINUTE}, {}, "not_attested_lately"),
    "quote of tomorrow": ({"attested_at": NOW + MINUTE}, {}, "not_attested_lately"),
    "no terms": ({"terms": False}, {}, "terms_missing"),
    "moderator asked for": ({"moderated": True}, {}, "moderator_missing"),
    "agent silent": ({"heard_at": NOW - 2 * MINUTE}, {}, "agent_silent"),
    "not permitted": ({}, {"permitted": False}, "offsite_not_permitted"),
    "place proposed": ({}, {"place": PlaceState.PROPOSED}, "place_not_approved"),
    "place revoked": ({}, {"place": PlaceState.REVOKED}, "place_not_approved"),
    "term to come": ({}, {"since": NOW + MINUTE}, "place_term_over"),
    "term over": ({}, {"until": NOW}, "place_term_over"),
    "model too high": ({}, {"level": 4}, "level_above_ceiling"),
    "another network": ({}, {"source": "192.0.2.77"}, "other_network"),
    "no address": ({}, {"source": "anywhere"}, "rule_error"),
    "no hours": ({}, {"hours": {}}, "outside_place_hours"),
    "overdue": ({}, {"due_at": NOW}, "laptop_overdue"),
    "not signed for": ({}, {"signed": False}, "not_signed_for"),
    "seals differ": ({}, {"seals": False}, "seals_not_whole"),
    "debrief open": ({}, {"debriefed": False}, "debrief_open"),
}
# What only a sign-in asks; while a session runs the bastion counts.
AT_SIGN_IN: dict[str, Broken] = {
    "budget used up": ({"left": 0}, {}, "budget_used_up"),
    "budget outside used up": ({}, {"left": 0}, "offsite_budget_used_up"),
}
# Facts of a room, and what another fact makes matter.
IN_ROOMS = {"now", "inside", "certain", "company", "escorted", "moderator", "offsite"}


def facts_with(broken: list[Broken]) -> SessionFacts:
    """The lawful facts, but for these; of two that speak about one fact the last counts."""
    own: dict[str, Any] = {}
    there: dict[str, Any] = {}
    for changed, elsewhere, _code in broken:
        own |= changed
        there |= elsewhere
    return replace(LAWFUL, **own, offsite=replace(PLACE, **there))


def codes(facts: SessionFacts, moment: Moment) -> set[str]:
    return {each.code for each in session_decide(facts, moment).objections}


@pytest.mark.parametrize("moment", list(Moment))
def test_lawful_facts_are_granted(moment: Moment) -> None:
    assert session_decide(LAWFUL, moment).granted


@pytest.mark.parametrize("name", sorted(BROKEN | AT_SIGN_IN))
def test_one_broken_fact_refuses(name: str) -> None:
    broken = (BROKEN | AT_SIGN_IN)[name]
    assert broken[2] in codes(facts_with([broken]), Moment.BEGIN)


@pytest.mark.parametrize("name", sorted(BROKEN))
def test_one_broken_fact_stops_what_runs(name: str) -> None:
    verdict = session_decide(facts_with([BROKEN[name]]), Moment.RUN)
    assert BROKEN[name][2] in {each.code for each in verdict.objections}
    # A pause waits for somebody who counts; nobody does there.
    held = {"presence_uncertain", "escorted_inside"}
    outside = [each for each in verdict.objections if each.code not in held]
    assert {each.effect for each in outside} == {Effect.END}


@pytest.mark.parametrize("name", [f.name for f in fields(SessionFacts) if f.name not in IN_ROOMS])
def test_a_missing_fact_refuses(name: str) -> None:
    changed: dict[str, Any] = {name: "" if name == "visit" else None}
    facts = replace(LAWFUL, **changed)
    assert not session_decide(facts, Moment.BEGIN).granted


@pytest.mark.parametrize("name", [f.name for f in fields(OffsiteFacts)])
def test_a_missing_fact_of_the_place_refuses(name: str) -> None:
    facts = replace(LAWFUL, offsite=replace(PLACE, **{name: None}))
    assert not session_decide(facts, Moment.BEGIN).granted


@given(st.lists(st.sampled_from(sorted(BROKEN | AT_SIGN_IN)), min_size=1, max_size=6))
def test_whatever_is_broken_together_refuses(names: list[str]) -> None:
    every = BROKEN | AT_SIGN_IN
    assert not session_decide(facts_with([every[name] for name in names]), Moment.BEGIN).granted


def test_presence_is_asked_in_the_room_only_and_the_place_outside_only() -> None:
    inside = replace(LAWFUL, where=Where.ROOM, offsite=OffsiteFacts())
    assert codes(inside, Moment.BEGIN) == {"not_inside", "presence_uncertain", "escorted_inside"}
    present = replace(LAWFUL, inside=True, certain=True, offsite=OffsiteFacts(), heard_at=None)
    # Nobody trades presence for the place: whoever is outside has all of it, or none.
    assert {"place_not_approved", "other_network", "agent_silent"} <= codes(present, Moment.BEGIN)


def test_a_laptop_goes_out_for_what_holds_then() -> None:
    before = replace(LAWFUL, issued_to=None, heard_at=None, attested_at=None)
    assert session_decide(before, Moment.ISSUE).granted
    later = replace(before, offsite=replace(PLACE, until=NOW))
    assert codes(later, Moment.ISSUE) == {"place_term_over"}


def test_the_guard_s_words_have_no_parameters() -> None:
    for _changed, _there, code in (BROKEN | AT_SIGN_IN).values():
        assert "{" not in WORDINGS[code].guard


@pytest.mark.parametrize(
    ("at", "closes"),
    [
        # A Thursday; London is on summer time in July and off it in November.
        (datetime(2026, 7, 2, 7, 0, tzinfo=UTC), datetime(2026, 7, 2, 19, 0, tzinfo=UTC)),
        (datetime(2026, 7, 2, 6, 59, tzinfo=UTC), None),
        (datetime(2026, 7, 2, 19, 0, tzinfo=UTC), None),
        (datetime(2026, 11, 26, 8, 0, tzinfo=UTC), datetime(2026, 11, 26, 20, 0, tzinfo=UTC)),
        (datetime(2026, 11, 27, 12, 0, tzinfo=UTC), None),
    ],
)
def test_hours_are_local_and_their_end_is_outside(at: datetime, closes: datetime | None) -> None:
    thursdays = {3: (time(8), time(20))}
    assert closes_at(thursdays, "Europe/London", at) == closes


def test_hours_may_end_at_midnight() -> None:
    at = datetime(2026, 11, 26, 23, 30, tzinfo=UTC)
    assert closes_at(ALWAYS, "UTC", at) == datetime(2026, 11, 27, tzinfo=UTC)
