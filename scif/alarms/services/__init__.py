"""Changes of alarms: raise, acknowledge, close; and who raises one about the journal."""

from scif.alarms.services.alarm import (
    alarm_acknowledge,
    alarm_clear,
    alarm_close,
    alarm_raise,
    alarm_restate,
)
from scif.alarms.services.erasure import erasures_tell

__all__ = [
    "alarm_acknowledge",
    "alarm_clear",
    "alarm_close",
    "alarm_raise",
    "alarm_restate",
    "erasures_tell",
]
