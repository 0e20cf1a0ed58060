"""What can be read of reports."""

from scif.reporting.selectors.holds import Holds, Told, report_holds, report_told
from scif.reporting.selectors.report import reports_by_code, reports_visible, reports_waiting

__all__ = [
    "Holds",
    "Told",
    "report_holds",
    "report_told",
    "reports_by_code",
    "reports_visible",
    "reports_waiting",
]
