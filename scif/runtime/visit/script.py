"""The visit's steps in their order."""

from scif.runtime.visit import booking, staff

STEPS = [*staff.STEPS, *booking.STEPS]
