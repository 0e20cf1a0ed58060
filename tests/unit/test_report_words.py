"""Words of a visit's record."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from access.reports.facts import ReadFact
from access.reports.times import Times
from access.reports.told import Told
from access.reports.wording import reasons
from access.rules.wording import AWAITED_TEXTS, OBLIGATION_TEXTS, OPEN_ITEM_TEXTS

MOMENT = datetime(2026, 11, 24, 9, tzinfo=UTC)
TIMES = Times("UTC", MOMENT)
READ = ReadFact(
    told=None,
    at=MOMENT,
    door="M1",
    direction="out",
    outcome="",
    objections=(),
    obligations=(),
    badge="",
    basis="visit",
    policy_version="1",
    opened_at=None,
    relocked_at=None,
)


@pytest.mark.parametrize("code", sorted({**OBLIGATION_TEXTS, **OPEN_ITEM_TEXTS}))
def test_what_is_to_be_done_or_open_at_a_read_has_its_words(code: str) -> None:
    said = reasons(replace(READ, obligations=({"code": code},)), TIMES)
    assert said == f"{ {**OBLIGATION_TEXTS, **OPEN_ITEM_TEXTS}[code].title }."


@pytest.mark.parametrize(("awaits", "text"), sorted(AWAITED_TEXTS.items()))
def test_a_read_that_waits_says_for_what(awaits: str, text: str) -> None:
    entry = Told(
        position=1,
        kind="door.read",
        at=MOMENT,
        actor_kind="gateway",
        actor_reference="g",
        subject_type="gateway",
        subject_id="g",
        leaf="0" * 64,
        data={"awaits": awaits},
        erased=False,
    )
    said = reasons(replace(READ, direction="in", outcome="pending", told=entry), TIMES)
    assert said == f"The reader asked: “{text}”."
