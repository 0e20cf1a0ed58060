"""Celery tasks of reports, on the queue ``work``."""

from datetime import timedelta
from uuid import UUID

from celery import shared_task

from scif.kernel.actor import Actor
from scif.kernel.clock import now
from scif.reporting.selectors import reports_waiting
from scif.reporting.services import report_produce

WORKER = Actor.system("worker")
_LOST_AFTER = timedelta(seconds=10)


@shared_task(name="reporting.produce", queue="work")  # type: ignore[untyped-decorator]  # celery has no types
def produce(report_id: str) -> None:
    """Make one report. Repeats do no harm."""
    report_produce(report_id=UUID(report_id), actor=WORKER)


@shared_task(name="reporting.catch_up", queue="work")  # type: ignore[untyped-decorator]  # celery has no types
def catch_up() -> None:
    """Make what was asked for while broker or worker were down. Called by beat."""
    for report in reports_waiting(before=now() - _LOST_AFTER):
        report_produce(report_id=report.pk, actor=WORKER)
