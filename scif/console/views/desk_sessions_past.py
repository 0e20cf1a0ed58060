"""What a laptop has just said no to: sessions that ended, sign-ins that were refused.

The laptop sends whoever sits at it to the guard and says no more: here the guard reads what to do.
"""

from collections.abc import Iterable
from datetime import timedelta

from django.utils.translation import gettext as _

from scif.console.views.desk_frame import Context
from scif.facilities.models import Facility
from scif.kernel.actor import Actor
from scif.kernel.clock import now
from terminals.models import Session, SessionRequest, Terminal
from terminals.rules.session_endings import ORDINARY, OTHERS, Cut, ending_words
from terminals.rules.session_wording import WORDINGS
from terminals.selectors.session import sessions_ended, sign_ins_refused

# Who walks to the desk because of it comes soon.
LATELY = timedelta(hours=1)
MOST = 10
# With these there is nothing left to do at the laptop.
GONE = ORDINARY | {*OTHERS} - {"entry_refused", "terminal_not_out", "terms_missing", "rule_error"}


def just_now(facility: Facility, actor: Actor, terminal: Terminal | None = None) -> list[Context]:
    """The newest first, of all laptops or of one."""
    since = now() - LATELY
    # Who has signed in again is at work, and comes for nothing.
    ended = sessions_ended(facility, actor, since).exclude(why=Cut.AGAIN)
    refused = sign_ins_refused(facility, actor, since)
    if terminal is not None:
        ended, refused = ended.filter(terminal=terminal), refused.filter(terminal=terminal)
    rows = [*map(_ended, ended[:MOST]), *map(_refused, refused[:MOST])]
    return sorted(rows, key=lambda row: row["at"], reverse=True)[:MOST]


def _ended(session: Session) -> Context:
    is_over = session.why in GONE
    return {
        "at": session.ended_at,
        "terminal": session.terminal,
        "person": session.person,
        # As the lab sees it: what cut it short is no ordinary end.
        "chip": {
            "shape": "off" if session.why in ORDINARY else "warn",
            "words": _("Session ended"),
        },
        "why": _(ending_words(session.why)),
        "guard": [] if is_over else _guards([session.why]),
    }


def _refused(request: SessionRequest) -> Context:
    return {
        "at": request.at,
        "terminal": request.terminal,
        "person": request.person,
        "chip": {"shape": "stop", "words": _("Sign-in refused")},
        # Why is not for the desk, which does the same whatever the PIN was: the chip says enough.
        "why": "",
        "guard": _guards(each["code"] for each in request.objections),
    }


def _guards(codes: Iterable[str]) -> list[str]:
    """What the guard does about these, each once, in the order of the rules."""
    wordings = [WORDINGS[code] for code in codes if code in WORDINGS]
    return list(dict.fromkeys(_(each.guard) for each in wordings))
