"""Visits: one person, one booking, one coming and going, step by step."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from access.models.booking import Booking
from scif.facilities.models import Record
from scif.people.models import Person


class Visit(Record):
    """A visit of one attendee. States: ``access/rules/states.py``."""

    facility_path = "booking__area__facility"
    own_path = "person"

    reference = models.CharField(_("reference"), max_length=20, unique=True)
    booking = models.ForeignKey(Booking, models.PROTECT, related_name="visits")
    person = models.ForeignKey(Person, models.PROTECT, related_name="visits")
    state = models.CharField(_("state"), max_length=20, default="expected")

    class Meta:
        verbose_name = _("visit")
        verbose_name_plural = _("visits")
        ordering = ["-booking__starts_at"]
        constraints = [
            models.UniqueConstraint(fields=["booking", "person"], name="visit_once"),
        ]

    def __str__(self) -> str:
        return self.reference


class VisitStep(Record):
    """One finished link of the chain, as the desk recorded it.

    ``kind`` is the visit action (``access/rules/states.py``); ``details`` what was recorded:
    the document checked, the detector's answer, who searched.
    """

    facility_path = "visit__booking__area__facility"

    visit = models.ForeignKey(Visit, models.PROTECT, related_name="steps")
    kind = models.CharField(_("step"), max_length=30)
    at = models.DateTimeField(_("at"))
    by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    details = models.JSONField(_("details"), default=dict, blank=True)

    class Meta:
        verbose_name = _("visit step")
        verbose_name_plural = _("visit steps")
        ordering = ["at"]

    def __str__(self) -> str:
        return f"{self.visit}: {self.kind}"
