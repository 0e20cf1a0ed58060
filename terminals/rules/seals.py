"""Numbered seals: what is on record against what somebody reads off the laptop, blind."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SealCheck:
    """``missing``: the places of those that were put on and are not there; ``unknown`` are there
    and were not put on.

    INVARIANT: no number on record is told to anybody here: seals are read blind, again next time.
    """

    missing: tuple[str, ...]
    unknown: tuple[str, ...]

    @property
    def intact(self) -> bool:
        """Whether each seal on record, and no other, is there."""
        return not self.missing and not self.unknown

    @property
    def words(self) -> str:
        """What differs, place by place; empty where nothing does."""
        parts = (("not as on record at", self.missing), ("read and not on record", self.unknown))
        return "; ".join(f"seals {what}: {', '.join(each)}" for what, each in parts if each)

    @property
    def told(self) -> str:
        """What differs, for whoever reads them: how many."""
        parts = (
            ("on record and not read", self.missing),
            ("read and not on record", self.unknown),
        )
        return "Seals " + ", ".join(f"{what}: {len(each)}" for what, each in parts if each)


def seal_number(text: str) -> str:
    """A seal's number as it is compared: capitals, no blanks."""
    return "".join(text.split()).upper()


def seals_compare(on_record: Mapping[str, str], read: Collection[str]) -> SealCheck:
    """Compare the places by number with what was read; without a seal on record none is intact."""
    known = {seal_number(number): place for number, place in on_record.items()}
    found = {seal_number(each) for each in read}
    unknown = tuple(sorted(found - known.keys()))
    if not known:
        return SealCheck(("-",), unknown)
    return SealCheck(tuple(sorted(known[each] for each in known.keys() - found)), unknown)
