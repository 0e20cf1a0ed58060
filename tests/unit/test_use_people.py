"""The people of an engagement, as its entries alone tell them."""

from datetime import UTC, datetime, timedelta
from typing import Any

from access.reports.told import Told
from terminals.reports.use_people import LEAD, MEMBER, people_told

AT = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
ANN, BO, CY = (
    {"person": key, "name": name} for key, name in (("a", "Ann"), ("b", "Bo"), ("c", "Cy"))
)


def entry(kind: str, **data: Any) -> Told:
    return Told(1, kind, AT, "user", "u", "access.engagement", "e", "00", data, erased=False)


def added(who: dict[str, str], *, lead: bool = False) -> Told:
    return entry("engagement.member_added", person=who["person"], member=who, lead=lead)


def test_the_team_with_what_each_may_know_and_until_when() -> None:
    until = AT + timedelta(days=9)
    span = {"from": AT.isoformat(), "until": until.isoformat()}
    ann, bo = people_told(
        [
            added(ANN, lead=True),
            added(BO),
            entry("need_to_know.granted", person="a", grantor=CY, **span),
            entry("need_to_know.granted", person="b", by=CY, **span),
            entry("need_to_know.revoked", person="b", reason="Left"),
            entry("engagement.member_removed", person="b"),
        ]
    )
    assert (ann.who.name, ann.part, ann.since, ann.until) == ("Ann", LEAD, AT, until)
    assert ann.by is not None
    assert ann.by.name == "Cy"
    assert not ann.ended
    # Ended when it was taken back, and then he was named no more.
    assert (bo.who.name, bo.part, bo.until, bo.ended) == ("Bo", MEMBER, AT, True)


def test_who_was_named_before_names_were_told_is_known_by_another_entry_or_his_key() -> None:
    old = entry("engagement.member_added", person="a", lead=False)
    told = people_told([old, entry("visit.expected", visitor=ANN)])
    assert [each.who.name for each in told] == ["Ann"]
    assert [each.who.key for each in people_told([old])] == ["a"]


def test_checkers_and_appeal_body_and_who_is_of_it_no_more() -> None:
    def named(step: str, who: dict[str, str], part: str) -> Told:
        return entry(f"airlock.reviewer_{step}", reviewer=who, part=part)

    lab, judge, other = people_told(
        [
            named("named", ANN, "lab"),
            named("named", BO, "appeal"),
            named("named", CY, "appeal"),
            named("confirmed", BO, "appeal"),
            named("ended", ANN, "lab"),
        ]
    )
    assert (lab.part, lab.ended) == ("lab", True)
    assert (judge.confirmed, other.confirmed) == (True, False)
