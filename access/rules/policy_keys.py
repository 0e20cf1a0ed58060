"""The policy values that the rules read, with the defaults of the shipped profile.

A default is data for the seed of a profile; no rule reads it. A profile that lacks a key denies.
"""

from dataclasses import dataclass
from typing import Any

from access.rules.anomaly_rows import ACTIVITY_ROWS, ANOMALY_ROWS
from access.rules.offsite_rows import OFFSITE_ROWS

THREAT_LEVELS: list[dict[str, Any]] = [
    {"code": "normal", "name": "Normal", "demands": []},
    {"code": "raised", "name": "Raised", "demands": [{"final_only": True}]},
    {"code": "high", "name": "High", "demands": [{"final_only": True, "no_visitors": True}]},
]


@dataclass(frozen=True, slots=True)
class PolicyKey:
    """One value of a policy profile: what it means, in which unit, on whose word."""

    meaning: str
    unit: str
    source: str
    default: int | bool | str | list[str] | dict[str, int] | list[dict[str, Any]]

    def entry(self) -> dict[str, object]:
        """The value as a policy profile stores it."""
        return {"value": self.default, "unit": self.unit, "source": self.source}


LOCAL = "local SOP; to be confirmed by the facility"

# What a gateway works by (hardware/gateway/policy.py holds the same names).
GATEWAY_KEYS: dict[str, PolicyKey] = {
    key: PolicyKey(meaning, unit, LOCAL, default)
    for key, meaning, unit, default in (
        ("pin_timeout_seconds", "From the card to the end of the PIN", "seconds", 15),
        ("pin_max_digits", "Digits that a keypad takes before it starts over", "digits", 12),
        ("pin_max_failures", "Wrong PINs of one badge before it is locked out", "times", 5),
        ("pin_max_failures_alone", "The same while a gateway is cut off", "times", 3),
        ("pin_alone_seconds", "Silence of the centre after which it is cut off", "seconds", 5),
        ("pin_lockout_seconds", "How long a badge is locked out", "seconds", 300),
        ("strike_ack_tenths", "How long a strike command waits for the wire", "0.1 s", 20),
        ("contact_grace_tenths", "How late a contact may tell of an opening", "0.1 s", 20),
        ("rex_late_tenths", "How late a request to exit may be told after its opening", "0.1 s", 5),
        ("rex_window_tenths", "How long an opening belongs to a request to exit", "0.1 s", 50),
        ("held_warning_seconds", "How long before its limit an open door warns", "seconds", 10),
        ("command_max_seconds", "Longest life of a signed order", "seconds", 120),
        ("command_skew_seconds", "How far in the future an order may be dated", "seconds", 5),
        ("command_grace_seconds", "How late the word of an order's outcome may be", "seconds", 3),
        ("refused_commands_per_minute", "Refused orders journaled one by one", "times", 30),
        ("locker_open_seconds", "A lock of a locker not open by then is jammed", "seconds", 3),
        ("card_encode_seconds", "How long a card may take to be encoded", "seconds", 15),
        ("hold_max_minutes", "Longest time that two people may hold a door open", "minutes", 30),
        ("hold_pulse_tenths", "Pulse of a held door, armed again at its half", "0.1 s", 100),
        ("shunt_max_minutes", "Longest time that two people may shunt a door", "minutes", 60),
        ("clock_jump_ms", "A clock that moves further than this is an alarm", "ms", 1000),
        ("second_person_seconds", "How long the first of two waits for the second", "seconds", 20),
        ("bus_stuck_seconds", "A bus that is silent for longer is started anew", "seconds", 5),
        ("contact_bounce_ms", "Changes of a contact within it are one movement", "ms", 60),
        ("unseen_seconds", "Longest blindness at a door that casts no doubt", "seconds", 3),
        ("device_silence_seconds", "Silence until a device is called gone", "seconds", 8),
        ("device_start_seconds", "How long a device may take until it first answers", "seconds", 5),
        ("edge_capacity_mb", "Largest size of the edge journal", "MB", 1536),
        ("edge_reserve_mb", "Part of it kept free for what happens unasked", "MB", 16),
    )
}

