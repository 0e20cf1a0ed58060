"""One alarm queue for a facility. The gravity is the order to the guard."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from scif.facilities.models import Facility, Record
from scif.people.models import Person

LONGEST = 500  # characters of what happened; the journal keeps all of it


class Gravity(models.TextChoices):
    """What the guard is to do (screens: status vocabulary)."""

    RESPOND = "respond", _("Respond")
    ACT = "act", _("Act")
    CHECK = "check", _("Check")
    NOTE = "note", _("Note")


class Alarm(Record):
    """An alarm, from raised to closed. While open, one per (facility, kind, subject)."""

    facility_path = "facility"

    facility = models.ForeignKey(Facility, models.PROTECT, related_name="alarms")
    gravity = models.CharField(_("gravity"), max_length=10, choices=Gravity)
    kind = models.CharField(_("kind"), max_length=40)
    subject = models.CharField(_("subject"), max_length=60)
    message = models.CharField(_("what happened"), max_length=LONGEST)
    raised_at = models.DateTimeField(_("raised at"))
    raised_last_at = models.DateTimeField(_("raised last at"))
    count = models.PositiveIntegerField(_("times"), default=1)
    acknowledged_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+"
    )
    acknowledged_at = models.DateTimeField(_("acknowledged at"), null=True, blank=True)
    closed_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)
    note = models.CharField(_("closing note"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("alarm")
        verbose_name_plural = _("alarms")
        ordering = ["-raised_last_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["facility", "kind", "subject"],
                condition=models.Q(closed_at=None),
                name="alarm_open_once",
                violation_error_message=_("Such an alarm is open already."),
            ),
        ]

    def __str__(self) -> str:
        return self.message
