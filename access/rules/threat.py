"""Threat levels as the policy lists them: what each demands beside the ordinary rules.

The policy's ``threat_levels`` is a list in rising order; the first level is the ordinary one::

    {"code": "high", "name": "High", "demands": [
        {"areas": ["ml-r"], "ranks": {"us": 3}, "final_only": true, "no_visitors": true}]}

A demand without ``areas`` holds for every area; the strictest of those that apply counts.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from access.rules.facts import PolicyFacts, PolicyIncomplete

KEY = "threat_levels"


@dataclass(frozen=True, slots=True)
class Demands:
    """What a threat level demands of who enters an area: ``ranks`` are the least, by scheme."""

    ranks: Mapping[str, int] = field(default_factory=dict)
    final_only: bool = False
    no_visitors: bool = False


@dataclass(frozen=True, slots=True)
class ThreatLevel:
    """One level of the policy's list."""

    code: str
    name: str


def threat_levels(policy: PolicyFacts) -> tuple[ThreatLevel, ...]:
    """The levels in rising order; raises :class:`PolicyIncomplete` where there are none."""
    return tuple(ThreatLevel(str(each["code"]), str(each["name"])) for each in _rows(policy))


def demands_at(policy: PolicyFacts, level: str | None, area_code: str) -> Demands | None:
    """What a level demands in an area, or None for one that the policy does not list."""
    return policy.made(_demands, level, area_code)


def _demands(policy: PolicyFacts, level: str | None, area_code: str) -> Demands | None:
    row = next((each for each in _rows(policy) if each["code"] == level), None)
    if row is None:
        return None
    ranks: dict[str, int] = {}
    final_only = no_visitors = False
    for demand in row["demands"]:
        if demand.get("areas") is not None and area_code not in demand["areas"]:
            continue
        for scheme, rank in demand.get("ranks", {}).items():
            ranks[scheme] = max(rank, ranks.get(scheme, rank))
        # Anything but a plain no counts as the stricter reading.
        final_only = final_only or demand.get("final_only", False) is not False
        no_visitors = no_visitors or demand.get("no_visitors", False) is not False
    return Demands(ranks, final_only, no_visitors)


def _rows(policy: PolicyFacts) -> list[Mapping[str, Any]]:
    rows = policy.values.get(KEY, {}).get("value")
    if not isinstance(rows, list) or not rows:
        raise PolicyIncomplete(KEY)
    return rows
