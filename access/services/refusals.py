"""Refusals of access that carry several reasons."""

from collections.abc import Sequence

from access.selectors.booking_check import Reason
from scif.kernel.errors import Refused


class BookingRefused(Refused):
    """A team cannot be booked; ``reasons`` are in the words of who asks, all of them."""

    def __init__(self, reasons: Sequence[Reason]) -> None:
        first = reasons[0]
        super().__init__("not_admitted", first.what, first.mend)
        self.reasons = tuple(reasons)
