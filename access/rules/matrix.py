"""The decision matrix, read from the rules themselves: what is asked when, for which basis.

`python -m access.rules.matrix > docs/decision-matrix.md` writes it down.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass

from access.rules.entry import GROUND, OBLIGATIONS, RULES
from access.rules.facts import BasisKind, Stage
from access.rules.rule import STAGES_OF_BASIS


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """One rule. ``applies`` holds the (stage, basis) pairs for which it is asked."""

    kind: str
    name: str
    meaning: str
    source: str
    applies: frozenset[tuple[Stage, BasisKind]]


def matrix() -> Iterator[MatrixRow]:
    """Every ground rule, rule and obligation, in the order in which they are asked."""
    pairs = [(stage, kind) for kind in BasisKind for stage in STAGES_OF_BASIS[kind]]
    for first in GROUND:
        asked = frozenset(pair for pair in pairs if pair[0] in first.stages)
        yield MatrixRow("ground", first.name, first.meaning, first.source, asked)
    for rule in RULES:
        asked = frozenset(pair for pair in pairs if rule.applies(*pair))
        yield MatrixRow("rule", rule.name, rule.meaning, rule.source, asked)
    for duty in OBLIGATIONS:
        asked = frozenset(pair for pair in pairs if duty.applies(*pair))
        yield MatrixRow("obligation", duty.name, duty.meaning, duty.source, asked)


def markdown() -> str:
    """The matrix as a Markdown table; a cell names the stages by their first letters (B, A, D)."""
    heads = ["Rule", *(kind.value for kind in BasisKind), "Meaning", "Source"]
    lines = ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    for row in matrix():
        cells = [
            " ".join(stage.value[0].upper() for stage in Stage if (stage, kind) in row.applies)
            for kind in BasisKind
        ]
        name = row.name if row.kind == "rule" else f"{row.name} ({row.kind})"
        lines.append("| " + " | ".join([name, *cells, row.meaning, row.source]) + " |")
    return "\n".join(lines) + "\n"


def document() -> str:
    """The matrix with a heading and a legend, as ``docs/decision-matrix.md`` keeps it."""
    return f"""# What is asked, when, and of whom

Written by `python -m access.rules.matrix > docs/decision-matrix.md`; a test compares it with the
rules. A column is a basis of entry, a letter the stage at which the rule is asked: B when the visit
is booked, A at arrival (the desk), D at the door. An empty cell: not asked, and why not stands in
[adr/0002](adr/0002-fail-closed-and-egress.md). *Ground* rules say what must be known first; an
*obligation* never stops anybody, it says what comes with the entry. R numbers and paragraphs are
those of [scif-domain.md](scif-domain.md).

{markdown()}"""


if __name__ == "__main__":
    sys.stdout.write(document())