GATEWAY_KEYS["uid_only_cards"] = PolicyKey(
    "Whether a card of which only the serial number is read counts as a badge",
    "yes or no",
    LOCAL,
    default=False,
)

# What services work by.
SERVICE_KEYS: dict[str, PolicyKey] = {
    "booking_turnaround": PolicyKey(
        "How long an area stays held after a booking, for search, sweep and changeover",
        "minutes",
        LOCAL,
        30,
    ),
    "booking_hold": PolicyKey(
        "How long a request holds its slot while nobody has decided it", "minutes", LOCAL, 4320
    ),
    "booking_longest": PolicyKey("Longest booking", "minutes", LOCAL, 480),
    "pin_digits": PolicyKey(
        "Digits of a PIN, random and not linked to the person", "digits", "R24; " + LOCAL, 6
    ),
    "pin_weak_refused": PolicyKey(
        "Whether a PIN of one's own choice may not be few digits, a row or a pattern",
        "yes or no",
        "R24; " + LOCAL,
        default=True,
    ),
    "duress_pin_differs": PolicyKey(
        "In how many places a second PIN, for duress, differs from the first",
        "digits",
        LOCAL,
        2,
    ),
    "unlock_lifetime": PolicyKey(
        "How long a guard's order to unlock a door may wait for the door", "seconds", LOCAL, 10
    ),
    "delivery_seconds": PolicyKey(
        "How soon a gateway must have confirmed what it was told, or it is an alarm",
        "seconds",
        "R9; " + LOCAL,
        3,
    ),
    "gateway_silent_seconds": PolicyKey(
        "Silence of a gateway, which speaks every second, until it is an alarm",
        "seconds",
        LOCAL,
        10,
    ),
    "device_blip_seconds": PolicyKey(
        "An absence of a device that is shorter than this needs nobody's look once it answers",
        "seconds",
        LOCAL,
        3,
    ),
    "standing_confirm_minutes": PolicyKey(
        "How long a request to hold or shunt a door waits for its second person",
        "minutes",
        LOCAL,
        10,
    ),
    "rewiring_confirm_minutes": PolicyKey(
        "How long what one officer asks for waits for the second officer",
        "minutes",
        LOCAL,
        480,
    ),
    "provision_window": PolicyKey(
        "How long a reader may take a key of its own once an officer has opened the window",
        "seconds",
        LOCAL,
        300,
    ),
    "locker_lifetime": PolicyKey(
        "How long an order to open a locker may wait for its board", "seconds", LOCAL, 15
    ),
    "card_lifetime": PolicyKey(
        "How long an order to the desk reader may wait for a card", "seconds", LOCAL, 45
    ),
    "zone_order_lifetime": PolicyKey(
        "How long a correction of a zone's count may wait for its gateway", "seconds", LOCAL, 15
    ),
    "lockdown_lift_two": PolicyKey(
        "Whether two different people lift a lockdown; else one officer who has not declared it",
        "yes or no",
        LOCAL,
        default=True,
    ),
    "lockdown_delivery_seconds": PolicyKey(
        "How soon a gateway must have confirmed a lockdown before it is an alarm",
        "seconds",
        LOCAL,
        5,
    ),
    "sanitised_hours": PolicyKey(
        "Longest time for which an area is recorded as sanitised", "hours", "R38; " + LOCAL, 12
    ),
    "emergency_longest": PolicyKey(
        "How long a declared emergency lets responders in at the most",
        "minutes",
        "R20; " + LOCAL,
        240,
    ),
    "alarm_response": PolicyKey(
        "How soon somebody must be on the spot of an alarm", "seconds", "R11, ICD 705", 900
    ),
}

# What laptops are issued, measured and locked by.
TERMINAL_KEYS: dict[str, PolicyKey] = {
    key: PolicyKey(meaning, unit, LOCAL, default)
    for key, meaning, unit, default in (
        (
            "terminal_nonce_seconds",
            "How long a laptop may take to prove what it runs",
            "seconds",
            60,
        ),
        ("terminal_attested_minutes", "How long an accepted quote holds", "minutes", 15),
        (
            "terminal_silent_seconds",
            "Silence of an issued laptop's agent that ends its session in a room and is an alarm",
            "seconds",
            30,
        ),
        ("terminal_lock_seconds", "How soon a lock must be confirmed", "seconds", 5),
        ("terminal_release_minutes", "How long a release waits for its second", "minutes", 60),
        ("harness_policy_seconds", "How soon a harness must confirm its policy", "seconds", 30),
    )
}

