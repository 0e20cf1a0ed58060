"""Standing orders of two people: a door held open, a door's alarm shunted, each for a while."""

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from hardware.drivers.base import DeviceCommand, Verb
from hardware.gateway.config import Contact
from hardware.gateway.doorway import COMMAND
from hardware.gateway.edge_journal import Draft, EdgeError, StatePut, moment
from hardware.gateway.orders import Order
from hardware.gateway.site import Site

logger = logging.getLogger(__name__)
KIND = "standing"
HOLD, SHUNT, RELEASE = "door_hold", "door_shunt", "door_release"
VERBS = frozenset({HOLD, SHUNT, RELEASE})
ENDED_BY_LOCKDOWN, EXPIRED, RELEASED = "lockdown", "expired", "released"


@dataclass(slots=True)
class Standing:
    """One of them, while it stands. ``ends`` and ``pulse_at`` are monotonic seconds.

    ``awaited``: of a hold that has not been heard of by its strike yet.
    """

    record: Mapping[str, Any]
    ends: float
    pulse_at: float = field(default=float("-inf"))
    awaited: bool = False


class StandingOrders:
    """Those of all portals of a gateway.

    A hold is no state of the device: the strike's own timer runs, and is armed again before it
    ends. INVARIANT: a gateway that dies leaves a door that locks within one such pulse; and no
    restart, no clock and nobody's silence makes one last longer than the policy allows.
    """

    def __init__(self, site: Site, stored: Mapping[str, Mapping[str, Any]]) -> None:
        self._site = site
        self._lock = threading.Lock()
        self._standing = {
            key: Standing(record, self._left(record)) for key, record in stored.items()
        }

    def held(self, portal: str) -> bool:
        """Whether somebody ordered this door to stand open now."""
        return self._stands(HOLD, portal)

    def shunted(self, portal: str) -> bool:
        """Whether an opening or a long stay of this door is no alarm now."""
        return self._stands(SHUNT, portal) or self._stands(HOLD, portal)

    def order(self, order: Order, strike: Contact | None) -> str | None:
        """Obey; gives why not, or None. ``strike`` is what opens the door, if anything does."""
        with self._lock:
            if order.verb == RELEASE:
                return self._release(order, strike)
            wrong = self._wrong(order, strike)
            if wrong is not None:
                return wrong
            record = {
                "verb": order.verb,
                "portal": order.target,
                "command_id": order.id,
                "until": str(order.args["until"]),
                "accepted_at": moment(self._site.centre_time()),
                "requested_by": str(order.args["requested_by"]),
                "confirmed_by": str(order.args["confirmed_by"]),
            }
            drafts, puts = [Draft(f"{_word(order.verb)}_began", record)], []
            if order.verb == SHUNT:
                drafts.append(_done(order))
                puts.append(StatePut(COMMAND, order.id, None))
            key = f"{order.verb}:{order.target}"
            try:
                self._site.recorder.intent(drafts, [*puts, StatePut(KIND, key, record)])
            except EdgeError:
                return "journal_unavailable"
            awaited = order.verb == HOLD
            self._standing[key] = Standing(record, self._left(record), awaited=awaited)
            return None

    def heard(self, command_id: str, *, reason: str | None) -> None:
        """What became of a pulse of a hold; ``reason`` None: the strike has taken it."""
        with self._lock:
            for key, standing in list(self._standing.items()):
                if standing.awaited and standing.record["command_id"] == command_id:
                    if reason is None:
                        standing.awaited = False
                        body = {"command_id": command_id, "verb": HOLD}
                        put = StatePut(COMMAND, command_id, None)
                        self._site.recorder.fact([Draft("command.done", body)], [put])
                    else:
                        self._end(key, reason)

    def tick(self, strikes: Callable[[str], Contact | None]) -> None:
        """Arm the timers of held doors again, and end what is over."""
        now = self._site.monotonic()
        with self._lock:
            for key, standing in list(self._standing.items()):
                portal, strike = str(standing.record["portal"]), None
                if standing.record["verb"] == HOLD:
                    strike = strikes(portal)
                if self._site.locked_down(portal):
                    self._end(key, ENDED_BY_LOCKDOWN, strike)
                elif now >= standing.ends:
                    self._end(key, EXPIRED)
                elif strike is not None and now >= standing.pulse_at:
                    left = standing.ends - now
                    tenths = min(self._site.policy.hold_pulse_tenths, max(1, int(left * 10)))
                    last = tenths < self._site.policy.hold_pulse_tenths
                    standing.pulse_at = standing.ends if last else now + tenths / 20
                    self._pulse(strike, tenths, str(standing.record["command_id"]))

    def _stands(self, verb: str, portal: str) -> bool:
        standing = self._standing.get(f"{verb}:{portal}")
        return standing is not None and self._site.monotonic() < standing.ends

    def _wrong(self, order: Order, strike: Contact | None) -> str | None:
        requested, confirmed = order.args["requested_by"], order.args["confirmed_by"]
        if not requested or not confirmed or requested == confirmed:
            return "two_people"
        if self._site.clock_off(stale=self._site.stale()):
            return "clock_off"  # what it says of the order's time is no more than a guess
        policy = self._site.policy
        most = policy.hold_max_minutes if order.verb == HOLD else policy.shunt_max_minutes
        until = datetime.fromisoformat(str(order.args["until"]))
        seconds = (until - self._site.centre_time()).total_seconds()
        if seconds <= 0:
            return "expired"
        if seconds > most * 60 + policy.command_skew_seconds:
            return "lasts_too_long"
        if self._site.locked_down(order.target):
            return ENDED_BY_LOCKDOWN
        return "no_strike" if order.verb == HOLD and strike is None else None

    def _left(self, record: Mapping[str, Any]) -> float:
        """When it ends, by the monotonic clock; at once where the clock cannot be right."""
        now, monotonic = self._site.centre_time(), self._site.monotonic()
        accepted = datetime.fromisoformat(str(record["accepted_at"]))
        until = datetime.fromisoformat(str(record["until"]))
        if (accepted - now).total_seconds() > self._site.policy.command_skew_seconds:
            return monotonic  # it was ordered in what is now the future
        return monotonic + min((until - now).total_seconds(), (until - accepted).total_seconds())

    def _release(self, order: Order, strike: Contact | None) -> str | None:
        key = f"{order.args['of']}:{order.target}"
        if key not in self._standing:
            return "nothing_stands"
        held = strike if order.args["of"] == HOLD else None
        self._end(key, RELEASED, held, by=order)
        return None

    def _end(
        self, key: str, why: str, strike: Contact | None = None, *, by: Order | None = None
    ) -> None:
        standing = self._standing.pop(key)
        record = standing.record
        body = {"portal": record["portal"], "command_id": record["command_id"], "cause": why}
        drafts = [Draft(f"{_word(str(record['verb']))}_ended", body)]
        puts = [StatePut(KIND, key, None)]
        if standing.awaited:
            failed = {"command_id": record["command_id"], "verb": record["verb"], "reason": why}
            drafts.append(Draft("command.failed", failed))
            puts.append(StatePut(COMMAND, str(record["command_id"]), None))
        if by is not None:
            drafts.append(_done(by))
            puts.append(StatePut(COMMAND, by.id, None))
        self._site.recorder.fact(drafts, puts)
        if strike is not None:
            # Its timer may have seconds to run: the shortest pulse ends it now.
            self._pulse(strike, 1, "")

    def _pulse(self, strike: Contact, tenths: int, command_id: str) -> None:
        until = self._site.monotonic() + self._site.policy.strike_ack_tenths / 10
        args = {"output": strike[1], "tenths": tenths}
        self._site.send(DeviceCommand(strike[0], Verb.PULSE, args, command_id), until)


def _word(verb: str) -> str:
    return verb.replace("_", ".")


def _done(order: Order) -> Draft:
    return Draft("command.done", {"command_id": order.id, "verb": order.verb})
