"""What beat starts of reports."""

from celery import shared_task

from scif.kernel.actor import Actor
from scif.reporting.selectors import reports_waiting
from scif.reporting.services import report_produce

WORKER = Actor.system("worker")


@shared_task(name="reporting.produce_waiting")  # type: ignore[untyped-decorator]  # celery has no types
def produce_waiting() -> None:
    """Make what was asked for. Called by beat every other second; repeats do no harm."""
    for report in reports_waiting():
        report_produce(report_id=report.pk, actor=WORKER)
