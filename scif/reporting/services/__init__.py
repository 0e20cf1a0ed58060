"""Services of reports: request, produce, retry, download."""

from scif.reporting.services.download import report_download
from scif.reporting.services.produce import report_produce
from scif.reporting.services.request import report_request, report_retry

__all__ = ["report_download", "report_produce", "report_request", "report_retry"]
