"""An objection: why not, what mends it, who can, and what each audience is told."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from access.rules.wording import WORDINGS, Wording


@dataclass(frozen=True, slots=True)
class Objection:
    """One reason against an entry.

    ``code`` is the stable word; ``params`` fill the officer's texts. ``awaits`` is set where the
    objection mends itself once that has come. INVARIANT: the texts for guard and visitor take no
    parameter but ``time``, so nothing that only an officer may know can reach them.
    """

    code: str
    params: Mapping[str, str] = field(default_factory=dict)
    awaits: str | None = None
    rule: str = ""

    @classmethod
    def of_error(cls, rule: str, error: Exception) -> "Objection":
        """A rule that raised. The officer gets the rule's name and the kind of error."""
        return cls("rule_error", {"rule": rule, "error": type(error).__name__})

    def by(self, rule: str) -> "Objection":
        """The same objection, signed by the rule that made it."""
        return replace(self, rule=rule)

    @property
    def wording(self) -> Wording:
        """The texts of this code, untranslated and unfilled."""
        return WORDINGS[self.code]

    @property
    def message(self) -> str:
        """What is wrong, for the officer."""
        return self.wording.message.format_map(self.params)

    @property
    def remedy(self) -> str:
        """What mends it, for the officer."""
        return self.wording.remedy.format_map(self.params)

    @property
    def who(self) -> str:
        """Who can mend it."""
        return self.wording.who

    @property
    def guard(self) -> str:
        """The act for the guard."""
        return self.wording.guard.format_map(self.params)

    @property
    def visitor(self) -> str:
        """What the person himself is told."""
        return self.wording.visitor.format_map(self.params)

    def record(self) -> dict[str, str]:
        """The objection as the edge journal keeps it, for the officer and the guard."""
        return {
            "code": self.code,
            "message": self.message,
            "remedy": self.remedy,
            "who": self.who,
            "guard": self.guard,
        }
