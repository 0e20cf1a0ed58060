"""A row: the rule that objects, the basis, the stage, the broken fact, the code."""

from datetime import timedelta

from access.rules import facts as f
from access.rules.policy_keys import RULE_KEYS
from tests.unit import decision_facts as v
from tests.unit.decision_facts import Change, change

Row = tuple[str, f.BasisKind, f.Stage, Change, str]

B, A, D = f.Stage.BOOKING, f.Stage.ARRIVAL, f.Stage.DOOR
VISIT, ROSTER, DUTY = f.BasisKind.VISIT, f.BasisKind.ROSTER, f.BasisKind.DUTY
ESCORT, INSPECTION = f.BasisKind.ESCORT, f.BasisKind.INSPECTION
EMERGENCY = f.BasisKind.EMERGENCY
H, DAY = v.HOUR, v.DAY
LAA = f.EligibilityStatus.LAA


def policy_with(key: str, value: object) -> Change:
    """The policy with another value."""
    values = {**{k: p.entry() for k, p in RULE_KEYS.items()}, key: {"value": value}}
    return change("policy", values=values)


def window(start: timedelta, end: timedelta) -> Change:
    """The basis with a window that lies so far from now."""
    return change("basis", window=f.Window(v.NOW + start, v.NOW + end))
