"""Texts about the basis of an entry: booking, mandate, roster, duty, order."""

from access.rules.wording.base import DISCLOSER, GUARD, OFFICER, PERSON_HIMSELF, Wording
from access.rules.wording.base import gettext_noop as _

BASIS: dict[str, Wording] = {
    "no_basis": Wording(
        _("No basis of entry: no visit, roster entry, duty, escort, inspection or emergency."),
        _("Book a visit, or enter the person on a roster or duty."),
        OFFICER,
        _("Do not let in. Nothing is planned for this person."),
    ),
    "no_rule": Wording(
        _("No rule admits this basis at this point."),
        _("Give another basis of entry: this one does not exist here."),
        OFFICER,
    ),
    "not_the_holder": Wording(
        _("The basis of entry belongs to another person."),
        _("Use the person's own basis."),
        OFFICER,
    ),
    "before_window": Wording(
        _("Too early: the time begins {time}, and the policy lets nobody on before {opens}."),
        _("Wait, or move the booking."),
        OFFICER,
        _("Too early: the time begins {time}. May go on from {opens}."),
        _("Your time begins {time}."),
    ),
    "after_window": Wording(
        _("The time ended {time}."),
        _("Ask for an extension or a new booking."),
        OFFICER,
        _("Time ended {time}. Extend, or see the person out."),
        _("Your time ended {time}."),
    ),
    "window_empty": Wording(
        _("The booked time ends before it begins."),
        _("Choose another time."),
        PERSON_HIMSELF,
        visitor=_("The end must come after the beginning."),
    ),
    "notice_too_short": Wording(
        _("The notice is shorter than the policy asks."),
        _("Choose a later time."),
        PERSON_HIMSELF,
        visitor=_("Too soon: choose a later time."),
    ),
    "outside_hours": Wording(
        _("Outside the area's opening hours."),
        _("Choose a time within the opening hours."),
        OFFICER,
        _("Do not let in. The area is outside its opening hours."),
        _("Outside opening hours."),
    ),
    "outside_own_hours": Wording(
        _("Outside the hours of this person, or of the area where none are set for the person."),
        _("Set hours of their own, or the area's hours."),
        OFFICER,
        _("Do not let in. It is outside this person's hours."),
        _("Outside your hours."),
    ),
    "booking_not_open": Wording(
        _("The booking is {state}, so nobody can be booked under it."),
        _("Make a new booking."),
        OFFICER,
        visitor=_("This booking is no longer open."),
    ),
    "booking_not_approved": Wording(
        _("The booking is {state}, not approved."),
        _("Have another officer approve it."),
        OFFICER,
        _("Do not let in. The booking is not approved."),
        _("Your booking is not approved."),
    ),
    "approval_not_separate": Wording(
        _("The booking was not approved by a second person: its requester cannot."),
        _("Have another officer decide."),
        OFFICER,
    ),
    "not_an_attendee": Wording(
        _("The person is not an attendee of this booking."),
        _("Add the person to the booking and have it approved."),
        OFFICER,
        _("Do not let in. Not on the booking."),
        _("You are not on this booking."),
    ),
    "engagement_missing": Wording(
        _("No engagement with an asset stands behind the visit."),
        _("Book under an engagement that names what is studied."),
        OFFICER,
    ),
    "engagement_not_active": Wording(
        _("The engagement is {state}, not active."),
        _("Have both sides approve it, or resume it."),
        OFFICER,
        visitor=_("Your engagement is not active."),
    ),
    "engagement_not_approved": Wording(
        _("The engagement lacks the approval of two different people, lab and facility."),
        _("Have both sides approve it."),
        DISCLOSER,
    ),
    "engagement_time": Wording(
        _("The engagement does not cover the whole time."),
        _("Choose a time within the engagement, or extend it."),
        DISCLOSER,
        visitor=_("Your engagement does not cover this time."),
    ),
    "engagement_area": Wording(
        _("The engagement does not name this area."),
        _("Choose an area of the engagement, or add this one to it."),
        DISCLOSER,
        visitor=_("Your engagement does not name this room."),
    ),
    "not_a_member": Wording(
        _("The engagement does not name this person."),
        _("Add the person to the engagement."),
        DISCLOSER,
    ),
    "roster_not_valid": Wording(
        _("The roster entry is not valid now: it begins later, has ended, or its review is due."),
        _("Review the roster entry."),
        OFFICER,
        _("Do not let in. The roster entry is not valid now."),
        _("Your roster entry is not valid now."),
    ),
    "roster_not_sponsored": Wording(
        _("The roster entry has no sponsor other than the person."),
        _("Have another person answer for the entry."),
        OFFICER,
    ),
    "off_shift": Wording(
        _("The duty does not cover this time."),
        _("Change the shift plan."),
        OFFICER,
        _("Do not let in. Not on shift."),
        _("You are not on shift."),
    ),
    "post_unknown": Wording(
        _("The duty names no post."),
        _("Name the post in the shift plan."),
        OFFICER,
    ),
    "order_not_valid": Wording(
        _("The order does not cover this time."),
        _("Give a new order."),
        OFFICER,
    ),
    "escort_of_nobody": Wording(
        _("The escort's order names nobody else to accompany."),
        _("Name who is escorted."),
        OFFICER,
    ),
    "authority_missing": Wording(
        _("The inspector's appointment names no authority."),
        _("Record the appointment letter."),
        OFFICER,
    ),
    "emergency_not_declared": Wording(
        _("No incident, or not declared by two people."),
        _("Declare the emergency with a second person, and its reason."),
        GUARD,
        _("Declare the emergency at the desk, with a second person."),
    ),
}
