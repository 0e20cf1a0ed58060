"""Texts about who is in a zone."""

from access.rules.wording.base import ADMINISTRATOR, GUARD, OFFICER, PERSON_HIMSELF, Wording
from access.rules.wording.base import gettext_noop as _

ZONE: dict[str, Wording] = {
    "zone_unknown": Wording(
        _("Nobody knows who is inside the zone behind this portal."),
        _("Bring the zone's gateway into order."),
        ADMINISTRATOR,
    ),
    "count_uncertain": Wording(
        _("The count of the zone is uncertain."),
        _("Count who is inside and confirm it at the desk."),
        GUARD,
        _("Count who is inside and confirm it at the desk."),
        _("Please wait a moment."),
    ),
    "already_inside": Wording(
        _("Counted as inside already (anti-passback)."),
        _("Find out who used the badge; then forgive at the desk."),
        GUARD,
        _("Already counted inside. Check the badge, then forgive at the desk."),
    ),
    "inside_too_soon": Wording(
        _("Counted as inside already; the badge serves again from {time} (anti-passback, timed)."),
        _("Find out who used the badge; then forgive at the desk, or wait."),
        GUARD,
        _(
            "Already counted inside: the badge is refused until {time}. Check it, then forgive at "
            "the desk."
        ),
    ),
    "entering_elsewhere": Wording(
        _("Another portal of the zone has just let this person in."),
        _("Go in there, or wait until that door has locked again."),
        PERSON_HIMSELF,
        _("Another door has just opened for this badge. Check who holds it."),
        _("Another door has just opened for you. Use that one."),
    ),
    "awaits_first_person": Wording(
        _("Nobody cleared is inside the zone, and this person may not open it."),
        _("Let a member of the staff who may open the zone enter first."),
        OFFICER,
        _("Wait: staff who open the room enter first."),
        _("Please wait until the room is opened."),
    ),
    "second_person_absent": Wording(
        _("Two-person rule: the first of two waits for the second at this portal."),
        _("Let a second person who may enter show the badge here as well."),
        PERSON_HIMSELF,
        _("Two must enter together. The second shows the badge here."),
        _("Two enter together here. The second person shows the badge now."),
    ),
    "pair_absent": Wording(
        _("Two-person rule: two people who count must be inside before this one enters."),
        _("Let two cleared people enter first."),
        OFFICER,
        _("Wait: two cleared people must be inside first."),
        _("Please wait until you are called in."),
    ),
    "interlock_not_shut": Wording(
        _("Interlock: another door of the group is not shut: {doors}."),
        _("Shut the other door; look first after one whose state is unknown."),
        GUARD,
        _("Shut the other door of the interlock first."),
        _("Please wait until the other door is shut."),
    ),
    "escort_ratio": Wording(
        _("The escort accompanies {limit} people already, the most that the policy allows."),
        _("Assign another escort, or wait until one of the others leaves."),
        OFFICER,
        _("The escort has as many people as allowed. Another escort is needed."),
        _("Please wait for another escort."),
    ),
}
