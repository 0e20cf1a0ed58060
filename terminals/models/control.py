"""The sign of life of the laptops' control process."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ControlLook(models.Model):
    """When the control process that works looked at the sessions last; one row."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("look of the control process")
        verbose_name_plural = _("looks of the control process")
        constraints = [
            models.CheckConstraint(condition=models.Q(id=1), name="control_look_once"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%H:%M:%S}"
