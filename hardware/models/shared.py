"""What the centre keeps so that several gateways act as one: wrong PINs, and who owns a zone."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from hardware.models.gateway import Gateway
from scif.facilities.models import Facility, Record, Zone


class PinFailures(Record):
    """Wrong PINs of one credential at one gateway, as it last counted them.

    ``until`` is the end of the lock-out that the gateway itself imposed, if it did.
    """

    facility_path = "facility"

    facility = models.ForeignKey(Facility, models.PROTECT, related_name="+")
    gateway = models.ForeignKey(Gateway, models.PROTECT, related_name="pin_failures")
    credential = models.CharField(_("credential"), max_length=64)
    count = models.PositiveIntegerField(_("wrong PINs"), default=0)
    last_at = models.DateTimeField(_("last at"))
    until = models.DateTimeField(_("locked out until"), null=True, blank=True)

    class Meta:
        verbose_name = _("wrong PINs")
        verbose_name_plural = _("wrong PINs")
        constraints = [
            models.UniqueConstraint(fields=["gateway", "credential"], name="pin_failures_once"),
        ]

    def __str__(self) -> str:
        return f"{self.gateway}: {self.count}"


class ZoneTenure(Record):
    """Which gateway writes a zone, since when. A zone that was never handed over has none.

    ``state`` is what went along: who was inside, whether that was certain, the zone's version.
    INVARIANT: ``epoch`` only grows; an event of another gateway or of an earlier epoch is not
    acted upon.
    """

    facility_path = "zone__area__facility"

    zone = models.OneToOneField(Zone, models.PROTECT, related_name="tenure")
    gateway = models.ForeignKey(Gateway, models.PROTECT, related_name="+")
    epoch = models.PositiveIntegerField(_("epoch"))
    since = models.DateTimeField(_("since"))
    state = models.JSONField(_("as handed over"), default=dict)

    class Meta:
        verbose_name = _("zone tenure")
        verbose_name_plural = _("zone tenures")

    def __str__(self) -> str:
        return f"{self.zone}: {self.gateway}, {self.epoch}"
