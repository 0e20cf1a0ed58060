"""What the live screens are told of the journal: positions and topics, never names."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import parse_qs
from uuid import UUID

from django.db.models import Max

from scif.journal.models import Entry
from scif.people.access import users_with

VIEW = "facilities.view_facility"

# The noun of a journal kind, and the regions of screens that it concerns.
TOPICS: dict[str, tuple[str, ...]] = {
    "visit": ("visits", "plan"),
    "booking": ("visits", "bookings"),
    "locker": ("visits", "plan"),
    "custody_item": ("visits",),
    "deposit": ("visits",),
    "return": ("visits",),
    "badge": ("visits",),
    "card": ("visits",),
    "pin": ("visits",),
    "command": ("visits", "plan"),
    "presence": ("visits", "plan"),
    "door": ("plan", "doors"),
    "standing_order": ("plan", "doors"),
    "device": ("plan", "devices"),
    "gateway": ("devices",),
    "alarm": ("alarms", "plan"),
    "threat_level": ("plan", "visits"),
    "emergency": ("alarms", "plan"),
    "panel": ("plan", "alarms"),
    "lockdown": ("alarms", "plan", "visits"),
    "sweep": ("sweeps", "plan"),
    "accreditation": ("sweeps", "plan"),
    "session": ("sessions",),
    "terminal": ("laptops", "sessions"),
    "attestation": ("laptops",),
}


MOST_POSITION = 2**63 - 1
MOST_MESSAGE = 4096


def resumes_after(text: str | None) -> int | None:
    """The position that a screen resumes after; None for any other message, which is ignored."""
    if text is None or len(text) > MOST_MESSAGE:
        return None
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(said, dict) or said.get("type") != "resume":
        return None
    return _position(said.get("after"))


def since_of(query: bytes) -> int | None:
    """The position that the address names as ``since``; None without one."""
    text = parse_qs(query.decode(errors="replace")[:MOST_MESSAGE]).get("since", [""])[0]
    digits = text.isascii() and text.isdecimal() and len(text) < 20
    return _position(int(text)) if digits else None


def _position(value: object) -> int | None:
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    return value if -1 <= value <= MOST_POSITION else None


def topics_of(kinds: Iterable[str]) -> list[str]:
    """The regions that these journal kinds concern; a noun nobody listed is its own topic."""
    found: set[str] = set()
    for kind in kinds:
        noun = kind.partition(".")[0]
        found.update(TOPICS.get(noun, (noun,)))
    return sorted(found)


def journal_head() -> int:
    """The last position given; -1 for an empty journal."""
    head: int | None = Entry.objects.aggregate(head=Max("position"))["head"]
    return -1 if head is None else head


def facility_head(facility: UUID) -> int:
    """The position of a facility's last entry, which tells of no other's; -1 without one."""
    last = Entry.objects.filter(facility_id=facility).aggregate(head=Max("position"))["head"]
    return -1 if last is None else int(last)


@dataclass(frozen=True, slots=True)
class Seen:
    """A look at a facility: who may see it, and the journal's head."""

    viewers: frozenset[UUID]
    head: int


def seen_of(facility: UUID) -> Seen:
    """How it is now; a feed asks for all its screens."""
    return Seen(users_with(VIEW, facility), journal_head())


def missed(facility: UUID, after: int, limit: int) -> tuple[int, list[tuple[int, str]] | None, int]:
    """The journal's head, the facility's entries from a position to it, its own last position.

    None instead of the entries where there are more than the limit.
    """
    head = journal_head()
    found = entries_between(facility, after, head, limit)
    return head, found, facility_head(facility) if found is None else -1


def entries_between(
    facility: UUID, after: int, upto: int, limit: int
) -> list[tuple[int, str]] | None:
    """Position and kind of a facility's entries after one position up to another; None if more."""
    entries = Entry.objects.filter(
        facility_id=facility, position__gt=after, position__lte=upto
    ).order_by("position")
    found = list(entries.values_list("position", "kind")[: limit + 1])
    return None if len(found) > limit else found
