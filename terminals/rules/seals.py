"""Numbered seals: what is on record against what somebody reads off the laptop."""

from collections.abc import Collection
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SealCheck:
    """``missing`` were put on and are not there; ``unknown`` are there and were not put on."""

    missing: tuple[str, ...]
    unknown: tuple[str, ...]

    @property
    def intact(self) -> bool:
        """Whether each seal on record, and no other, is there."""
        return not self.missing and not self.unknown

    @property
    def words(self) -> str:
        """What differs, number by number, for the record; empty where nothing does."""
        parts = (("missing", self.missing), ("unknown", self.unknown))
        return "; ".join(f"seals {what}: {', '.join(each)}" for what, each in parts if each)

    @property
    def told(self) -> str:
        """What differs, for whoever reads them: without a number, for he reads them blind."""
        parts = (
            ("on record and not read", self.missing),
            ("read and not on record", self.unknown),
        )
        return "Seals " + ", ".join(f"{what}: {len(each)}" for what, each in parts if each)


def seal_number(text: str) -> str:
    """A seal's number as it is compared: capitals, no blanks."""
    return "".join(text.split()).upper()


def seals_compare(on_record: Collection[str], read: Collection[str]) -> SealCheck:
    """Compare; a laptop without any seal on record is never intact."""
    known, found = ({seal_number(each) for each in numbers} for numbers in (on_record, read))
    if not known:
        return SealCheck(("-",), tuple(sorted(found)))
    return SealCheck(tuple(sorted(known - found)), tuple(sorted(found - known)))
