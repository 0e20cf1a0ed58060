"""What somebody did at the virtual devices, in words."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from scif.console.bench.cards import Label, title_of
from scif.console.bench.wiring import Wiring

Entry = Mapping[str, Any]


def asked_words(entry: Entry, wiring: Wiring, cards: Sequence[Label]) -> tuple[str, str]:
    """Where it was done, and what. INVARIANT: typed digits are counted, never shown."""
    do = str(entry["do"])
    if do in {"tap", "place"}:
        words = _("%(card)s held to it") if do == "tap" else _("%(card)s put on it")
        return _where(entry, wiring), words % {"card": title_of(str(entry["card"]), cards)}
    tell = _WORDS.get(do)
    return _where(entry, wiring), tell(entry) if tell else do


def _where(entry: Entry, wiring: Wiring) -> str:
    bus = str(entry.get("bus", ""))
    if entry["do"] == "skew":
        return _("Gateway")
    if "lock" in entry:
        number = int(entry["lock"]) + 1
        return _("%(bank)s, locker %(number)02d") % {
            "bank": wiring.named(bus, None),
            "number": number,
        }
    for place in ("reader", "board", "door"):
        if place in entry:
            return str(entry[place])
    # Cables and noise are of the line; a card or a silent chip is of its one device.
    return bus if entry["do"] in _OF_LINE else wiring.named(bus, None)


_OF_LINE = frozenset({"unplug", "replug", "stall", "noise", "loss", "slow"})


def _typed(entry: Entry) -> str:
    count = len(str(entry["digits"]))
    return ngettext("%(count)d key typed", "%(count)d keys typed", count) % {"count": count}


_WORDS: dict[str, Callable[[Entry], str]] = {
    "type": _typed,
    "cover": lambda entry: _("Cover taken off") if entry["open"] else _("Cover put back"),
    "unplug": lambda entry: _("Cable pulled"),
    "replug": lambda entry: _("Cable plugged in"),
    "noise": lambda entry: (
        _("Noise on the line, %d %% of frames") % round(entry["rate"] * 100)
        if entry["rate"]
        else _("Line quiet")
    ),
    "loss": lambda entry: (
        _("%d %% of frames are lost") % round(entry["rate"] * 100)
        if entry["rate"]
        else _("No frame is lost")
    ),
    "lie": lambda entry: _("Card's next answer altered"),
    "supply": lambda entry: _("Supply fails") if entry["failed"] else _("Supply is back"),
    "rekey": lambda entry: _("Its own key put back") if entry["key"] else _("Reset, key lost"),
    "expose": lambda entry: (
        _("Exchanged for one without Secure Channel") if entry["clear"] else _("Exchanged back")
    ),
    "exchange": lambda entry: (
        _("Exchanged for one with another key") if entry["other"] else _("Exchanged back")
    ),
    "stall": lambda entry: (
        _("Line takes no byte any more") if entry["active"] else _("Line takes bytes again")
    ),
    "slow": lambda entry: _("Answers after %d ms") % round(entry["seconds"] * 1000),
    "skew": lambda entry: (
        _("Clock set %+d s off") % round(entry["seconds"])
        if entry["seconds"]
        else _("Clock set right")
    ),
    "cut": lambda entry: _("Supply cut"),
    "mend": lambda entry: _("Supply is back"),
    "sense": lambda entry: (
        (_("Input %d closed") if entry["active"] else _("Input %d opened")) % entry["number"]
    ),
    "press": lambda entry: _("Handle inside pressed, nobody leaves"),
    "push": lambda entry: _("Pushed from outside"),
    "leave": lambda entry: _("Left by the handle"),
    "close": lambda entry: _("Pulled shut"),
    "force": lambda entry: _("Forced"),
    "shut": lambda entry: _("Pushed shut"),
    "open": lambda entry: _("Opened by key"),
    "jam": lambda entry: _("Hook jammed"),
    "free": lambda entry: _("Hook freed"),
    "put": lambda entry: _("Something put inside"),
    "take": lambda entry: _("Taken out"),
    "drop": lambda entry: _("Next answers swallowed"),
    "remove": lambda entry: (
        _("Card will be snatched in mid-write") if "after" in entry else _("Card taken off")
    ),
    "silent": lambda entry: _("Chip falls silent") if entry["active"] else _("Chip answers again"),
}
