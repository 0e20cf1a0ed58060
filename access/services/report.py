"""Ask for the record of a visit."""

from uuid import UUID

from django.db import transaction

from access.models import Visit
from scif.kernel.actor import Actor
from scif.people.access import lock, visible
from scif.reporting.kit.sheet import Paper
from scif.reporting.models import Report, ReportKind
from scif.reporting.permissions import MAKE_REPORT
from scif.reporting.services import report_request


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
