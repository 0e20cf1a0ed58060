"""That an area is sanitised: nothing classified lies open in it, for a time."""

from django.db import models
from django.utils.translation import gettext as _gettext
from django.utils.translation import gettext_lazy as _

from scif.facilities.models import Area, Record
from scif.people.models import Person


class Sanitisation(Record):
    """Somebody saw that nothing classified lies open, for an uncleared person to come in (R38).

    It holds until ``ends_at``, or until somebody ended it. ``recorded_by`` is None for what the
    system itself recorded.
    """

    facility_path = "area__facility"

    area = models.ForeignKey(Area, models.PROTECT, related_name="sanitisations")
    recorded_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    recorded_at = models.DateTimeField(_("recorded at"))
    ends_at = models.DateTimeField(_("holds until"))
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    note = models.CharField(_("what was done"), max_length=300)

    class Meta:
        verbose_name = _("sanitisation")
        verbose_name_plural = _("sanitised areas")
        ordering = ["-recorded_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["area"],
                condition=models.Q(ended_at=None),
                name="sanitisation_once",
                violation_error_message=_("This area is recorded as sanitised already."),
            ),
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("recorded_at")),
                name="sanitisation_ends_after_start",
                violation_error_message=_("It ends before it begins."),
            ),
        ]

    def __str__(self) -> str:
        return _gettext("Sanitisation of %(area)s") % {"area": self.area}
