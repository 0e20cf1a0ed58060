"""What closes and what still works when a device, a wire or a link is gone."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Gone:
    """One thing that may be gone: ``closes``, ``works``, and how anybody learns of it."""

    what: str
    closes: str
    works: str
    known_by: str


# By the word of ``DeviceKind``, and for wires and links by a word of their own.
GONE: dict[str, Gone] = {
    "reader": Gone(
        "A door's reader, or the bus it hangs on",
        "Nobody enters by its badge or by order: its strike is not told to open, and a command "
        "that was not sent is never sent later.",
        "The way out: push bar and handle ask nobody. Other readers; a pulse that was begun ends "
        "by the reader's own timer, or with its power.",
        "`device.offline`, an alarm; `command.failed` for an order.",
    ),
    "io_board": Gone(
        "A relay and input board",
        "Every door whose strike hangs on it. Forced and held open at the contacts that hang on it "
        "go unseen until it is back. An alarm panel behind it is unknown, which keeps the doors of "
        "its area shut.",
        "Doors on other devices, and the way out of its own: the push bar asks nobody. A pulse "
        "once begun ends by the board's own timer, or with its power.",
        "`device.offline`, an alarm; `command.failed` for an order; `panel.changed`, an alarm.",
    ),
    "locker_board": Gone(
        "The board of a locker bank",
        "No locker opens, and none is taken as shut: check-in stops at the deposit, so that the "
        "visitor's door stays closed.",
        "Every door. What lies in a locker stays locked in.",
        "`device.offline`, an alarm; `command.failed` for an order.",
    ),
    "desk_reader": Gone(
        "The desk reader for badges",
        "No badge is encoded, none erased: nobody new is checked in.",
        "Every door, for badges that are issued. Revoking one needs no reader.",
        "`device.offline`, an alarm; `card.failed` and `command.failed` for an order.",
    ),
    "contact": Gone(
        "A door's contact",
        "Forced and held open go unseen until it is back, and then show. A zone in which somebody "
        "is, or into which somebody was let, is in doubt after `unseen_seconds`, so that nobody "
        "more enters until a guard has counted; his count holds as long again.",
        "The decision and the strike, where the policy lets people into a zone in doubt. Who was "
        "granted counts as inside from the acknowledged strike on, so that nobody inside is "
        "missed; leaving.",
        "`device.offline` of the device that it hangs on; `zone.uncertain`, an alarm.",
    ),
    "gateway": Gone(
        "The gateway itself: it died, stood still, or was switched off",
        "Every door of it. Back again, it holds every zone in doubt in which somebody was, through "
        "whose door somebody was on the way, or whose door stood open or is found open, unless it "
        "was away for `unseen_seconds` at most. A room that was empty behind doors that are shut "
        "still needs no count.",
        "The way out: push bar and handle ask nobody. A pulse that was begun ends by the device's "
        "own timer.",
        "The gateway's age on every screen; `gateway_silent`, an alarm, after "
        "`gateway_silent_seconds`; `gateway.started`; `zone.uncertain`, an alarm.",
    ),
    "centre": Gone(
        "The link to the centre: database, broker, or both",
        "What only the centre does: booking, check-in, orders of guards. What has ended closes by "
        "itself; beyond the policy's age the area's rule applies.",
        "Every decision at every door, the edge journal, leaving.",
        "`stale` in `door.read`; the gateway's age on every screen.",
    ),
    "edge_journal": Gone(
        "Room on the gateway's disk",
        "Nobody enters: what cannot be recorded is not granted.",
        "Leaving; a reserve is kept for what happens without being asked: a file whose blocks no "
        "other program can use up, given away when the disk is full.",
        "The objection `journal_unavailable`.",
    ),
}
