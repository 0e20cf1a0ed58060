"""What the alarm panel says of an area. Read-only: nothing here commands a panel (R14)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from scif.facilities.models.base import Record
from scif.facilities.models.facility import Area


class IdsMode(models.TextChoices):
    """Modes of a panel (screens: status vocabulary)."""

    ACCESS = "access", _("ACCESS")
    SECURE = "secure", _("SECURE")
    MAINTENANCE = "maintenance", _("MAINTENANCE")
    UNKNOWN = "unknown", _("Not known")


class IdsState(Record):
    """What was last heard of an area's panel; None is unknown, or never heard.

    INVARIANT: an area that has a row has a panel, and its doors ask for it.
    """

    facility_path = "area__facility"

    area = models.OneToOneField(Area, models.PROTECT, related_name="ids")
    mode = models.CharField(_("mode"), max_length=12, choices=IdsMode, default=IdsMode.UNKNOWN)
    in_alarm = models.BooleanField(_("in alarm"), null=True)
    trouble = models.BooleanField(_("trouble"), null=True)
    heard_at = models.DateTimeField(_("last heard"), null=True)

    class Meta:
        verbose_name = _("intrusion detection")
        verbose_name_plural = _("intrusion detection")

    def __str__(self) -> str:
        return f"{self.area}: {self.get_mode_display()}"
