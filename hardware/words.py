"""The words for what drivers, gateways and orders say by code: for alarms, lists and pages.

A code is a fact of the wire and stays in the journal; nobody reads it on a screen.
"""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# Why a device gives no answer (hardware/drivers, hardware/gateway/plant.py, devices.py).
SILENCE: Mapping[str, Promise] = {
    "port": _("its serial port is not there, or takes no byte"),
    "port_missing": _("its serial port is not there"),
    "port_lost": _("its serial port is gone"),
    "silent": _("silence on the wire"),
    "no_reply": _("silence on the wire"),
    "garbled": _("its answers are damaged or make no sense"),
    "session": _("its Secure Channel ended"),
    "wrong_key": _("it cannot prove its key"),
    "keying": _("it is to take a key of its own"),
    "bus_anew": _("its bus begins anew"),
    "not_secure": _("it does not speak over Secure Channel"),
    "clear_session": _("it offered a session in the clear"),
    "bus_stuck": _("its bus is stuck"),
    "bus_recovered": _("its bus runs again"),
    "no_bus": _("its bus does not run"),
    "no_driver": _("its driver could not start"),
    "no_process": _("its reader's process could not start"),
    "child_ended": _("its reader's process ended"),
    "closed": _("its gateway has stopped"),
    "no_reader": _("no reader answers at its port"),
}
# Why an order was refused or not carried out (hardware/gateway, hardware/drivers).
ORDERS: Mapping[str, Promise] = {
    "offline": _("the device was not there"),
    "no_answer": _("the device gave no answer"),
    "not_sent": _("it was not sent"),
    "unanswered": _("it was sent, and the device did not answer"),
    "unconfirmed": _("the device did not confirm it"),
    "outcome_unknown": _("the gateway stopped meanwhile, so nobody knows what came of it"),
    "refused": _("the device refused it"),
    "impossible": _("the device cannot do it"),
    "unsupported": _("the device cannot do it"),
    "no_such_lock": _("the board has no such lock"),
    "jammed": _("the lock is jammed"),
    "bounce": _("the contact bounced"),
    "no_card": _("no card lay on the reader"),
    "card_in_use": _("the card is a badge already"),
    "card_changed": _("another card lay on the reader than a moment before"),
    "card_lost": _("the card was taken off too soon"),
    "card_refused": _("the card takes nothing any more"),
    "foreign_card": _("the card is not one of this facility"),
    "unsupported_card": _("the card is not of the kind in use"),
    "not_encoded": _("the card was not encoded"),
    "read_failed": _("the card could not be read"),
    "verify_failed": _("what was written could not be read back"),
    "no_such_portal": _("the gateway has no such door"),
    "no_such_bank": _("the gateway has no such locker bank"),
    "no_such_desk": _("the gateway has no such desk reader"),
    "no_such_zone": _("the gateway has no such zone"),
    "no_strike": _("the door has no strike to hold"),
    "nothing_stands": _("nothing stood that could be ended"),
    "two_people": _("it did not name two people"),
    "clock_off": _("the gateway's clock is off, or nobody can tell"),
    "lasts_too_long": _("it would last longer than the policy allows"),
    "lives_too_long": _("it asked to hold good for longer than the policy allows"),
    "expired": _("it came too late"),
    "not_yet": _("it was issued later than the gateway's clock says"),
    "repeated": _("it had come before"),
    "signature": _("its signature is not the centre's"),
    "other_gateway": _("it was meant for another gateway"),
    "not_json": _("it could not be read"),
    "not_an_envelope": _("it could not be read"),
    "malformed": _("it could not be read"),
    "too_long": _("it was longer than an order can be"),
    "verb": _("it asked for what no gateway does"),
    "journal_unavailable": _("the gateway could not write it down"),
    "zone_version": _("the count had changed meanwhile"),
    "lockdown": _("a lockdown is in force"),
    "not_inside": _("the zone does not count this person"),
}
REASONS: Mapping[str, Promise] = {**SILENCE, **ORDERS}

VERBS: Mapping[str, Promise] = {
    "unlock": _("let a person through"),
    "locker_open": _("open a locker"),
    "card_encode": _("encode a card"),
    "card_erase": _("erase a card"),
    "door_hold": _("hold the door open"),
    "door_shunt": _("shunt the door's alarm"),
    "door_release": _("end what stands for the door"),
    "zone_mark_out": _("mark a person out of the zone"),
    "zone_forgive": _("set the zone's count right"),
}


def reason_words(code: str) -> str:
    """A reason in words; one that says more after a colon by what stands before it."""
    words = REASONS.get(code.partition(":")[0])
    return str(words) if words is not None else code.replace("_", " ")


def verb_words(verb: str) -> str:
    """What an order asks for."""
    words = VERBS.get(verb)
    return str(words) if words is not None else verb.replace("_", " ")
