"""Ask for the comparison of a facility's cost scenarios."""

from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from access.selectors.cost import scenarios_of
from scif.facilities.models import Facility
from scif.kernel.actor import Actor
from scif.kernel.errors import require
from scif.people.access import lock, visible
from scif.reporting.kit.sheet import Paper
from scif.reporting.models import Report, ReportKind
from scif.reporting.permissions import MAKE_REPORT
from scif.reporting.services import report_request


@transaction.atomic
def cost_report_make(*, facility_id: UUID, actor: Actor, paper: Paper = Paper.A4) -> Report:
    """Ask for the report; the worker makes it. ``DoesNotExist`` if the facility is not visible."""
    facility = lock(visible(Facility.objects.all(), actor, MAKE_REPORT), facility_id)
    require(
        bool(scenarios_of(facility)),
        "nothing_to_compare",
        _("This facility has no cost scenario."),
        _("Begin the comparison first."),
    )
    return report_request(
        kind=ReportKind.COST,
        subject=facility,
        subject_reference=facility.code,
        facility=facility,
        paper=paper,
        actor=actor,
    )
