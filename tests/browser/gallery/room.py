"""The demonstration room: geometry and one moment of its life."""

from typing import Any


def _box(left: int, top: int, right: int, bottom: int) -> list[list[int]]:
    return [[left, top], [right, top], [right, bottom], [left, bottom]]


def _room(
    code: str, name: str, box: list[list[int]], label: list[int], **more: Any
) -> dict[str, Any]:
    return {"code": code, "name": name, "polygon": box, "kind": "room", "label_at": label, **more}


GEOMETRY: dict[str, Any] = {
    "width": 790,
    "height": 500,
    "name": "Room 7-114",
    "rooms": [
        {
            "code": "corridor",
            "name": "Corridor 7-1",
            "polygon": _box(10, 10, 350, 200),
            "kind": "outside",
            "label_at": [32, 44],
        },
        _room(
            "lobby", "Lobby", _box(10, 200, 220, 490), [24, 262], seats=[[46, 330]], short="Lobby"
        ),
        _room("search", "Search", _box(220, 200, 350, 345), [232, 226], perimeter=True),
        _room("vestibule", "Vestibule", _box(220, 345, 350, 490), [232, 370], perimeter=True),
        _room("store", "Terminal store", _box(350, 10, 500, 200), [364, 40], perimeter=True),
        _room(
            "B",
            "Reading room B",
            _box(500, 10, 780, 200),
            [520, 44],
            perimeter=True,
            two_person=True,
            seats=[[546, 96], [546, 150]],
            short="B",
        ),
        _room(
            "A",
            "Reading room A",
            _box(350, 200, 780, 490),
            [364, 238],
            perimeter=True,
            short="A",
            seats=[[384, 284], [522, 284], [660, 284], [384, 354], [522, 354], [524, 440]],
            desks=[[x, y, 132, 64] for y in (252, 322) for x in (362, 500, 638)],
        ),
    ],
    "doors": [
        {"code": "D1", "at": [105, 200], "angle": 0, "width": 46, "plate_at": [148, 222]},
        {"code": "D2", "at": [220, 424], "angle": 90, "width": 46, "plate_at": [192, 408]},
        {
            "code": "D3",
            "at": [350, 424],
            "angle": 90,
            "width": 46,
            "plate_at": [322, 424],
            "name": "vestibule to reading room A",
        },
        {"code": "D4", "at": [700, 200], "angle": 0, "width": 46, "plate_at": [744, 174]},
        {"code": "D5", "at": [425, 200], "angle": 0, "width": 46, "plate_at": [470, 174]},
        {"code": "D6", "at": [780, 424], "angle": 90, "width": 46, "plate_at": [748, 424]},
        {"code": "D7", "at": [285, 345], "angle": 0, "width": 46, "plate_at": [328, 325]},
        {"code": "D8", "at": [220, 262], "angle": 90, "width": 46, "plate_at": [192, 262]},
    ],
    "lockers": [{"bank": "K1", "at": [24, 436], "columns": 6, "rows": 2}],
}
DEVICES: dict[str, Any] = {
    "devices": [
        {"code": "b7", "at": [425, 124], "kind": "gateway", "name": "Gateway b7"},
        {"code": "R5", "at": [400, 172], "kind": "reader"},
        {"code": "R4", "at": [660, 172], "kind": "reader"},
        {"code": "R3", "at": [316, 394], "kind": "reader"},
        {"code": "R2", "at": [192, 446], "kind": "reader"},
        {"code": "C6", "at": [712, 466], "kind": "contact"},
        {"code": "N1", "at": [64, 330], "kind": "nfc"},
        {"code": "K1", "at": [120, 412], "kind": "lockers"},
    ],
    "wires": [
        {"code": "w4", "points": [[486, 124], [660, 124], [660, 172]], "kind": "osdp"},
        {"code": "w5", "points": [[400, 140], [400, 172]], "kind": "osdp"},
        {
            "code": "w3",
            "points": [[364, 118], [336, 118], [336, 310], [250, 310], [250, 452], [192, 452]],
            "kind": "osdp",
        },
        {
            "code": "wk",
            "points": [[364, 132], [326, 132], [326, 292], [176, 292], [176, 330], [64, 330]],
            "kind": "board",
        },
    ],
}
_LOCKED = {"status": "locked", "url": "#door"}
STATE: dict[str, Any] = {
    "doors": {f"D{n}": _LOCKED for n in range(1, 9)}
    | {
        "D3": {"status": "held", "words": "Held open, limit 30 s", "url": "#door"},
        "D5": {"status": "off", "url": "#door"},
    },
    "rooms": {
        "store": {"lines": ["5 of 8", "laptops in"]},
        "B": {"tag": "two-person"},
    },
    "people": [
        {"initials": "MO", "name": "Okafor", "note": "Post 1", "kind": "guard", "room": "lobby"},
        {"initials": "TW", "name": "Wierzba", "note": "2 h 10", "kind": "roster", "room": "B"},
        {"initials": "LS", "name": "Sørensen", "note": "1 h 55", "kind": "visitor", "room": "B"},
        {"initials": "IC", "name": "Carvalho", "note": "1 h 26", "kind": "visitor", "room": "A"},
        {"initials": "PR", "name": "Raghavan", "note": "1 h 24", "kind": "visitor", "room": "A"},
        {
            "initials": "YD",
            "name": "Demir",
            "note": "+12 min",
            "kind": "visitor",
            "room": "A",
            "warn": True,
        },
        {"initials": "JF", "name": "Feld", "note": "0 h 48", "kind": "visitor", "room": "A"},
        {"initials": "AN", "name": "Nwosu", "note": "escorted", "kind": "visitor", "room": "A"},
        {
            "initials": "DW",
            "name": "Whitlock",
            "note": "escort of Nwosu",
            "kind": "escort",
            "room": "A",
        },
    ],
    "lockers": {"K1": [2, 3, 4, 7, 9]},
}
BENCH_STATE: dict[str, Any] = {
    "doors": {f"D{n}": {"status": "locked"} for n in (1, 2, 3, 4, 6, 7, 8)},
    "devices": {
        code: {"status": "online", "url": "#device"}
        for code in ("b7", "R2", "R3", "R4", "C6", "N1", "K1")
    }
    | {
        "R5": {"status": "off", "url": "#device"},
        "R3": {"status": "online", "selected": True, "url": "#device"},
    },
    "wires": {"w5": "cut"},
    "lockers": {"K1": [2, 3, 4, 7, 9]},
}
