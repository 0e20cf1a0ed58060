"""Texts of the alarms about who is in a zone: the guard's, so that they name whom to look for."""

from access.rules.wording.base import gettext_noop as _

# What each is, where it is listed.
CONCERN_NAMES: dict[str, str] = {
    "right_withdrawn": _("Right to be inside taken away"),
    "escort_lost": _("Escort has left"),
    "escort_unfit": _("Escort no longer cleared"),
    "not_sanitised": _("Uncleared person in a room no longer sanitised"),
    "two_person_broken": _("Two-person rule broken"),
    "below_minimum": _("Fewer inside than the room asks for"),
}
UNCERTAIN = "uncertain"  # no rule's concern: the count itself was in doubt
REPORTED: dict[str, str] = {
    **CONCERN_NAMES,
    UNCERTAIN: _("Nobody knew for certain who was inside"),
}
CONCERNS: dict[str, str] = {
    "right_withdrawn": _("Bring out of {zone}: {people}. The right to be there was taken away"),
    "escort_lost": _("Bring out of {zone}: {people}. The escort has left"),
    "escort_unfit": _("Bring out of {zone}: {people}. The escort is no longer cleared for it"),
    "not_sanitised": _("Bring out of {zone}: {people}. The room is no longer sanitised"),
    "two_person_broken": _("Two-person rule broken in {zone}. Inside: {people}"),
    "below_minimum": _("Fewer than {least} people remain in {zone}"),
}
OVERDUE: dict[str, str] = {
    "two_person_broken": _("Nobody has joined {people} in {zone}: go there now"),
}
# By the reason of ``zone.uncertain`` (hardware/rules/sight.py).
UNSEEN: dict[str, str] = {
    "passage": _("Count {zone}: somebody let through {portal} may have passed unheard"),
    "found_open": _("Count {zone}: {portal} was opened while nobody could hear it"),
    "occupied": _("Count {zone}: people were inside while {portal} was not heard"),
    "stood_open": _("Count {zone}: {portal} stood open while nobody could hear it"),
    "unread": _("Count {zone}: {portal} was opened without a badge"),
    "forced": _("Count {zone}: {portal} was opened, and nothing tells by whom"),
    "behind": _("Count {zone}: {portal} was opened once more behind somebody who was let through"),
    "nameless": _("Count {zone}: somebody without a name was let through {portal}"),
}
PASSBACK = _("{person} entered by {portal} though counted inside already")
