"""Bytes are debited; the database refuses what a budget does not reach (docs/egress.md)."""

from django.db import IntegrityError, connection, transaction

from access.models import Engagement
from scif.alarms.models import Gravity
from scif.alarms.services import alarm_raise
from scif.facilities.models import Facility
from scif.journal.services import append
from scif.kernel.actor import Actor
from scif.kernel.clock import now
from scif.kernel.errors import Refused, require
from scif.kernel.events import publish
from terminals.events import BudgetChanged
from terminals.models import EgressKind, EgressLedger, RegisteredPlace, Session
from terminals.selectors.ledger import budgets_of

OVERRUN = "egress_overrun"


@transaction.atomic
def egress_debit(
    *,
    engagement: Engagement,
    facility: Facility,
    kind: EgressKind,
    reference: str,
    amount: int,
    session: Session | None = None,
    place: RegisteredPlace | None = None,
    actor: Actor,
) -> EgressLedger:
    """Debit bytes before they leave; refuses (``budget_exceeded``) what a budget does not reach.

    ``place``: the registered place that they leave at, whose budget is smaller.
    For what has not left yet (an export). Bytes that a session has moved are a fact: they are
    recorded by :func:`egress_record`.
    """
    require(amount > 0, "nothing_to_debit", "Nothing is to be debited.")
    try:
        with transaction.atomic():
            row = EgressLedger.objects.create(
                facility=facility,
                engagement=engagement,
                asset_id=engagement.asset_id,
                kind=kind,
                session=session,
                place=place,
                reference=reference,
                bytes=amount,
                at=now(),
            )
    except IntegrityError as error:
        if "budget of engagement" not in str(error):
            raise
        raise Refused(
            "budget_exceeded",
            "The budget of this engagement or of its model does not reach.",
            "Make it smaller; lab and facility together can agree on other terms.",
        ) from error
    append(
        kind="egress.debited",
        actor=actor,
        subject=engagement,
        facility=facility.pk,
        body={"kind": str(kind), "reference": reference, "bytes": amount},
    )
    if kind == EgressKind.EXPORT:
        # What is released elsewhere, the bastion must no longer let through.
        publish(BudgetChanged(engagement.pk))
    return row


@transaction.atomic
def egress_record(
    *,
    engagement: Engagement,
    facility: Facility,
    kind: EgressKind,
    reference: str,
    amount: int,
    session: Session | None = None,
    place: RegisteredPlace | None = None,
    actor: Actor,
) -> None:
    """Record bytes that have left. INVARIANT: none is lost; those past a budget are an alarm.

    They can be past it only where the budget became smaller while they were on their way.
    """
    with connection.cursor() as cursor:
        # What the trigger takes too: what is left now is still left when it is debited.
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended('egress:' || %s, 0))",
            [str(engagement.asset_id)],
        )
    budgets = budgets_of(engagement, facility.pk)
    within = min(amount, budgets.left if place is None else budgets.left_offsite)
    over = amount - within
    if within > 0:
        egress_debit(
            engagement=engagement,
            facility=facility,
            kind=kind,
            reference=reference,
            amount=within,
            session=session,
            place=place,
            actor=actor,
        )
    if over <= 0:
        return
    EgressLedger.objects.create(
        facility=facility,
        engagement=engagement,
        asset_id=engagement.asset_id,
        kind=EgressKind.OVERRUN,
        session=session,
        place=place,
        reference=reference,
        bytes=over,
        at=now(),
    )
    append(
        kind="egress.overrun",
        actor=actor,
        subject=engagement,
        facility=facility.pk,
        body={"reference": reference, "bytes": over},
    )
    alarm_raise(
        facility=facility,
        gravity=Gravity.ACT,
        kind=OVERRUN,
        subject=engagement.reference,
        message=f"{over} bytes passed beyond the budget of {engagement.reference}",
        actor=actor,
    )
