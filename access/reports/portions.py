"""Portion marks: the label of each part, the highest of all, and what lies above the ceiling."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from access.selectors.marking import Banner, lowest_of
from scif.facilities.models import Compartment, Level


class Portions:
    """The marks of one report.

    INVARIANT: nothing above the ceiling (the facility's marking) is shown. A level of another
    scheme cannot be compared and counts as above. Facts about people and times bear the lowest
    level of the ceiling's scheme.
    """

    def __init__(self, ceiling: Level) -> None:
        self._ceiling = ceiling
        self.lowest = lowest_of(ceiling)
        self._banner = Banner()
        self._banner.hold(self.lowest)
        self._used: dict[str, str] = {self.lowest.code: self.lowest.name}

    def shows(self, level: Level) -> bool:
        """Whether a part of this level may stand in the report."""
        return level.scheme_id == self._ceiling.scheme_id and level.rank <= self._ceiling.rank

    def mark(self, level: Level | None = None, compartments: Iterable[Compartment] = ()) -> str:
        """The portion mark of a part that is shown, such as ``(S//HX4)``; remembers its level."""
        level = level or self.lowest
        held = list(compartments)
        codes = sorted(compartment.code for compartment in held)
        self._banner.hold(level, held)
        self._used[level.code] = level.name
        return f"({'//'.join([level.code, *codes])})"

    @property
    def plain(self) -> str:
        """The mark of facts about people and times."""
        return f"({self.lowest.code})"

    @property
    def highest(self) -> Level:
        """The highest level shown; all are of the ceiling's scheme."""
        return self._banner.levels[0]

    @property
    def banner(self) -> str:
        """The marking of the pages: highest level, then every compartment shown."""
        return self._banner.label

    @property
    def legend(self) -> str:
        """What the marks mean."""
        return ", ".join(f"({code}) {name}" for code, name in self._used.items())

    @staticmethod
    def withheld() -> str:
        """What stands in place of a part above the ceiling."""
        return _("Withheld: above the marking of this facility's reports")
