"""What each kind of alarm is, in words; the code is what the journal and its rules go by."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from access.rules.wording.remaining import CONCERN_NAMES

ALARM_KINDS: Mapping[str, Promise] = {
    # Doors and who is inside
    "door_forced": _("Door forced"),
    "door_held": _("Door held open"),
    "door_held_warning": _("Door soon open for too long"),
    "zone_uncertain": _("Count of a room uncertain"),
    "passback": _("Entered though counted inside"),
    "passage_unforeseen": _("Passage that the visit does not foresee"),
    **{code: _(name) for code, name in CONCERN_NAMES.items()},
    "two_person_broken_overdue": _("Two-person rule broken for too long"),
    "duress": _("Duress"),
    "duress_elsewhere": _("Duress at another post"),
    "handed_over_alone": _("Zone handed over by one officer"),
    "emergency_unconfirmed": _("Emergency waits for a second person"),
    "lockdown_undelivered": _("Lockdown not delivered"),
    # Devices and gateways
    "device_offline": _("Device gives no answer"),
    "device_tamper": _("Cover opened"),
    "device_power": _("Supply failed"),
    "device_insecure": _("Device speaks without its key"),
    "reader_not_keyed": _("Reader took no key"),
    "gateway_silent": _("Gateway silent"),
    "not_delivered": _("Changes not delivered to a gateway"),
    "clock_offset": _("Clock of a gateway is off"),
    "clock_jumped": _("Clock of a gateway jumped"),
    "edge_journal_full": _("Disk of a gateway is full"),
    "event_quarantined": _("Event set aside"),
    "inbox_forged": _("Event in a gateway's name that is not its own"),
    "edge_key_missing": _("Key of a gateway missing at the centre"),
    "command_unconfirmed": _("Order not confirmed"),
    "command_refused": _("Order refused by a gateway"),
    "ids_unknown": _("Alarm panel not heard"),
    "ids_in_alarm": _("Intrusion alarm"),
    "ids_trouble": _("Alarm panel reports trouble"),
    # Desk, lockers, badges
    "locker_jammed": _("Locker jammed"),
    "locker_unordered": _("Locker opened without an order"),
    "badge_lost": _("Badge lost"),
    "badge_encoded_over": _("Badge's card encoded as another"),
    "badge_copied": _("Badge copied"),
    "badge_locked_out": _("Badge locked out at doors"),
    "badge_locked_out_at_laptop": _("Badge locked out at a laptop"),
    "card_unassigned": _("Card encoded for nobody"),
    "identity_mismatch": _("Document and person do not match"),
    "search_found": _("Found in an exit search"),
    "sweep_failed": _("Sweep failed"),
    "bookings_on_closed_day": _("Bookings on a closed day"),
    "bookings_under_threat": _("Bookings that the threat level stops"),
    "records_differ": _("Records differ from the journal"),
    "report_altered": _("Report altered"),
    "text_erased": _("Text of entries erased"),
    # Laptops
    "terminal_lock_unconfirmed": _("Lock of a laptop not confirmed"),
    "terminal_not_attested": _("Laptop not attested"),
    "terminal_quarantined": _("Laptop in quarantine"),
    "terminal_usb": _("Something plugged into a laptop"),
    "terminal_check_failed": _("Laptop finds itself altered"),
    "terminal_lost": _("Laptop lost"),
    "terminal_debrief": _("Debrief after a loss due"),
    "terminal_overdue": _("Laptop not brought back"),
    "terminal_silent": _("Laptop in the house not heard"),
    "terminal_unheard": _("Laptop outside not heard"),
    "control_silent": _("Nobody watches the laptops' sessions"),
    "session_cut_unconfirmed": _("Cut of a session not confirmed"),
    "egress_used_up": _("Budget of an engagement used up"),
    "egress_overrun": _("Bytes beyond the budget"),
    "activity_odd": _("Odd activity at a laptop"),
    "activity_held": _("Session held for odd activity"),
    "activity_unwatched": _("Activity at a laptop not watched"),
    "anomaly_overdue": _("Anomaly not reviewed in time"),
    "anomaly_upheld": _("Laptop to be taken from its user"),
    "airlock_altered": _("Sealed bytes altered"),
    "airlock_overdue": _("Item waits for its answer"),
    "harness_policy_unconfirmed": _("Policy not confirmed by a harness"),
}


def alarm_kind_words(kind: str) -> str:
    """A kind of alarm in words; one that nobody named, by its code."""
    words = ALARM_KINDS.get(kind)
    return str(words) if words is not None else kind.replace("_", " ")
