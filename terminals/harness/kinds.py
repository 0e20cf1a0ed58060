"""Access kinds: which classes of answer each one gives.

The words are those of the literature on audits (Casper et al., "Black-Box Access is Insufficient
for Rigorous AI Audits", 2024). An engagement may have several; a policy whose operations give more
than its kinds allow is not taken.
"""

from collections.abc import Iterable

TEXT, LOGPROBS, INTERNALS, DOCUMENTS = "text", "logprobs", "internals", "documents"

CLASSES = {
    "black_box": frozenset({TEXT}),
    "grey_box": frozenset({TEXT, LOGPROBS}),
    "white_box": frozenset({TEXT, LOGPROBS, INTERNALS}),
    "outside_the_box": frozenset({DOCUMENTS}),
}


def classes_of(kinds: Iterable[str]) -> frozenset[str]:
    """The classes of answer that these kinds give together; none for none."""
    return frozenset().union(*(CLASSES[kind] for kind in kinds))
