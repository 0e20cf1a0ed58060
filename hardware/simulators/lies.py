"""A card that does not say what it should: damaged, forged, cut short, or endless answers."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from hardware.simulators.control import Refused

MOST_BYTES = 250  # what a chip hands on of one answer


@dataclass(frozen=True, slots=True)
class Lie:
    """What becomes of one answer: only the first ``keep`` bytes, some flipped, others added.

    ``flip`` is laid over the end of what is kept, ``add`` comes after it.
    """

    keep: int | None = None
    flip: bytes = b""
    add: bytes = b""

    @classmethod
    def of(cls, record: Any) -> "Lie":
        """Read a request's record, null for the truth; raises TypeError, ValueError."""
        record = record or {}
        keep = record.get("keep")
        flip, add = (bytes.fromhex(record.get(name, "")) for name in ("flip", "add"))
        return cls(None if keep is None else max(0, int(keep)), flip, add)

    def tell(self, answer: bytes) -> bytes:
        """The answer in the place of the true one."""
        kept = bytearray(answer if self.keep is None else answer[: self.keep])
        for place, bits in enumerate(reversed(self.flip[-len(kept) :] if kept else b""), start=1):
            kept[-place] ^= bits
        return (bytes(kept) + self.add)[:MOST_BYTES]


class Lies:
    """Lies for the next answers of a card, in their order; ``again`` begins anew at the end."""

    def __init__(self) -> None:
        self._lies: deque[Lie] = deque()
        self._again = False

    def set(self, records: Iterable[Any], *, again: bool) -> None:
        """From the next answer on; none ends them. Raises Refused."""
        try:
            self._lies = deque(map(Lie.of, records))
        except (TypeError, AttributeError) as error:
            raise Refused("a lie has keep, flip and add") from error
        self._again = again

    def tell(self, answer: bytes) -> bytes:
        """The answer, or what this card says instead."""
        if not self._lies:
            return answer
        lie = self._lies.popleft()
        if self._again:
            self._lies.append(lie)
        return lie.tell(answer)
