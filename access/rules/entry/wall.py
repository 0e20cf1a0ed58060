"""Parties that may not meet. INVARIANT: no text names the other party, nor that there is one."""

from access.rules.case import Case
from access.rules.facts import BasisKind, Stage, Wall, WallKind
from access.rules.objection import Objection
from access.rules.rule import ALL_BASES, rule


@rule(
    "field-anchors: conflict walls",
    [Stage.ARRIVAL, Stage.DOOR],
    ALL_BASES - {BasisKind.EMERGENCY},
)
def parties_apart(case: Case) -> Objection | None:
    """Nobody from whom the person's party is kept apart is inside, nor here today where days count.

    Somebody inside whose party is not known counts as such a person. Who else was here today only
    the centre knows: a door that does not hear it lets in nobody whom a wall of days keeps apart.
    """
    if not case.person.walls:
        return None
    walls = [wall for wall in case.person.walls if wall.holds(case.days[0])]
    if not walls:
        return None
    for wall in walls:
        if wall.kind is WallKind.DAY and case.days[0] in wall.met:
            return _apart(wall)
    inside = case.zone.parties if case.zone is not None else ()
    for wall in walls:
        if None in inside or wall.party in inside:
            return _apart(wall)
    if any(wall.kind is WallKind.DAY for wall in walls) and _cut_off(case):
        return Objection("day_unknown")
    return None


def _apart(wall: Wall) -> Objection:
    """By which kind of wall and until when: what mends one for a room does not mend one of days."""
    last = wall.last
    until = {"until": f"{last.day} {last:%b %Y}" if last else "it is ended"}
    if wall.kind is WallKind.DAY:
        return Objection("kept_apart_today", until)
    return Objection("kept_apart", until)


def _cut_off(case: Case) -> bool:
    if case.stage is not Stage.DOOR:
        return False
    limit = case.policy.seconds("wall_silence")
    return case.heard_at is None or case.now - case.heard_at > limit
