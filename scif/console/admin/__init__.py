"""Lists and records of the officers' admin, registered on import."""

from scif.console.admin import (
    alarms,
    anomalies,
    facilities,
    hardware,
    inspections,
    journal,
    people,
    schemes,
)

__all__ = [
    "alarms",
    "anomalies",
    "facilities",
    "hardware",
    "inspections",
    "journal",
    "people",
    "schemes",
]
