"""Changes of alarms: raise, acknowledge, close."""

from scif.alarms.services.alarm import (
    alarm_acknowledge,
    alarm_clear,
    alarm_close,
    alarm_raise,
    alarm_restate,
)

__all__ = ["alarm_acknowledge", "alarm_clear", "alarm_close", "alarm_raise", "alarm_restate"]
