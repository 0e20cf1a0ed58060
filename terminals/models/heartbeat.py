"""When a laptop was last heard."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from scif.facilities.models import Record
from terminals.models.terminal import Terminal


class Heartbeat(Record):
    """The last word of a laptop's agent, signed by its TPM; one row a laptop, written over.

    ``begun`` is when the agent started, in milliseconds since 1970 by the laptop's clock; with
    ``seq`` it only rises, so that no word is heard twice. What it says is evidence; that it comes,
    a session stands on.
    ``check_said`` is what the laptop last found of its own hardening
    (``terminals/agent/check.py``), told at ``check_at``: it tells whenever that changes.
    """

    facility_path = "terminal__facility"

    terminal = models.OneToOneField(Terminal, models.PROTECT, related_name="heartbeat")
    begun = models.PositiveBigIntegerField(_("agent started, ms"))
    seq = models.PositiveBigIntegerField(_("number"))
    heard_at = models.DateTimeField(_("heard at"))
    check_said = models.CharField(_("check of itself"), max_length=200, blank=True)
    check_at = models.DateTimeField(_("check of itself, told at"), null=True, blank=True)

    class Meta:
        verbose_name = _("heartbeat of a laptop")
        verbose_name_plural = _("heartbeats of laptops")
        ordering = ["terminal"]

    def __str__(self) -> str:
        return f"{self.terminal}, {self.heard_at:%H:%M:%S}"