# What sessions of laptops last by, and how much may ever leave (docs/egress.md).
# Derived there from how far a published attack compresses weights.
BUDGET_RULE = f"docs/egress.md; {LOCAL}"

SESSION_KEYS: dict[str, PolicyKey] = {
    key: PolicyKey(meaning, unit, source, default)
    for key, meaning, unit, source, default in (
        (
            "session_certificate_seconds",
            "How long a certificate opens a session",
            "seconds",
            LOCAL,
            60,
        ),
        ("session_soon_percent", "Share of a budget that is first warned of", "percent", LOCAL, 50),
        ("session_near_percent", "Share that is warned of next", "percent", LOCAL, 80),
        ("session_last_percent", "Share that is warned of last", "percent", LOCAL, 95),
        (
            "session_soon_minutes",
            "Time before the end that is first warned of",
            "minutes",
            LOCAL,
            30,
        ),
        ("session_near_minutes", "Time that is warned of next", "minutes", LOCAL, 10),
        ("session_last_minutes", "Time that is warned of last", "minutes", LOCAL, 2),
        (
            "session_idle_seconds",
            "How long nobody types before the laptop asks for badge and PIN again",
            "seconds",
            LOCAL,
            300,
        ),
        (
            "egress_compression",
            "How far weights can be compressed, at most",
            "times",
            BUDGET_RULE,
            100,
        ),
        (
            "egress_model_share",
            "Part of the compressed weights that may leave, over all engagements: 1 in",
            "parts",
            BUDGET_RULE,
            4,
        ),
        (
            "egress_engagement_share",
            "The same for one engagement: 1 in",
            "parts",
            BUDGET_RULE,
            50,
        ),
    )
}

# What the form of an engagement's terms proposes; what lab and facility agree on stands in those.
TERMS_KEYS: dict[str, PolicyKey] = {
    key: PolicyKey(meaning, unit, LOCAL, default)
    for key, meaning, unit, default in (
        ("terms_rate_bytes", "Proposed for new terms: most bytes a second", "bytes", 100_000),
        ("terms_burst_bytes", "Proposed for new terms: most bytes at once", "bytes", 1_000_000),
        ("terms_channels", "Proposed for new terms: channels at once", "times", 4),
    )
}

# What may pass the airlock, and how soon somebody answers (docs/airlock.md).
AIRLOCK_KEYS: dict[str, PolicyKey] = {
    "airlock_export_kb": PolicyKey("Largest item that may leave", "kB", LOCAL, 1_000),
    "airlock_intake_kb": PolicyKey("Largest item that may come in", "kB", LOCAL, 50_000),
    "airlock_export_kinds": PolicyKey(
        "Kinds of content that may leave", "kinds", LOCAL, ["text", "image"]
    ),
    "airlock_intake_kinds": PolicyKey(
        "Kinds of content that may come in",
        "kinds",
        LOCAL,
        ["text", "image", "document", "archive", "other"],
    ),
    "airlock_hours": PolicyKey(
        "How soon a sealed item is answered",
        "hours",
        LOCAL,
        72,
    ),
    "airlock_appeal_hours": PolicyKey("How soon an appeal is decided", "hours", LOCAL, 240),
}

