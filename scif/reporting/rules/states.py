"""States of a report, and what leads from one to the next."""

from enum import StrEnum

from scif.kernel.states import Machine


class ReportState(StrEnum):
    """A report is asked for, made by the worker, and then never changed."""

    REQUESTED = "requested"
    MADE = "made"
    FAILED = "failed"


class ReportAction(StrEnum):
    """RETRY asks again for one that failed."""

    MAKE = "make"
    FAIL = "fail"
    RETRY = "retry"


# INVARIANT: nothing leads out of MADE.
REPORT: Machine[ReportState, ReportAction] = Machine(
    "report",
    {
        (ReportState.REQUESTED, ReportAction.MAKE): ReportState.MADE,
        (ReportState.REQUESTED, ReportAction.FAIL): ReportState.FAILED,
        (ReportState.FAILED, ReportAction.RETRY): ReportState.REQUESTED,
    },
)
