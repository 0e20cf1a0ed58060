"""Ask for the record of a visit, and tell when the tables contradict its journal."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import transaction

from access.models import Visit
from scif.alarms.models import Gravity
from scif.alarms.services import alarm_raise
from scif.journal.services import append
from scif.kernel.actor import Actor
from scif.people.access import lock, visible
from scif.reporting.kit.sheet import Paper
from scif.reporting.models import Report, ReportKind
from scif.reporting.permissions import MAKE_REPORT
from scif.reporting.services import report_request

# An entry that lists more than this helps nobody; the report lists all.
MOST_LINES = 50


@transaction.atomic
def report_make(*, visit_id: UUID, actor: Actor, paper: Paper = Paper.A4) -> Report:
    """Ask for a report of a visit; the worker makes it. ``DoesNotExist`` if not visible."""
    visits = Visit.objects.select_related("booking__area__facility")
    visit = lock(visible(visits, actor, MAKE_REPORT), visit_id)
    return report_request(
        kind=ReportKind.VISIT,
        subject=visit,
        subject_reference=visit.reference,
        facility=visit.booking.area.facility,
        paper=paper,
        actor=actor,
    )


@transaction.atomic
def records_differ_tell(
    *, report: Report, lines: Sequence[Mapping[str, Any]], actor: Actor
) -> None:
    """Journal which lines of the tables differ from the journal, and raise the alarm.

    Called in the transaction that makes the report: it shows the journal's side.
    """
    alarm_raise(
        facility=report.facility,
        gravity=Gravity.ACT,
        kind="records_differ",
        subject=report.subject_reference,
        message=f"{len(lines)} line(s) of the records of visit {report.subject_reference} differ "
        f"from the journal, see report {report.reference}",
        actor=actor,
    )
    append(
        kind="report.differed",
        actor=actor,
        subject=report,
        facility=report.facility_id,
        body={
            "reference": report.reference,
            "about": report.subject_reference,
            "count": len(lines),
            "lines": [dict(line) for line in lines[:MOST_LINES]],
        },
    )
