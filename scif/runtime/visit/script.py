"""The visit's steps in their order."""

from scif.runtime.visit import booking, checkin, leaving, report, staff

STEPS = [*staff.STEPS, *booking.STEPS, *checkin.STEPS, *leaving.STEPS, *report.STEPS]
