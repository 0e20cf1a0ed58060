"""Reports that an actor may see, that wait, or that bear a code."""

from uuid import UUID

from django.db.models import F, Q, QuerySet

from scif.journal.tree import django_fetch
from scif.kernel.actor import Actor
from scif.people.access import visible
from scif.reporting.makers import subjects_own
from scif.reporting.models import Report
from scif.reporting.permissions import MAKE_REPORT
from scif.reporting.rules.code import code_read
from scif.reporting.rules.states import ReportState


def reports_visible(actor: Actor) -> QuerySet[Report]:
    """The reports of the facilities where the actor may make reports, and those about his own.

    INVARIANT: one that bears more than its facility's marking is only whose own it is about.
    """
    within = Report.objects.filter(
        Q(marking=None)
        | Q(
            marking__scheme=F("facility__marking__scheme"),
            marking__rank__lte=F("facility__marking__rank"),
        )
    )
    found = Q(pk__in=visible(within, actor, MAKE_REPORT).values("pk"))
    for kind, subjects in subjects_own(actor).items():
        found |= Q(kind=kind, subject_id__in=subjects.values("pk"))
    keys = Report.objects.filter(found).values("pk")
    related = ("facility", "marking", "requested_by__person")
    return Report.objects.filter(pk__in=keys).select_related(*related)


def reports_waiting() -> list[Report]:
    """What was asked for and not made yet, the oldest first."""
    return list(Report.objects.filter(state=ReportState.REQUESTED).order_by("requested_at"))


def reports_by_code(typed: str) -> list[Report]:
    """The made reports that bear a code, as a person typed it; empty for anything else.

    By their record and by the journal, so that an altered record hides no report.
    """
    code = code_read(typed)
    if code is None:
        return []
    rows = django_fetch(
        "SELECT entry.subject_id FROM journal_entry entry JOIN journal_body body"
        " ON body.position = entry.position"
        " WHERE entry.kind = 'report.made' AND position(%s::bytea in body.content) > 0",
        [f'"code":"{code}"'.encode()],
    )
    told = [key for (text,) in rows if (key := _key(text))]
    made = Report.objects.filter(Q(code=code, state=ReportState.MADE) | Q(pk__in=told))
    return list(made.select_related("facility").order_by("reference"))


def _key(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
