"""What a wording is, the texts of the reader, and who can mend what."""

from dataclasses import dataclass

from hardware.decider import Outcome


def gettext_noop(text: str) -> str:
    """Mark a text for extraction without translating it here, where no framework is known."""
    return text


SEE_GUARD = gettext_noop("Please see the guard")

# INVARIANT: a reader shows nothing else, so that a refusal tells nothing of its reason.
READER_TEXTS: dict[Outcome, str] = {
    Outcome.GRANTED: gettext_noop("Go ahead"),
    Outcome.PENDING: gettext_noop("Enter PIN"),
    Outcome.REFUSED: SEE_GUARD,
}

# What a reader asks for while a decision is pending: a sign at the door says as much to everybody.
AWAITED_TEXTS: dict[str, str] = {
    "pin": READER_TEXTS[Outcome.PENDING],
    "second_person": gettext_noop("Second person, please"),
}

OFFICER = gettext_noop("facility officer")
SECURITY_OFFICER = gettext_noop("security officer")
ACCREDITING_OFFICIAL = gettext_noop("accrediting official")
EMPLOYER = gettext_noop("the employer's security officer")
DISCLOSER = gettext_noop("the sponsor who discloses")
GUARD = gettext_noop("guard")
PERSON_HIMSELF = gettext_noop("the person")
ADMINISTRATOR = gettext_noop("system administrator")
SWEEPERS = gettext_noop("sweepers")

DO_NOT_ADMIT = gettext_noop("Do not let in. Call the facility officer.")


@dataclass(frozen=True, slots=True)
class Wording:
    """The texts of one objection. ``{name}`` marks a parameter; guard and visitor: ``{time}`` only.

    ``who`` names the one who can mend it.
    """

    message: str
    remedy: str
    who: str
    guard: str = DO_NOT_ADMIT
    visitor: str = SEE_GUARD
