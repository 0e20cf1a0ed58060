"""Why a session was held or ended, in words for whoever reads its record.

The rules' own reasons are those of ``session_wording.py``; here is what the bastion, the control
process and people add. Reading it tells nothing that a laptop would show.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from access.rules.wording.base import gettext_noop
from terminals.rules.session import Objection
from terminals.rules.session_wording import WORDINGS
from terminals.rules.states import TerminalState


class Cut(StrEnum):
    """Why the control process ends a session, beside what its rules object."""

    LOST = "bastion_lost_it"
    LOCKED = "locked_from_afar"
    AGAIN = "signed_in_again"
    NOT_GRANTED = "not_granted"
    UNKNOWN = "unknown_grant"


# The codes of ``terminals/bastion/session.py`` and of :class:`Cut`.
OTHERS: Final[Mapping[str, str]] = {
    "expired": gettext_noop("The time of the booking is over"),
    "control_silent": gettext_noop("The control process was silent: the bastion cut by itself"),
    "ledger_failed": gettext_noop("The bastion could not write its count down"),
    "bastion_stopped": gettext_noop("The bastion was stopped"),
    Cut.LOST: gettext_noop("The bastion no longer knew the session"),
    Cut.NOT_GRANTED: gettext_noop("It did not begin: the bastion could not be told of it"),
    Cut.UNKNOWN: gettext_noop("The bastion held a session that is not on record"),
    Cut.LOCKED: gettext_noop("The laptop was locked from afar"),
    Cut.AGAIN: gettext_noop("The person signed in again"),
    # Of these the record says less than the desk: what they name is not for every reader.
    "entry_refused": gettext_noop("The person would no longer be let in"),
    "terminal_not_out": gettext_noop("The laptop was no longer out for use"),
    # Taken back, or lost: nothing that the guard is to take from anybody.
    "not_issued": gettext_noop("The laptop was no longer in this person's hands"),
    # While it ran, others may have come into force.
    "terms_missing": gettext_noop("The terms under which it began are no longer in force"),
    "rule_error": gettext_noop("A rule failed, which denies"),
}
# What ends a session in the ordinary course: nobody has to look into it.
ORDINARY: Final = frozenset({"not_inside", "expired", Cut.AGAIN})
# A lock is ordered of the laptop, and ends its session with it.
LOCKED: Final = Cut.LOCKED
_LOCKED_STATE: Final = ("terminal_not_out", TerminalState.LOCKED.value)


def ending_of(objection: Objection) -> str:
    """Why a session ends that a rule objects to: a lock is a lock, whoever saw it first."""
    state = objection.params.get("state")
    return LOCKED if (objection.code, state) == _LOCKED_STATE else objection.code


def cut_early(why: str, *, ordered: bool) -> bool:
    """Whether a session was ended before its time; ``ordered``: by an order of its own."""
    return why not in ORDINARY and (ordered or why == LOCKED)


def ending_words(why: str) -> str:
    """The sentence of a reason, not translated yet; a code that is not known by its own name."""
    if why in OTHERS:
        return OTHERS[why]
    wording = WORDINGS.get(why)
    return wording.message if wording else why.replace("_", " ").capitalize()
