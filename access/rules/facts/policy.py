"""The policy profile that a decision is made under: every number with its unit and source."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, TypeVar

from access.rules.labels import Equivalence

T = TypeVar("T")


class PolicyIncomplete(LookupError):
    """The policy profile lacks a value or holds one of the wrong kind; the decision denies."""


@dataclass(frozen=True, slots=True)
class PolicyFacts:
    """One published version of a policy profile, and the equivalences in force beside it.

    ``values`` maps a key of :data:`access.rules.policy_keys.KEYS` to
    ``{"value": …, "unit": …, "source": …}``. A published version never changes, so that what is
    made of its values is made once.
    """

    version: str
    values: Mapping[str, Mapping[str, Any]]
    equivalences: tuple[Equivalence, ...] = ()
    _made: dict[Any, Any] = field(default_factory=dict, init=False, repr=False, compare=False)
    _durations: dict[tuple[str, str], timedelta] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def made(self, make: Callable[..., T], *about: str | None) -> T:
        """What ``make`` makes of this version about something; made once, unless it raises."""
        found: T | None = self._made.get((make, about))
        if found is None:
            found = self._made[make, about] = make(self, *about)
        return found

    def number(self, key: str) -> int:
        """A whole number; raises :class:`PolicyIncomplete` where there is none."""
        entry = self.values.get(key)
        value = None if entry is None else entry.get("value")
        if type(value) is not int:  # a yes or no is none
            raise PolicyIncomplete(key)
        return value

    def seconds(self, key: str) -> timedelta:
        """A duration kept in seconds."""
        found = self._durations.get(("seconds", key))
        return self._duration("seconds", key) if found is None else found

    def minutes(self, key: str, own: int | None = None) -> timedelta:
        """A duration kept in minutes; ``own`` is a place's own value and goes before."""
        if own is not None:
            return timedelta(minutes=own)
        found = self._durations.get(("minutes", key))
        return self._duration("minutes", key) if found is None else found

    def _duration(self, unit: str, key: str) -> timedelta:
        """Made once; most rules of a door ask for one."""
        made = self._durations[unit, key] = timedelta(**{unit: self.number(key)})
        return made

    def flag(self, key: str) -> bool:
        """A yes or no; raises :class:`PolicyIncomplete` where there is none."""
        entry = self.values.get(key)
        value = None if entry is None else entry.get("value")
        if not isinstance(value, bool):
            raise PolicyIncomplete(key)
        return value

    def word(self, key: str) -> str:
        """A word; raises :class:`PolicyIncomplete` where there is none."""
        entry = self.values.get(key)
        value = None if entry is None else entry.get("value")
        if not isinstance(value, str) or not value:
            raise PolicyIncomplete(key)
        return value

    def words(self, key: str) -> frozenset[str]:
        """A set of words, which may be empty; raises :class:`PolicyIncomplete` otherwise."""
        return self.made(_words, key)

    def ranks(self, key: str) -> Mapping[str, int]:
        """A rank for each scheme, by the scheme's code."""
        value = self.values.get(key, {}).get("value")
        if not isinstance(value, Mapping):
            raise PolicyIncomplete(key)
        return value


def _words(policy: PolicyFacts, key: str) -> frozenset[str]:
    value = policy.values.get(key, {}).get("value")
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise PolicyIncomplete(key)
    return frozenset(value)
