"""The visit's steps in their order."""

from scif.runtime.visit import staff

STEPS = [*staff.STEPS]
