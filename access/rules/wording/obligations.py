"""Texts of what must be done beside an entry, and of what is open at an exit."""

from dataclasses import dataclass

from access.rules.wording.base import gettext_noop as _


@dataclass(frozen=True, slots=True)
class Act:
    """An act: ``title`` for the officer, ``guard`` as the guard's order."""

    title: str
    guard: str


OBLIGATION_TEXTS: dict[str, Act] = {
    "announce_medical_device": Act(
        _("A device stays with the visitor under an approval"), _("Announce the device to the room")
    ),
    "announce_uncleared_person": Act(
        _("An uncleared person enters"), _("Announce the uncleared person to the room")
    ),
    "escort_without_break": Act(
        _("The escort stays with the person without a break"), _("See that the escort stays beside")
    ),
    "debrief_responder": Act(
        _("Responders are briefed on inadvertent disclosure before they go"),
        _("Hold responders for the security officer before they go"),
    ),
    "flag_stale_snapshot": Act(
        _("Decided from a snapshot older than the policy allows"),
        _("Note the entry: the door is cut off"),
    ),
    "flag_uncertain_count": Act(
        _("Entered while the count of the zone was uncertain"), _("Count who is inside")
    ),
    "flag_passback": Act(
        _("Entered though counted as inside already (anti-passback)"),
        _("Find out who used the badge, then count who is inside"),
    ),
}

OPEN_ITEM_TEXTS: dict[str, Act] = {
    "still_inside": Act(_("Counted as inside"), _("See that the person has left; mark out")),
    "search_not_recorded": Act(_("Exit search not recorded"), _("Search, then record it")),
    "locker_not_emptied": Act(_("Belongings still in the locker"), _("Open the locker")),
    "return_not_signed": Act(
        _("Return of the belongings not signed by both"), _("Sign the return, both of you")
    ),
    "laptop_not_returned": Act(_("Laptop not returned"), _("Take the laptop back")),
    "badge_not_returned": Act(_("Badge not returned"), _("Take the badge back")),
    "past_end": Act(_("Past the end of the visit"), _("Note the time and the reason")),
    "badge_unknown": Act(
        _("Left with a badge that nobody knows"), _("Stop at the desk and find out who it is")
    ),
    "not_counted_inside": Act(_("Left without being counted as inside"), _("Count who is inside")),
    "two_person_broken": Act(
        _("Leaves somebody alone under the two-person rule"),
        _("Call the one inside out, or let somebody who may enter join"),
    ),
    "escort_lost": Act(
        _("Leaves escorted people inside without their escort"),
        _("Bring the escorted people out at once"),
    ),
    "below_minimum": Act(
        _("Leaves fewer people inside than must remain"), _("Call for another person")
    ),
    "interlock_not_shut": Act(
        _("Left while another door of the interlock was not shut"), _("Shut the other door")
    ),
    "visit_suspended": Act(_("The visit is suspended"), _("Call the facility officer")),
}
