"""Anomalies as pages and rules read them."""

from django.db.models import QuerySet

from access.models import Engagement
from terminals.models import Anomaly


def anomalies_of_engagement(engagement: Engagement) -> QuerySet[Anomaly]:
    """What was odd under an engagement, the oldest first; the caller has asked who may see it."""
    return (
        Anomaly.objects.select_related("session__person", "session__terminal", "reviewed_by")
        .filter(session__engagement=engagement)
        .order_by("raised_at", "pk")
    )
