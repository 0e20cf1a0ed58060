"""Whether a PIN that somebody chose himself is hard enough to guess.

A drawn PIN is random (R24); a chosen one is as good as its holder's fancy. So what a stranger would
try first is refused.
"""

from itertools import pairwise

from access.rules.words import Word


class PinFault(Word):
    """Why a chosen PIN will not do."""

    LENGTH = "length"
    SIGNS = "signs"
    REPEATED = "repeated"  # few different digits: 1111, 1212
    RUN = "run"  # each digit follows the one before: 2345, 8765
    PATTERN = "pattern"  # the same digits again: 381381


def pin_fault(pin: str, *, least: int, most: int, weak_refused: bool) -> PinFault | None:
    """The first thing that is wrong with a chosen PIN of ``least`` to ``most`` digits, or None."""
    if not (pin.isascii() and pin.isdecimal()):
        return PinFault.SIGNS
    if not least <= len(pin) <= most:
        return PinFault.LENGTH
    return _weakness(pin) if weak_refused else None


def pins_apart(pin: str, other: str) -> int:
    """In how many places two PINs differ; a digit more or less is a place."""
    differing = sum(one != two for one, two in zip(pin, other, strict=False))
    return differing + abs(len(pin) - len(other))


def _weakness(pin: str) -> PinFault | None:
    if len(set(pin)) < 3:
        return PinFault.REPEATED
    steps = {(int(two) - int(one)) % 10 for one, two in pairwise(pin)}
    if steps in ({1}, {9}):
        return PinFault.RUN
    for length in range(2, len(pin) // 2 + 1):
        if len(pin) % length == 0 and pin[:length] * (len(pin) // length) == pin:
            return PinFault.PATTERN
    return None
