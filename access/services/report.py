"""Ask for the record of a visit, check one, and tell when the tables contradict the journal."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import transaction

from access.models import Visit
from scif.alarms.models import Alarm, Gravity
from scif.alarms.services import alarm_raise
from scif.journal.services import NotSettled, append, settle
from scif.kernel.actor import Actor
from scif.people.access import lock, visible
from scif.reporting.kit.sheet import Paper
from scif.reporting.models import Report, ReportKind
from scif.reporting.permissions import MAKE_REPORT
from scif.reporting.selectors import Holds, Told, report_holds, reports_by_code
from scif.reporting.services import report_request

# An entry that lists more than this helps nobody; the report lists all.
MOST_LINES = 50
# How long a reader waits for the signature of what was made a moment ago.
SETTLE_SECONDS = 3.0
ALTERED = "report_altered"


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
        message=f"{len(lines)} line(s) of the records of {report.subject_reference} differ "
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


def report_check(*, code: str, held: bytes | None, actor: Actor) -> list[tuple[Report, Holds]]:
    """The reports that bear a code as somebody typed it, and what of each holds.

    ``held`` is the file in his hand. A record or a stored file that is not what the journal says
    raises an alarm. Anybody who signs in may ask.
    """
    return [(report, _checked(report, held, actor)) for report in reports_by_code(code)]


def _checked(report: Report, held: bytes | None, actor: Actor) -> Holds:
    holds = report_holds(report, held=held)
    if holds.told is Told.WAITS:
        try:
            settle(timeout_seconds=SETTLE_SECONDS)
        except NotSettled:
            return holds
        holds = report_holds(report, held=held)
    if holds.altered:
        report_altered_tell(report=report, holds=holds, actor=actor)
    return holds


@transaction.atomic
def report_altered_tell(*, report: Report, holds: Holds, actor: Actor) -> None:
    """Raise the alarm about a report that is not what the journal says, unless one is open."""
    alarms = Alarm.objects.filter(facility=report.facility, kind=ALTERED, closed_at=None)
    if alarms.filter(subject=report.reference).exists():
        return
    alarm_raise(
        facility=report.facility,
        gravity=Gravity.ACT,
        kind=ALTERED,
        subject=report.reference,
        message=f"The record or the stored file of report {report.reference} is not what the "
        "journal says of its making",
        actor=actor,
    )
    append(
        kind="report.altered",
        actor=actor,
        subject=report,
        facility=report.facility_id,
        body={
            "reference": report.reference,
            "record": holds.told.value,
            "file": holds.file,
            "made": holds.making.position if holds.making else None,
        },
    )
