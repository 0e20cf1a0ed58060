"""The checks of a decision that are met, in words: what each rule says of itself."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from access.rules.matrix import matrix


def _said(meaning: str) -> str:
    """What a rule says to people; what it promises to whoever changes it stays in the code."""
    return meaning.partition("INVARIANT:")[0].strip().rstrip(".")


MEANINGS = {row.name: _said(row.meaning) for row in matrix()}


def met_words(names: Iterable[str]) -> list[str]:
    """What is met, by the names of the rules, in their order."""
    return [_(MEANINGS[name]) for name in names if name in MEANINGS]
