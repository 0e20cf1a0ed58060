"""The locker doors that hang on a simulated board of locks, whatever bytes the board speaks."""

from collections.abc import Iterable

from hardware.simulators.control import Answer, Refused, Request

MOVES = frozenset({"shut", "open", "jam", "free", "put", "take"})


class LockerDoors:
    """Doors, their hooks and what lies inside. Requests name a ``lock`` from 0.

    ``shut`` and ``open`` move a door by hand (``open`` only where the hook is free or by key),
    ``jam`` and ``free`` its hook, ``put`` and ``take`` what lies inside; ``drop`` (``count``)
    swallows the board's next answers.
    """

    def __init__(self, locks: int) -> None:
        self.locks = locks
        self.shut = [True] * locks
        self.occupied = [False] * locks
        self._jammed = [False] * locks
        self._drop = 0
        self._unlocks = 0

    def handle(self, request: Request) -> Answer | None:
        """Move a door, its hook or its content; None where nothing of it is asked."""
        verb = request["do"]
        if verb == "drop":
            self._drop = int(request["count"])
            return {}
        if verb not in MOVES:
            return None
        lock = int(request["lock"])
        if not 0 <= lock < self.locks:
            raise Refused(f"locks are numbered 0 to {self.locks - 1}")
        match verb:
            case "shut" | "open":
                self.shut[lock] = verb == "shut"
            case "jam" | "free":
                self._jammed[lock] = verb == "jam"
            case _:
                if self.shut[lock]:
                    raise Refused("the door is shut")
                self.occupied[lock] = verb == "put"
        return {}

    def state(self) -> Answer:
        """The doors, and how many unlock commands the board has heard."""
        return {
            "shut": list(self.shut),
            "jammed": list(self._jammed),
            "occupied": list(self.occupied),
            "unlocks": self._unlocks,
        }

    def unlock(self, locks: Iterable[int]) -> None:
        """One command of the board: these doors spring open, but for those that are jammed."""
        self._unlocks += 1
        for lock in locks:
            self.shut[lock] = self.shut[lock] and self._jammed[lock]

    def swallowed(self) -> bool:
        """Whether the answer that the board is about to give is lost."""
        if self._drop > 0:
            self._drop -= 1
            return True
        return False
