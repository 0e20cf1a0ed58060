"""Make a requested report: wait for the journal, draw, sign, keep."""

import logging
from hashlib import sha256
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from scif.journal.services import NotSettled, append, settle
from scif.kernel.actor import Actor
from scif.kernel.clock import now
from scif.reporting.kit.sign import Attachment, Signatory, report_sign
from scif.reporting.makers import maker_of
from scif.reporting.models import Report, ReportFile, ReportStep
from scif.reporting.rules.states import REPORT, ReportAction, ReportState

logger = logging.getLogger(__name__)
# A living sequencer signs within a second or two.
SETTLE_SECONDS = 15.0
BUNDLE_NAME = "journal-bundle.jsonl"


def report_produce(*, report_id: UUID, actor: Actor) -> Report:
    """Make a report that was asked for; one that is made, or in another worker's hands, is left.

    What goes wrong is kept as the report's failure, for a person to ask again: never raised, so
    that a broken report does not come back for ever.
    """
    report = Report.objects.get(pk=report_id)
    if report.state != ReportState.REQUESTED:
        return report
    try:
        _step(report_id, ReportStep.SETTLING)
        settle(timeout_seconds=SETTLE_SECONDS)
        _step(report_id, ReportStep.DRAWING)
        _produce(report_id, actor)
    except NotSettled:
        _fail(report_id, actor, _("The journal was not signed in time. Is the sequencer running?"))
    except Exception as error:
        logger.exception("report %s could not be made", report.reference)
        _fail(report_id, actor, f"{type(error).__name__}: {error}")
    report.refresh_from_db()
    return report


@transaction.atomic
def _produce(report_id: UUID, actor: Actor) -> None:
    report = _claim(report_id)
    if report is None:
        return
    report.state = REPORT.next(ReportState(report.state), ReportAction.MAKE)
    report.made_at = now()
    signatory = Signatory.load(settings.KEY_DIR)
    made = maker_of(report.kind)(report, signatory)
    content = report_sign(
        made.pdf,
        signatory=signatory,
        attachments=[
            Attachment(
                name=BUNDLE_NAME,
                content=made.bundle,
                mime="application/jsonl",
                description=_("Journal entries with their proofs, for the standalone verifier"),
            )
        ],
        reason=_("Report %(reference)s") % {"reference": report.reference},
        made_at=report.made_at,
    )
    report.sha256 = sha256(content).hexdigest()
    report.code, report.checkpoint = made.code, made.checkpoint
    report.checkpoint_size, report.entries = made.checkpoint_size, made.entries
    report.marking = made.marking
    report.save()
    ReportFile.objects.create(report=report, content=content)
    append(
        kind="report.made",
        actor=actor,
        subject=report,
        facility=report.facility_id,
        body={
            "reference": report.reference,
            "about": report.subject_reference,
            "sha256": report.sha256,
            "code": report.code,
            "checkpoint_size": report.checkpoint_size,
            "entries": report.entries,
            "certificate": signatory.fingerprint,
        },
    )


def _claim(report_id: UUID) -> Report | None:
    """Lock the request; None while another worker has it, or if it was made meanwhile."""
    return (
        Report.objects.select_for_update(of=("self",), no_key=True, skip_locked=True)
        .filter(pk=report_id, state=ReportState.REQUESTED)
        .first()
    )


@transaction.atomic
def _step(report_id: UUID, step: ReportStep) -> None:
    """Say how far it is; a detail for the waiting page that the journal need not keep."""
    report = _claim(report_id)
    if report is not None:
        report.step = step
        report.save(update_fields=["step"])


@transaction.atomic
def _fail(report_id: UUID, actor: Actor, failure: str) -> None:
    report = _claim(report_id)
    if report is None:
        return
    report.state = REPORT.next(ReportState(report.state), ReportAction.FAIL)
    report.failure = failure[:200]
    report.save(update_fields=["state", "failure"])
    append(
        kind="report.failed",
        actor=actor,
        subject=report,
        facility=report.facility_id,
        body={"reference": report.reference, "failure": report.failure},
    )
