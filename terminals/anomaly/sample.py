"""Many measured values in little room: counts by logarithmic step, and quantiles of them."""

import math
from collections import Counter
from collections.abc import Mapping
from typing import Any

STEPS = 16  # to a doubling: a quantile is exact to 2 %
_FAR = 64 * STEPS  # from 2^-64 to 2^64, more than any feature spans


class SampleInvalid(ValueError):
    """A record is not a sample."""


class Sample:
    """Values that can only be counted into it; how many, and below which a share of them lies."""

    def __init__(self) -> None:
        self._counts: Counter[int] = Counter()

    def __len__(self) -> int:
        return self._counts.total()

    def add(self, value: float) -> None:
        """Count a value; nought and less count as the least."""
        step = round(math.log2(value) * STEPS) if value > 0 else -_FAR
        self._counts[min(max(step, -_FAR), _FAR)] += 1

    def quantile(self, share: float) -> float:
        """The value below which this share lies. Raises ``ValueError`` where there is none."""
        if not self._counts:
            raise ValueError("an empty sample has no quantile")
        steps, passed, wanted = sorted(self._counts), 0, share * len(self)
        for step in steps:
            passed += self._counts[step]
            if passed > wanted:
                return float(2 ** (step / STEPS))
        return float(2 ** (steps[-1] / STEPS))

    def record(self) -> dict[str, int]:
        """The sample as JSON: how many by step."""
        return {str(step): count for step, count in sorted(self._counts.items())}

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> "Sample":
        """The sample of a record; raises :class:`SampleInvalid` for anything else."""
        found = cls()
        try:
            for step, count in record.items():
                if type(count) is not int or count < 0 or not -_FAR <= int(step) <= _FAR:
                    raise SampleInvalid(f"{step}: {count!r}")
                found._counts[int(step)] = count
        except (AttributeError, TypeError, ValueError) as error:
            raise SampleInvalid(str(error)) from error
        return found
