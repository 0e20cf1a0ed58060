"""The laptop's link in a visit's record: access declares what it asks, the terminals answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from access.reports.told import Told


@dataclass(frozen=True, slots=True)
class LaptopUse:
    """What a visit's entries say of a laptop: since when, in words, and whether it is as it should
    be (a shape of the chain's links).
    """

    at: datetime
    words: str
    shape: str


class LaptopTeller(Protocol):
    """Who knows laptops."""

    @property
    def kinds(self) -> tuple[str, ...]:
        """Kinds whose bodies name the visit (``visit``, ``visit_id``)."""

    def used(self, entries: Sequence[Told]) -> LaptopUse | None:
        """What the entries of a visit tell; None where no laptop was issued."""


_tellers: list[LaptopTeller] = []


def laptop_teller_set(teller: LaptopTeller) -> None:
    """Name who knows laptops; called from ``AppConfig.ready``."""
    _tellers[:] = [teller]


def laptop_kinds() -> tuple[str, ...]:
    """The kinds of entries about laptops; none where nobody knows any."""
    return tuple(kind for teller in _tellers for kind in teller.kinds)


def laptop_used(entries: Sequence[Told]) -> LaptopUse | None:
    """What a visit's entries say of a laptop."""
    for teller in _tellers:
        return teller.used(entries)
    return None
