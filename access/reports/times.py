"""Times of a report, in the facility's zone."""

from datetime import datetime, tzinfo
from zoneinfo import ZoneInfo

from django.utils import formats
from django.utils.translation import gettext as _

DASH = "\u2013"


class Times:
    """Clock times on the day of the visit; other days are named."""

    def __init__(self, zone: str, day: datetime) -> None:
        self._zone: tzinfo = ZoneInfo(zone)
        self._day = day.astimezone(self._zone).date()
        offset = day.astimezone(self._zone).strftime("%z")
        self.offset = f"UTC{offset[:3]}:{offset[3:]}" if offset != "+0000" else "UTC"

    def clock(self, moment: datetime | None, absent: str = DASH) -> str:
        """``09:14:20``, with the day before it if that is another one."""
        if moment is None:
            return absent
        local = moment.astimezone(self._zone)
        clock = local.strftime("%H:%M:%S")
        return clock if local.date() == self._day else f"{self._short(local)} {clock}"

    def minute(self, moment: datetime | None, absent: str = DASH) -> str:
        """``09:14``, or the day if that is another one."""
        if moment is None:
            return absent
        local = moment.astimezone(self._zone)
        return local.strftime("%H:%M") if local.date() == self._day else self._short(local)

    def day(self, moment: datetime) -> str:
        """``24 Nov 2026``."""
        return formats.date_format(moment.astimezone(self._zone), "j M Y")

    def window(self, start: datetime, end: datetime) -> str:
        """A day and the clock times of both ends."""
        first, last = start.astimezone(self._zone), end.astimezone(self._zone)
        if first.date() == last.date():
            return f"{self.day(start)}, {first:%H:%M}{DASH}{last:%H:%M}"
        return _("%(start)s to %(end)s") % {
            "start": f"{self.day(start)}, {first:%H:%M}",
            "end": f"{self.day(end)}, {last:%H:%M}",
        }

    def _short(self, local: datetime) -> str:
        return formats.date_format(local, "j M")
