"""The floor plan as server-rendered SVG: pure, from geometry and state, styled by tokens.

Geometry (Facility.floor_plan), lengths in units of the drawing (a pixel at 100 %), y downwards::

    {"width": 790, "height": 500, "name": "Room 7-114",
     "rooms": [{"code", "name", "polygon": [[x, y], …], "kind": "room" | "outside",
                "perimeter": bool, "two_person": bool, "label_at": [x, y],
                "seats": [[x, y], …]?, "desks": [[x, y, width, height], …]?, "short"?}],
     "doors": [{"code", "at": [x, y], "angle": degrees, "width", "plate_at": [x, y],
                "swing": 1 | -1, "name"?}],
     "lockers": [{"bank", "at": [x, y], "columns", "rows", "name"?}],
     "devices": [{"code", "at": [x, y], "kind", "name"?}],
     "wires": [{"code", "points": [[x, y], …], "kind": "osdp" | "board"}]}

The angle of a door is that of its wall: 0 runs right, 90 down; its hinge is the end where the
wall comes from, and ``swing`` -1 opens it to the other side.

State::

    {"doors": {code: {"status": DOOR_WORDS key, "words"?: text, "url"?: address}},
     "rooms": {code: {"lines": [text, …], "tint": "alarm" | "caution", "tag": text, "tag_tone"?}},
     "people": [{"initials", "kind": PEOPLE_WORDS key, "room", "warn": bool, "name"?, "note"?,
                 "url"?}],
     "lockers": {bank: [used numbers, from 1]},
     "devices": {code: {"status": "online" | "degraded" | "off" | "tamper", "words"?: text,
                       "url"?, "selected"?}},
     "wires": {code: "cut"}}

A name stands on the plan only where the caller gives one: not every screen may show it.
"""

from collections.abc import Mapping, Sequence
from math import cos, radians, sin
from typing import Any
from zlib import crc32

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from scif.console import outline
from scif.console.plan_facts import (
    DEVICE_WORDS,
    DOOR_WORDS,
    device_status,
    device_words,
    door_status,
    door_words,
)
from scif.console.plan_people import people_svg
from scif.console.svg import Point, element, group, label, link, number, path

Json = Mapping[str, Any]

_OPEN = 58  # degrees of an open leaf
_SHUT = {"locked", "released", "shunted", "off"}


def plan_svg(
    geometry: Json, state: Json, *, focus: str | None = None, compact: bool = False
) -> SafeString:
    """Draw the plan; `focus` shows one room alone, `compact` is the small picture of a dashboard.

    Raises KeyError or ValueError on a geometry that lacks what the module's docstring names.
    Follow it with the list of the same facts (`plan_facts`), for keyboard and screen reader.
    """
    rooms: Sequence[Json] = geometry.get("rooms", ())
    name = str(geometry.get("name", ""))
    pattern = f"hatch-{crc32(repr((name, focus, compact)).encode())}"
    parts: list[object] = [_hatch(pattern)]
    parts += [_floor(room, state, pattern) for room in rooms]
    parts += _walls(rooms)
    parts += [_furniture(room) for room in rooms if room.get("desks")]
    wires = state.get("wires", {})
    parts += [_wire(wire, wires) for wire in geometry.get("wires", ())]
    doors = state.get("doors", {})
    parts += [_door(door, doors, compact=compact) for door in geometry.get("doors", ())]
    parts += [_room_label(room, state, compact=compact) for room in rooms]
    lockers = state.get("lockers", {})
    parts += [_bank(bank, lockers, compact=compact) for bank in geometry.get("lockers", ())]
    devices = state.get("devices", {})
    parts += [_device(device, devices) for device in geometry.get("devices", ())]
    parts += [people_svg(room, state, compact=compact) for room in rooms]
    return element(
        "svg",
        *parts,
        class_="plan compact" if compact else "plan",
        viewBox=_view(geometry, rooms, focus),
        # A group, not an image: the doors in it may be links.
        role="group",
        aria_label=_("Floor plan of %(place)s") % {"place": name},
    )


