"""Ask for the reports about an engagement: its use as a whole, and every byte that left."""

from uuid import UUID

from django.db import connection, transaction

from access.models import Engagement
from scif.facilities.models import Facility
from scif.journal.services import append
from scif.kernel.actor import Actor
from scif.people.access import lock, require_role
from scif.people.naming import named
from scif.reporting.kit.sheet import Paper
from scif.reporting.models import Report, ReportKind
from scif.reporting.permissions import MAKE_REPORT
from scif.reporting.services import report_request
from terminals.models import EgressLedger
from terminals.rules.session_states import OPEN_STATES
from terminals.selectors.ledger import budgets_of, ledger_head
from terminals.selectors.use import engagements_used, facilities_used, use_of

USE_REPORTS = (ReportKind.ENGAGEMENT, ReportKind.EGRESS)
STATED = "egress.stated"


@transaction.atomic
def use_report_make(
    *,
    engagement_id: UUID,
    facility_id: UUID,
    kind: ReportKind,
    actor: Actor,
    paper: Paper = Paper.A4,
) -> Report:
    """Ask for a report about what happened at one facility under an engagement.

    For its lab, and for whoever makes reports there; ``DoesNotExist`` (a 404) where the actor may
    not read the record. Budgets and ledger as they stand now are journaled, so that the pages can
    be held against them.
    """
    engagement = lock(engagements_used(actor), engagement_id)
    use = use_of(engagement, actor)
    facility = facilities_used(use).get(pk=facility_id)
    if not use.lab:
        require_role(actor, MAKE_REPORT, facility)
    egress_state(engagement=engagement, facility=facility, actor=actor)
    return report_request(
        kind=kind,
        subject=engagement,
        subject_reference=engagement.reference,
        facility=facility,
        paper=paper,
        actor=actor,
    )


@transaction.atomic
def egress_state(*, engagement: Engagement, facility: Facility, actor: Actor) -> None:
    """Journal what budgets and ledger say at this moment, to the byte.

    No row comes in between (the lock that the ledger's trigger takes), so what the journal told
    before this entry makes up the same sums.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended('egress:' || %s, 0))",
            [str(engagement.asset_id)],
        )
    budgets = budgets_of(engagement, facility.pk)
    rows = EgressLedger.objects.filter(engagement=engagement)
    here = ledger_head(rows.filter(facility=facility))
    whole = ledger_head(rows)
    running = engagement.sessions.filter(terminal__facility=facility, state__in=OPEN_STATES)
    append(
        kind=STATED,
        actor=actor,
        subject=engagement,
        facility=facility.pk,
        body={
            "reference": engagement.reference,
            "budget": budgets.of_engagement,
            "spent": budgets.spent,
            "left": budgets.left,
            "budget_of_model": budgets.of_model,
            "spent_of_model": budgets.spent_of_model,
            "here": here.spent,
            "rows_here": here.rows,
            "head_here": here.digest,
            "rows": whole.rows,
            "head": whole.digest,
            "running": [
                {"session": str(each.pk), "up": each.bytes_up, "down": each.bytes_down}
                for each in running.order_by("granted_at")
            ],
            **named(actor),
        },
    )
