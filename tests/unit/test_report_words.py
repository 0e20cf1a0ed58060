"""Words of a visit's record."""

from datetime import UTC, datetime

import pytest

from access.reports.facts import ReadFact
from access.reports.times import Times
from access.reports.wording import reasons
from access.rules.wording import OBLIGATION_TEXTS, OPEN_ITEM_TEXTS

MOMENT = datetime(2026, 11, 24, 9, tzinfo=UTC)


@pytest.mark.parametrize("code", sorted({**OBLIGATION_TEXTS, **OPEN_ITEM_TEXTS}))
def test_what_is_to_be_done_or_open_at_a_read_has_its_words(code: str) -> None:
    read = ReadFact(
        told=None,
        at=MOMENT,
        door="M1",
        direction="out",
        outcome="",
        objections=(),
        obligations=({"code": code},),
        badge="",
        basis="visit",
        policy_version="1",
        opened_at=None,
        relocked_at=None,
    )
    said = reasons(read, Times("UTC", MOMENT))
    assert said == f"{ {**OBLIGATION_TEXTS, **OPEN_ITEM_TEXTS}[code].title }."
