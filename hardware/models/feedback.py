"""How readers show an answer: a table of patterns, since sites and makers differ."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from scif.facilities.models import Facility, Record


class Shown(models.TextChoices):
    """What a reader can be told to show; ``hardware/drivers/base.py`` holds the same words."""

    GRANTED = "granted", _("granted")
    PENDING = "pending", _("waits for the PIN")
    REFUSED = "refused", _("refused")
    HELD_WARNING = "held_warning", _("the door must be shut")


class Lamp(models.TextChoices):
    """Colours of OSDP lamps (SIA OSDP v2.2, 6.10)."""

    RED = "red", _("red")
    GREEN = "green", _("green")
    AMBER = "amber", _("amber")
    BLUE = "blue", _("blue")
    MAGENTA = "magenta", _("magenta")
    CYAN = "cyan", _("cyan")
    WHITE = "white", _("white")


class FeedbackPattern(Record):
    """Lamp, buzzer and text for one thing that the readers of a facility show.

    Times are tenths of a second. What has no pattern is shown as the driver does it of its own.
    ``text`` stands where the decision gives none: the decision's own text goes before it.
    """

    facility_path = "facility"

    facility = models.ForeignKey(Facility, models.PROTECT, related_name="feedback_patterns")
    shown = models.CharField(_("shows"), max_length=20, choices=Shown)
    color = models.CharField(_("lamp"), max_length=10, choices=Lamp)
    tenths = models.PositiveSmallIntegerField(
        _("lamp lit for, 0.1 s"),
        default=30,
        validators=[MinValueValidator(1), MaxValueValidator(255)],
    )
    beeps = models.PositiveSmallIntegerField(
        _("beeps"), default=1, validators=[MaxValueValidator(255)]
    )
    beep_tenths = models.PositiveSmallIntegerField(
        _("each beep, and the pause after it, 0.1 s"),
        default=1,
        validators=[MinValueValidator(1), MaxValueValidator(255)],
    )
    text = models.CharField(_("text"), max_length=32, blank=True)

    class Meta:
        verbose_name = _("feedback pattern")
        verbose_name_plural = _("feedback patterns")
        ordering = ["facility", "shown"]
        constraints = [
            models.UniqueConstraint(fields=["facility", "shown"], name="feedback_pattern_once"),
        ]

    def __str__(self) -> str:
        return f"{self.get_shown_display()}: {self.get_color_display()}"
