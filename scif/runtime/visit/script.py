"""The visit's steps in their order."""

from scif.runtime.visit import booking, checkin, early, leaving, report, staff, tidy

STEPS = [
    *tidy.STEPS,
    *staff.STEPS,
    *booking.STEPS,
    *checkin.STEPS,
    *leaving.STEPS,
    *report.STEPS,
    *early.STEPS,
]
