"""The threat level in force at a facility."""

from access.models import ThreatLevelChange
from access.rules.facts import PolicyFacts, PolicyIncomplete
from access.rules.threat import ThreatLevel, threat_levels
from scif.facilities.models import Facility


def threat_code(facility: Facility, policy: PolicyFacts) -> str | None:
    """The level's code: the one set last, else the policy's first; None where there is neither."""
    change = ThreatLevelChange.objects.filter(facility=facility).order_by("-set_at").first()
    if change is not None:
        return change.level
    try:
        return threat_levels(policy)[0].code
    except PolicyIncomplete:
        return None


def threat_choices(policy: PolicyFacts) -> tuple[ThreatLevel, ...]:
    """The levels that may be set; none where the policy lists none."""
    try:
        return threat_levels(policy)
    except PolicyIncomplete:
        return ()


def threat_raised(facility: Facility, policy: PolicyFacts) -> str:
    """The name of the level in force where it is not the ordinary one, else nothing.

    A level that the policy does not list any more is told by its code: doors refuse under it.
    """
    levels, code = threat_choices(policy), threat_code(facility, policy)
    if code is None or (levels and levels[0].code == code):
        return ""
    return next((each.name for each in levels if each.code == code), code)
