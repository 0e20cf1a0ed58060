"""The laptop's link in a visit's record says what its entries say, and no more."""

from datetime import UTC, datetime
from typing import Any

import pytest

from access.reports.laptop import laptop_kinds, laptop_used
from access.reports.told import Told

AT = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)


def entry(kind: str, **data: Any) -> Told:
    return Told(1, kind, AT, "user", "u", "terminals.terminal", "t", "00", data, erased=False)


ISSUED = entry("terminal.issued")
RETURNED = entry("terminal.returned", intact=True)
ENDED = entry("session.ended", bytes_up=1_000, bytes_down=1_048)


@pytest.mark.parametrize(
    ("entries", "shape", "words"),
    [
        ([ISSUED], "wait", "0 sessions, 0\xa0bytes, not returned"),
        ([ISSUED, ENDED], "wait", "1 session, 2.0\xa0KB, not returned"),
        ([ISSUED, ENDED, ENDED, RETURNED], "ok", "2 sessions, 4.0\xa0KB"),
        ([ISSUED, entry("terminal.returned", intact=False)], "stop", "0 sessions, 0\xa0bytes"),
        ([ISSUED, entry("terminal.returned")], "stop", "0 sessions, 0\xa0bytes"),
        ([ISSUED, RETURNED, ISSUED], "wait", "0 sessions, 0\xa0bytes, not returned"),
    ],
)
def test_what_the_link_says(entries: list[Told], shape: str, words: str) -> None:
    use = laptop_used(entries)
    assert use is not None
    assert (use.shape, use.words, use.at) == (shape, words, AT)


def test_without_a_laptop_there_is_nothing_to_say() -> None:
    assert laptop_used([entry("visit.arrived"), ENDED]) is None
    assert "session.ended" in laptop_kinds()
