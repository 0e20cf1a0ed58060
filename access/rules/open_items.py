"""What is open when somebody leaves. INVARIANT: nothing here can refuse: leaving is no decision."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from access.rules.states import (
    VISIT_INSIDE,
    CredentialState,
    LockerState,
    VisitState,
)
from access.rules.wording import OPEN_ITEM_TEXTS, Act

EMPTY_LOCKER = frozenset({LockerState.RETURNED, LockerState.RELEASED})


@dataclass(frozen=True, slots=True)
class ExitFacts:
    """What the desk and the zones know of a visit that ends."""

    state: VisitState
    counted_inside: bool
    search_recorded: bool
    lockers: tuple[LockerState, ...]
    return_signed_by_visitor: bool
    return_signed_by_guard: bool
    badge: CredentialState | None
    past_end: bool = False
    laptop_held: bool = False


@dataclass(frozen=True, slots=True)
class OpenItem:
    """One open item, by its code; ``act`` are its texts."""

    code: str

    @property
    def act(self) -> Act:
        """The texts of this item."""
        return OPEN_ITEM_TEXTS[self.code]


def open_items(facts: ExitFacts) -> tuple[OpenItem, ...]:
    """Everything that is open, in the order in which the desk closes it."""
    inside = facts.counted_inside or facts.state in VISIT_INSIDE
    deposited = any(state is not LockerState.RELEASED for state in facts.lockers)
    signed = facts.return_signed_by_visitor and facts.return_signed_by_guard
    found: Mapping[str, bool] = {
        "visit_suspended": facts.state in {VisitState.SUSPENDED, VisitState.RECALLED},
        "past_end": facts.past_end and inside,
        "still_inside": inside,
        "search_not_recorded": not facts.search_recorded,
        "laptop_not_returned": facts.laptop_held,
        "locker_not_emptied": any(state not in EMPTY_LOCKER for state in facts.lockers),
        "return_not_signed": deposited and not signed,
        "badge_not_returned": facts.badge
        in {CredentialState.ISSUED, CredentialState.LOST, CredentialState.REVOKED},
    }
    return tuple(OpenItem(code) for code, is_open in found.items() if is_open)


def open_items_at_door(
    *,
    person_id: str | None,
    counted_inside: bool,
    past_end: bool,
    interlock_shut: bool = True,
    left_behind: Collection[str] = (),
) -> tuple[OpenItem, ...]:
    """What a door knows to be open when somebody goes out through it.

    ``left_behind`` are the concerns about those who remain (:mod:`access.rules.remaining`).
    """
    found: Mapping[str, bool] = {
        "badge_unknown": person_id is None,
        "not_counted_inside": person_id is not None and not counted_inside,
        "past_end": past_end,
        "interlock_not_shut": not interlock_shut,
        **dict.fromkeys(left_behind, True),
    }
    return tuple(OpenItem(code) for code, is_open in found.items() if is_open)
