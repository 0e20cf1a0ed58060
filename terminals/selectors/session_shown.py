"""What a laptop shows of the session that it has."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from access.rules.facts import PolicyFacts, PolicyIncomplete
from scif.facilities.models import Facility
from terminals.models import Session
from terminals.rules.session_states import SessionState
from terminals.rules.session_wording import (
    SAID_BYTES,
    SAID_HELD,
    SAID_HELD_OUTSIDE,
    SAID_TIME,
    WARNED_BYTES,
    WARNED_TIME,
)


@dataclass(frozen=True, slots=True)
class Shown:
    """``left`` seconds to its end; what is ``said``, if anything; ``idle`` seconds without a key
    after which badge and PIN are asked for again. ``grant`` names the session to the laptop.
    """

    grant: str
    left: int
    idle: int
    said: str


def session_shown(terminal_id: UUID, at: datetime) -> Shown | None:
    """Of the session that runs or is held; of none that is not granted yet or being cut."""
    session = (
        Session.objects.filter(
            terminal=terminal_id, state__in=(SessionState.LIVE, SessionState.PAUSED)
        )
        .select_related("terminal__facility__policy")
        .first()
    )
    if session is None:
        return None
    return Shown(
        grant=session.grant_id,
        left=max(0, int((session.ends_at - at).total_seconds())),
        idle=_idle(session.terminal.facility),
        said=_said(session),
    )


def warned_words(session: Session) -> str:
    """The last warning, for officers and guards; empty where there was none."""
    number, _space, what = session.warned.partition(" ")
    if not what:
        return ""
    if not what.startswith("%"):
        return _(WARNED_TIME) % {"minutes": number}
    return _(WARNED_BYTES[what.removeprefix("% of ")]) % {"percent": number}


def _said(session: Session) -> str:
    """INVARIANT: not why it is held, nor which budget: that may be about others."""
    if session.state == SessionState.PAUSED:
        return _(SAID_HELD if session.place_id is None else SAID_HELD_OUTSIDE)
    number, _space, what = session.warned.partition(" ")
    if not what:
        return ""
    if what.startswith("%"):
        return _(SAID_BYTES) % {"percent": number}
    return _(SAID_TIME) % {"minutes": number}


def _idle(facility: Facility) -> int:
    policy = facility.policy
    try:
        return PolicyFacts(version=policy.label, values=policy.values).number(
            "session_idle_seconds"
        )
    except PolicyIncomplete:
        return 0  # a policy that says nothing gives no time