def _view(geometry: Json, rooms: Sequence[Json], focus: str | None) -> str:
    if focus is None:
        return f"0 0 {number(geometry['width'])} {number(geometry['height'])}"
    room = next(room for room in rooms if room["code"] == focus)
    left, top, right, bottom = outline.box(room["polygon"])
    values = (left - 8, top - 8, right - left + 58, bottom - top + 16)
    return " ".join(number(value) for value in values)


def _hatch(pattern: str) -> SafeString:
    line = element("path", d="M0 0V9", class_="hatch")
    return element(
        "defs",
        element(
            "pattern",
            line,
            id=pattern,
            width=9,
            height=9,
            patternUnits="userSpaceOnUse",
            patternTransform="rotate(45)",
        ),
    )


def _floor(room: Json, state: Json, pattern: str) -> SafeString:
    shape = path(room["polygon"], closed=True)
    if room.get("kind") == "outside":
        ground = element("path", d=shape, class_="outside")
        return group([ground, element("path", d=shape, fill=f"url(#{pattern})")])
    tint = state.get("rooms", {}).get(room["code"], {}).get("tint")
    extra = f" {tint}" if tint in {"alarm", "caution"} else ""
    return element("path", d=shape, class_=f"floor{extra}")


def _walls(rooms: Sequence[Json]) -> list[SafeString]:
    inner = [room for room in rooms if room.get("kind") != "outside"]
    walls = " ".join(path(room["polygon"], closed=True) for room in inner)
    parts = [element("path", d=walls, class_="wall")] if inner else []
    parts += [
        element("path", d=path(outline.inset(room["polygon"], 8), closed=True), class_="two")
        for room in inner
        if room.get("two_person")
    ]
    loops = outline.outline(room["polygon"] for room in inner if room.get("perimeter"))
    if loops:
        around = " ".join(path(loop, closed=True) for loop in loops)
        parts.append(element("path", d=around, class_="perim"))
    return parts


def _furniture(room: Json) -> SafeString:
    return group(
        element("rect", x=x, y=y, width=wide, height=high, class_="wk")
        for x, y, wide, high in room["desks"]
    )


def _wire(wire: Json, states: Json) -> SafeString:
    kind = "cut" if states.get(wire["code"]) == "cut" else wire.get("kind", "osdp")
    return element("path", d=path(wire["points"]), class_=f"wire {kind}")


def _turn(x: float, y: float, degrees: float) -> Point:
    angle = radians(degrees)
    return x * cos(angle) - y * sin(angle), x * sin(angle) + y * cos(angle)


def _door(door: Json, states: Json, *, compact: bool) -> SafeString:
    state = states.get(door["code"], {})
    status = door_status(state)
    tone = DOOR_WORDS[status][0]
    width = float(door.get("width", 46))
    x, y = (float(value) for value in door["at"])
    along = _turn(width / 2, 0, float(door.get("angle", 0)))
    hinge, far = (x - along[0], y - along[1]), (x + along[0], y + along[1])
    parts: list[object] = [element("path", d=path([hinge, far]), class_="gap")]
    if status in _SHUT:
        parts.append(element("path", d=path([hinge, far]), class_="leaf"))
        if status == "locked":
            parts.append(element("rect", x=x - 6, y=y - 6, width=12, height=12, class_="bolt"))
    else:
        swing = -1 if door.get("swing") == -1 else 1
        tip = _turn(2 * along[0], 2 * along[1], -_OPEN * swing)
        end = (hinge[0] + tip[0], hinge[1] + tip[1])
        arc = (
            f"M{number(far[0])} {number(far[1])}A{number(width)} {number(width)} 0 0 "
            f"{0 if swing == 1 else 1} {number(end[0])} {number(end[1])}"
        )
        parts.append(element("path", d=arc, class_="swing"))
        parts.append(element("path", d=path([hinge, end]), class_="leaf"))
    if not compact or status not in {"locked", "ajar"}:
        parts += _plate(door, tone, compact=compact)
    drawn = group(parts, class_=f"door {tone}")
    words = _("Door %(code)s: %(state)s") % {
        "code": door["code"],
        "state": door_words(state),
    }
    return link(drawn, state.get("url"), words)


