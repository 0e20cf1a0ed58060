"""Lists and records of access in the officers' admin, registered on import."""

from access.admin import booking, clearance, cost, custody, decision, engagement, posture, standing

__all__ = [
    "booking",
    "clearance",
    "cost",
    "custody",
    "decision",
    "engagement",
    "posture",
    "standing",
]
