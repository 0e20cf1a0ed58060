"""Texts about what is presented at a door and what the door knows."""

from access.rules.wording.base import ADMINISTRATOR, GUARD, OFFICER, PERSON_HIMSELF, Wording
from access.rules.wording.base import gettext_noop as _

DOOR: dict[str, Wording] = {
    "unknown_badge": Wording(
        _("Unknown badge."),
        _("Find out whose it is; issue a badge of this facility."),
        GUARD,
        _("Unknown badge. Take it and find out whose it is."),
    ),
    "badge_not_active": Wording(
        _("The badge is {state}."),
        _("Issue another badge."),
        GUARD,
        _("This badge is not active. Take it and call the facility officer."),
    ),
    "badge_of_another": Wording(
        _("The badge belongs to another person, visit or basis."),
        _("Issue the right badge."),
        GUARD,
        _("Wrong badge. Take it and check the person's identity."),
    ),
    "pin_absent": Wording(
        _("The PIN was not entered."),
        _("Enter the PIN."),
        PERSON_HIMSELF,
        _("The PIN must be entered."),
        _("Enter your PIN."),
    ),
    "pin_wrong": Wording(
        _("Wrong PIN."),
        _("Try again, or set a new PIN after checking the identity; that ends no lock-out."),
        PERSON_HIMSELF,
        _("Check the person's identity before another try."),
    ),
    "no_factor": Wording(
        _("Neither a badge nor a guard's order was presented."),
        _("Present the badge."),
        PERSON_HIMSELF,
    ),
    "snapshot_stale": Wording(
        _("The door has not heard from the centre for longer than the policy allows."),
        _("Restore the connection to the gateway."),
        ADMINISTRATOR,
        _("The door is cut off. Nobody enters; call the officer."),
        _("The door is out of order. Please see the guard."),
    ),
    "clock_behind": Wording(
        _("The door's clock runs behind the centre's last word, so no time can be trusted."),
        _("Set the clock of the gateway."),
        ADMINISTRATOR,
        _("The door's clock is wrong. Nobody enters; call the officer."),
        _("The door is out of order. Please see the guard."),
    ),
    "policy_missing": Wording(
        _("No policy profile is known here."),
        _("Publish the policy profile to the gateway."),
        ADMINISTRATOR,
    ),
    "rule_error": Wording(
        _("The rule {rule} could not be evaluated ({error}); an error denies."),
        _("Mend the record or the rule."),
        ADMINISTRATOR,
    ),
    "decider_error": Wording(
        _("The decision could not be made ({error}); an error denies."),
        _("Mend the record that the error names."),
        ADMINISTRATOR,
    ),
    "order_names_nobody": Wording(
        _("Whoever is named has no basis of entry that this door knows: no visit, roster or duty."),
        _("Give a basis, or name somebody who has one."),
        OFFICER,
    ),
}
