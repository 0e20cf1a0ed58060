"""The threat level of a facility, as it was set from time to time."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from scif.facilities.models import Facility, Record
from scif.people.models import Person


class ThreatLevelChange(Record):
    """A level of the policy's list, set with a reason; the newest one holds.

    What a level demands stands in the policy profile (``threat_levels``).
    """

    facility_path = "facility"

    facility = models.ForeignKey(Facility, models.PROTECT, related_name="threat_levels")
    level = models.CharField(_("level"), max_length=30)
    reason = models.CharField(_("reason"), max_length=300)
    set_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    set_at = models.DateTimeField(_("set at"))

    class Meta:
        verbose_name = _("threat level")
        verbose_name_plural = _("threat levels")
        ordering = ["-set_at"]

    def __str__(self) -> str:
        return f"{self.facility}: {self.level}"
