"""What stands in the place of presence where a laptop is used at a registered place.

Pure, like ``terminals/rules/session.py``, which asks these rules beside its own: facts in, the code
of an objection out. A fact that is missing (None) objects.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from terminals.rules.place_states import PlaceState

if TYPE_CHECKING:
    from terminals.rules.session import SessionFacts

Week = Mapping[int, tuple[time, time]]
DAY_END = time(0)  # as a closing time: midnight at the end of the day


@dataclass(frozen=True, slots=True)
class OffsiteFacts:
    """The facts about one registered place and one laptop that is out for it.

    ``permitted``: the terms in force let the engagement work outside its rooms. ``since`` and
    ``until``: the place's term. ``level`` is the security level of what is studied, ``ceiling`` the
    highest that the place and the policy allow. ``source`` is where the laptop asks from,
    ``network`` whence the place may. ``hours``: by weekday from 0 (Monday), in ``time_zone``.
    ``due_at``: when the laptop is to be back; ``signed``: its holder has signed for it; ``seals``:
    those read at its issue are those on record. ``attested_for`` is the policy's: how old the last
    quote may be. ``left`` are bytes of the budget for such places. ``debriefed``: no loss of a
    laptop in the person's hands awaits a debrief.
    """

    permitted: bool | None = None
    place: PlaceState | None = None
    since: datetime | None = None
    until: datetime | None = None
    level: int | None = None
    ceiling: int | None = None
    source: str | None = None
    network: str | None = None
    hours: Week | None = None
    time_zone: str | None = None
    due_at: datetime | None = None
    signed: bool | None = None
    seals: bool | None = None
    attested_for: timedelta | None = None
    left: int | None = None
    debriefed: bool | None = None


def place_permitted(facts: "SessionFacts") -> str | None:
    """Lab and facility let this engagement work outside its rooms."""
    return None if facts.offsite.permitted else "offsite_not_permitted"


def place_approved(facts: "SessionFacts") -> str | None:
    """Two people approved the place, and nobody has revoked it."""
    return None if facts.offsite.place is PlaceState.APPROVED else "place_not_approved"


def place_in_term(facts: "SessionFacts") -> str | None:
    """The place's term has begun and is not over."""
    since, until = facts.offsite.since, facts.offsite.until
    if since is not None and until is not None and since <= facts.now < until:
        return None
    return "place_term_over"


def level_within_ceiling(facts: "SessionFacts") -> str | None:
    """What is studied is of no higher security level than such a place may reach."""
    level, ceiling = facts.offsite.level, facts.offsite.ceiling
    if level is not None and ceiling is not None and level <= ceiling:
        return None
    return "level_above_ceiling"


def from_the_place(facts: "SessionFacts") -> str | None:
    """The laptop asks from the network that was registered for the place."""
    source, network = facts.offsite.source, facts.offsite.network
    if source and network and ip_address(source) in ip_network(network):
        return None
    return "other_network"


def within_hours(facts: "SessionFacts") -> str | None:
    """It is an hour at which the place may be used."""
    hours, zone = facts.offsite.hours, facts.offsite.time_zone
    if hours is not None and zone and closes_at(hours, zone, facts.now) is not None:
        return None
    return "outside_place_hours"


def not_overdue(facts: "SessionFacts") -> str | None:
    """The laptop is not to be back yet."""
    due = facts.offsite.due_at
    return None if due is not None and facts.now < due else "laptop_overdue"


def signed_for(facts: "SessionFacts") -> str | None:
    """Its holder has signed for it."""
    return None if facts.offsite.signed else "not_signed_for"


def sealed_when_issued(facts: "SessionFacts") -> str | None:
    """The seals that were read when it went out are those on record."""
    return None if facts.offsite.seals else "seals_not_whole"


def attested_lately(facts: "SessionFacts") -> str | None:
    """A quote was accepted lately, also while the session runs: nobody stands beside it."""
    at, holds = facts.attested_at, facts.offsite.attested_for
    if at is not None and holds is not None and at <= facts.now <= at + holds:
        return None
    return "not_attested_lately"


def offsite_budget_left(facts: "SessionFacts") -> str | None:
    """Bytes are left of the budget for such places; while it runs the bastion counts them."""
    left = facts.offsite.left
    return None if left is not None and left > 0 else "offsite_budget_used_up"


def no_debrief_open(facts: "SessionFacts") -> str | None:
    """No loss of a laptop in the person's hands awaits his debrief."""
    return None if facts.offsite.debriefed else "debrief_open"


Check = Callable[["SessionFacts"], str | None]

# Asked before a laptop goes out, at each sign-in, and while a session runs.
OF_THE_PLACE: tuple[Check, ...] = (
    place_permitted,
    place_approved,
    place_in_term,
    level_within_ceiling,
    no_debrief_open,
)
# Asked at each sign-in and while a session runs.
OF_THE_LAPTOP: tuple[Check, ...] = (
    from_the_place,
    within_hours,
    not_overdue,
    signed_for,
    sealed_when_issued,
    attested_lately,
)
# Asked at each sign-in; the bastion counts afterwards.
AT_SIGN_IN: tuple[Check, ...] = (offsite_budget_left,)


def closes_at(hours: Week, time_zone: str, at: datetime) -> datetime | None:
    """When the hours end that ``at`` lies in, UTC; None where it lies in none.

    The end belongs to no hours. A closing time of 00:00 is midnight at the end of the day.
    """
    zone = ZoneInfo(time_zone)
    local = at.astimezone(zone)
    span = hours.get(local.weekday())
    if span is None:
        return None
    opens, closes = span
    day = local.date() + timedelta(days=1) if closes == DAY_END else local.date()
    begins = datetime.combine(local.date(), opens, zone).astimezone(UTC)
    ends = datetime.combine(day, closes, zone).astimezone(UTC)
    return ends if begins <= at < ends else None
