"""The figures that the cost of a room is reckoned from: meaning, unit, what fits."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from access.rules.words import Word


class Group(Word):
    """What a figure is about; a form shows them under these heads."""

    ROOM = "room"
    GUARDS = "guards"
    USE = "use"
    EQUIPMENT = "equipment"
    AUDITOR = "auditor"


class InputKey(Word):
    """One figure. Money is in the facility's currency, shares are per cent."""

    AREA = "area"
    BUILD_COST = "build_cost"
    ACCREDITATION = "accreditation"
    LIFE = "life"
    MAINTENANCE = "maintenance"
    RUNNING = "running"
    GUARD_POSTS = "guard_posts"
    GUARD_RATE = "guard_rate"
    GUARD_COVER = "guard_cover"
    SEATS = "seats"
    OPEN_HOURS = "open_hours"
    UTILISATION = "utilisation"
    EQUIPMENT = "equipment"
    EQUIPMENT_LIFE = "equipment_life"
    AUDITOR_RATE = "auditor_rate"
    TIME_LOST = "time_lost"
    SLOWER_WORK = "slower_work"
    TRIP_COST = "trip_cost"
    TRIP_HOURS = "trip_hours"


@dataclass(frozen=True, slots=True)
class CostInput:
    """What a figure means, its unit, and the least and the most that makes sense of it.

    In a unit, ``%(currency)s`` stands for the facility's currency. What something is divided by
    has a least above zero; a share that is lost stays below the whole.
    """

    group: Group
    meaning: str
    unit: str
    least: Decimal
    most: Decimal


_NONE, _CENT, _FULL = Decimal(0), Decimal("0.01"), Decimal(100)
_MOST = Decimal(1_000_000_000)

INPUTS: Mapping[InputKey, CostInput] = {
    InputKey.AREA: CostInput(Group.ROOM, "Floor area", "sq ft", _NONE, Decimal(1_000_000)),
    InputKey.BUILD_COST: CostInput(
        Group.ROOM, "Construction", "%(currency)s per sq ft", _NONE, _MOST
    ),
    InputKey.ACCREDITATION: CostInput(
        Group.ROOM, "Accreditation, once in the room's life", "%(currency)s", _NONE, _MOST
    ),
    InputKey.LIFE: CostInput(Group.ROOM, "Life of the room", "years", Decimal("0.1"), _FULL),
    InputKey.MAINTENANCE: CostInput(
        Group.ROOM, "Maintenance a year", "% of construction", _NONE, _FULL
    ),
    InputKey.RUNNING: CostInput(
        Group.ROOM, "Rent, power, alarm monitoring", "%(currency)s a year", _NONE, _MOST
    ),
    InputKey.GUARD_POSTS: CostInput(
        Group.GUARDS, "Guard posts manned at a time", "posts", _NONE, Decimal(1000)
    ),
    InputKey.GUARD_RATE: CostInput(
        Group.GUARDS, "A guard's hour", "%(currency)s per hour", _NONE, _MOST
    ),
    InputKey.GUARD_COVER: CostInput(
        Group.GUARDS, "Guarded hours", "hours for each opening hour", _NONE, _FULL
    ),
    InputKey.SEATS: CostInput(Group.USE, "Seats", "seats", _CENT, Decimal(10_000)),
    InputKey.OPEN_HOURS: CostInput(
        Group.USE, "Opening hours", "hours a year", Decimal(1), Decimal(8784)
    ),
    InputKey.UTILISATION: CostInput(Group.USE, "Seat hours in use", "%", _CENT, _FULL),
    InputKey.EQUIPMENT: CostInput(
        Group.EQUIPMENT,
        "Laptop and its share of the bastion",
        "%(currency)s per seat",
        _NONE,
        _MOST,
    ),
    InputKey.EQUIPMENT_LIFE: CostInput(
        Group.EQUIPMENT, "Life of the equipment", "years", Decimal("0.1"), _FULL
    ),
    InputKey.AUDITOR_RATE: CostInput(
        Group.AUDITOR, "An auditor's hour", "%(currency)s per hour", _NONE, _MOST
    ),
    InputKey.TIME_LOST: CostInput(
        Group.AUDITOR,
        "Waiting, search and breaks",
        "% of the time on site",
        _NONE,
        Decimal(95),
    ),
    InputKey.SLOWER_WORK: CostInput(
        Group.AUDITOR,
        "Slower work inside",
        "% less work in an hour",
        _NONE,
        Decimal(95),
    ),
    InputKey.TRIP_COST: CostInput(
        Group.AUDITOR, "Travel: a trip", "%(currency)s per trip", _NONE, _MOST
    ),
    InputKey.TRIP_HOURS: CostInput(
        Group.AUDITOR, "Hours inside on a trip", "hours per trip", _CENT, Decimal(8784)
    ),
}


class InputRefused(ValueError):
    """A figure is missing or does not fit: ``key`` says which, the text why."""

    def __init__(self, key: InputKey, fault: str) -> None:
        super().__init__(fault)
        self.key = key


def fault_of(key: InputKey, value: Decimal | None) -> str:
    """What is wrong with a figure, in words; empty where nothing is."""
    if value is None:
        return "missing"
    known = INPUTS[key]
    if not value.is_finite():
        return "not a number"
    if value < known.least:
        return f"{known.least} is the least"
    if value > known.most:
        return f"{known.most} is the most"
    return ""
