"""What an hour of audit in a room costs, and which figure moves it: docs/cost.md."""

from access.rules.cost.account import (
    FACILITY_PARTS,
    Account,
    Part,
    Values,
    account_of,
    curve_of,
)
from access.rules.cost.drivers import Driver, Measure, drivers_of
from access.rules.cost.inputs import INPUTS, CostInput, Group, InputKey, InputRefused, fault_of
from access.rules.cost.measured import MeasuredUse, VisitTimes, visit_times
from access.rules.cost.starts import ILLUSTRATION, STARTS, Figure, ScenarioKind

__all__ = [
    "FACILITY_PARTS",
    "ILLUSTRATION",
    "INPUTS",
    "STARTS",
    "Account",
    "CostInput",
    "Driver",
    "Figure",
    "Group",
    "InputKey",
    "InputRefused",
    "Measure",
    "MeasuredUse",
    "Part",
    "ScenarioKind",
    "Values",
    "VisitTimes",
    "account_of",
    "curve_of",
    "drivers_of",
    "fault_of",
    "visit_times",
]
