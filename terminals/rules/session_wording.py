"""What is said against a session, by objection and audience.

The laptop itself says one sentence whatever the reason (``SAID``, ``SAID_OUTSIDE``): whoever sits
at it learns nothing from it that he could not learn from the guard. What is no laptop on record is
told whom to turn to wherever it is (``SAID_ANYWHERE``).
"""

from collections.abc import Mapping
from typing import Final

from access.rules.wording.base import (
    ADMINISTRATOR,
    DISCLOSER,
    GUARD,
    OFFICER,
    PERSON_HIMSELF,
    SEE_GUARD,
    Wording,
    gettext_noop,
)
from terminals.rules.offsite_wording import OFFSITE_WORDINGS

# INVARIANT: all that a laptop shows of a refusal or an end. Which of the two depends on where it is
# out for, and on nothing else: there is no guard at a registered place.
SAID: Final = SEE_GUARD
SAID_OUTSIDE: Final = gettext_noop("Please call the facility")
SAID_ANYWHERE: Final = gettext_noop("Please see the guard; from outside, call the facility")

# What the laptop shows of a session that runs. Whatever holds it, the sentence is one.
SAID_HELD: Final = gettext_noop("Your session is held. Please see the guard.")
SAID_HELD_OUTSIDE: Final = gettext_noop("Your session is held. Please call the facility.")
SAID_BYTES: Final = gettext_noop("%(percent)s %% of the bytes that may leave are used.")
# The same for officers and guards, who may know whose bytes they are.
WARNED_BYTES: Final[Mapping[str, str]] = {
    "engagement": gettext_noop("%(percent)s %% of the engagement's bytes are used"),
    "model": gettext_noop("%(percent)s %% of the model's bytes are used"),
    "offsite": gettext_noop("%(percent)s %% of the bytes that may leave outside are used"),
}
WARNED_TIME: Final = gettext_noop("it ends within %(minutes)s minutes")
SAID_TIME: Final = gettext_noop("The session ends within %(minutes)s minutes.")

_COUNT = gettext_noop("Count the room, and correct its list.")
_TAKE = gettext_noop("Take the laptop from him. Call the facility officer.")
_SEND = gettext_noop("Send him to the desk. Call the facility officer.")
_LOOK = gettext_noop("Go and see who sits there. Call the facility officer.")
_CALL = gettext_noop("Call the facility officer.")

WORDINGS: Mapping[str, Wording] = {
    "not_inside": Wording(
        gettext_noop("The person is not in the room, as its doors count"),
        gettext_noop("He enters with his badge"),
        PERSON_HIMSELF,
        gettext_noop("If he is inside, correct the room's list."),
    ),
    "presence_uncertain": Wording(
        gettext_noop("It is not certain who is in the room"),
        gettext_noop("The room is counted and its list corrected"),
        GUARD,
        _COUNT,
    ),
    "entry_refused": Wording(
        gettext_noop("He would not be let in now: {reasons}"),
        gettext_noop("As the decision on his entry says"),
        OFFICER,
        _SEND,
    ),
    "badge_not_active": Wording(
        gettext_noop("The badge of the visit is returned, revoked or lost"),
        gettext_noop("The desk issues another one"),
        GUARD,
        _SEND,
    ),
    "lockdown": Wording(
        gettext_noop("The room is locked down, or nobody knows whether it is"),
        gettext_noop("The lockdown is lifted"),
        OFFICER,
        _CALL,
    ),
    "two_person_broken": Wording(
        gettext_noop("Two people must be in the room, and he is alone"),
        gettext_noop("Another person who counts enters, and he signs in again"),
        PERSON_HIMSELF,
        gettext_noop("Nobody works alone in this room."),
    ),
    "escorted_inside": Wording(
        gettext_noop("Somebody is in the room who is there under escort"),
        gettext_noop("He leaves the room, and the session goes on"),
        GUARD,
        gettext_noop("Screens are held until whoever is under escort has left the room."),
    ),
    "terminal_not_out": Wording(
        gettext_noop("The laptop is {state}"),
        gettext_noop("It is unlocked or released, or he is given another one"),
        OFFICER,
        _TAKE,
    ),
    "not_issued": Wording(
        gettext_noop("The laptop is not issued to this visit"),
        gettext_noop("It is issued at the desk"),
        GUARD,
        _TAKE,
    ),
    "image_not_approved": Wording(
        gettext_noop("The laptop's boot image is not approved"),
        gettext_noop("Two people approve it, or the laptop is given another one"),
        OFFICER,
        _TAKE,
    ),
    "not_attested": Wording(
        gettext_noop("The laptop has not proved lately what it runs"),
        gettext_noop("It is booted anew and proves what it runs at the sign-in"),
        PERSON_HIMSELF,
        _TAKE,
    ),
    "terms_missing": Wording(
        gettext_noop("No terms of the engagement are in force"),
        gettext_noop("Lab and facility approve them"),
        OFFICER,
        _CALL,
    ),
    "harness_not_told": Wording(
        gettext_noop("The harness has not confirmed what the engagement may ask"),
        gettext_noop("The adapter before the harness is reached again"),
        ADMINISTRATOR,
        _CALL,
    ),
    "budget_used_up": Wording(
        gettext_noop("The budget of the engagement or of its model is used up"),
        gettext_noop("Lab and facility agree on other terms, within the policy's share"),
        DISCLOSER,
        _CALL,
    ),
    "anomaly_waits": Wording(
        gettext_noop("Nobody has reviewed an anomaly of his activity"),
        gettext_noop("Another person reviews the anomaly; found harmless, the session goes on"),
        OFFICER,
        _LOOK,
    ),
    "anomaly_locked": Wording(
        gettext_noop("An anomaly of his activity asks to lock, or nobody knows whether one does"),
        gettext_noop("Another person reviews the anomaly and lifts the laptop's lock"),
        OFFICER,
        _TAKE,
    ),
    "anomaly_upheld": Wording(
        gettext_noop("A reviewer has upheld an anomaly of this visit"),
        gettext_noop("No session in this visit any more; the next visit begins anew"),
        OFFICER,
        _TAKE,
    ),
    "moderator_missing": Wording(
        gettext_noop("Nobody of the sponsor is connected beside him"),
        gettext_noop("One of the sponsor's people signs in at a laptop in the room"),
        DISCLOSER,
        _CALL,
    ),
    "rule_error": Wording(
        gettext_noop("Rule {rule} failed: {error}"),
        gettext_noop("Look into the log of the control process"),
        ADMINISTRATOR,
        _CALL,
    ),
    # What is shown at the laptop beside what the rules look at.
    "badge_unknown": Wording(
        gettext_noop("The badge is not one that is issued to the visit that has this laptop"),
        gettext_noop("He shows the badge of his visit"),
        PERSON_HIMSELF,
        _TAKE,
    ),
    "pin_wrong": Wording(
        gettext_noop("The PIN is wrong"),
        gettext_noop("He types it again, or the desk draws another one"),
        PERSON_HIMSELF,
        gettext_noop("Draw another PIN if he asks for one."),
    ),
    "locked_out": Wording(
        gettext_noop("The badge is locked out after wrong PINs"),
        gettext_noop("It waits until the time is over"),
        PERSON_HIMSELF,
        gettext_noop("Check that the badge is his."),
    ),
    "session_running": Wording(
        gettext_noop("The session before this one has not ended yet"),
        gettext_noop("He signs in again once the bastion has confirmed its end"),
        PERSON_HIMSELF,
        _CALL,
    ),
    # What stands in the place of presence outside.
    **OFFSITE_WORDINGS,
}
