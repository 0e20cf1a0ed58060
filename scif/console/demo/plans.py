"""Floor plans of the two facilities, in the units of the drawing (``scif/console/plan.py``)."""

from typing import Any


def room(
    code: str,
    name: str,
    polygon: list[list[int]],
    label_at: list[int],
    *,
    perimeter: bool = False,
    outside: bool = False,
    seats: list[list[int]] | None = None,
    short: str = "",
) -> dict[str, Any]:
    """One room of a plan; ``short`` is its name on a dashboard's small picture."""
    return {
        "code": code,
        "name": name,
        "polygon": polygon,
        "kind": "outside" if outside else "room",
        "perimeter": perimeter,
        "two_person": False,
        "label_at": label_at,
        **({"seats": seats} if seats else {}),
        **({"short": short} if short else {}),
    }


def box(left: int, top: int, right: int, bottom: int) -> list[list[int]]:
    """A rectangle as a polygon, clockwise from the upper left corner."""
    return [[left, top], [right, top], [right, bottom], [left, bottom]]


def seats(left: int, top: int, columns: int, rows: int, *, step: int = 150) -> list[list[int]]:
    """Places at desks in a grid."""
    return [[left + step * x, top + 80 * y] for y in range(rows) for x in range(columns)]


BUILDING_7: dict[str, Any] = {
    "width": 790,
    "height": 500,
    "name": "Room 7-114",
    "rooms": [
        room("b7-corridor", "Corridor 7-1", box(10, 10, 350, 200), [32, 44], outside=True),
        room("b7-lobby", "Lobby", box(10, 200, 220, 490), [24, 262], short="Lobby"),
        room("b7-search", "Search", box(220, 200, 350, 345), [232, 226]),
        room("b7-vestibule", "Vestibule", box(220, 345, 350, 490), [232, 370]),
        room("b7-store", "Terminal store", box(350, 10, 500, 200), [364, 40], perimeter=True),
        room(
            "b7-b",
            "Reading room B",
            box(500, 10, 780, 200),
            [520, 44],
            perimeter=True,
            seats=seats(585, 96, 2, 1, step=120),
            short="B",
        ),
        room(
            "b7-a",
            "Reading room A",
            box(350, 200, 780, 490),
            [364, 238],
            perimeter=True,
            seats=seats(440, 290, 2, 2, step=200),
            short="A",
        ),
    ],
    "doors": [
        {
            "code": "D3",
            "at": [350, 424],
            "angle": 90,
            "width": 46,
            "plate_at": [322, 458],
            "name": "Room A",
        },
        {
            "code": "D4",
            "at": [700, 200],
            "angle": 0,
            "width": 46,
            "plate_at": [744, 174],
            "name": "Room B",
        },
    ],
    "lockers": [{"bank": "K1", "at": [24, 436], "columns": 6, "rows": 2, "name": "Lockers"}],
    "devices": [
        {"code": "b7", "at": [425, 124], "kind": "gateway", "name": "Gateway b7"},
        {"code": "R3", "at": [286, 410], "kind": "reader"},
        {"code": "R3X", "at": [396, 400], "kind": "reader"},
        {"code": "R4", "at": [640, 226], "kind": "reader"},
        {"code": "R4X", "at": [640, 172], "kind": "reader"},
        {"code": "K1", "at": [180, 470], "kind": "locker_board"},
        {"code": "N1", "at": [64, 330], "kind": "desk_reader"},
        {"code": "IO1", "at": [460, 166], "kind": "io_board"},
    ],
    "wires": [
        {
            "code": "b7-osdp",
            "points": [[425, 138], [425, 330], [286, 330], [286, 396]],
            "kind": "osdp",
        },
        {"code": "b7-osdp", "points": [[425, 330], [425, 386]], "kind": "osdp"},
        {
            "code": "b7-osdp",
            "points": [[481, 124], [560, 124], [560, 226], [618, 226]],
            "kind": "osdp",
        },
        {
            "code": "b7-desk",
            "points": [[369, 118], [336, 118], [336, 280], [64, 280], [64, 316]],
            "kind": "board",
        },
        {"code": "b7-lockers", "points": [[180, 280], [180, 456]], "kind": "board"},
    ],
}

MILL_LANE: dict[str, Any] = {
    "width": 790,
    "height": 500,
    "name": "Mill Lane, floor 2",
    "rooms": [
        room("ml-stairs", "Stairs and lift", box(10, 10, 260, 84), [32, 40], outside=True),
        room("ml-lobby", "Reception", box(10, 84, 260, 490), [24, 206], short="Reception"),
        room(
            "ml-r",
            "University reading room",
            box(260, 190, 780, 490),
            [280, 226],
            perimeter=True,
            seats=seats(380, 290, 3, 2, step=140),
            short="Reading room",
        ),
        room(
            "ml-e",
            "Weight enclave",
            box(260, 10, 780, 190),
            [280, 44],
            perimeter=True,
            seats=seats(480, 146, 2, 1),
            short="Enclave",
        ),
    ],
    "doors": [
        {
            "code": "M1",
            "at": [260, 400],
            "angle": 90,
            "width": 46,
            "plate_at": [232, 440],
            "name": "Reading room",
        },
        {
            "code": "M2",
            "at": [260, 148],
            "angle": 90,
            "width": 46,
            "plate_at": [232, 188],
            "name": "Enclave",
        },
    ],
    "lockers": [{"bank": "K2", "at": [24, 416], "columns": 6, "rows": 2, "name": "Lockers"}],
    "devices": [
        {"code": "ml", "at": [690, 44], "kind": "gateway", "name": "Gateway ml"},
        {"code": "M1R", "at": [222, 360], "kind": "reader"},
        {"code": "M1X", "at": [304, 380], "kind": "reader"},
        {"code": "M2R", "at": [206, 132], "kind": "reader"},
        {"code": "M2X", "at": [304, 132], "kind": "reader"},
        {"code": "K2", "at": [184, 471], "kind": "locker_board"},
        {"code": "N2", "at": [64, 280], "kind": "desk_reader"},
    ],
    "wires": [
        {
            "code": "ml-osdp",
            "points": [[690, 58], [690, 106], [206, 106], [206, 118]],
            "kind": "osdp",
        },
        {
            "code": "ml-osdp",
            "points": [[560, 106], [560, 256], [222, 256], [222, 346]],
            "kind": "osdp",
        },
        {
            "code": "ml-desk",
            "points": [
                [634, 44],
                [606, 44],
                [606, 93],
                [172, 93],
                [172, 240],
                [64, 240],
                [64, 266],
            ],
            "kind": "board",
        },
        {"code": "ml-lockers", "points": [[172, 240], [184, 240], [184, 457]], "kind": "board"},
    ],
}
