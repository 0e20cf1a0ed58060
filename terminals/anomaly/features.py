"""What a bastion can see of a session over one interval, and what the centre adds to it.

The names are those of the bastion's message ``features``. Contents are never seen: sizes and times
only. *Down* is from the harness to the laptop, the way on which something leaves.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

_MOST = 2**63 - 1  # what a ledger of bytes or microseconds holds


class FeaturesInvalid(ValueError):
    """A message is not the features of an interval; the text names the field."""


@dataclass(frozen=True, slots=True)
class Features:
    """One interval. Whole numbers, none negative.

    ``seconds_us``: length, µs. ``bytes_*``, ``packets_*``: payload that was passed on.
    ``channels``: opened in the interval. ``keys``: small packets upwards, as a keystroke is;
    ``key_gap_mean_us``, ``key_gap_spread_us`` (standard deviation) and ``key_gap_least_us`` tell
    of the times between them, µs, of which there are ``key_gaps``: a pause of the bastion's
    ``key_pause`` seconds is none. ``bursts``: what came down without a silence between, as a page
    does; ``longest_burst``: bytes of the longest.
    """

    seconds_us: int
    bytes_up: int = 0
    bytes_down: int = 0
    packets_up: int = 0
    packets_down: int = 0
    channels: int = 0
    keys: int = 0
    key_gaps: int = 0
    key_gap_mean_us: int = 0
    key_gap_spread_us: int = 0
    key_gap_least_us: int = 0
    bursts: int = 0
    longest_burst: int = 0

    @classmethod
    def of(cls, message: Mapping[str, Any]) -> "Features":
        """The features of a message; what else it holds is passed over.

        Raises :class:`FeaturesInvalid` where a number is missing, negative, too large or none.
        """
        found = {}
        for field in fields(cls):
            value = message.get(field.name)
            if type(value) is not int or not 0 <= value <= _MOST:
                raise FeaturesInvalid(field.name)
            found[field.name] = value
        return cls(**found)


@dataclass(frozen=True, slots=True)
class Interval:
    """An interval and what only the centre knows of it.

    ``local_hour``: hour of the facility's day at its end, 0 to 23. ``entry_minutes``: since the
    person came into the room, or since the session began where a laptop is used without one.
    ``budget_percent``: how much of the engagement's budget is used up.
    """

    features: Features
    local_hour: int
    entry_minutes: int = 0
    budget_percent: int = 0
