"""Models of alarms."""

from scif.alarms.models.alarm import Alarm, Gravity

__all__ = ["Alarm", "Gravity"]
