"""The visit's steps in their order."""

from scif.runtime.visit import booking, checkin, early, export, leaving, report, staff, tidy

STEPS = [
    *tidy.STEPS,
    *staff.STEPS,
    *booking.STEPS,
    *checkin.STEPS,
    *leaving.STEPS,
    *export.STEPS,
    *report.STEPS,
    *early.STEPS,
]
