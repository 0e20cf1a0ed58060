"""The visit's steps in their order."""

from scif.runtime.visit import (
    booking,
    checkin,
    early,
    export,
    intake,
    laptop,
    leaving,
    report,
    staff,
    tidy,
)

STEPS = [
    *tidy.STEPS,
    *staff.STEPS,
    *booking.STEPS,
    *intake.STEPS,
    *checkin.AT_DESK,
    *laptop.BEFORE,
    *checkin.AT_DOOR,
    *laptop.INSIDE,
    *leaving.DOUBT,
    *laptop.HELD,
    *leaving.COUNTED,
    *laptop.FREED,
    *leaving.ALONE,
    *laptop.ALONE,
    *leaving.OUT,
    *laptop.OUTSIDE,
    *laptop.AFTER,
    *leaving.AFTER,
    *export.STEPS,
    *report.STEPS,
    *early.STEPS,
]
