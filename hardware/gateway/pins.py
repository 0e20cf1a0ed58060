"""PINs typed at readers, and the lock-out after too many wrong ones."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from hardware.decider import DoorRead, DoorVerdict
from hardware.gateway.edge_journal import Draft, StatePut, moment
from hardware.gateway.policy import GatewayPolicy

END, CLEAR = "#", "*"
# The decider's code for a PIN that does not match.
WRONG_PIN = "pin_wrong"
KIND = "pin_failures"
SHARED = "pin_lock"  # the kind of the snapshot's records
Shared = Mapping[str, Any] | None


@dataclass(slots=True)
class PinEntry:
    """A card read that waits for its PIN at one reader; times are monotonic seconds."""

    read: DoorRead
    verdict: DoorVerdict
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
    """Wrong PINs of each credential, at all readers of this gateway, kept across restarts.

    What other gateways counted comes as ``shared``: the snapshot's record ``pin_lock:CREDENTIAL``,
    ``{"count", "last_at", "until"}``, as the centre put it together (hardware/services/pin.py).
    """

    def __init__(self, stored: Mapping[str, Any]) -> None:
        self._failures: dict[str, dict[str, Any]] = {key: dict(v) for key, v in stored.items()}

    def locked_until(
        self, credential: str, now: datetime, policy: GatewayPolicy, shared: Shared, *, alone: bool
    ) -> datetime | None:
        """Until when PINs of this credential count as wrong, right ones too; None: they do not."""
        mine = self._failures.get(credential, {})
        ends = [_moment(record.get("until")) for record in (mine, shared or {})]
        ahead = [end for end in ends if end is not None and now < end]
        if ahead:
            return max(ahead)
        others, last = _recent(shared, now, policy)
        count = 0 if _over(mine, now) else int(mine.get("count", 0))
        if count + others < _most(policy, alone=alone):
            return None
        latest = max(filter(None, (last, _moment(mine.get("last_at")))), default=None)
        end = latest and latest + timedelta(seconds=policy.pin_lockout_seconds)
        return end if end is not None and now < end else None

    def failed(
        self,
        read: DoorRead,
        now: datetime,
        policy: GatewayPolicy,
        shared: Shared,
        *,
        alone: bool,
    ) -> tuple[Draft, StatePut]:
        """Count a wrong PIN; the entry and the state to be written with the refusal."""
        credential = read.credential or ""
        failure = self._failures.get(credential, {})
        if _over(failure, now):
            failure = {}  # the lock-out is over and a new count begins
        count = int(failure.get("count", 0)) + 1
        failure = {"count": count, "until": failure.get("until"), "last_at": moment(now)}
        if count + _recent(shared, now, policy)[0] >= _most(policy, alone=alone):
            failure["until"] = moment(now + timedelta(seconds=policy.pin_lockout_seconds))
        self._failures[credential] = failure
        return (
            Draft("pin.failed", {"credential": credential, "portal": read.portal, **failure}),
            StatePut(KIND, credential, failure),
        )

    def passed(self, credential: str, now: datetime) -> tuple[list[Draft], list[StatePut]]:
        """A right PIN ends the count."""
        if self._failures.pop(credential, None) is None:
            return [], []
        body = {"credential": credential, "count": 0, "until": None, "last_at": moment(now)}
        return [Draft("pin.cleared", body)], [StatePut(KIND, credential, None)]


def _most(policy: GatewayPolicy, *, alone: bool) -> int:
    """Who cannot hear what the others count allows less."""
    if alone:
        return min(policy.pin_max_failures, policy.pin_max_failures_alone)
    return policy.pin_max_failures


def _recent(shared: Shared, now: datetime, policy: GatewayPolicy) -> tuple[int, datetime | None]:
    """What the others counted, while it is not older than a lock-out."""
    last = _moment((shared or {}).get("last_at"))
    if shared is None or last is None:
        return 0, None
    recent = now < last + timedelta(seconds=policy.pin_lockout_seconds)
    return (int(shared.get("count", 0)) if recent else 0), last


def _over(failure: Mapping[str, Any], now: datetime) -> bool:
    until = _moment(failure.get("until"))
    return until is not None and now >= until


def _moment(text: Any) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
