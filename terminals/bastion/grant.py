"""A grant: what the control plane allows one session, and for how long. Pure data."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any

from scif.kernel.errors import Refused, require
from terminals.bastion.wire import Scope, number, only, text

# 96 bits in hexadecimal: the login name, the certificate's only principal and its forced command.
GRANT_ID = re.compile(r"[0-9a-f]{24}")
_MOST_BYTES = 2**63 - 1  # what the ledger can hold
_MOST_SECONDS = 7 * 86_400
_MOST_BUDGETS = 8
_MOST_CHANNELS = 1_000
_MOST_THRESHOLDS = 20


@dataclass(frozen=True, slots=True)
class BudgetLine:
    """A budget that the session draws on, an engagement's or a model's.

    ``limit`` is the most that may ever pass, in bytes, both ways together; ``charged`` what the
    control plane knows to have passed. Both count from the budget's beginning and not from now:
    "so much is left" would be wrong by whatever passes while the message is under way.
    """

    key: str
    limit: int
    charged: int


@dataclass(frozen=True, slots=True)
class Grant:
    """One session of one person at one terminal, to one address of the harness.

    ``seconds`` runs by the bastion's own monotonic clock from the moment the grant arrives.
    ``rate`` is in bytes a second and ``burst`` in bytes, both ways together. ``needs`` is another
    grant that must be connected for bytes to flow: the moderator's, in a session of two; an order
    may name another later.
    """

    id: str
    session: str
    person: str
    terminal: str
    engagement: str
    host: str
    port: int
    source: str
    seconds: int
    budgets: tuple[BudgetLine, ...]
    rate: int
    burst: int
    channels: int
    warn_percent: tuple[int, ...]
    warn_seconds: tuple[int, ...]
    needs: str

    def matches(self, by: Scope, value: str) -> bool:
        """Whether an order about this scope means this grant."""
        named = {
            Scope.GRANT: self.id,
            Scope.PERSON: self.person,
            Scope.TERMINAL: self.terminal,
            Scope.ENGAGEMENT: self.engagement,
        }
        return by is Scope.ALL or named[by] == value


_FIELDS = frozenset(Grant.__dataclass_fields__)


def grant_of(told: object) -> Grant:
    """The grant of a message; refuses (``bad_field``) whatever is missing, odd or unbounded."""
    if not isinstance(told, Mapping):
        raise Refused("bad_field", "grant is no object.")
    only(told, _FIELDS)
    named = text(told, "id")
    require(GRANT_ID.fullmatch(named) is not None, "bad_field", "id is no 96-bit grant id.")
    needs = text(told, "needs", empty=True) if "needs" in told else ""
    require(needs != named, "bad_field", "A grant cannot need itself.")
    return Grant(
        id=named,
        session=text(told, "session"),
        person=text(told, "person"),
        terminal=text(told, "terminal"),
        engagement=text(told, "engagement"),
        host=text(told, "host", most=253),
        port=number(told, "port", least=1, most=65_535),
        source=_address(text(told, "source")),
        seconds=number(told, "seconds", least=1, most=_MOST_SECONDS),
        budgets=_budgets(told),
        rate=number(told, "rate", least=1, most=_MOST_BYTES),
        burst=number(told, "burst", least=1, most=_MOST_BYTES),
        channels=number(told, "channels", least=1, most=_MOST_CHANNELS),
        warn_percent=_thresholds(told, "warn_percent", most=100),
        warn_seconds=_thresholds(told, "warn_seconds", most=_MOST_SECONDS),
        needs=needs,
    )


def _budgets(told: Mapping[str, Any]) -> tuple[BudgetLine, ...]:
    lines = told.get("budgets")
    # INVARIANT: no session without a budget; bytes that nobody counts do not flow.
    if not isinstance(lines, list) or not 1 <= len(lines) <= _MOST_BUDGETS:
        raise Refused("bad_field", f"budgets is no list of 1 to {_MOST_BUDGETS}.")
    found = []
    for line in lines:
        if not isinstance(line, Mapping):
            raise Refused("bad_field", "A budget is no object.")
        only(line, frozenset(BudgetLine.__dataclass_fields__))
        limit = number(line, "limit", least=0, most=_MOST_BYTES)
        charged = number(line, "charged", least=0, most=_MOST_BYTES)
        found.append(BudgetLine(text(line, "key"), limit, charged))
    require(len({line.key for line in found}) == len(found), "bad_field", "A budget twice.")
    return tuple(found)


def _thresholds(told: Mapping[str, Any], field: str, *, most: int) -> tuple[int, ...]:
    values = told.get(field)
    if not isinstance(values, list) or len(values) > _MOST_THRESHOLDS:
        raise Refused("bad_field", f"{field} is no list of at most {_MOST_THRESHOLDS}.")
    return tuple(number({field: each}, field, least=1, most=most) for each in values)


def _address(written: str) -> str:
    try:
        return str(ip_address(written))
    except ValueError:
        raise Refused("bad_field", "source is no IP address.") from None
