"""A laptop in words: its state, its proof, its own check, why it is in quarantine."""

from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from scif.console.views.desk_words import clock
from scif.kernel.clock import now
from terminals.models import Terminal
from terminals.rules.states import TerminalState
from terminals.selectors.attestation import attestation_fresh, attestation_last
from terminals.selectors.heartbeat import check_last
from terminals.selectors.terminal import stay_of

SHAPES = {
    TerminalState.IN_STORE: "ok",
    TerminalState.ISSUED: "ok",
    TerminalState.IN_SESSION: "ok",
    TerminalState.RETURNED: "wait",
    TerminalState.INSPECTED: "wait",
    TerminalState.REGISTERED: "off",
    TerminalState.RETIRED: "off",
}


def chip_of(terminal: Terminal) -> dict[str, str]:
    """A laptop's state as a chip; what is in no table is a stop."""
    shape = SHAPES.get(TerminalState(terminal.state), "stop")
    return {"shape": shape, "words": terminal.get_state_display()}


def proof_words(terminal: Terminal) -> dict[str, str]:
    """Whether it has proved lately what it runs, in words."""
    fresh, last = attestation_fresh(terminal, now()), attestation_last(terminal)
    if fresh is not None and fresh.decided_at is not None:
        words = _("Attested at %(time)s") % {"time": clock(fresh.decided_at)}
        return {"shape": "ok", "words": words}
    waiting = terminal.attestations.filter(outcome="asked").order_by("-asked_at").first()
    if waiting and (last is None or last.asked_at < waiting.asked_at):
        words = _("Asked at %(time)s, no answer yet") % {"time": clock(waiting.asked_at)}
        return {"shape": "wait", "words": words}
    if last is not None and last.outcome == "refused":
        return {"shape": "stop", "words": _("What it proved last was refused")}
    return {"shape": "todo", "words": _("Has not proved what it runs")}


def check_words(terminal: Terminal) -> dict[str, str]:
    """What it last found of its own hardening, beside what the guard looks at."""
    told = check_last(terminal)
    if told is None:
        return {"shape": "todo", "words": _("It has not told of any check of itself")}
    said = {"time": f"{timezone.localtime(told.at):%-d %b %H:%M}", "said": told.said}
    if told.sound:
        return {"shape": "ok", "words": _("Its own check, %(time)s: as built") % said}
    return {"shape": "stop", "words": _("Its own check, %(time)s: %(said)s") % said}


def stay_words(terminal: Terminal) -> list[str]:
    """Why it is in quarantine, since when, and how far its release has come; empty elsewhere."""
    stay = stay_of(terminal)
    if stay is None:
        return []
    told = [
        _("In quarantine since %(time)s, by %(who)s: %(why)s")
        % {
            "time": _moment(stay.placed_at),
            "who": stay.placed_by or _("the system"),
            "why": stay.reason,
        }
    ]
    if stay.asked_at is not None:
        told.append(
            _("%(who)s asked for its release at %(time)s and has found: %(what)s")
            % {"who": stay.asked_by, "time": _moment(stay.asked_at), "what": stay.finding}
        )
        read = len(stay.seals_read)
        told.append(
            ngettext(
                "%(n)d seal was read and is whole; it has proved what it runs since",
                "%(n)d seals were read and are whole; it has proved what it runs since",
                read,
            )
            % {"n": read}
        )
    return told


def _moment(at: datetime) -> str:
    return f"{timezone.localtime(at):%-d %b %Y, %H:%M}"
