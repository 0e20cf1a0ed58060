"""The three facts of a lock from afar, in words, and by whom and why it was asked for.

Sent is what is known once the order is on the bastion's socket: a bastion that stands still has it,
and has done nothing.
"""

from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from scif.kernel.clock import now
from terminals.models import TerminalLock
from terminals.selectors.lock import lock_unconfirmed


def lock_facts(locked: TerminalLock) -> dict[str, Any]:
    """Requested, sent, confirmed, each with its time; ``alarm`` where it should have been."""
    late = lock_unconfirmed(locked, now())
    confirmed = _fact(_("Confirmed"), locked.confirmed_at)
    if late:
        confirmed = {"shape": "stop", "words": _("Not confirmed"), "detail": _("in time")}
    return {
        "lock": locked,
        "why": _("By %(who)s: %(why)s")
        % {"who": locked.requested_by or _("the system"), "why": locked.reason},
        "alarm": late,
        "chip": _chip(locked, late=late),
        "facts": [
            _fact(_("Requested"), locked.requested_at),
            _fact(_("Sent"), locked.delivered_at),
            confirmed,
        ],
    }


def _fact(words: str, at: datetime | None) -> dict[str, str]:
    if at is None:
        return {"shape": "wait", "words": words, "detail": _("not yet")}
    return {"shape": "ok", "words": words, "detail": f"{timezone.localtime(at):%H:%M:%S}"}


def _chip(locked: TerminalLock, *, late: bool) -> dict[str, str]:
    if locked.confirmed_at is not None:
        return {"shape": "ok", "words": _("Confirmed")}
    if late:
        return {"shape": "stop", "words": _("Not confirmed")}
    return {"shape": "wait", "words": _("Waiting")}