# What the decision reads; a profile without one denies where it is needed.
RULE_KEYS: dict[str, PolicyKey] = {
    "booking_lead": PolicyKey(
        "Shortest notice between a request and the start of a booking",
        "minutes",
        "R33; " + LOCAL,
        0,
    ),
    "tswa_hours_month": PolicyKey(
        "Hours a month below which the bookings of a temporary working area stay",
        "hours",
        "R5, ICD 705 technical specifications",
        40,
    ),
    "tswa_months": PolicyKey(
        "How long a temporary working area may be used from its first day",
        "months",
        "R5, ICD 705 technical specifications",
        12,
    ),
    "arrival_early": PolicyKey(
        "How long before its start a visit may check in", "minutes", LOCAL, 60
    ),
    "entry_early": PolicyKey(
        "How long before its start a visit may pass the door", "minutes", LOCAL, 10
    ),
    "laa_rank": PolicyKey(
        "Highest rank that a limited access authorisation reaches, by scheme",
        "rank",
        "R35, 32 CFR 117.10(k)",
        {"us": 2},
    ),
    "snapshot_age": PolicyKey(
        "Oldest snapshot that a door decides from under its normal rules", "seconds", LOCAL, 900
    ),
    "wall_silence": PolicyKey(
        "Silence of the centre after which a door knows not who came today (walls of days)",
        "seconds",
        "field-anchors: conflict walls; " + LOCAL,
        5,
    ),
    "clock_tolerance": PolicyKey(
        "How far the door's clock may run behind the centre's last word", "seconds", LOCAL, 5
    ),
    "threat_levels": PolicyKey(
        "Threat levels in rising order, and what each demands",
        "list",
        LOCAL,
        THREAT_LEVELS,
    ),
    "uncertain_count_denies": PolicyKey(
        "Whether an uncertain count of a zone stops entry until it is counted",
        "yes or no",
        "scif-domain §3, R46; " + LOCAL,
        default=True,
    ),
    "anti_passback": PolicyKey(
        "What becomes of a badge whose holder is counted inside: hard, soft, timed",
        "word",
        "field-anchors: anti-passback; " + LOCAL,
        "hard",
    ),
    "anti_passback_minutes": PolicyKey(
        "How long after an entry the timed kind refuses the next one", "minutes", LOCAL, 10
    ),
    "pair_bases": PolicyKey(
        "Bases whose holders count under the two-person rule; the escorted and responders never do",
        "bases",
        "R45; " + LOCAL,
        ["visit", "roster", "duty", "escort", "inspection"],
    ),
    "two_person_grace": PolicyKey(
        "How long somebody may stay alone under the two-person rule before it is graver",
        "seconds",
        "R45; " + LOCAL,
        60,
    ),
    "first_person_bases": PolicyKey(
        "Bases whose holders may be the first in a zone that asks for it",
        "bases",
        "field-anchors: first-person-in; " + LOCAL,
        ["roster", "duty"],
    ),
    "escort_ratio": PolicyKey(
        "Most people whom one escort accompanies at a time", "people", "R39; " + LOCAL, 4
    ),
}

# What a laptop's session is judged by (terminals/anomaly).
ANOMALY_KEYS: dict[str, PolicyKey] = {
    key: PolicyKey(meaning, unit, source, default)
    for key, meaning, unit, source, default in ANOMALY_ROWS
}

# What is done about an anomaly until somebody has looked, and how long counts are kept.
ACTIVITY_KEYS: dict[str, PolicyKey] = {
    key: PolicyKey(meaning, unit, source, default)
    for key, meaning, unit, source, default in ACTIVITY_ROWS
}

# How long something is kept: without a value it is not deleted, and nothing is denied.
KEPT_KEYS = frozenset({"activity_session_days", "activity_baseline_days"})

# What laptops and sessions outside the rooms are held to (terminals/rules/offsite.py).
OFFSITE_KEYS: dict[str, PolicyKey] = {
    key: PolicyKey(meaning, unit, source, default)
    for key, meaning, unit, source, default in OFFSITE_ROWS
}

KEYS: dict[str, PolicyKey] = {
    **RULE_KEYS,
    **SERVICE_KEYS,
    **GATEWAY_KEYS,
    **TERMINAL_KEYS,
    **SESSION_KEYS,
    **TERMS_KEYS,
    **ANOMALY_KEYS,
    **ACTIVITY_KEYS,
    **AIRLOCK_KEYS,
    **OFFSITE_KEYS,
}


def shipped() -> dict[str, dict[str, object]]:
    """The values of a new profile: every key with its default, as a profile stores them."""
    return {key: policy.entry() for key, policy in KEYS.items()}
