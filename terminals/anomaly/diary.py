"""What a session leaves for the baseline: filled interval by interval, read once at the end."""

import math
from collections.abc import Mapping
from typing import Any

from terminals.anomaly.baseline import HOURS, Session
from terminals.anomaly.meter import Measured
from terminals.anomaly.policy import AnomalyPolicy
from terminals.anomaly.sample import Sample, SampleInvalid

VERSION = 1
_SAMPLES = ("bytes", "keys", "gaps", "pages")


class DiaryInvalid(ValueError):
    """A record is not a diary of this version."""


class Diary:
    """One session. It holds sizes by their frequency, and nothing of their order."""

    def __init__(self, policy: AnomalyPolicy) -> None:
        self._policy = policy
        self._bytes, self._keys, self._gaps, self._pages = (Sample() for _ in _SAMPLES)
        self._hours = [0.0] * HOURS

    def note(self, measured: Measured) -> None:
        """Count what an interval brought."""
        if measured.attended:
            self._hours[measured.hour] += measured.seconds
        if (reading := measured.reading) is not None:
            self._keys.add(reading.unevenness)
            self._gaps.add(reading.gap)
        if (window := measured.window) is None:
            return
        if window.attended * 2 >= window.seconds:
            self._bytes.add(window.bytes_down)
        if window.paced(self._policy):
            self._pages.add(window.unevenness)

    def session(self) -> Session:
        """What is kept of the session."""
        policy = self._policy
        return Session(
            usual_bytes=self._quantile(self._bytes, 0.5),
            busy_bytes=self._quantile(self._bytes, policy.busy_share),
            even_keys=self._quantile(self._keys, policy.even_share),
            quick_keys=self._quantile(self._gaps, policy.even_share),
            even_pages=self._quantile(self._pages, policy.even_share),
            hours=tuple(self._hours),
        )

    def record(self) -> dict[str, Any]:
        """The diary as JSON, to be kept while the session lasts."""
        samples = {name: getattr(self, f"_{name}").record() for name in _SAMPLES}
        return {"version": VERSION, "hours": list(self._hours), **samples}

    @classmethod
    def of(cls, record: Mapping[str, Any], policy: AnomalyPolicy) -> "Diary":
        """The diary of a record; raises :class:`DiaryInvalid` for anything else."""
        found = cls(policy)
        try:
            hours = record["hours"]
            if record["version"] != VERSION or len(hours) != HOURS or not all(map(_lasts, hours)):
                raise DiaryInvalid("version or hours")
            found._hours = [float(each) for each in hours]
            for name in _SAMPLES:
                setattr(found, f"_{name}", Sample.of(record[name]))
        except (KeyError, TypeError, SampleInvalid) as error:
            raise DiaryInvalid(str(error)) from error
        return found

    def _quantile(self, sample: Sample, share: float) -> float | None:
        return sample.quantile(share) if len(sample) >= self._policy.figure_least else None


def _lasts(value: Any) -> bool:
    return type(value) in {int, float} and math.isfinite(value) and value >= 0
