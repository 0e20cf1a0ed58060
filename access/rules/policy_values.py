"""Whether a value fits its key of the policy profile: its kind, its bounds, its shape.

What is let through here is read without an error by :class:`access.rules.facts.PolicyFacts`, by the
threat levels and by the gateways' own numbers.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from access.rules.facts import BasisKind, Passback
from access.rules.policy_keys import KEYS
from access.rules.wording.base import gettext_noop as _
from access.rules.words import Word
from scif.kernel.text import fault_of as text_fault

# The largest number by its unit: what a timer, a date or a keypad of the field still takes.
MOST: dict[str, int] = {
    "months": 120,
    "days": 3_650,
    "hours": 8_760,  # a year
    "minutes": 525_600,
    "seconds": 2_592_000,  # thirty days
    "0.1 s": 65_535,  # the readers' and boards' timers have 16 bits
    "ms": 60_000,
    "digits": 20,
    "times": 1_000,
    "people": 100,
    "MB": 1_048_576,
    "bytes": 1_000_000_000,
    "%": 100_000,
    "‰": 1_000,
    "hour": 24,
    "addresses": 65_536,
    "level": 5,  # of RAND's scale
    "kB": 1_048_576,
    "percent": 99,
    "parts": 1_000_000,
}
# The most where the unit would allow more: the bastion takes no certificate that lives longer.
MOST_OF: dict[str, int] = {"session_certificate_seconds": 120}
# The least number is one, but for a PIN, for a pulse that is armed anew at its half, and for these.
LEAST: dict[str, int] = {"pin_digits": 4, "pin_max_digits": 4, "hold_pulse_tenths": 10} | (
    dict.fromkeys(
        (
            "anomaly_first_hour",
            "arrival_early",
            "booking_lead",
            "booking_turnaround",
            "clock_tolerance",
            "command_grace_seconds",
            "command_skew_seconds",
            "contact_bounce_ms",
            "contact_grace_tenths",
            "device_blip_seconds",
            "edge_reserve_mb",
            "entry_early",
            "held_warning_seconds",
            "refused_commands_per_minute",
            "rex_late_tenths",
            "rex_window_tenths",
            "two_person_grace",
            "unseen_seconds",
        ),
        0,
    )
)
# What bytes can be, as the airlock tells it (terminals/rules/content.py).
_KINDS = ("text", "image", "document", "archive", "program", "other")
# The words that a key may hold. Responders never count as one of two (access/rules/pair.py).
WORDS: dict[str, tuple[str, ...]] = {
    "anti_passback": tuple(Passback),
    "pair_bases": tuple(each for each in BasisKind if each is not BasisKind.EMERGENCY),
    "first_person_bases": tuple(BasisKind),
    "airlock_export_kinds": _KINDS,
    "airlock_intake_kinds": _KINDS,
} | dict.fromkeys(
    (f"anomaly_{part}_act" for part in ("burst", "leak", "hours", "keys", "scrape")),
    ("flag", "slow", "pause", "lock"),
)
# The first of two may not be above the second: the longer would be refused where it arrives.
ORDERED: tuple[tuple[str, str], ...] = (
    ("pin_digits", "pin_max_digits"),
    ("duress_pin_differs", "pin_digits"),
    ("edge_reserve_mb", "edge_capacity_mb"),
    ("unlock_lifetime", "command_max_seconds"),
    ("locker_lifetime", "command_max_seconds"),
    ("card_lifetime", "command_max_seconds"),
    ("zone_order_lifetime", "command_max_seconds"),
    ("anomaly_first_hour", "anomaly_last_hour"),
    ("session_soon_percent", "session_near_percent"),
    ("session_near_percent", "session_last_percent"),
    ("session_near_minutes", "session_soon_minutes"),
    ("session_last_minutes", "session_near_minutes"),
)
_CODE = re.compile(r"[a-zA-Z0-9_-]{1,30}")
_DEMANDS = frozenset({"areas", "ranks", "final_only", "no_visitors"})


class Kind(Word):
    """What a key holds, as a form or a table shows it."""

    NUMBER = "number"
    FLAG = "flag"
    WORD = "word"
    WORDS = "words"
    RANKS = "ranks"
    LEVELS = "levels"


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a value does not fit: a stable word, and a text with the gaps that ``values`` fill."""

    code: str
    text: str
    values: Mapping[str, Any] = field(default_factory=dict)


def kind_of(key: str) -> Kind:
    """What a known key holds, as its shipped default shows; raises ``KeyError`` for another."""
    default = KEYS[key].default
    if isinstance(default, bool):
        return Kind.FLAG
    if isinstance(default, int):
        return Kind.NUMBER
    if isinstance(default, str):
        return Kind.WORD
    if isinstance(default, dict):
        return Kind.RANKS
    return Kind.WORDS if key in WORDS else Kind.LEVELS


