"""What is counted, over the whole of an engagement."""

from collections.abc import Mapping
from enum import StrEnum


class Meter(StrEnum):
    """One cap of an engagement."""

    QUERIES = "queries"  # requests that the harness may have heard of
    TOKENS_IN = "tokens_in"
    TOKENS_OUT = "tokens_out"
    BITS = "bits"  # given away, by information.py, rounded up for each answer


Amounts = Mapping[Meter, int]
