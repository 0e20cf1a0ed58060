"""Ask for a report. The request is a row that the worker looks for: nothing is lost, and a page
that asks never waits for the broker."""

from uuid import UUID

from django.db import transaction

from scif.facilities.models import Facility, Record
from scif.journal.services import append
from scif.kernel.actor import Actor
from scif.kernel.clock import now
from scif.kernel.ids import reference
from scif.people.access import lock
from scif.people.naming import named
from scif.reporting.kit.sheet import Paper
from scif.reporting.models import Report, ReportKind, ReportStep
from scif.reporting.rules.states import REPORT, ReportAction, ReportState
from scif.reporting.selectors import reports_visible


@transaction.atomic
def report_request(
    *,
    kind: ReportKind,
    subject: Record,
    subject_reference: str,
    facility: Facility,
    paper: Paper,
    actor: Actor,
) -> Report:
    """Ask the worker for a report; one that waits already, on the same paper, is given back.

    The caller has checked the permission and locked the subject.
    """
    waiting = Report.objects.filter(
        kind=kind,
        subject_id=subject.pk,
        facility=facility,
        paper=paper,
        state=ReportState.REQUESTED,
    ).first()
    if waiting is not None:
        return waiting
    report = Report.objects.create(
        reference=reference("R"),
        kind=kind,
        facility=facility,
        subject_type=subject._meta.label_lower,
        subject_id=subject.pk,
        subject_reference=subject_reference,
        paper=paper,
        requested_by_id=actor.user_id,
        requested_at=now(),
    )
    _tell(report, "report.requested", actor)
    return report


@transaction.atomic
def report_retry(*, report_id: UUID, actor: Actor) -> Report:
    """Ask again for a report that failed."""
    report = lock(reports_visible(actor), report_id)
    report.state = REPORT.next(ReportState(report.state), ReportAction.RETRY)
    report.step = ReportStep.WAITING
    report.failure = ""
    report.save(update_fields=["state", "step", "failure"])
    _tell(report, "report.requested", actor)
    return report


def _tell(report: Report, kind: str, actor: Actor) -> None:
    append(
        kind=kind,
        actor=actor,
        subject=report,
        facility=report.facility_id,
        body={"reference": report.reference, "about": report.subject_reference, **named(actor)},
    )
