"""Whether somebody may have gone through a door while nobody could have heard it open."""

from dataclasses import dataclass
from enum import StrEnum


class Doubt(StrEnum):
    """Why the count of a zone cannot be trusted: a door was out of sight, or opened unexplained."""

    PASSAGE = "passage"  # somebody was let through and never heard to have passed
    FOUND_OPEN = "found_open"  # it was shut before and stands open after
    OCCUPIED = "occupied"  # somebody inside could have gone out, or let somebody in
    STOOD_OPEN = "stood_open"  # it stood open, or nobody knows how it stood
    UNREAD = "unread"  # in sight: it was opened without a badge, by whoever is inside or beside him
    FORCED = "forced"  # in sight: nothing explains that it opened
    BEHIND = "behind"  # in sight: it opened once more while the bolt was back for somebody
    NAMELESS = "nameless"  # in sight: somebody whom no record names was let through


@dataclass(frozen=True, slots=True)
class Unseen:
    """What is known of one door that was, or is, out of sight.

    ``seconds``: for how long, endless where nobody knows. ``quiet``: the zone was empty all the
    time and nobody was let through this door. ``shut_before`` is None for a door that is new here,
    ``shut_after`` while it is out of sight.
    """

    seconds: float
    quiet: bool
    shut_before: bool | None
    shut_after: bool | None
    under_way: bool  # when it went out of sight, somebody was on the way through it


def doubt(unseen: Unseen, tolerated: float) -> Doubt | None:
    """Why somebody may have passed; None where nobody can have.

    A door is locked from outside without power, and opens from inside to everybody (R29). So a
    zone that was empty all the time, behind a door that was shut before and is shut after, through
    which nobody was on the way, is empty still, however long it took. Else nobody knows what
    happened in more than ``tolerated`` seconds; in fewer, a leaf that was opened stands open yet,
    for no closer shuts it so fast.
    """
    if unseen.under_way:
        return Doubt.PASSAGE
    if unseen.shut_before and unseen.shut_after is False:
        return Doubt.FOUND_OPEN
    if unseen.seconds <= tolerated:
        return None
    if not unseen.quiet:
        return Doubt.OCCUPIED
    return Doubt.STOOD_OPEN if unseen.shut_before is False else None
