"""The checks of a decision that are met, in words: what each rule says of itself."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from access.rules.matrix import matrix

MEANINGS = {row.name: row.meaning.rstrip(".") for row in matrix()}


def met_words(names: Iterable[str]) -> list[str]:
    """What is met, by the names of the rules, in their order."""
    return [_(MEANINGS[name]) for name in names]
