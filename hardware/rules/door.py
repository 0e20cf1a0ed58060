"""A door's two machines: what its contact says, and what becomes of one command to its strike."""

from enum import StrEnum

from scif.kernel.states import Machine


class Contact(StrEnum):
    """What the contact of a door says, and whether it may."""

    UNKNOWN = "unknown"  # nothing heard yet
    SHUT = "shut"
    OPEN = "open"  # somebody who may pass opened it, or it stood open when first heard
    HELD = "held"  # open for longer than the portal allows
    FORCED = "forced"  # opened though nothing allowed it


class ContactAction(StrEnum):
    """What can happen to a door leaf."""

    PASS = "pass"  # noqa: S105  a passage, no password
    FORCE = "force"
    FIND_OPEN = "find_open"  # the first report of all says that it stands open
    OVERSTAY = "overstay"
    SHUT = "shut"


CONTACT: Machine[Contact, ContactAction] = Machine(
    "door",
    {
        (Contact.UNKNOWN, ContactAction.PASS): Contact.OPEN,
        (Contact.UNKNOWN, ContactAction.FIND_OPEN): Contact.OPEN,
        (Contact.UNKNOWN, ContactAction.SHUT): Contact.SHUT,
        (Contact.SHUT, ContactAction.PASS): Contact.OPEN,
        (Contact.SHUT, ContactAction.FORCE): Contact.FORCED,
        (Contact.OPEN, ContactAction.OVERSTAY): Contact.HELD,
        (Contact.OPEN, ContactAction.SHUT): Contact.SHUT,
        (Contact.HELD, ContactAction.SHUT): Contact.SHUT,
        (Contact.FORCED, ContactAction.SHUT): Contact.SHUT,
    },
)
STANDS_OPEN = frozenset({Contact.OPEN, Contact.HELD, Contact.FORCED})


class Pulse(StrEnum):
    """How far a command to a strike has come, as far as anybody knows."""

    WRITTEN = "written"  # in the edge journal, on its way to the wire
    ACKNOWLEDGED = "acknowledged"  # the device said that it did it
    UNANSWERED = "unanswered"  # it may have been done; it is not sent again
    NOT_SENT = "not_sent"  # it was not done, for certain
    RELOCKED = "relocked"  # its time is over


class PulseAction(StrEnum):
    """What is heard about a command to a strike."""

    ACKNOWLEDGE = "acknowledge"
    FALL_SILENT = "fall_silent"
    DROP = "drop"
    RELOCK = "relock"


PULSE: Machine[Pulse, PulseAction] = Machine(
    "strike pulse",
    {
        (Pulse.WRITTEN, PulseAction.ACKNOWLEDGE): Pulse.ACKNOWLEDGED,
        (Pulse.WRITTEN, PulseAction.FALL_SILENT): Pulse.UNANSWERED,
        (Pulse.WRITTEN, PulseAction.DROP): Pulse.NOT_SENT,
        # A late answer is an answer, and what a dead bus held back was not sent after all.
        (Pulse.UNANSWERED, PulseAction.ACKNOWLEDGE): Pulse.ACKNOWLEDGED,
        (Pulse.UNANSWERED, PulseAction.DROP): Pulse.NOT_SENT,
        (Pulse.UNANSWERED, PulseAction.RELOCK): Pulse.RELOCKED,
        (Pulse.ACKNOWLEDGED, PulseAction.RELOCK): Pulse.RELOCKED,
    },
)
# Nothing went to the wire: the driver's word, and the gateway's own for what it never handed over.
NOT_SENT_REASONS = frozenset({"not_sent", "impossible", "offline", "expired", "no_bus"})
