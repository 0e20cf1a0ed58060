"""What the bastion tells, as it is kept; every function is one transaction."""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Sum

from access.models import Engagement
from terminals.control.limits import OFFSITE
from terminals.control.records import ACTOR
from terminals.models import EgressKind, EgressLedger, Session
from terminals.rules.session_endings import Cut
from terminals.rules.session_states import OPEN_STATES, SessionState
from terminals.services.anomaly import anomaly_observe
from terminals.services.ledger import egress_record
from terminals.services.session_steps import (
    session_connected,
    session_counted,
    session_disconnected,
    session_end,
    session_warned,
)

Message = Mapping[str, Any]
_ENVELOPE = frozenset({"tell", "grant", "session"})


def reconcile(live: Collection[str]) -> list[str]:
    """After a link was made: end what the bastion does not know; gives the grants it must end.

    ``live`` are the grants that it has. A session that is being granted at this moment by this
    process is not among those that are open here.
    """
    for session in Session.objects.filter(state__in=OPEN_STATES).exclude(grant_id__in=live):
        session_end(session_id=session.pk, why=Cut.LOST, actor=ACTOR)
    lawful = Session.objects.filter(
        grant_id__in=live, state__in=(SessionState.LIVE, SessionState.PAUSED)
    )
    return sorted(set(live) - set(lawful.values_list("grant_id", flat=True)))


def heard(message: Message) -> None:
    """Keep what the bastion told; what it says of an unknown session passes by."""
    if message["tell"] == "bytes":
        _counts(message)
        return
    session = Session.objects.filter(grant_id=str(message.get("grant", ""))).first()
    if session is None:
        return
    pk = session.pk
    match message["tell"]:
        case "opened":
            session_connected(session_id=pk, actor=ACTOR)
        case "closed":
            up, down = int(message["up"]), int(message["down"])
            session_disconnected(session_id=pk, up=up, down=down, actor=ACTOR)
        case "cut":
            why, up, down = str(message["reason"]), int(message["up"]), int(message["down"])
            session_end(session_id=pk, why=why, up=up, down=down, actor=ACTOR)
        case "warning":
            session_warned(session_id=pk, warning=_warning(message), actor=ACTOR)
        case "features":
            told = {key: each for key, each in message.items() if key not in _ENVELOPE}
            anomaly_observe(session_id=pk, features=told, actor=ACTOR)


def _warning(message: Message) -> str:
    if message["about"] == "time":
        return f"{int(message['seconds_left']) // 60} min"
    return f"{int(message['percent'])} % of {str(message['budget']).split(':')[0]}"


@transaction.atomic
def _counts(message: Message) -> None:
    for grant, counts in message["grants"].items():
        session = Session.objects.filter(grant_id=grant, state__in=OPEN_STATES).first()
        if session is not None:
            session_counted(
                session_id=session.pk, up=int(counts["up"]), down=int(counts["down"]), actor=ACTOR
            )
    # Those of registered places first: what is missing there is missing in the whole as well.
    for key, passed in sorted(message["budgets"].items(), key=lambda each: _is_whole(each[0])):
        kind, _, pk = key.partition(":")
        if kind in {"engagement", OFFSITE}:
            _unaccounted(UUID(pk), int(passed), outside=kind == OFFSITE)


def _is_whole(key: str) -> bool:
    return not key.startswith(f"{OFFSITE}:")


def _unaccounted(engagement_id: UUID, passed: int, *, outside: bool) -> None:
    """What the bastion has let through, or promised, beyond what its sessions told.

    So much is missing where it was killed before it could tell. INVARIANT: never fewer here.
    """
    engagement = Engagement.objects.filter(pk=engagement_id).first()
    last = Session.objects.filter(engagement=engagement_id)
    if outside:
        last = last.exclude(place=None)
    joined = last.select_related("terminal__facility", "place")
    session = joined.order_by("-granted_at").first()
    if engagement is None or session is None:
        return
    rows = EgressLedger.objects.filter(engagement=engagement).exclude(kind=EgressKind.EXPORT)
    if outside:
        rows = rows.exclude(place=None)
    missing = passed - int(rows.aggregate(whole=Sum("bytes"))["whole"] or 0)
    if missing > 0:
        egress_record(
            engagement=engagement,
            facility=session.terminal.facility,
            kind=EgressKind.UNACCOUNTED,
            reference="bastion",
            amount=missing,
            place=session.place if outside else None,
            actor=ACTOR,
        )
