"""The policy values that the rules read, with the defaults of the shipped profile.

A default is data for the seed of a profile; no rule reads it. A profile that lacks a key denies.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PolicyKey:
    """One value of a policy profile: what it means, in which unit, on whose word."""

    meaning: str
    unit: str
    source: str
    default: int | bool | dict[str, int]

    def entry(self) -> dict[str, object]:
        """The value as a policy profile stores it."""
        return {"value": self.default, "unit": self.unit, "source": self.source}


LOCAL = "local SOP; to be confirmed by the facility"

KEYS: dict[str, PolicyKey] = {
    "booking_lead": PolicyKey(
        "Shortest notice between a request and the start of a booking",
        "minutes",
        "R33; " + LOCAL,
        0,
    ),
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
    "clock_tolerance": PolicyKey(
        "How far the door's clock may run behind the centre's last word", "seconds", LOCAL, 5
    ),
    "uncertain_count_denies": PolicyKey(
        "Whether an uncertain count of a zone stops entry until it is counted",
        "yes or no",
        "scif-domain §3, R46; " + LOCAL,
        default=True,
    ),
}
