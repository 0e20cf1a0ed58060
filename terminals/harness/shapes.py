"""Shapes: what a policy allows a request to say and an answer to give away, field by field.

A request is *checked*: whatever does not fit its shape refuses it. An answer is *reduced*: what the
shape does not name is taken away, long is cut, precise is rounded, and the bits that are left are
counted. INVARIANT: a reduced answer reduces to itself, at the same price.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol

from terminals.harness.information import choice_bits, text_bits


class UnfitError(ValueError):
    """A value does not have its shape; ``where`` is the path of the field, as a.b.0."""

    def __init__(self, where: str, expected: str) -> None:
        super().__init__(f"{where}: {expected} expected")
        self.where = where


class Shape(Protocol):
    """One kind of value."""

    def checked(self, value: Any, where: str) -> Any:
        """The value as it was sent. Raises UnfitError where it does not fit in every way."""

    def reduced(self, value: Any, where: str) -> tuple[Any, float]:
        """What may leave of a value, and its bits. Raises UnfitError for another kind of value."""

    def parts(self) -> Iterator["Shape"]:
        """The shapes inside this one."""


class _Leaf:
    def parts(self) -> Iterator[Shape]:
        """Nothing."""
        return iter(())


@dataclass(frozen=True, slots=True)
class Text(_Leaf):
    """Text of at most ``most`` bytes of UTF-8."""

    most: int

    def checked(self, value: Any, where: str) -> str:
        """See Shape."""
        if not isinstance(value, str) or len(value.encode()) > self.most:
            raise UnfitError(where, f"text of at most {self.most} bytes")
        return value

    def reduced(self, value: Any, where: str) -> tuple[str, float]:
        """Cut to the length, at a whole character."""
        if not isinstance(value, str):
            raise UnfitError(where, "text")
        raw = value.encode()[: self.most].decode("utf-8", "ignore").encode()
        return raw.decode(), text_bits(raw)


@dataclass(frozen=True, slots=True)
class Whole(_Leaf):
    """A whole number from ``low`` to ``high``."""

    low: int
    high: int

    def checked(self, value: Any, where: str) -> int:
        """See Shape."""
        if type(value) is not int or not self.low <= value <= self.high:
            raise UnfitError(where, f"a whole number from {self.low} to {self.high}")
        return value

    def reduced(self, value: Any, where: str) -> tuple[int, float]:
        """Beyond the bounds becomes the bound."""
        if type(value) is not int:
            raise UnfitError(where, "a whole number")
        return min(max(value, self.low), self.high), choice_bits(self.high - self.low + 1)


@dataclass(frozen=True, slots=True)
class Measure(_Leaf):
    """A number from ``low`` to ``high`` with at most ``digits`` digits after the point."""

    low: int
    high: int
    digits: int

    def checked(self, value: Any, where: str) -> int | Decimal:
        """See Shape."""
        exact = _number(value, where)
        if not self.low <= exact <= self.high or exact != self._rounded(exact):
            said = f"a number from {self.low} to {self.high} with {self.digits} digits"
            raise UnfitError(where, said)
        return exact

    def reduced(self, value: Any, where: str) -> tuple[int | Decimal, float]:
        """Rounded to the digits, half to even; beyond the bounds becomes the bound."""
        exact = min(max(_number(value, where), Decimal(self.low)), Decimal(self.high))
        possible = (self.high - self.low) * 10**self.digits + 1
        return self._rounded(exact), choice_bits(possible)

    def _rounded(self, exact: Decimal) -> Decimal:
        # Adding nothing makes of minus nought the one nought that is counted.
        return exact.quantize(Decimal(1).scaleb(-self.digits)) + 0


def _number(value: Any, where: str) -> Decimal:
    if isinstance(value, Decimal) or type(value) is int:
        return Decimal(value)
    raise UnfitError(where, "a number")


@dataclass(frozen=True, slots=True)
class Flag(_Leaf):
    """True or false."""

    def checked(self, value: Any, where: str) -> bool:
        """See Shape."""
        if not isinstance(value, bool):
            raise UnfitError(where, "true or false")
        return value

    def reduced(self, value: Any, where: str) -> tuple[bool, float]:
        """As it is: one bit."""
        return self.checked(value, where), 1.0


@dataclass(frozen=True, slots=True)
class Choice(_Leaf):
    """One of some words. A single word is a sentence that the harness says each time: no bits."""

    of: tuple[str, ...]

    def checked(self, value: Any, where: str) -> str:
        """See Shape."""
        if not isinstance(value, str) or value not in self.of:
            raise UnfitError(where, "one of the words that the policy names")
        return value

    def reduced(self, value: Any, where: str) -> tuple[str, float]:
        """As it is; a word of the harness's own is no reduced one."""
        return self.checked(value, where), choice_bits(len(self.of))


@dataclass(frozen=True, slots=True)
class Many:
    """At most ``most`` values of one shape; of a ranked answer, its top ``most``."""

    most: int
    of: Shape

    def checked(self, value: Any, where: str) -> list[Any]:
        """See Shape."""
        if not isinstance(value, list) or len(value) > self.most:
            raise UnfitError(where, f"a list of at most {self.most}")
        return [self.of.checked(each, f"{where}.{place}") for place, each in enumerate(value)]

    def reduced(self, value: Any, where: str) -> tuple[list[Any], float]:
        """The first ``most``; the harness puts the best first."""
        if not isinstance(value, list):
            raise UnfitError(where, "a list")
        kept = [
            self.of.reduced(each, f"{where}.{place}")
            for place, each in enumerate(value[: self.most])
        ]
        bits = choice_bits(self.most + 1) + math.fsum(each for _, each in kept)
        return [each for each, _ in kept], bits

    def parts(self) -> Iterator[Shape]:
        """The shape of each."""
        yield self.of


@dataclass(frozen=True, slots=True)
class Fields:
    """An object with these fields and no others, each of which may be missing."""

    fields: Mapping[str, Shape]

    def checked(self, value: Any, where: str) -> dict[str, Any]:
        """See Shape; a field that is not named refuses the whole."""
        if not isinstance(value, dict):
            raise UnfitError(where, "an object")
        if strange := sorted(set(value) - set(self.fields)):
            raise UnfitError(f"{where}.{strange[0][:40]}", "a field that the policy names")
        return {
            name: self.fields[name].checked(each, f"{where}.{name}") for name, each in value.items()
        }

    def reduced(self, value: Any, where: str) -> tuple[dict[str, Any], float]:
        """The fields that are named; whether each is there is a bit of its own."""
        if not isinstance(value, dict):
            raise UnfitError(where, "an object")
        kept = {
            name: shape.reduced(value[name], f"{where}.{name}")
            for name, shape in self.fields.items()
            if name in value
        }
        bits = len(self.fields) + math.fsum(each for _, each in kept.values())
        return {name: each for name, (each, _) in kept.items()}, bits

    def parts(self) -> Iterator[Shape]:
        """The shape of each field."""
        yield from self.fields.values()


def within(shape: Shape) -> Iterator[Shape]:
    """The shape and all shapes inside it."""
    yield shape
    for part in shape.parts():
        yield from within(part)


def has_measures(shape: Shape) -> bool:
    """Whether it holds a number that is rounded."""
    return any(isinstance(part, Measure) for part in within(shape))
