"""What changes under an open session is told to the control process at once, with the commit.

It looks at everything at intervals as well; this makes it soon. The word names what changed, and
is sent only where a session that is open stands on it: a NOTIFY holds up every other commit.
"""

from typing import Final
from uuid import UUID

from django.db import connection

from access.events import (
    BadgeChanged,
    BookingChanged,
    PersonChanged,
    PolicyPublished,
    PostureChanged,
    VisitChanged,
    WallChanged,
)
from access.models import BadgeAssignment, ConflictWall, Engagement
from hardware.services.ingest import EdgeEvent
from terminals.events import BudgetChanged, PlaceChanged, TerminalChanged, TerminalLockRequested
from terminals.models import Session
from terminals.rules.session_states import OPEN_STATES

CHANNEL: Final = "session_facts"
# What door, badge, bastion or lockdown change: looked at at once, without the slower facts.
SWIFT: Final = "swift"
LOCKS: Final = "locks"
BUDGET: Final = "budget"
# A count that a guard has set right comes as an order that was carried out.
_PASSAGES = frozenset(
    {"presence.entered", "presence.left", "zone.uncertain", "zone.concern", "command.done"}
)


def edge_heard(event: EdgeEvent) -> None:
    """Somebody went in or out, or nobody knows who did."""
    if event.kind in _PASSAGES and _open(area__facility=event.gateway.facility_id):
        _tell(SWIFT)


def visit_changed(event: VisitChanged) -> None:
    """A step of a visit, or what lies in its locker."""
    if _open(visit=event.visit_id):
        _tell(f"visit {event.visit_id}")


def person_changed(event: PersonChanged) -> None:
    """Clearance, read-ins, need to know, agreement, PIN."""
    if _open(person=event.person_id):
        _tell(f"person {event.person_id}")


def booking_changed(event: BookingChanged) -> None:
    """A booking was changed or ended, or its mandate suspended."""
    if _open(visit__booking=event.booking_id):
        _tell(f"booking {event.booking_id}")


def posture_changed(event: PostureChanged | PolicyPublished) -> None:
    """A lockdown, which waits for nobody's look; a threat level, closed days, another policy."""
    if _open(terminal__facility=event.facility_id):
        _tell(SWIFT)
        _tell(f"facility {event.facility_id}")


def wall_changed(event: WallChanged) -> None:
    """Two parties are to be kept apart."""
    facility = ConflictWall.objects.values_list("facility_id", flat=True).get(pk=event.wall_id)
    if _open(terminal__facility=facility):
        _tell(f"facility {facility}")


def badge_changed(event: BadgeChanged) -> None:
    """A badge was returned, revoked or lost."""
    held = BadgeAssignment.objects.filter(badge=event.badge_id)
    own = held.filter(visit=None).values("person")
    if _open(visit__in=held.values("visit")) or _open(place__isnull=False, person__in=own):
        _tell(SWIFT)


def place_changed(event: PlaceChanged) -> None:
    """A registered place was revoked."""
    if _open(place=event.place_id):
        _tell(f"place {event.place_id}")


def terminal_changed(event: TerminalChanged) -> None:
    """A laptop took a step, or its image or keys changed."""
    if _open(terminal=event.terminal_id):
        _tell(f"terminal {event.terminal_id}")


def lock_requested(event: TerminalLockRequested) -> None:
    """A laptop is to be locked, whether a session of it is known or not."""
    _tell(LOCKS)


def budget_changed(event: BudgetChanged) -> None:
    """Bytes were debited elsewhere, or other terms are in force."""
    # The model's budget is everybody's who studies it.
    asset = Engagement.objects.filter(pk=event.engagement_id).values("asset")
    drawing = Session.objects.filter(state__in=OPEN_STATES, engagement__asset__in=asset)
    for pk in drawing.order_by().values_list("engagement", flat=True).distinct():
        _tell(f"{BUDGET} {pk}")


def keys_of(session: Session) -> frozenset[str]:
    """The words that are about a session; its relations must have been read with it."""
    named: dict[str, UUID | None] = {
        "visit": session.visit_id,
        "person": session.person_id,
        "booking": session.visit.booking_id if session.visit else None,
        "place": session.place_id,
        "facility": session.terminal.facility_id,
        "terminal": session.terminal_id,
        BUDGET: session.engagement_id,
    }
    return frozenset(f"{what} {pk}" for what, pk in named.items() if pk is not None)


def _open(**about: object) -> bool:
    return Session.objects.filter(state__in=OPEN_STATES, **about).exists()


def _tell(word: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, word])
