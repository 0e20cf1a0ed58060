"""The laptop in a visit's record: access declares what it asks, the terminals answer."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from django.utils.module_loading import import_string

from access.reports.facts import ConcernFact, Fact, SignatureFact
from access.reports.told import Told


@dataclass(frozen=True, slots=True)
class LaptopUse:
    """What a visit's entries say of a laptop: since when, in words, and whether it is as it should
    be (a shape of the chain's links). ``wrong``: what is not, for the visit's outcome.
    """

    at: datetime
    words: str
    shape: str
    wrong: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LaptopLine(Fact):
    """Something that became of a laptop of the visit, or that was done at it.

    ``shape`` is one of the status vocabulary, ``said`` what was recorded of it.
    """

    told: Told
    laptop: str
    shape: str
    what: str
    said: str


class LaptopTeller(Protocol):
    """Who knows laptops."""

    @property
    def kinds(self) -> tuple[str, ...]:
        """Kinds whose bodies name the visit (``visit``, ``visit_id``)."""

    @property
    def things(self) -> tuple[str, ...]:
        """Subjects that such an entry brings with it: all that is told of one belongs."""

    def used(self, entries: Sequence[Told]) -> LaptopUse | None:
        """What the entries of a visit tell; None where no laptop was issued."""

    def lines(self, entries: Sequence[Told]) -> list[LaptopLine]:
        """What became of the laptops of a visit, in the entries' order."""

    def concerns(self, entries: Sequence[Told]) -> list[ConcernFact]:
        """What was wrong with what the visitor did; each under the laptop's tag, in words."""

    def signatures(self, entries: Sequence[Told]) -> list[SignatureFact]:
        """Who signed for a laptop; ``locker`` is its tag."""

    def strokes(self, visit_id: UUID) -> Iterable[Mapping[str, Any]]:
        """The strokes that were kept for the visit's laptops."""


_tellers: list[str] = []


def laptop_teller_set(teller: str) -> None:
    """Name the :class:`LaptopTeller` by its path, as makers are; from ``AppConfig.ready``."""
    _tellers[:] = [teller]


def _known() -> list[LaptopTeller]:
    return [import_string(path)() for path in _tellers]


def laptop_kinds() -> tuple[str, ...]:
    """The kinds of entries about laptops; none where nobody knows any."""
    return tuple(kind for teller in _known() for kind in teller.kinds)


def laptop_things() -> tuple[str, ...]:
    """The types of subjects of which all that is told belongs to the visit."""
    return tuple(each for teller in _known() for each in teller.things)


def laptop_used(entries: Sequence[Told]) -> LaptopUse | None:
    """What a visit's entries say of a laptop."""
    for teller in _known():
        return teller.used(entries)
    return None


def laptop_lines(entries: Sequence[Told]) -> tuple[LaptopLine, ...]:
    """What became of the laptops of a visit."""
    return tuple(line for teller in _known() for line in teller.lines(entries))


def laptop_concerns(entries: Sequence[Told]) -> list[ConcernFact]:
    """What was wrong with what the visitor did at a laptop."""
    return [each for teller in _known() for each in teller.concerns(entries)]


def laptop_signatures(entries: Sequence[Told]) -> tuple[SignatureFact, ...]:
    """Who signed for a laptop of the visit."""
    return tuple(each for teller in _known() for each in teller.signatures(entries))


def laptop_strokes(visit_id: UUID) -> list[Mapping[str, Any]]:
    """The strokes that were kept for the visit's laptops."""
    return [each for teller in _known() for each in teller.strokes(visit_id)]
