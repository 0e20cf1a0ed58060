"""What becomes of each rule at a door that is cut off from the centre: the offline contract.

A door always decides from what lies in its gateway, so that the path that is used offline is the
one that is used every day. What differs is how old its word may be. Each rule and each obligation
declares here, by its name, on what it then rests; ``docs/offline-contract.md`` prints it.
"""

from dataclasses import dataclass
from enum import StrEnum


class Offline(StrEnum):
    """What a rule does while nothing is heard from the centre."""

    LOCAL = "local"
    ENFORCE = "enforce"
    EXPIRE = "expire"
    AREA = "area"
    CENTRE = "centre"


MEANINGS: dict[Offline, str] = {
    Offline.LOCAL: "Asked in full: it rests on what the gateway itself sees, counts or keeps.",
    Offline.ENFORCE: "Asked in full of what was last told; a change at the centre is learnt only "
    "with the link, so that the policy's age limit bounds it.",
    Offline.EXPIRE: "As enforce, and stricter by itself: what was told carries its end, which "
    "closes the door without a word from the centre.",
    Offline.AREA: "Beyond the policy's age (`snapshot_age`) the area's declared rule applies: "
    "`deny` (also where none is declared), `enforce`, or `allow_and_flag`.",
    Offline.CENTRE: "Not asked at a door: it belongs to a step that only the centre takes, so that "
    "without it nothing is begun. Denied.",
}


@dataclass(frozen=True, slots=True)
class Contract:
    """One declaration: ``rests_on`` is what it looks at, ``why`` why that is good enough."""

    offline: Offline
    rests_on: str
    why: str


def _local(rests_on: str, why: str) -> Contract:
    return Contract(Offline.LOCAL, rests_on, why)


def _enforce(rests_on: str, why: str) -> Contract:
    return Contract(Offline.ENFORCE, rests_on, why)


def _expire(rests_on: str, why: str) -> Contract:
    return Contract(Offline.EXPIRE, rests_on, why)


_MANDATE = "the visit's record: its engagement"
_BOOKING = "the visit's record: its booking"
_DESK = "the visit's record: what the desk has done"
_AREA = "the area's record"
_PERSON = "the person's record"
_TOLD_ONCE = "It is settled before the day; a withdrawal needs the link and is bounded by the age."
_STEP = "A step is taken at the desk, which needs the centre; one not taken stays untaken."
_DENIES = "A record that was never told denies."
_BOOKED = "Booking needs the centre; cut off, nothing is booked."
_DESK_TOO = "Booking and desk need the centre; cut off, nobody is booked or checked in."

