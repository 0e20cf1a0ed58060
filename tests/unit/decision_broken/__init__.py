"""Every broken fact that a rule objects to, by what it speaks about."""

from tests.unit.decision_broken import desk, door, mandate, person, posture, room, zone
from tests.unit.decision_broken.row import Row

BROKEN: list[Row] = [
    *room.ROWS,
    *posture.ROWS,
    *person.ROWS,
    *mandate.ROWS,
    *desk.ROWS,
    *door.ROWS,
    *zone.ROWS,
]
