"""PINs typed at readers, and the lock-out after too many wrong ones."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from hardware.decider import DoorRead
from hardware.gateway.edge_journal import StatePut, moment
from hardware.gateway.policy import GatewayPolicy

END, CLEAR = "#", "*"
# The decider's code for a PIN that does not match.
WRONG_PIN = "pin_wrong"
KIND = "pin_failures"


@dataclass(slots=True)
class PinEntry:
    """A card read that waits for its PIN at one reader; times are monotonic seconds."""

    read: DoorRead
    until: float
    most_digits: int
    digits: str = field(default="", repr=False)

    def type(self, keys: str) -> tuple[str | None, str]:
        """Take keys; give the finished PIN, or None while it is not, and the keys after its end."""
        for at, key in enumerate(keys):
            if key == END:
                return self.digits, keys[at + 1 :]
            if key == CLEAR:
                self.digits = ""
            elif key.isdecimal() and len(self.digits) <= self.most_digits:
                # One digit too many is kept, so that a PIN that is too long is a wrong one.
                self.digits += key
        return None, ""


class PinLockout:
    """Wrong PINs of each credential, at all readers of this gateway, kept across restarts."""

    def __init__(self, stored: Mapping[str, Any]) -> None:
        self._failures: dict[str, dict[str, Any]] = {key: dict(v) for key, v in stored.items()}

    def locked(self, credential: str, now: datetime) -> bool:
        """Whether PINs of this credential count as wrong now, right ones too."""
        until = self._failures.get(credential, {}).get("until")
        return until is not None and now < datetime.fromisoformat(until)

    def failed(self, credential: str, now: datetime, policy: GatewayPolicy) -> StatePut:
        """Count a wrong PIN; the state to be written with the refusal."""
        failure = self._failures.get(credential, {})
        until = failure.get("until")
        if until is not None and now >= datetime.fromisoformat(until):
            failure = {}  # the lock-out is over and a new count begins
        count = int(failure.get("count", 0)) + 1
        failure = {"count": count, "until": failure.get("until")}
        if count >= policy.pin_max_failures:
            failure["until"] = moment(now + timedelta(seconds=policy.pin_lockout_seconds))
        self._failures[credential] = failure
        return StatePut(KIND, credential, failure)

    def passed(self, credential: str) -> tuple[StatePut, ...]:
        """A right PIN ends the count."""
        if self._failures.pop(credential, None) is None:
            return ()
        return (StatePut(KIND, credential, None),)
