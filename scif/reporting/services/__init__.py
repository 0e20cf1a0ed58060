"""Services of reports: request, produce, retry."""

from scif.reporting.services.produce import report_produce
from scif.reporting.services.request import report_request, report_retry

__all__ = ["report_produce", "report_request", "report_retry"]
