"""A second opinion on what an answer costs, written from docs/harness-adapter.md and apart."""

import math
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

OUTCOME = 3


def text_bits(text: bytes) -> float:
    """Byte by byte, with exact fractions."""
    seen = [0] * 256
    probability = Fraction(1)
    for place, byte in enumerate(text):
        probability *= Fraction(2 * seen[byte] + 1, 2 * place + 256)
        seen[byte] += 1
    gamma = 2 * len(f"{len(text) + 1:b}") - 1
    return math.log2(probability.denominator) - math.log2(probability.numerator) + gamma


def query_bits(operation: str, answer: Mapping[str, Any]) -> int:
    """What a query of the stand-in's `complete` or `logprobs` costs in all."""
    fields = 2.0  # the notice and what was asked for, there or not
    if operation == "complete":
        return OUTCOME + math.ceil(fields + text_bits(answer["text"].encode()))
    each = 2 + math.log2(48) + math.log2(3001)  # one of 48 words, one of 3,001 logprobs
    return OUTCOME + math.ceil(fields + math.log2(6) + each * len(answer["top"]))
