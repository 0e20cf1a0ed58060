"""Texts about areas and portals."""

from access.rules.wording.base import (
    ACCREDITING_OFFICIAL,
    ADMINISTRATOR,
    GUARD,
    OFFICER,
    PERSON_HIMSELF,
    SECURITY_OFFICER,
    SWEEPERS,
    Wording,
)
from access.rules.wording.base import gettext_noop as _

PLACE: dict[str, Wording] = {
    "area_unknown": Wording(
        _("No record of the area behind this portal."),
        _("Publish the area to the gateway."),
        ADMINISTRATOR,
    ),
    "not_accredited": Wording(
        _("The area is not accredited: {state}."),
        _("Obtain the accrediting official's document: nothing else cures this."),
        ACCREDITING_OFFICIAL,
        _("Do not let in. The room may not be used."),
        _("The room is closed."),
    ),
    "accreditation_expires": Wording(
        _("The accreditation ends {date}, before the end of the entry."),
        _("Obtain the accrediting official's extension: nothing else cures this."),
        ACCREDITING_OFFICIAL,
        _("Do not let in. The room may not be used."),
        _("The room is closed."),
    ),
    "label_above_area": Wording(
        _("The session's label is above what the area may hold."),
        _("Choose an area whose label dominates the session's."),
        OFFICER,
    ),
    "label_above_letter": Wording(
        _("The label is above the level of the accreditation letter."),
        _("Obtain the accrediting official's document: nothing else cures this."),
        ACCREDITING_OFFICIAL,
    ),
    "not_swept": Wording(
        _("The room is not swept since its last use: {state}."),
        _("Sweep the room with two people until it passes."),
        SWEEPERS,
        _("Do not let in. The room must be swept first."),
        _("The room is being prepared. Please wait."),
    ),
    "capacity_reached": Wording(
        _("There is no place for one more (places: {limit})."),
        _("Wait until somebody leaves, or choose a larger area."),
        GUARD,
        _("The room is full. Wait until somebody leaves."),
        _("The room is full."),
    ),
    "capacity_unknown": Wording(
        _("The capacity of the area is not recorded."),
        _("Record the capacity."),
        OFFICER,
    ),
    "temporary_since_unknown": Wording(
        _("It is not recorded since when this temporary working area is used."),
        _("Record its first day on the area's page."),
        OFFICER,
        _("Do not let in. The room may not be used."),
        _("The room is closed."),
    ),
    "temporary_not_begun": Wording(
        _("This temporary working area is used from {date} on."),
        _("Choose a later day, or record another first day on the area's page."),
        OFFICER,
        _("Do not let in. The room may not be used yet."),
        _("The room is closed on that day and before it."),
    ),
    "temporary_ended": Wording(
        _("This temporary working area may be used until the day before {date}."),
        _("Choose an earlier day or another area; a longer use needs an accreditation of its own."),
        ACCREDITING_OFFICIAL,
        _("Do not let in. The room may not be used."),
        _("The room is closed on that day and after it."),
    ),
    "temporary_hours": Wording(
        _(
            "This temporary working area is used for less than {limit} hours a month; "
            "{booked} are booked in {month} already."
        ),
        _("Choose a shorter time, another month or another area."),
        PERSON_HIMSELF,
        visitor=_("The room has not so many hours left in that month."),
    ),
    "lockdown": Wording(
        _("The area is locked down."),
        _("Lift the lockdown."),
        OFFICER,
        _("Nobody enters: lockdown."),
        _("The room is closed."),
    ),
    "lockdown_unknown": Wording(
        _("It is not known whether the area is locked down."),
        _("Publish the area to the gateway."),
        ADMINISTRATOR,
        _("Nobody enters: it is not known whether there is a lockdown."),
        _("The room is closed."),
    ),
    "closed_day": Wording(
        _("The area is closed from {date}: {name}."),
        _("Choose another day, or withdraw the closed day."),
        OFFICER,
        _("Do not let in. The room is closed today."),
        _("The room is closed on that day."),
    ),
    "threat_level_unknown": Wording(
        _("The threat level is not known, or the policy does not list it."),
        _("Set a threat level that the policy lists."),
        OFFICER,
    ),
    "threat_clearance": Wording(
        _("The threat level {threat} asks for a higher or a final clearance."),
        _("Lower the threat level, or obtain a clearance that reaches it."),
        SECURITY_OFFICER,
    ),
    "threat_no_visitors": Wording(
        _("The threat level {threat} lets no visitors in."),
        _("Lower the threat level."),
        OFFICER,
        _("Do not let in. No visitors at present."),
        _("The room is closed."),
    ),
    "ids_alarm": Wording(
        _("The area's alarm panel reports an alarm."),
        _("Go and see; resolve the alarm and reset it at the panel."),
        GUARD,
        _("Do not let in. Intrusion alarm: go and see."),
        _("The room is closed."),
    ),
    "ids_unknown": Wording(
        _("It is not known whether the area's alarm panel reports an alarm."),
        _("Restore the line to the panel; go and see meanwhile."),
        GUARD,
        _("Do not let in. The alarm panel is not heard: go and see."),
        _("The room is closed."),
    ),
    "ids_not_access": Wording(
        _("The area's alarm panel is not in ACCESS: {mode}."),
        _("Open the area and set the panel to ACCESS."),
        GUARD,
        _("Do not let in. The alarm panel is not in ACCESS."),
        _("The room is closed."),
    ),
    "wrong_portal": Wording(
        _("This portal leads neither into nor towards an area of the entry."),
        _("Use the portal of the area."),
        GUARD,
        _("Wrong door. Show the way."),
        _("This is not your door."),
    ),
}
