"""An engagement's policy at its lab's harness, put together from what was agreed. Pure.

The lab's part says what its harness can do and how much of it (``LABS``); lab and facility approve
it with the terms. The rest follows from the mandate and from what was spent. The format is the
adapter's (docs/harness-adapter.md), which also judges it.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from terminals.harness.meters import Amounts, Meter
from terminals.harness.policy import PolicyError, parse

FORMAT: Final = "scif-harness-policy/1"
# INVARIANT: whose, which version, until when and of which kinds is never the lab's to say alone.
LABS: Final = frozenset({"bytes_per_token", "caps", "limits", "operations", "parallel"})
# The mandate's words are the adapter's, but for a collection that is read and not asked.
_KINDS: Final = {"documents": "outside_the_box"}
_NOTHING: Final = dict.fromkeys(Meter, 0)
# Lets nothing through: what an adapter is told whose engagement has no terms any more.
STOP: Final[Mapping[str, Any]] = {
    "bytes_per_token": 1,
    "caps": {meter.value: 0 for meter in Meter},
    "limits": {},
    "operations": {},
    "parallel": 1,
}


def policy_document(
    reference: str,
    kind: str,
    part: Mapping[str, Any],
    *,
    version: int,
    until: str,
    already: Amounts,
) -> dict[str, Any]:
    """The whole document: the lab's part, under the one access kind of the mandate."""
    return {
        **part,
        "format": FORMAT,
        "engagement": reference,
        "version": version,
        "until": until,
        "kinds": [_KINDS.get(kind, kind)],
        "already": {meter.value: already[meter] for meter in Meter},
    }


def policy_until(at: datetime) -> str:
    """A moment as the adapter reads it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def policy_part(reference: str, kind: str, part: object, at: datetime) -> dict[str, Any]:
    """A lab's part that its adapter would take. Raises PolicyError that names the wrong place."""
    if not isinstance(part, Mapping) or set(part) != LABS:
        raise PolicyError(", ".join(sorted(LABS)), fault="parts")
    whole = policy_document(
        reference, kind, part, version=1, until=policy_until(at), already=_NOTHING
    )
    parse(json.dumps(whole))
    return dict(part)


def amounts(told: Mapping[str, Any]) -> Amounts:
    """What is spent, as it is kept; what was never told is nothing."""
    return {meter: int(told.get(meter.value, 0)) for meter in Meter}


def largest(one: Amounts, other: Amounts) -> Amounts:
    """Of each meter the larger amount: what is spent is never taken back."""
    return {meter: max(one[meter], other[meter]) for meter in Meter}
