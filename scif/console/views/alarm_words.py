"""What a guard does about an alarm, by its kind; one that asks for somebody to come has a clock."""

from dataclasses import dataclass

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from scif.alarms.models import Alarm, Gravity

Words = str | Promise


@dataclass(frozen=True, slots=True)
class Procedure:
    """``act`` is the heading of the step after taking the alarm, ``why`` the line under it."""

    act: Words
    why: Words


INTRUSION = Procedure(
    _("Go and see, then close with what was found"), _("It counts as an intrusion until resolved.")
)
DEVICE = Procedure(
    _("Look at the device and its cable, then close with what was found"),
    _("What it watches or opens is not to be relied on until it answers again."),
)
BY_KIND: dict[str, Procedure] = {
    "right_withdrawn": Procedure(
        _("Bring out whoever is named, with all that was brought in; the officer knows why"),
        _("No door lets them in again. It ends by itself once they are out, or may be there."),
    ),
    "escort_lost": Procedure(
        _("Bring out whoever is named, or the escort back to them; say what was seen meanwhile"),
        _("Nobody who is not cleared stays there alone. It ends by itself once nobody does."),
    ),
    "escort_unfit": Procedure(
        _("Bring out whoever is named, or let another escort take over; say what was seen"),
        _("Whoever answers for somebody uncleared must be cleared himself."),
    ),
    "not_sanitised": Procedure(
        _("Bring out whoever is named, or have the officer record the room as sanitised anew"),
        _("What lies open there is not for whoever is not cleared."),
    ),
    "two_person_broken_overdue": Procedure(
        _("Go there: somebody joins, or whoever is inside comes out; then close"),
        _("The room lets nobody be alone. Leaving is never refused."),
    ),
    # At its own desk nobody sees it: an officer reads this, at the alarm's page in the admin.
    "duress": Procedure(
        _(
            "Call the response force and choose with them. Nothing has changed at the door, nor at "
            "a laptop. Whoever threatens would see at once that a laptop is locked (it goes dark) "
            "or that a lockdown is in force (no reader lets anybody in)"
        ),
        _("Never call that desk: the person may be standing there, and not alone."),
    ),
    "duress_elsewhere": Procedure(
        _("Call the response force and an officer of that place, then close with what was done"),
        _("Never call its desk: whoever threatens somebody there must not learn of it."),
    ),
    "emergency_unconfirmed": Procedure(
        _("Confirm the emergency at its page, or have it ended there; then close"),
        _("No door opens by it until a second person has confirmed it."),
    ),
    "lockdown_undelivered": Procedure(
        _("Put a person at every door that is not confirmed, then close once all are"),
        _("Those doors may still let in whoever is entitled; leaving is free."),
    ),
    "bookings_under_threat": Procedure(
        _("Have the teams told that they will not be let in, then close"),
        _("It ends by itself once the threat level stops no booking of today."),
    ),
    "locker_jammed": Procedure(
        _("Clear the locker's door, then close with what was done"),
        _("The locker is given to nobody until this is closed."),
    ),
    "locker_unordered": Procedure(
        _("Look into the locker with a second person, then close with what was found"),
        _("It opened without an order: see that nothing is missing, and shut it."),
    ),
    "door_held": Procedure(
        _("See that the door is shut, then close with why it stood open"),
        _("Whoever passed while it stood open was not counted: look at who is inside."),
    ),
    "device_offline": DEVICE,
    "device_tamper": DEVICE,
    "badge_lost": Procedure(
        _("Ask for the badge once more, then close with where it was last seen"),
        _("No door knows it any more. Whoever presents it is stopped."),
    ),
    "gateway_silent": Procedure(
        _("See that its doors decide; call whoever looks after the machine, then close"),
        _("The centre hears nothing of its doors: they decide by what they were last told."),
    ),
    "clock_jumped": Procedure(
        _("Ask whoever looks after the machine who or what set its clock, then close"),
        _("Its doors decide by that clock, and what it records before and after may overlap."),
    ),
    "handed_over_alone": Procedure(
        _("Look at the wires with whoever handed the zone over, each for itself; then close"),
        _("One officer alone moved its doors to another gateway, since theirs was silent."),
    ),
    "badge_locked_out": Procedure(
        _("Ask the holder of the badge who typed, then close with what was said"),
        _("Wrong PINs too often: the badge opens no door until the lock-out ends by itself."),
    ),
    "badge_copied": Procedure(
        _("Go to the door and take the card, then close with who had it"),
        _("A card showed the number of a badge without proving it: it may be a copy."),
    ),
    "identity_mismatch": Procedure(
        _("Keep the person at the desk and call the facility officer, then close with the outcome"),
        _("The visit is turned away; the document may be somebody else's."),
    ),
    "search_found": Procedure(
        _("Keep what was found and call the facility officer, then close with the outcome"),
        _("Nothing that was found leaves with the visitor. Leaving itself is not refused."),
    ),
    "sweep_failed": Procedure(
        _("Have what was found removed and the room swept again, then close"),
        _("The room stays closed until a sweep passes."),
    ),
    "command_unconfirmed": Procedure(
        _("See with your own eyes whether it was carried out, then close with what you saw"),
        _("The device gave no answer in time; it may have acted or not."),
    ),
    "command_refused": Procedure(
        _("Tell the facility officer, then close with what was said"),
        _("The gateway would not obey: the order was late, or not signed as it must be."),
    ),
    "passage_unforeseen": Procedure(
        _("Find out who passed and whether the count is right, then close"),
        _("The count of the room may be wrong until then."),
    ),
    "egress_used_up": Procedure(
        _("Tell the facility officer, then close with what was said"),
        _("Nobody has a session there until lab and facility have agreed on other terms."),
    ),
    "activity_odd": Procedure(
        _("Tell the facility officer, then close with what was said"),
        _("An officer reviews it by a clock; the session goes on meanwhile."),
    ),
    "activity_held": Procedure(
        _("Go to the laptop and see who sits there, tell the officer, then close"),
        _("An officer reviews it by a clock; the session is held until then."),
    ),
    "anomaly_overdue": Procedure(
        _("Call a facility officer to review the anomaly, then close"),
        _("Unreviewed it gets graver by itself, up to a locked laptop."),
    ),
    "control_silent": Procedure(
        _("Go to whoever sits at a laptop, and have who runs the installation called"),
        _("The bastion ends by itself what nobody watches. The alarm ends when it works again."),
    ),
    "anomaly_upheld": Procedure(
        _("Take the laptop from its user, and ask the officer whether he stays"),
        _("His session has ended and none begins in this visit. The alarm ends with the return."),
    ),
    "activity_unwatched": Procedure(
        _("Tell the facility officer, then close with what was said"),
        _("Nobody looks for anomalies there; budget and rate cap still hold."),
    ),
    "terminal_overdue": Procedure(
        _("Call its holder and have it brought back, then close with what was said"),
        _("Its sessions have ended. If nobody knows where it is, report it lost."),
    ),
    "terminal_silent": Procedure(
        _("Go to the laptop: see who has it, whether it is shut and its seals are whole"),
        _("Its session has ended. The alarm ends by itself when it is heard again or returned."),
    ),
    "terminal_unheard": Procedure(
        _("Call its holder; find it or report it lost, then close with the outcome"),
        _("It is locked. A laptop that nobody finds is a loss: the officer is called."),
    ),
    "terminal_debrief": Procedure(
        _("Have an officer debrief its holder, then close"),
        _("Until it is recorded he is given no laptop outside."),
    ),
    "card_unassigned": Procedure(
        _("Take the card off the reader and set it aside, then close"),
        _("It was written and belongs to nobody's visit any more."),
    ),
}
OTHER = Procedure(
    _("Look into it, then close with what was found"), _("It stays on the list until it is closed.")
)


def procedure_of(alarm: Alarm) -> Procedure:
    """The procedure of an alarm: by its kind, else as for an intrusion where it is that grave."""
    return BY_KIND.get(alarm.kind, INTRUSION if is_intrusion(alarm) else OTHER)


def is_intrusion(alarm: Alarm) -> bool:
    """Whether somebody must be on the spot within the policy's time."""
    return alarm.gravity == Gravity.RESPOND


def again_words(alarm: Alarm) -> str:
    """When an alarm that repeats was raised last, and how often it was; empty after the first."""
    if alarm.count == 1:
        return ""
    last = timezone.localtime(alarm.raised_last_at)
    same_day = last.date() == timezone.localtime(alarm.raised_at).date()
    at = f"{last:%H:%M}" if same_day else f"{last.day} {last:%b %H:%M}"
    return gettext("again %(at)s, %(count)d times") % {"at": at, "count": alarm.count}
