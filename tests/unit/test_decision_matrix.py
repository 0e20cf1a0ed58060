"""The matrix that the documentation prints is the rules' own word."""

from access.rules.entry import GROUND, OBLIGATIONS, RULES
from access.rules.facts import BasisKind, Stage
from access.rules.matrix import markdown, matrix


def test_the_matrix_lists_every_rule_and_where_it_applies() -> None:
    rows = {row.name: row for row in matrix()}
    assert set(rows) == (
        {each.name for each in GROUND}
        | {each.name for each in RULES}
        | {each.name for each in OBLIGATIONS}
    )
    assert all(row.applies for row in rows.values()), "a rule that is never asked is no rule"
    accredited = {kind for _, kind in rows["accredited"].applies}
    assert accredited == {BasisKind.VISIT, BasisKind.ROSTER, BasisKind.ESCORT}
    assert {stage for stage, _ in rows["two_factors"].applies} == {Stage.DOOR}


def test_every_basis_is_asked_who_where_and_when() -> None:
    asked = {
        kind: {row.name for row in matrix() if (Stage.DOOR, kind) in row.applies}
        for kind in BasisKind
    }
    when = {"within_window", "roster_valid", "on_shift", "order_valid"}
    for kind, names in asked.items():
        assert {"badge_known", "badge_assigned", "two_factors", "leads_to_area"} <= names, kind
        assert {"basis_is_the_persons_own", "not_entering_elsewhere", "snapshot_fresh"} <= names
        # A responder may have gone out by the handle: he is admitted, and it is flagged (R20).
        assert ("not_inside_already" in names) == (kind is not BasisKind.EMERGENCY), kind
        assert len(when & names) == 1, kind


def test_the_table_has_a_line_for_each_rule() -> None:
    lines = markdown().splitlines()
    assert len(lines) == 2 + len(GROUND) + len(RULES) + len(OBLIGATIONS)
    assert lines[0].startswith("| Rule | visit | roster | duty | escort | inspection | emergency |")
    swept = next(line for line in lines if line.startswith("| swept |"))
    assert swept.startswith("| swept | D | D | D | D |  |  |")
