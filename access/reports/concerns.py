"""What was wrong while the visitor was inside: who was there, what he stood on, what he did."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from access.models import EligibilityStatus
from access.reports.facts import ConcernFact
from access.reports.laptop import laptop_concerns
from access.reports.told import Told, of_kind
from access.rules.wording.remaining import UNCERTAIN

CONCERN_KINDS = ("zone.concern", "zone.overdue", "zone.mended", "zone.uncertain", "zone.counted")
# What takes somebody's right to be inside away: his clearance, his need to know.
RIGHT_KINDS = ("eligibility.changed", "need_to_know.revoked")
_BEGUN, _MENDED = {"zone.concern", "zone.uncertain"}, {"zone.mended", "zone.counted"}
_RIGHTS = {
    EligibilityStatus.SUSPENDED.value: "clearance_suspended",
    EligibilityStatus.REVOKED.value: "clearance_revoked",
}


def concerns_told(entries: Sequence[Told]) -> tuple[ConcernFact, ...]:
    """Every concern of a visit, the oldest first."""
    found = [*_of_zones(entries), *_of_rights(entries), *laptop_concerns(entries)]
    return tuple(sorted(found, key=lambda each: each.at))


def right_ended(kind: str, data: Mapping[str, Any]) -> str:
    """Which right an entry of ``RIGHT_KINDS`` took away; empty where it took none."""
    if kind == "need_to_know.revoked":
        return "need_to_know_ended"
    return _RIGHTS.get(str(data.get("to", "")), "")


def _of_rights(entries: Sequence[Told]) -> Iterable[ConcernFact]:
    """It is so until he is out: whoever gives a right back does not undo that it was taken."""
    out = sorted(entry.at for entry in of_kind(entries, "presence.left"))
    for entry in of_kind(entries, *RIGHT_KINDS):
        if concern := right_ended(entry.kind, entry.data):
            yield ConcernFact(
                told=entry,
                zone="",
                concern=concern,
                at=entry.at,
                overdue_at=None,
                until=_after(entry.at, out),
            )


def _after(at: datetime, moments: Iterable[datetime]) -> datetime | None:
    return next((each for each in moments if each >= at), None)


def _of_zones(entries: Sequence[Told]) -> list[ConcernFact]:
    """Each from its beginning; named again before it ended, among others, it is the same one.

    For the visitor it ends with it, or with his going out of the zone.
    """
    found: list[ConcernFact] = []
    open_now: dict[tuple[str, str], int] = {}
    for entry in sorted(
        of_kind(entries, *CONCERN_KINDS, "presence.left"), key=lambda each: each.at
    ):
        zone, concern = entry.text("zone"), entry.text("concern") or UNCERTAIN
        index = open_now.get((zone, concern))
        if entry.kind in _BEGUN and index is None:
            open_now[zone, concern] = len(found)
            found.append(
                ConcernFact(
                    told=entry,
                    zone=zone,
                    concern=concern,
                    at=entry.at,
                    overdue_at=None,
                    until=None,
                )
            )
        elif entry.kind == "zone.overdue" and index is not None:
            found[index] = replace(found[index], overdue_at=entry.at)
        elif entry.kind == "presence.left":
            for key in [key for key in open_now if key[0] == zone]:
                index = open_now.pop(key)
                found[index] = replace(found[index], until=entry.at)
        elif entry.kind in _MENDED and index is not None:
            del open_now[zone, concern]
            found[index] = replace(found[index], until=entry.at)
    return found
