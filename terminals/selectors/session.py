"""Sessions as screens list them."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from access.models import Engagement
from scif.facilities.models import Facility
from scif.kernel.actor import Actor
from scif.people.access import visible
from terminals.models import Session, SessionRequest
from terminals.rules.session_states import OPEN_STATES

VIEW = "terminals.view_terminal"
MOST_LISTED = 100


@dataclass(frozen=True, slots=True)
class Share:
    """A budget as a bar: bytes that have left of those that may."""

    label: str
    spent: int
    limit: int

    @property
    def percent(self) -> int:
        """How much of it is used up, rounded down; all of nothing."""
        return min(100, self.spent * 100 // self.limit) if self.limit else 100

    @property
    def left(self) -> int:
        """Bytes that may still leave."""
        return max(0, self.limit - self.spent)


def sessions_open(facility: Facility, actor: Actor) -> QuerySet[Session]:
    """The sessions of a facility that are not over, the newest first."""
    rows = visible(_joined(), actor, VIEW)
    return rows.filter(terminal__facility=facility, state__in=OPEN_STATES)


def sessions_ended(facility: Facility, actor: Actor, since: datetime) -> QuerySet[Session]:
    """The sessions of a facility that ended since then, the last one first."""
    rows = visible(_joined(), actor, VIEW)
    return rows.filter(terminal__facility=facility, ended_at__gte=since).order_by("-ended_at")


def sign_ins_refused(facility: Facility, actor: Actor, since: datetime) -> QuerySet[SessionRequest]:
    """The sign-ins at a facility's laptops that were refused since then, the last one first.

    Without those that only made a session end that ran before them.
    """
    rows = visible(SessionRequest.objects.select_related("terminal", "person"), actor, VIEW)
    rows = rows.filter(terminal__facility=facility, granted=False, at__gte=since)
    again = Q(objections__contains=[{"code": "session_running"}])
    return rows.exclude(again).order_by("-at")


def sessions_of_engagement(engagement: Engagement) -> QuerySet[Session]:
    """What was worked under an engagement, for whoever may see it: who, when, how much."""
    return _joined().filter(engagement=engagement)[:MOST_LISTED]


def _joined() -> QuerySet[Session]:
    return Session.objects.select_related(
        "person", "terminal", "area__facility", "place", "engagement__asset", "visit"
    )
