"""How the wires fared in the last hour, from the counts that the drivers keep."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field

from hardware.drivers.base import Traffic

MINUTES = 60


@dataclass(slots=True)
class _Device:
    last: Traffic = field(default_factory=Traffic)
    minutes: deque[tuple[int, Traffic]] = field(default_factory=deque)


class LastHour:
    """Frames sent to each device and failed, minute by minute. Times are monotonic seconds."""

    def __init__(self) -> None:
        self._devices: dict[str, _Device] = {}

    def note(self, counts: Mapping[str, Traffic], now: float) -> None:
        """Take the drivers' counts; one that was made anew counts from nothing."""
        minute = int(now // 60)
        for code, count in counts.items():
            known = self._devices.setdefault(code, _Device())
            began = Traffic() if count.sent < known.last.sent else known.last
            if not known.minutes or known.minutes[-1][0] != minute:
                known.minutes.append((minute, Traffic()))
            here = known.minutes[-1][1]
            here.sent += count.sent - began.sent
            here.failed += max(0, count.failed - began.failed)
            known.last = Traffic(count.sent, count.failed)
            while known.minutes[0][0] <= minute - MINUTES:
                known.minutes.popleft()

    def of(self, code: str) -> dict[str, int]:
        """The sums for one device; nothing for one whose driver does not count."""
        known = self._devices.get(code)
        if known is None:
            return {}
        return {
            "sent": sum(each.sent for _, each in known.minutes),
            "failed": sum(each.failed for _, each in known.minutes),
        }