def bounds_of(key: str) -> tuple[int, int]:
    """The least and the largest number of a key, both included."""
    return LEAST.get(key, 1), MOST_OF.get(key, MOST[KEYS[key].unit])


def fault_of(key: str, value: object) -> Fault | None:
    """What is wrong with a value for a key, or None. A key that nothing reads is a fault."""
    if key not in KEYS:
        return Fault("key_unknown", _("No rule reads such a value."))
    return _CHECKS[kind_of(key)](key, value)


def order_fault(values: Mapping[str, Any], changed: frozenset[str]) -> tuple[str, Fault] | None:
    """The first changed key that contradicts another one of the profile, and how."""
    for low, high in ORDERED:
        if not changed & {low, high}:
            continue
        first, second = values.get(low), values.get(high)
        if type(first) is int and type(second) is int and first > second:
            key = low if low in changed else high
            text = _("“{low}” may not be above “{high}”.")
            return key, Fault(
                "out_of_order", text, {"low": KEYS[low].meaning, "high": KEYS[high].meaning}
            )
    return None


def _number(key: str, value: object) -> Fault | None:
    least, most = bounds_of(key)
    if type(value) is not int:  # a yes or no is none
        return Fault("not_a_number", _("A whole number is needed."))
    if not least <= value <= most:
        text = _("A number from {least} to {most} is needed.")
        return Fault("out_of_bounds", text, {"least": least, "most": most})
    return None


def _flag(key: str, value: object) -> Fault | None:
    return None if isinstance(value, bool) else Fault("not_a_flag", _("Yes or no is needed."))


def _word(key: str, value: object) -> Fault | None:
    if isinstance(value, str) and value in WORDS[key]:
        return None
    return Fault("word_unknown", _("One of these is needed: {words}."), _choice(key))


def _words(key: str, value: object) -> Fault | None:
    known = isinstance(value, list) and all(
        isinstance(each, str) and each in WORDS[key] for each in value
    )
    if not known:
        return Fault("word_unknown", _("A list of these is needed: {words}."), _choice(key))
    if isinstance(value, list) and len(set(value)) < len(value):
        return Fault("word_twice", _("A word stands there twice."))
    return None


def _choice(key: str) -> Mapping[str, str]:
    return {"words": ", ".join(WORDS[key])}


def _ranks(key: str, value: object) -> Fault | None:
    if _is_ranks(value):
        return None
    return Fault(
        "ranks_malformed", _("A rank for each scheme is needed, like {example}."), _example(key)
    )


def _example(key: str) -> Mapping[str, str]:
    return {"example": str(KEYS[key].default).replace("'", '"')}


def _is_ranks(value: object) -> bool:
    return isinstance(value, dict) and all(
        _is_code(scheme) and type(rank) is int and 0 <= rank <= 100
        for scheme, rank in value.items()
    )


def _is_code(value: object) -> bool:
    return isinstance(value, str) and _CODE.fullmatch(value) is not None


def _levels(key: str, value: object) -> Fault | None:
    if not isinstance(value, list) or not value:
        return Fault("levels_malformed", _("A list of at least one level is needed."))
    for row in value:
        if not isinstance(row, dict) or set(row) != {"code", "name", "demands"}:
            return Fault("levels_malformed", _("Each level has a code, a name and its demands."))
        name = row["name"]
        if not _is_code(row["code"]):
            text = _("A level's code has up to 30 letters, digits, dashes.")
            return Fault("levels_malformed", text)
        if not isinstance(name, str) or not name.strip() or text_fault(name, most=80):
            return Fault("levels_malformed", _("A level's name is a text of up to 80 characters."))
        if not isinstance(row["demands"], list) or not all(map(_is_demand, row["demands"])):
            return Fault(
                "levels_malformed",
                _(
                    "A demand says areas (codes), ranks (by scheme), final_only, no_visitors "
                    "(true or false), and nothing else."
                ),
            )
    if len({row["code"] for row in value}) < len(value):
        return Fault("levels_malformed", _("Two levels have one code."))
    return None


def _is_demand(value: object) -> bool:
    if not isinstance(value, dict) or not set(value) <= _DEMANDS:
        return False
    areas = value.get("areas", [])
    return (
        isinstance(areas, list)
        and all(map(_is_code, areas))
        and _is_ranks(value.get("ranks", {}))
        and all(isinstance(value.get(n, False), bool) for n in ("final_only", "no_visitors"))
    )


_CHECKS = {
    Kind.NUMBER: _number,
    Kind.FLAG: _flag,
    Kind.WORD: _word,
    Kind.WORDS: _words,
    Kind.RANKS: _ranks,
    Kind.LEVELS: _levels,
}
