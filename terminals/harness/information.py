"""How many bits an answer gives away, at the most that its reader can have learned from it.

Each estimate is the length of a code word in a code that can be decoded (Kraft: the sum of 2^-bits
over all answers of a shape is at most 1). By Shannon's source coding theorem no way of hiding data
in answers carries, on average, more bits than are counted here, whoever thought of it. What an
answer *means* cannot be measured; this is the size of the pipe.

Text is priced byte by byte with the Krichevsky-Trofimov estimator ("The performance of universal
encoding", IEEE Trans. Inf. Theory 27, 1981), which learns the frequencies of the answer itself and
of no other, so that equal answers cost the same at any time.
"""

import math
from collections import Counter

BYTES = 256


def text_bits(text: bytes) -> float:
    """Bits of a text: its length (Elias gamma) and its bytes (Krichevsky-Trofimov)."""
    seen = math.fsum(math.lgamma(count + 0.5) - _HALF for count in Counter(text).values())
    size = len(text)
    every = math.lgamma(size + BYTES / 2) - math.lgamma(BYTES / 2)
    return length_bits(size) + (every - seen) / math.log(2)


def length_bits(length: int) -> int:
    """Bits of a length that has no bound known to the reader: Elias gamma of length + 1."""
    return 2 * ((length + 1).bit_length() - 1) + 1


def choice_bits(possible: int) -> float:
    """Bits of one of so many values that its reader takes to be equally possible."""
    return math.log2(possible)


_HALF = math.lgamma(0.5)
