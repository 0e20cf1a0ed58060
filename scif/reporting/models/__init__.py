"""Models of reports."""

from scif.reporting.models.report import Report, ReportFile, ReportKind, ReportStep

__all__ = ["Report", "ReportFile", "ReportKind", "ReportStep"]
