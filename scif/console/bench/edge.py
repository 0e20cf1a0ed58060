"""What the gateways wrote down, in words, for the log of the bench."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hardware.models import InboxEvent
from hardware.words import reason_words, verb_words
from scif.console.clocks import clock_words
from scif.journal.kinds import journal_kind_words

OUTCOMES: dict[str, str | Promise] = {
    "granted": gettext_lazy("Granted"),
    "pending": gettext_lazy("Waiting"),
    "refused": gettext_lazy("Refused"),
}
# What is said instead where an event tells that it is over.
OVER: dict[str, str | Promise] = {
    "device.tamper": gettext_lazy("Cover shut again"),
    "device.power": gettext_lazy("Supply is back"),
}
SHOWN_REASONS = 2
CLOCK_SHOWN_MS = 1000  # a clock that is off by less is not worth a word


def event_words(event: InboxEvent) -> str:
    """What happened, by an event's kind and the reason in it."""
    body = event.body
    if event.kind == "door.read":
        return _read_words(body)
    words = journal_kind_words(event.kind)
    if event.kind in OVER and "active" in body and not body["active"]:
        words = str(OVER[event.kind])
    return ", ".join([words, *_details(body)])


def event_place(event: InboxEvent) -> str:
    """The device, door or locker that an event is about; else its gateway."""
    body = event.body
    if body.get("bank") and body.get("lock") is not None:
        return _("%(bank)s, locker %(number)02d") % {
            "bank": body["bank"],
            "number": int(body["lock"]) + 1,
        }
    return str(body.get("device") or body.get("reader") or body.get("portal") or event.gateway)


def event_kept(event: InboxEvent) -> str:
    """Where the event is kept by now."""
    kept = _("edge journal %(seq)d") % {"seq": event.seq}
    if abs(event.clock_offset_ms or 0) > CLOCK_SHOWN_MS:
        kept = f"{kept}, {clock_words(event.clock_offset_ms)}"
    if event.quarantine:
        return _("%(kept)s, set aside") % {"kept": kept}
    return _("%(kept)s, in the books") % {"kept": kept} if event.applied_at else kept


def event_at(event: InboxEvent) -> datetime:
    """When it happened by the centre's clock, as far as the gateway knew how far its own is off."""
    return event.occurred_at + timedelta(milliseconds=event.clock_offset_ms or 0)


def outcome_words(body: Mapping[str, Any]) -> str:
    """The outcome of a decision."""
    return str(OUTCOMES.get(str(body.get("outcome")), body.get("outcome", "")))


def _read_words(body: Mapping[str, Any]) -> str:
    codes = [str(each.get("code", "")).replace("_", " ") for each in body.get("objections", ())]
    shown = codes[:SHOWN_REASONS]
    if body.get("awaits"):
        shown.append(_("awaits %(what)s") % {"what": body["awaits"]})
    if len(codes) > SHOWN_REASONS:
        shown.append(_("%(count)d more") % {"count": len(codes) - SHOWN_REASONS})
    return ", ".join([outcome_words(body), *shown])


def _details(body: Mapping[str, Any]) -> Iterable[str]:
    if body.get("reason"):
        yield reason_words(str(body["reason"]))
    if body.get("name"):
        yield f"{body['name']} {_('on') if body.get('active') else _('off')}"
    if body.get("verb") and "reason" not in body:
        yield verb_words(str(body["verb"]))
