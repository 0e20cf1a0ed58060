"""The offline contract as a page, from the declarations of rules and devices.

`python -m access.rules.offline_page > docs/offline-contract.md` writes it down.
"""

import sys
from collections.abc import Iterable, Sequence

from access.rules.matrix import matrix
from access.rules.offline import CONTRACTS, MEANINGS
from hardware.rules.gone import GONE


def document() -> str:
    """The page as ``docs/offline-contract.md`` keeps it."""
    words = _table(["Word", "Means"], ([word.value, text] for word, text in MEANINGS.items()))
    rules = _table(["Rule", "Cut off", "Rests on", "Because"], _rules())
    devices = _table(
        ["Gone", "Closes", "Still works", "Known by"],
        ([each.what, each.closes, each.works, each.known_by] for each in GONE.values()),
    )
    return f"""# What a door does when it is cut off

Written by `python -m access.rules.offline_page > docs/offline-contract.md`; a test compares it with
the declarations in `access/rules/offline.py` and `hardware/rules/gone.py`, and
`tests/unit/test_offline_contract.py` and `test_offline_own.py` prove each row. A door decides from
its gateway's memory at all times; being cut off changes only how old that memory may be. Leaving is
never refused, whatever is gone.

{words}
## Rule by rule
{rules}
## Device by device
{devices}"""


def _rules() -> Iterable[Sequence[str]]:
    for row in matrix():
        each = CONTRACTS[row.name]
        name = row.name if row.kind == "rule" else f"{row.name} ({row.kind})"
        yield [name, each.offline.value, each.rests_on, each.why]


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


if __name__ == "__main__":
    sys.stdout.write(document())
