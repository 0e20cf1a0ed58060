"""What is said against a session at a registered place, by objection and audience."""

from collections.abc import Mapping

from access.rules.wording.base import (
    DISCLOSER,
    GUARD,
    OFFICER,
    PERSON_HIMSELF,
    Wording,
    gettext_noop,
)

# Whoever calls from a place stands at no desk.
_CALL = gettext_noop("He works outside. Call the facility officer.")
_BACK = gettext_noop("Have him bring the laptop back. Call the facility officer.")

OFFSITE_WORDINGS: Mapping[str, Wording] = {
    "where_unknown": Wording(
        gettext_noop("It is not known whether this is in the room or at a registered place"),
        gettext_noop("Look into the log of the control process"),
        OFFICER,
        _CALL,
    ),
    "offsite_not_permitted": Wording(
        gettext_noop("The terms of the engagement do not permit use outside its rooms"),
        gettext_noop("Ask lab and facility to agree on terms that do"),
        DISCLOSER,
        _BACK,
    ),
    "place_not_approved": Wording(
        gettext_noop("The place is not approved by lab and facility, or it is revoked"),
        gettext_noop("Have lab and facility approve it, or register it anew"),
        OFFICER,
        _BACK,
    ),
    "place_term_over": Wording(
        gettext_noop("The term of the place is over, or has not begun"),
        gettext_noop("Register it anew"),
        OFFICER,
        _BACK,
    ),
    "level_above_ceiling": Wording(
        gettext_noop("What is studied is of a higher security level than such a place may reach"),
        gettext_noop("Study it in the room"),
        PERSON_HIMSELF,
        _CALL,
    ),
    "debrief_open": Wording(
        gettext_noop("A laptop was lost in his hands, and he has not been debriefed"),
        gettext_noop("Debrief him, and record it at the report of the loss"),
        OFFICER,
        _CALL,
    ),
    "other_network": Wording(
        gettext_noop("The laptop does not ask from the network of its registered place"),
        gettext_noop("Use it at that place"),
        PERSON_HIMSELF,
        _CALL,
    ),
    "outside_place_hours": Wording(
        gettext_noop("It is outside the hours of the place"),
        gettext_noop("Sign in within them"),
        PERSON_HIMSELF,
        _CALL,
    ),
    "laptop_overdue": Wording(
        gettext_noop("The laptop should be back"),
        gettext_noop("Bring it back; it is issued anew after its inspection"),
        PERSON_HIMSELF,
        _BACK,
    ),
    "not_signed_for": Wording(
        gettext_noop("Nobody has signed for the laptop"),
        gettext_noop("Take it back and issue it anew"),
        GUARD,
        _BACK,
    ),
    "seals_not_whole": Wording(
        gettext_noop("The seals that were read at the issue are not those on record now"),
        gettext_noop("Have it brought back, and inspect it"),
        OFFICER,
        _BACK,
    ),
    "not_attested_lately": Wording(
        gettext_noop("The laptop has not proved what it runs as lately as it must outside"),
        gettext_noop("Sign in again; the laptop then proves anew what it runs"),
        PERSON_HIMSELF,
        _CALL,
    ),
    "offsite_budget_used_up": Wording(
        gettext_noop("The part of the budget that may leave at registered places is used up"),
        gettext_noop("Work in the room, where the rest of it may leave"),
        PERSON_HIMSELF,
        _CALL,
    ),
}

# Said of somebody who is to be given a laptop, where the words about a session would mislead.
AT_ISSUE: Mapping[str, Wording] = {
    "badge_not_active": Wording(
        gettext_noop("He holds no badge of his own that is issued"),
        gettext_noop("Give him one; the badge of a visit opens nothing outside"),
        OFFICER,
        _CALL,
    ),
    "lockdown": Wording(
        gettext_noop("The facility, or a part of it, is locked down"),
        gettext_noop("Lift the lockdown"),
        OFFICER,
        _CALL,
    ),
}
