"""Anomalies as pages and rules read them, and the numbers that they are judged by."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet

from access.models import Engagement, Presence, Visit
from access.rules.facts import PolicyFacts
from scif.facilities.models import Facility
from scif.kernel.actor import Actor
from scif.people.access import visible
from terminals.anomaly.policy import Act
from terminals.models import Anomaly, AnomalyVerdict, Session, Terminal
from terminals.selectors.ledger import budgets_of
from terminals.selectors.session import Share

VIEW = "terminals.view_anomaly"


def anomalies_of_engagement(engagement: Engagement) -> QuerySet[Anomaly]:
    """What was odd under an engagement, the oldest first; the caller has asked who may see it."""
    return (
        Anomaly.objects.select_related("session__person", "session__terminal", "reviewed_by")
        .filter(session__engagement=engagement)
        .order_by("raised_at", "pk")
    )


def anomalies_waiting(actor: Actor) -> QuerySet[Anomaly]:
    """What nobody has reviewed, the soonest due first."""
    return visible(Anomaly.objects.filter(verdict=""), actor, VIEW).order_by("review_by")


def anomalies_at(terminal: Terminal) -> QuerySet[Anomaly]:
    """What waits for a review of work at a laptop, or of whoever has it now."""
    holders = terminal.custodies.filter(ended_at=None).values("person")
    return Anomaly.objects.filter(Q(session__terminal=terminal) | Q(person__in=holders), verdict="")


def case_of(person_id: UUID, engagement_id: UUID) -> QuerySet[Anomaly]:
    """What waits for a review of a person's work in an engagement, the oldest first."""
    waiting = Anomaly.objects.filter(verdict="", person=person_id)
    return waiting.filter(session__engagement=engagement_id).order_by("raised_at", "pk")


def odd_facts(visits: Iterable[Visit]) -> Mapping[UUID, dict[str, Any]]:
    """By visit: what the anomalies that wait ask for, and whether one of the visit was upheld."""
    visits = list(visits)
    rows = Anomaly.objects.filter(
        Q(verdict="", person__in=[visit.person_id for visit in visits])
        | Q(verdict=AnomalyVerdict.UPHELD, session__visit__in=visits)
    ).values_list(
        "verdict", "person", "session__engagement", "session__visit", "consequence"
    )  # fmt: skip
    found = list(rows)
    return {
        visit.pk: {
            "odd": frozenset(
                Act(act)
                for verdict, person, engagement, _visit, act in found
                if not verdict
                and (person, engagement) == (visit.person_id, visit.booking.engagement_id)
            ),
            "upheld": any(verdict and where == visit.pk for verdict, _p, _e, where, _a in found),
        }
        for visit in visits
    }


def odd_facts_outside(person_id: UUID, engagement_id: UUID, place_id: UUID) -> dict[str, Any]:
    """The same of a person at a registered place; upheld there, it counts for the place."""
    waiting = case_of(person_id, engagement_id).values_list("consequence", flat=True)
    upheld = Anomaly.objects.filter(
        verdict=AnomalyVerdict.UPHELD, person=person_id, session__place=place_id
    )
    return {"odd": frozenset(Act(act) for act in waiting), "upheld": upheld.exists()}


def odd_of(session: Session) -> frozenset[Act]:
    """What the anomalies that wait ask for of a session's person, wherever it is."""
    waiting = case_of(session.person_id, session.engagement_id)
    return frozenset(Act(act) for act in waiting.values_list("consequence", flat=True))


def policy_of(facility: Facility) -> PolicyFacts:
    """The numbers of a facility."""
    return PolicyFacts(version=facility.policy.label, values=facility.policy.values)


def rate_of(session: Session, odd: Iterable[Act]) -> tuple[int, int]:
    """What the bastion lets pass of a session, in bytes a second and at once.

    Its terms, or less where an anomaly of his asks to be slow. A policy that does not say how
    slow lets next to nothing pass.
    """
    terms = session.terms
    if Act.SLOW not in odd:
        return terms.rate_bytes, terms.burst_bytes
    policy = policy_of(session.terminal.facility)
    try:
        rate, burst = policy.number("activity_slow_rate"), policy.number("activity_slow_burst")
    except LookupError:
        rate = burst = 1
    return min(rate, terms.rate_bytes), min(burst, terms.burst_bytes)


def local_hour(facility: Facility, at: datetime) -> int:
    """The hour of the facility's day."""
    return at.astimezone(ZoneInfo(facility.time_zone)).hour


def entry_minutes(session: Session, at: datetime) -> int:
    """How long he has been in the room, or in session where no door counts him."""
    present = Presence.objects.filter(zone__area=session.area_id, person=session.person_id)
    since = present.order_by("since").values_list("since", flat=True).first()
    return max(int((at - (since or session.granted_at)).total_seconds() // 60), 0)


def budget_percent(session: Session) -> int:
    """How much of the engagement's budget is used up."""
    budgets = budgets_of(session.engagement, session.terminal.facility_id)
    return Share("", budgets.spent, budgets.of_engagement).percent
