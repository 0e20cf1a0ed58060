"""How many bytes may leave under one engagement, of the weights of what it studies. Pure.

The database works out the same (``terminals_egress_limits``); a test holds the two together.
"""

from typing import Final

# 1 PB: no weights are larger, and no line moves more in a second. A slip of the keyboard is.
MOST_BYTES: Final = 10**15


def engagement_share(weights: int, compression: int, share: int) -> int | None:
    """The policy's share of so many bytes of weights; None where there are none."""
    return weights // compression // share if weights else None
