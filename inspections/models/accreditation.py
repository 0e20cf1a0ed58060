"""The accrediting official's word that an area may be used."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from scif.facilities.models import Area, Level, Record


class Accreditation(Record):
    """An accreditation letter for an area (R1, R2). States: ``inspections/rules/states.py``."""

    facility_path = "area__facility"

    area = models.ForeignKey(Area, models.PROTECT, related_name="accreditations")
    state = models.CharField(_("state"), max_length=20)
    official = models.CharField(_("accrediting official"), max_length=120)
    letter = models.CharField(_("letter"), max_length=80)
    level = models.ForeignKey(Level, models.PROTECT, related_name="+")
    issued_on = models.DateField(_("issued on"))
    expires_on = models.DateField(_("expires on"), null=True, blank=True)
    conditions = models.TextField(_("conditions"), blank=True)

    class Meta:
        verbose_name = _("accreditation")
        verbose_name_plural = _("accreditations")
        ordering = ["-issued_on"]
        constraints = [
            models.UniqueConstraint(
                fields=["area"],
                condition=models.Q(state__in=["interim", "accredited"]),
                name="accreditation_in_force_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.letter}, {self.area}"
