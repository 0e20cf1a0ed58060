"""Which change of a policy value asks for less, and so lets in, lets out or lets pass more.

Not every value has such a side: a timer that fits the wire is right or wrong, not strict. Those are
in none of these lists, and a change of theirs is called neither milder nor stricter.
"""

from enum import StrEnum
from typing import Any

MORE_IS_MILDER = frozenset(
    {
        *("arrival_early", "entry_early", "booking_hold", "booking_longest", "escort_ratio"),
        *("tswa_hours_month", "tswa_months"),
        *("snapshot_age", "wall_silence", "clock_tolerance", "two_person_grace", "unseen_seconds"),
        *("unlock_lifetime", "zone_order_lifetime", "locker_lifetime", "card_lifetime"),
        *("command_max_seconds", "command_skew_seconds", "hold_max_minutes", "shunt_max_minutes"),
        *("standing_confirm_minutes", "rewiring_confirm_minutes", "provision_window"),
        *("delivery_seconds", "gateway_silent_seconds", "device_blip_seconds", "alarm_response"),
        *("lockdown_delivery_seconds", "device_silence_seconds", "device_start_seconds"),
        *(
            "emergency_longest",
            "sanitised_hours",
            "pin_timeout_seconds",
            "pin_max_failures",
            "pin_max_failures_alone",
        ),
        *("pin_alone_seconds", "second_person_seconds", "rex_window_tenths", "clock_jump_ms"),
        *("contact_grace_tenths", "rex_late_tenths", "bus_stuck_seconds"),
        "terminal_nonce_seconds",
        *("terminal_attested_minutes", "terminal_lock_seconds", "terminal_release_minutes"),
        "terminal_silent_seconds",
        *("harness_policy_seconds", "session_certificate_seconds", "session_idle_seconds"),
        *("airlock_export_kb", "airlock_intake_kb", "offsite_ceiling", "offsite_addresses"),
        *("offsite_session_minutes", "offsite_attested_minutes", "offsite_silent_seconds"),
        *("offsite_unheard_hours", "offsite_loan_hours", "activity_slow_rate"),
        *("activity_slow_burst", "anomaly_grave_percent", "anomaly_baseline_factor"),
        *("anomaly_burst_allowance", "anomaly_burst_limit", "anomaly_leak_allowance"),
        *("anomaly_leak_payback", "anomaly_leak_limit", "anomaly_hours_limit"),
        *("anomaly_keys_allowance", "anomaly_keys_limit", "anomaly_scrape_allowance"),
        *("anomaly_scrape_limit", "anomaly_review_flag", "anomaly_review_slow"),
        *("anomaly_review_pause", "anomaly_review_lock"),
    }
)
LESS_IS_MILDER = frozenset(
    {
        *("booking_lead", "booking_turnaround", "pin_digits", "duress_pin_differs"),
        *("anti_passback_minutes", "pin_lockout_seconds", "anomaly_hours_rare"),
        *("anomaly_leak_cap", "anomaly_keys_cap", "anomaly_scrape_cap"),
        # A share is one part in so many.
        *("egress_model_share", "egress_engagement_share", "egress_offsite_share"),
        # The more weights are thought to shrink, the less of them may leave.
        "egress_compression",
    }
)
YES_IS_MILDER = frozenset({"uid_only_cards"})
NO_IS_MILDER = frozenset({"uncertain_count_denies", "pin_weak_refused", "lockdown_lift_two"})
# One word more admits more.
LONGER_IS_MILDER = frozenset(
    {"pair_bases", "first_person_bases", "airlock_export_kinds", "airlock_intake_kinds"}
)
# From the mildest word to the strictest.
_ACTS = ("flag", "slow", "pause", "lock")
WORDS_STRICTER: dict[str, tuple[str, ...]] = {
    "anti_passback": ("soft", "timed", "hard"),
    **{f"anomaly_{kind}_act": _ACTS for kind in ("burst", "leak", "hours", "keys", "scrape")},
}


class Bearing(StrEnum):
    """What a change does to what is asked for."""

    MILDER = "milder"
    STRICTER = "stricter"
    NEITHER = ""  # or both, or nobody can tell


def bearing_of(key: str, old: Any, new: Any) -> Bearing:
    """How a value of a profile bears on its rule after a change; ``old`` None was missing.

    A missing value denies, or leaves a gateway to the shipped one, so any is milder or unknown:
    it is called NEITHER.
    """
    if old is None or old == new:
        return Bearing.NEITHER
    if key in LONGER_IS_MILDER:
        before, after = set(old), set(new)
        if after < before:
            return Bearing.STRICTER
        return Bearing.MILDER if after - before else Bearing.NEITHER
    order = WORDS_STRICTER.get(key, ())
    if old in order and new in order:
        return _either(milder=order.index(new) < order.index(old))
    if key in MORE_IS_MILDER | YES_IS_MILDER:
        return _either(milder=new > old)
    if key in LESS_IS_MILDER | NO_IS_MILDER:
        return _either(milder=new < old)
    return Bearing.NEITHER


def _either(*, milder: bool) -> Bearing:
    return Bearing.MILDER if milder else Bearing.STRICTER
