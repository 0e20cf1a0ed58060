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
        gettext_noop("Enter with the badge"),
        PERSON_HIMSELF,
        gettext_noop("If he is inside, correct the room's list."),
    ),
    "presence_uncertain": Wording(
        gettext_noop("It is not certain who is in the room"),
        gettext_noop("Count the room, and correct its list"),
        GUARD,
        _COUNT,
    ),
    "entry_refused": Wording(
        gettext_noop("He would not be let in now: {reasons}"),
        gettext_noop("Do what the decision on his entry says"),
        OFFICER,
        _SEND,
    ),
    "badge_not_active": Wording(
        gettext_noop("The badge of the visit is returned, revoked or lost"),
        gettext_noop("Issue another one at the desk"),
        GUARD,
        _SEND,
    ),
    "lockdown": Wording(
        gettext_noop("The room is locked down"),
        gettext_noop("Lift the lockdown"),
        OFFICER,
        _CALL,
    ),
    "lockdown_unknown": Wording(
        gettext_noop("Nobody knows whether the room is locked down"),
        gettext_noop("Call the operator: the room's record could not be read"),
        OFFICER,
        _CALL,
    ),
    "two_person_broken": Wording(
        gettext_noop("Two people must be in the room, and he is alone"),
        gettext_noop("Have another person who counts enter, and sign in again"),
        PERSON_HIMSELF,
        gettext_noop("Nobody works alone in this room."),
    ),
    "escorted_inside": Wording(
        gettext_noop("Somebody is in the room who is there under escort"),
        gettext_noop("Have that person leave the room; the session then goes on"),
        GUARD,
        gettext_noop("Screens are held until whoever is under escort has left the room."),
    ),
    "terminal_not_out": Wording(
        gettext_noop("The laptop is {state}"),
        gettext_noop("Unlock or release it, or give him another one"),
        OFFICER,
        _TAKE,
    ),
    "not_issued": Wording(
        gettext_noop("The laptop is not issued to this visit"),
        gettext_noop("Issue it at the desk"),
        GUARD,
        _TAKE,
    ),
    "image_not_approved": Wording(
        gettext_noop("The laptop's boot image is not approved"),
        gettext_noop("Have two people approve it, or give the laptop another image"),
        OFFICER,
        _TAKE,
    ),
    "not_attested": Wording(
        gettext_noop("The laptop has not proved lately what it runs"),
        gettext_noop("Boot it anew; it proves what it runs at the sign-in"),
        PERSON_HIMSELF,
        _TAKE,
    ),
    "agent_silent": Wording(
        gettext_noop("The laptop's agent says nothing"),
        gettext_noop("Start the agent, or boot the laptop anew, and sign in again"),
        PERSON_HIMSELF,
        gettext_noop("Have somebody look at the laptop. Call the facility officer."),
    ),
    "terms_missing": Wording(
        gettext_noop("No terms of the engagement are in force"),
        gettext_noop("Have lab and facility approve them"),
        OFFICER,
        _CALL,
    ),
    "harness_not_told": Wording(
        gettext_noop("The harness has not confirmed what the engagement may ask"),
        gettext_noop("Bring the adapter before the harness within reach again"),
        ADMINISTRATOR,
        _CALL,
    ),
    "budget_used_up": Wording(
        gettext_noop("The budget of the engagement or of its model is used up"),
        gettext_noop("Ask lab and facility to agree on other terms, within the policy's share"),
        DISCLOSER,
        _CALL,
    ),
    "anomaly_waits": Wording(
        gettext_noop("Nobody has reviewed an anomaly of his activity"),
        gettext_noop("Have another person review the anomaly; found harmless, the session goes on"),
        OFFICER,
        _LOOK,
    ),
    "anomaly_locked": Wording(
        gettext_noop("An anomaly of his activity asks to lock, or nobody knows whether one does"),
        gettext_noop("Have another person review the anomaly and lift the laptop's lock"),
        OFFICER,
        _TAKE,
    ),
    "anomaly_upheld": Wording(
        gettext_noop("A reviewer has upheld an anomaly of this visit"),
        gettext_noop("Book another visit; this one has no session any more"),
        OFFICER,
        _TAKE,
    ),
    "moderator_missing": Wording(
        gettext_noop("Nobody of the sponsor is connected beside him"),
        gettext_noop("Sign in beside him, at a laptop in the room"),
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
        gettext_noop("Show the badge of the visit"),
        PERSON_HIMSELF,
        _TAKE,
    ),
    "pin_wrong": Wording(
        gettext_noop("The PIN is wrong"),
        gettext_noop("Type it again, or have the desk draw another one"),
        PERSON_HIMSELF,
        gettext_noop("Draw another PIN if he asks for one."),
    ),
    "locked_out": Wording(
        gettext_noop("The badge is locked out after wrong PINs"),
        gettext_noop("Wait until the time is over"),
        PERSON_HIMSELF,
        gettext_noop("Check that the badge is his."),
    ),
    "session_running": Wording(
        gettext_noop("The session before this one has not ended yet"),
        gettext_noop("Sign in again once the bastion has confirmed its end"),
        PERSON_HIMSELF,
        _CALL,
    ),
    # What stands in the place of presence outside.
    **OFFSITE_WORDINGS,
}
