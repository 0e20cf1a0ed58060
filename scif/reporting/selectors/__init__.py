"""What can be read of reports."""

from scif.reporting.selectors.report import (
    Holds,
    report_holds,
    reports_by_code,
    reports_visible,
    reports_waiting,
)

__all__ = ["Holds", "report_holds", "reports_by_code", "reports_visible", "reports_waiting"]
