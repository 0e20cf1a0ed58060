"""Days on which a facility, or one of its areas, is closed."""

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from scif.facilities.models.base import Record
from scif.facilities.models.facility import Area, Facility


class ClosedDay(Record):
    """A holiday, an inventory, works: from the first day to the last, both closed, by local date.

    Without an area it holds for the whole facility. The name is shown to whoever books. One that
    was withdrawn closes nothing and stays on record.
    """

    facility_path = "facility"

    facility = models.ForeignKey(Facility, models.PROTECT, related_name="closed_days")
    area = models.ForeignKey(
        Area, models.PROTECT, null=True, blank=True, related_name="closed_days"
    )
    name = models.CharField(_("name"), max_length=80, help_text=_("Whoever books reads it."))
    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"))
    withdrawn = models.BooleanField(_("withdrawn"), default=False)

    class Meta:
        verbose_name = _("closed day")
        verbose_name_plural = _("closed days")
        ordering = ["facility", "first_day"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(last_day__gte=models.F("first_day")),
                name="closed_day_ends_after_start",
                violation_error_message=_("The last day comes before the first."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}, {self.first_day:%Y-%m-%d}"

    def clean(self) -> None:
        """The area is one of the facility's."""
        if self.area is not None and self.area.facility_id != self.facility_id:
            raise ValidationError({"area": _("This area is in another facility.")})
