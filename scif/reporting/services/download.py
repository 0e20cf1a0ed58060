"""Hand out a report's file; who took it is journaled."""

from hashlib import sha256
from uuid import UUID

from django.db import transaction

from scif.journal.services import append
from scif.kernel.actor import Actor
from scif.kernel.errors import require
from scif.reporting.models import Report
from scif.reporting.rules.states import ReportState
from scif.reporting.selectors import report_told, reports_visible


@transaction.atomic
def report_download(*, report_id: UUID, actor: Actor) -> tuple[Report, bytes]:
    """A made report and its file; refuses (``not_made``) one that is not made yet, and
    (``file_altered``) one whose file is not the one that the journal says was signed.
    """
    report = reports_visible(actor).get(pk=report_id)
    require(
        report.state == ReportState.MADE,
        "not_made",
        "This report is not made yet.",
        "Wait for the worker, or ask for it again.",
    )
    content = bytes(report.file.content)
    _, making, _ = report_told(report)
    require(
        making is None or making.digest in {"", sha256(content).hexdigest()},
        "file_altered",
        "The file kept here is not the one that was signed.",
        "Call the security officer, and check the report's code.",
    )
    append(
        kind="report.downloaded",
        actor=actor,
        subject=report,
        facility=report.facility_id,
        body={"reference": report.reference, "sha256": report.sha256},
    )
    return report, content