CONTRACTS: dict[str, Contract] = {
    "policy_known": _enforce("the policy's record", _DENIES),
    "badge_known": _enforce("the badge's record, by its digest", _DENIES),
    "badge_active": _enforce(
        "the badge's record: its state",
        "A badge lost meanwhile is stopped by its PIN where one is asked, and by the age limit.",
    ),
    "person_known": _enforce(_PERSON, _DENIES),
    "basis_known": _enforce("the records of the person's bases", _DENIES),
    "area_known": _enforce(_AREA, _DENIES),
    "basis_is_the_persons_own": _enforce("the record of the basis", "It never changes."),
    "no_lockdown": _enforce(
        "the area's record: locked down, not, or unknown, which denies",
        "A lockdown ordered while the link is down needs a person at the door as well.",
    ),
    "threat_level_known": _enforce("the area's record: the level; the policy", _DENIES),
    "threat_clearance_reached": _enforce(
        "the area's record: the level; the person's clearances",
        "A level raised while cut off is not known here, until the age limit.",
    ),
    "threat_admits_visitors": _enforce(
        "the area's record: the level",
        "Cut off, no visitor is checked in; one who is may come back until the age limit.",
    ),
    "parties_apart": _enforce(
        "the person's walls and party, the gateway's count of the zone",
        "Who is inside is a local fact. Who else was here today only the centre knows: whom a wall "
        "of days keeps apart is not let in once the centre is silent for `wall_silence`.",
    ),
    "ids_quiet": _local("the alarm panel's own inputs", "Not heard is no quiet."),
    "ids_in_access": _local("the alarm panel's own inputs", "Not heard is not ACCESS."),
    "accredited": _enforce("the area's record: the letter's state", _TOLD_ONCE),
    "accreditation_covers_time": _expire("the letter's last day", "The day passes by itself."),
    "letter_reaches_label": _enforce("the letter's level, the label", _TOLD_ONCE),
    "area_dominates_session": _enforce("the area's label, the session's", _TOLD_ONCE),
    "swept": _enforce(
        "the area's record: its last sweep",
        "A sweep that falls due while cut off is not known here. Visitors cannot profit, for "
        "check-in needs the centre; staff can, until the age limit.",
    ),
    "booked_in_hours": Contract(Offline.CENTRE, "the area's hours", _BOOKED),
    "day_not_closed": _expire("the area's closed days", "A closed day told ahead comes by itself."),
    "open_hours": _expire("the area's hours, the gateway's clock", "Closing time comes by itself."),
    "places_for_booking": Contract(Offline.CENTRE, "the area's places", _BOOKED),
    "temporary_in_its_time": Contract(
        Offline.CENTRE, "the area's first day of use, the policy's months", _DESK_TOO
    ),
    "temporary_hours_left": Contract(Offline.CENTRE, "the hours booked in the month", _BOOKED),
    "label_known": _enforce("the label of session and area", _DENIES),
    "eligible": _expire(
        "the person's clearances, the agreements between schemes",
        "An agreement's last day passes by itself.",
    ),
    "eligibility_stands": _enforce(
        "the status of the person's clearances",
        "A suspension is honoured within a second of the link, and bounded by the age without.",
    ),
    "level_reached": _enforce("the person's clearances, the label", _TOLD_ONCE),
    "in_review": _expire("the day the review is due", "The day passes by itself."),
    "interim_limited": _enforce(
        "the status of the clearance, the day of the granting authority's decision", _TOLD_ONCE
    ),
    "laa_limited": _enforce("the status of the clearance, the policy's rank", _TOLD_ONCE),
    "read_in": _expire("read-ins with the day of their debrief", "A debrief told ahead holds."),
    "nda_signed": _enforce("the agreement's day and witness", "It does not end."),
    "caveats_admit": _enforce("citizenships, caveats", _TOLD_ONCE),
    "area_sanitised": _expire("the area's record: until when", "Its time ends by itself."),
    "escort_cleared": _expire("the escort's record", "His review and read-ins end by themselves."),
    "escort_inside": _local("the gateway's count of the zone", "The zone has this one writer."),
    "engagement_named": _enforce(_MANDATE, _TOLD_ONCE),
    "engagement_active": _enforce(_MANDATE, _TOLD_ONCE),
    "engagement_approved": _enforce(_MANDATE, _TOLD_ONCE),
    "engagement_covers_time": _expire("the engagement's window", "Its end passes by itself."),
    "engagement_covers_area": _enforce(_MANDATE, _TOLD_ONCE),
    "member_of_engagement": _enforce(_MANDATE, _TOLD_ONCE),
    "need_to_know": _expire("the grant's window", "Its end passes by itself."),
    "window_sound": Contract(Offline.CENTRE, "the window asked for", _BOOKED),
    "notice_given": Contract(Offline.CENTRE, "the window asked for", _BOOKED),
    "booking_open": Contract(Offline.CENTRE, "the booking's state", _BOOKED),
    "booking_approved": _enforce(_BOOKING, _TOLD_ONCE),
    "approved_by_another": _enforce(_BOOKING, _TOLD_ONCE),
    "attendee_booked": _enforce(_BOOKING, _TOLD_ONCE),
    "within_window": _expire("the booking's window, the gateway's clock", "It ends by itself."),
    "roster_valid": _expire("the entry's window, the gateway's clock", "It ends by itself."),
    "roster_sponsored": _enforce("the roster entry's record", _TOLD_ONCE),
    "on_shift": _expire("the shift, the gateway's clock", "It ends by itself."),
    "post_named": _enforce("the duty's record", _TOLD_ONCE),
    "order_valid": _expire("the order's window, the gateway's clock", "It ends by itself."),
    "somebody_escorted": _enforce("the order's record", _TOLD_ONCE),
    "authority_named": _enforce("the appointment's record", _TOLD_ONCE),
    "emergency_declared": _enforce(
        "the emergency's record", "Declared while cut off, it is known here only with the link."
    ),
    "visit_open": _enforce(
        "the visit's state", "A recall is also told to the visitor by the guard inside."
    ),
    "checked_in": _enforce(_DESK, _STEP),
    "identity_checked": _enforce(_DESK, _STEP),
    "belongings_locked": _enforce(_DESK, _STEP),
    "deposit_signed": _enforce(_DESK, _STEP),
    "devices_approved": _enforce(_DESK, _STEP),
    "badge_issued": _enforce(_DESK, _STEP),
    "leads_to_area": _enforce("the portal's record", "Doors do not move."),
    "badge_assigned": _enforce("the badge's record", "A badge is issued at the desk only."),
    "two_factors": _local(
        "the badge and the PIN presented, the PIN's verifier",
        "Wrong PINs are counted in the gateway, across restarts.",
    ),
    "clock_sound": _local("the gateway's clock, the centre's last word", "No entry revives."),
    "snapshot_fresh": Contract(
        Offline.AREA, "when the centre was last heard", "The officer of the area answers for it."
    ),
    "escort_free": _local("the gateway's count of the zone", "The zone has this one writer."),
    "zone_known": _local("the gateway's count of the zone", "The zone has this one writer."),
    "not_inside_already": _local("the gateway's count of the zone", "One writer, no gap."),
    "not_entering_elsewhere": _local("the ways in that this gateway granted", "One writer."),
    "count_certain": _local("the gateway's count of the zone", "Doubt is a local fact."),
    "place_free": _local("the gateway's count, the area's places", "One writer, no gap."),
    "first_person_inside": _local("the gateway's count of the zone", "One writer, no gap."),
    "interlock_shut": _local("the contacts of the group's doors", "One gateway has them all."),
    "second_person": _local("who is inside, who waits at the portal", "One writer, no gap."),
    "announce_medical_device": _enforce(_DESK, _STEP),
    "announce_uncleared_person": _enforce("the record of the basis", _TOLD_ONCE),
    "escort_without_break": _enforce("the record of the basis", _TOLD_ONCE),
    "debrief_responder": _enforce(_AREA, "It is owed to the area, not to the link."),
    "flag_stale_snapshot": Contract(
        Offline.AREA,
        "when the centre was last heard",
        "The price of `allow_and_flag`: every such entry is marked for a human.",
    ),
    "flag_passback": _local("the gateway's count of the zone", "One writer, no gap."),
    "flag_uncertain_count": _local("the gateway's count of the zone", "Doubt is a local fact."),
}
