"""Alarms that must not show where the person concerned could see them."""

from django.db.models import QuerySet

from scif.alarms.models import Alarm

# A duress code changes nothing that can be seen at door, laptop or desk (screens: Duress).
DURESS = "duress"
SILENT = frozenset({DURESS})


def shown_at_desk(alarms: QuerySet[Alarm]) -> QuerySet[Alarm]:
    """Without the silent ones: they go to officers and to the next post."""
    return alarms.exclude(kind__in=SILENT)
