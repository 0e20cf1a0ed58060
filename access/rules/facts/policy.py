"""The policy profile that a decision is made under: every number with its unit and source."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from access.rules.labels import Equivalence


class PolicyIncomplete(LookupError):
    """The policy profile lacks a value or holds one of the wrong kind; the decision denies."""


@dataclass(frozen=True, slots=True)
class PolicyFacts:
    """One published version of a policy profile, and the equivalences in force beside it.

    ``values`` maps a key of :data:`access.rules.policy_keys.KEYS` to
    ``{"value": …, "unit": …, "source": …}``.
    """

    version: str
    values: Mapping[str, Mapping[str, Any]]
    equivalences: tuple[Equivalence, ...] = ()

    def number(self, key: str) -> int:
        """A whole number; raises :class:`PolicyIncomplete` where there is none."""
        value = self.values.get(key, {}).get("value")
        if not isinstance(value, int) or isinstance(value, bool):
            raise PolicyIncomplete(key)
        return value

    def seconds(self, key: str) -> timedelta:
        """A duration kept in seconds."""
        return timedelta(seconds=self.number(key))

    def minutes(self, key: str, own: int | None = None) -> timedelta:
        """A duration kept in minutes; ``own`` is a place's own value and goes before."""
        return timedelta(minutes=self.number(key) if own is None else own)

    def flag(self, key: str) -> bool:
        """A yes or no; raises :class:`PolicyIncomplete` where there is none."""
        value = self.values.get(key, {}).get("value")
        if not isinstance(value, bool):
            raise PolicyIncomplete(key)
        return value

    def word(self, key: str) -> str:
        """A word; raises :class:`PolicyIncomplete` where there is none."""
        value = self.values.get(key, {}).get("value")
        if not isinstance(value, str) or not value:
            raise PolicyIncomplete(key)
        return value

    def words(self, key: str) -> frozenset[str]:
        """A set of words, which may be empty; raises :class:`PolicyIncomplete` otherwise."""
        value = self.values.get(key, {}).get("value")
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            raise PolicyIncomplete(key)
        return frozenset(value)

    def ranks(self, key: str) -> Mapping[str, int]:
        """A rank for each scheme, by the scheme's code."""
        value = self.values.get(key, {}).get("value")
        if not isinstance(value, Mapping):
            raise PolicyIncomplete(key)
        return value
