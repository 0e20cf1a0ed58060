"""The laptop's link in a visit's record says what its entries say, and no more."""

from datetime import UTC, datetime
from typing import Any

import pytest

from access.reports.laptop import laptop_kinds, laptop_lines, laptop_signatures, laptop_used
from access.reports.told import Told

AT = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)


def entry(kind: str, about: str = "t", **data: Any) -> Told:
    return Told(1, kind, AT, "user", "u", "terminals.terminal", about, "00", data, erased=False)


ISSUED = entry("terminal.issued")
RETURNED = entry("terminal.returned", intact=True)
LOST, FOUND = entry("terminal.lost"), entry("terminal.found")
ENDED, AGAIN = (
    entry("session.ended", key, bytes_up=1_000, bytes_down=1_000) for key in ("s1", "s2")
)
COUNTED = entry("session.counted", "s2", bytes_up=2_000, bytes_down=1_000)
RUNS, RUNS_TOO = (entry("session.requested", key) for key in ("s3", "s4"))


@pytest.mark.parametrize(
    ("entries", "shape", "words"),
    [
        ([ISSUED], "wait", "0 sessions, 0 bytes, not returned"),
        ([ISSUED, ENDED], "wait", "1 session, 2 kB, not returned"),
        ([ISSUED, ENDED, AGAIN, RETURNED], "ok", "2 sessions, 4 kB"),
        ([ISSUED, ENDED, AGAIN, COUNTED, RETURNED], "ok", "2 sessions, 5 kB"),
        ([ISSUED, ENDED, RUNS], "wait", "2 sessions, one still running, 2 kB, not returned"),
        ([ISSUED, RUNS, RUNS_TOO], "wait", "2 sessions, 2 still running, 0 bytes, not returned"),
        ([ISSUED, entry("terminal.returned", intact=False)], "stop", "0 sessions, 0 bytes"),
        ([ISSUED, entry("terminal.returned")], "stop", "0 sessions, 0 bytes"),
        ([ISSUED, RETURNED, ISSUED], "wait", "0 sessions, 0 bytes, not returned"),
        ([ISSUED, ENDED, LOST], "stop", "1 session, 2 kB, lost"),
        ([ISSUED, ENDED, LOST, FOUND], "stop", "1 session, 2 kB, lost, found again"),
    ],
)
def test_what_the_link_says(entries: list[Told], shape: str, words: str) -> None:
    use = laptop_used(entries)
    assert use is not None
    assert (use.shape, " ".join(use.words.split()), use.at) == (shape, words, AT)


def test_without_a_laptop_there_is_nothing_to_say() -> None:
    assert laptop_used([entry("visit.arrived"), ENDED]) is None
    assert "session.ended" in laptop_kinds()


def test_both_who_took_a_laptop_over_signed_for_it() -> None:
    signed = {"signer": "p", "signer_name": "Ann", "strokes_sha256": "ab", "terminal": "LT-01"}
    issued, returned = (entry(kind, **signed) for kind in ("terminal.issued", "terminal.returned"))
    found = laptop_signatures([issued, returned])
    assert [(each.purpose, each.party) for each in found] == [
        ("issue", "visitor"),
        ("return", "guard"),
    ]
    assert {(each.locker, each.digest) for each in found} == {("LT-01", "ab")}


def test_a_laptop_that_came_back_with_other_seals_is_told_so() -> None:
    back = entry("terminal.returned", intact=False, terminal="LT-01", seals=["S-9"])
    line = laptop_lines([ISSUED, back])[-1]
    assert (line.shape, line.what, line.said) == ("stop", "Taken back, seals differ", "seals S-9")
    use = laptop_used([ISSUED, back])
    assert use is not None
    assert use.wrong == "laptop came back with other seals"
