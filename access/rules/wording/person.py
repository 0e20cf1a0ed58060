"""Texts about what a person is cleared for, read into, needs to know and has promised."""

from access.rules.wording.base import (
    DISCLOSER,
    DO_NOT_ADMIT,
    EMPLOYER,
    OFFICER,
    SECURITY_OFFICER,
    SEE_GUARD,
    Wording,
)
from access.rules.wording.base import gettext_noop as _

CLEARANCE_TO_VISITOR = _(
    "Something about your security records is not in order. Ask your security officer."
)

PERSON: dict[str, Wording] = {
    "eligibility_missing": Wording(
        _("No clearance on record in the scheme {scheme}, nor one accepted for it."),
        _("Obtain the clearance from the authoritative register or a visit authorisation."),
        EMPLOYER,
        visitor=CLEARANCE_TO_VISITOR,
    ),
    "eligibility_suspended": Wording(
        _("The clearance in the scheme {scheme} is suspended, which stops every other one."),
        _("Ask the granting authority to reinstate it."),
        SECURITY_OFFICER,
        visitor=CLEARANCE_TO_VISITOR,
    ),
    "eligibility_revoked": Wording(
        _("The clearance in the scheme {scheme} is revoked, which stops every other one."),
        _("Ask the granting authority: it alone decides."),
        SECURITY_OFFICER,
        visitor=CLEARANCE_TO_VISITOR,
    ),
    "clearance_too_low": Wording(
        _("The clearance does not reach {level}."),
        _("Obtain a higher clearance, or book a session of a lower level."),
        EMPLOYER,
        visitor=CLEARANCE_TO_VISITOR,
    ),
    "review_overdue": Wording(
        _("The clearance's review is overdue by the end of the entry, due {date}."),
        _("Renew the review, or enrol the person in continuous vetting."),
        EMPLOYER,
        visitor=CLEARANCE_TO_VISITOR,
    ),
    "interim_not_accepted": Wording(
        _("An interim clearance reaches no compartment without the granting authority's decision."),
        _("Record the granting authority's decision, or wait for the final clearance."),
        SECURITY_OFFICER,
        visitor=CLEARANCE_TO_VISITOR,
    ),
    "laa_not_accepted": Wording(
        _("A limited access authorisation does not reach this level or any compartment."),
        _("Book a session of a lower level without compartments."),
        SECURITY_OFFICER,
        visitor=CLEARANCE_TO_VISITOR,
    ),
    "not_read_in": Wording(
        _("Not read into {compartments}."),
        _("Brief the person and have the form signed."),
        SECURITY_OFFICER,
        visitor=SEE_GUARD,
    ),
    "nda_missing": Wording(
        _("No non-disclosure agreement on record."),
        _("Sign one with a witness before the entry."),
        OFFICER,
        _("Do not let in. The agreement must be signed first."),
        _("You have not signed the non-disclosure agreement yet."),
    ),
    "nda_invalid": Wording(
        _("The non-disclosure agreement lacks a witness of its own or is dated later."),
        _("Sign a new one; signer and witness sign the same day."),
        OFFICER,
        _("Do not let in. The agreement must be signed again."),
        _("Your non-disclosure agreement must be signed again."),
    ),
    "need_to_know_missing": Wording(
        _("No need to know for this engagement through the whole time."),
        _("Have the discloser grant it for the time of the visit."),
        DISCLOSER,
    ),
    "need_to_know_not_from_discloser": Wording(
        _("The need to know was not granted by the discloser, or by the person himself."),
        _("Have a person of the sponsor grant it."),
        DISCLOSER,
    ),
    "citizenship_barred": Wording(
        _("The caveat {caveat} does not admit the person's citizenships."),
        _("Ask the originator: it alone decides on release."),
        SECURITY_OFFICER,
    ),
    "label_unknown": Wording(
        _("No label is known for what this entry gives access to."),
        _("Set the label of the area or of the engagement."),
        OFFICER,
    ),
    "escort_not_cleared": Wording(
        _("The escort is unknown, or not cleared and read in for this area."),
        _("Assign an escort who is cleared for the area."),
        OFFICER,
        _("Do not let in. Another escort is needed."),
    ),
    "escort_not_inside": Wording(
        _("The escort is not inside."),
        _("Let the escort enter first and stay with the person."),
        OFFICER,
        _("Wait for the escort. The escort enters first."),
        _("Please wait for your escort."),
    ),
    "area_not_sanitised": Wording(
        _("The area is not sanitised for an uncleared person."),
        _("Cover or remove what is classified, then record it."),
        OFFICER,
        _("Do not let in. The room is not prepared yet."),
    ),
    "person_unknown": Wording(
        _("No record of this person here."),
        _("Register the person and give a basis of entry."),
        OFFICER,
        DO_NOT_ADMIT,
    ),
    "kept_apart": Wording(
        _("A conflict wall for a room keeps this person's party out; it holds until {until}."),
        _("Wait until the other party has left the room; or end the wall."),
        OFFICER,
        _("Not now. Let the person wait at the desk and call the facility officer."),
    ),
    "kept_apart_today": Wording(
        _("A conflict wall of days keeps this person's party out today; it holds until {until}."),
        _("Have the person come on another day; or end the wall."),
        OFFICER,
        _("Not now. Let the person wait at the desk and call the facility officer."),
    ),
    "day_unknown": Wording(
        _("Cut off, the door cannot tell whether a party that a conflict wall keeps apart came."),
        _("Mend the gateway's link to the centre; or end the wall."),
        OFFICER,
        _("Not now. Let the person wait at the desk and call the facility officer."),
    ),
}
