"""What the plan shows, as words: the list that follows it for keyboard and screen reader."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

Json = Mapping[str, Any]
Words = str | Promise

# Status: tone, words. A door or device of another status than these is drawn as without an answer.
DOOR_WORDS: dict[str, tuple[str, Words]] = {
    "locked": ("", gettext_lazy("Locked")),
    "released": ("ok", gettext_lazy("Strike released, shut")),
    "ajar": ("ok", gettext_lazy("Granted, opened")),
    "held": ("warn", gettext_lazy("Held open")),
    "forced": ("stop", gettext_lazy("Forced")),
    "shunted": ("ovr", gettext_lazy("Shunted")),
    "off": ("off", gettext_lazy("No answer")),
}
DEVICE_WORDS: dict[str, tuple[str, Words]] = {
    "online": ("", gettext_lazy("Online")),
    "degraded": ("warn", gettext_lazy("Degraded")),
    "off": ("off", gettext_lazy("No answer")),
    "tamper": ("stop", gettext_lazy("Tamper")),
}
PEOPLE_WORDS: dict[str, Words] = {
    "visitor": pgettext_lazy("person on the plan", "visitor"),
    "escort": pgettext_lazy("person on the plan", "escort"),
    "roster": pgettext_lazy("person on the plan", "roster"),
    "guard": pgettext_lazy("person on the plan", "guard"),
    "escorted": pgettext_lazy("person on the plan", "under escort"),
    "inspector": pgettext_lazy("person on the plan", "inspector"),
    "responder": pgettext_lazy("person on the plan", "responder"),
}


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of the list: where, in words, with the tone that the plan gives it."""

    where: str
    words: str
    tone: str = ""
    url: str = ""


def door_status(state: Json) -> str:
    """The status to draw.

    INVARIANT: a door that nobody reported on is shown without an answer, never as locked.
    """
    status = str(state.get("status", "off"))
    return status if status in DOOR_WORDS else "off"


def door_words(state: Json) -> str:
    """What is said of a door: the caller's words, else those of its status."""
    return str(state.get("words") or DOOR_WORDS[door_status(state)][1])


def plan_facts(geometry: Json, state: Json) -> list[Fact]:
    """Everything that the plan shows: rooms with their people, doors, locker banks, devices."""
    facts = []
    people = state.get("people", ())
    told = state.get("rooms", {})
    for room in geometry.get("rooms", ()):
        lines = [str(line) for line in told.get(room["code"], {}).get("lines", ())]
        if told.get(room["code"], {}).get("tag"):
            lines.append(str(told[room["code"]]["tag"]))
        if room.get("two_person"):
            lines.append(_("two-person zone"))
        lines += [_person(person) for person in people if person["room"] == room["code"]]
        tone = {"alarm": "stop", "caution": "warn"}.get(told.get(room["code"], {}).get("tint"), "")
        facts.append(Fact(str(room["name"]), "; ".join(lines) or _("nobody"), tone))
    drawn = {room["code"] for room in geometry.get("rooms", ())}
    astray = [_person(person) for person in people if person["room"] not in drawn]
    if astray:
        facts.append(Fact(_("Not on this plan"), "; ".join(astray), "warn"))
    for door in geometry.get("doors", ()):
        door_state = state.get("doors", {}).get(door["code"], {})
        name = _("Door %(code)s") % {"code": door["code"]}
        where = f"{name}, {door['name']}" if door.get("name") else name
        tone = DOOR_WORDS[door_status(door_state)][0]
        facts.append(Fact(where, door_words(door_state), tone, str(door_state.get("url") or "")))
    for bank in geometry.get("lockers", ()):
        used = len(set(state.get("lockers", {}).get(bank["bank"], ())))
        total = int(bank["columns"]) * int(bank["rows"])
        words = ngettext(
            "%(used)d of %(total)d locker in use", "%(used)d of %(total)d lockers in use", total
        ) % {"used": used, "total": total}
        facts.append(Fact(str(bank.get("name") or _("Lockers")), words))
    for device in geometry.get("devices", ()):
        device_state = state.get("devices", {}).get(device["code"], {})
        tone = DEVICE_WORDS[device_status(device_state)][0]
        where = str(device.get("name") or device["code"])
        facts.append(
            Fact(where, device_words(device_state), tone, str(device_state.get("url") or ""))
        )
    return facts


def device_status(state: Json) -> str:
    """The status to draw of a device; one that nobody reported gives no answer."""
    status = str(state.get("status", "off"))
    return status if status in DEVICE_WORDS else "off"


def device_words(state: Json) -> str:
    """What is said of a device: the caller's words, else those of its status."""
    return str(state.get("words") or DEVICE_WORDS[device_status(state)][1])


def _person(person: Json) -> str:
    parts = [
        str(person.get("name") or person["initials"]),
        str(PEOPLE_WORDS[str(person.get("kind", "visitor"))]),
    ]
    if person.get("note"):
        parts.append(str(person["note"]))
    return ", ".join(parts)