def _plate(door: Json, tone: str, *, compact: bool) -> list[SafeString]:
    wide, high, drop = (66, 40, 9) if compact else (38, 26, 6)
    x, y = (float(value) for value in door["plate_at"])
    half = (x - wide / 2, y - high / 2)
    return [
        element("rect", x=x - 28, y=y - 28, width=56, height=56, class_="hit"),
        element(
            "rect", x=half[0], y=half[1], width=wide, height=high, rx=2, class_=f"plate {tone}"
        ),
        label(x, y + drop, door["code"], f"code {tone}"),
    ]


def _room_label(room: Json, state: Json, *, compact: bool) -> SafeString:
    x, y = (float(value) for value in room["label_at"])
    told = state.get("rooms", {}).get(room["code"], {})
    if compact:
        return label(x, y + 6, room.get("short", ""), "room")
    lines = [str(line) for line in told.get("lines", ())]
    if room.get("kind") == "outside":
        lines = [str(room["name"]), *(lines or [_("outside the perimeter")])]
        wide = 9 * max(len(line) for line in lines) + 28
        back = element(
            "rect", x=x - 10, y=y - 22, width=wide, height=12 + 22 * len(lines), class_="back"
        )
        texts = [label(x, y + 22 * n, line, "sub") for n, line in enumerate(lines)]
        return group([back, *texts], aria_hidden="true")
    texts = [label(x, y, room["name"], "room")]
    texts += [label(x, y + 20 * n, line, "sub") for n, line in enumerate(lines, 1)]
    if told.get("tag"):
        right = outline.box(room["polygon"])[2]
        tag = element(
            "text",
            told["tag"],
            x=right - 16,
            y=y,
            class_=f"sub {told.get('tag_tone', 'ovr')}",
            text_anchor="end",
        )
        texts.append(tag)
    return group(texts, aria_hidden="true")


def _bank(bank: Json, states: Json, *, compact: bool) -> SafeString:
    x, y = (float(value) for value in bank["at"])
    columns = int(bank["columns"])
    used = {int(n) for n in states.get(bank["bank"], ())}
    parts: list[object] = [
        element(
            "rect",
            x=x + 22 * ((n - 1) % columns),
            y=y + 24 * ((n - 1) // columns),
            width=20,
            height=22,
            class_="lk used" if n in used else "lk",
        )
        for n in range(1, columns * int(bank["rows"]) + 1)
    ]
    if not compact:
        parts.append(label(x, y - 10, bank.get("name") or _("Lockers"), "sub"))
    return group(parts, aria_hidden="true")


def _device(device: Json, states: Json) -> SafeString:
    state = states.get(device["code"], {})
    tone = DEVICE_WORDS[device_status(state)][0]
    x, y = (float(value) for value in device["at"])
    text = str(device.get("name") or device["code"])
    wide = max(44.0, 9.6 * len(text) + 16)
    classes = f"dev {tone}{' sel' if state.get('selected') else ''}"
    box = element("rect", x=x - wide / 2, y=y - 14, width=wide, height=28, rx=2)
    hit = element("rect", x=x - max(wide, 48) / 2, y=y - 24, width=max(wide, 48), height=48)
    drawn = group(
        [element("g", hit, class_="hit"), group([box, label(x, y + 6, text)], class_=classes)]
    )
    said = _("Device %(code)s: %(state)s") % {"code": text, "state": device_words(state)}
    return link(drawn, state.get("url"), said)
