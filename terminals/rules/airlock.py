"""Who may check an item, and when it is approved (R47): pure rules of the airlock."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

NEEDED = 2  # "checked by two": the rule itself, no policy loosens it


@dataclass(frozen=True, slots=True)
class Said:
    """One check of one sealed version: by whom, for the lab or not, approving or not."""

    person: UUID
    of_lab: bool
    approves: bool


def approved(author: UUID, said: Iterable[Said]) -> bool:
    """Two people approve, neither the author, one of them of the lab, and nobody objects.

    The database's ``terminals_airlock_approved`` says the same; a test holds the two together.
    """
    checks = tuple(said)
    people = {each.person for each in checks}
    return (
        len(people) >= NEEDED
        and author not in people
        and all(each.approves for each in checks)
        and any(each.of_lab for each in checks)
    )


def decided(votes: Iterable[bool]) -> bool | None:
    """What two votes of an appeal body that agree say; None as long as no two do."""
    given = tuple(votes)
    for outcome in (True, False):
        if given.count(outcome) >= NEEDED:
            return outcome
    return None
